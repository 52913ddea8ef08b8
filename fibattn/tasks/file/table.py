"""The chosen columns of a file, as a field of an experiment."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Table:
    """The chosen columns of a file, in order of time and without gaps.

    values: (rows, 1 + features) float64, read-only, the target in column 0 and the features
        after it.
    owner: whose file it is, so that nobody else's equal file is taken for it.

    Tables with the same names, values and owner are equal and have the same hash, in every
    process. Raises ValueError when the shape does not fit the names or a value is not finite.
    """

    name: str
    target: str
    features: tuple[str, ...]
    values: np.ndarray = field(repr=False)
    owner: str = ""
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        values = np.array(self.values, np.float64, order="C")  # a copy, nobody else's to change
        values.flags.writeable = False
        features = tuple(self.features)
        if values.ndim != 2 or values.shape[1] != 1 + len(features):
            raise ValueError(
                f"values have the shape {values.shape}, but a target and {len(features)} features "
                f"need (rows, {1 + len(features)})."
            )
        if not np.isfinite(values).all():
            raise ValueError("values must all be finite.")
        names = json.dumps([self.name, self.target, self.owner, *features]).encode("ascii")
        digest = hashlib.sha256(len(names).to_bytes(8, "little") + names)
        digest.update(values.astype("<f8").tobytes())
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "digest", digest.hexdigest())

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Table) else NotImplemented

    def __hash__(self) -> int:
        return hash(int(self.digest[:16], 16))

    def __reduce__(self) -> tuple[Any, ...]:
        # Through the constructor: an array forgets on its way that it is read-only.
        return Table, (self.name, self.target, self.features, self.values, self.owner)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.values)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `values`: the target, then the features."""
        return (self.target, *self.features)
