"""A cache bounded by bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from typing import Generic, TypeVar

from fibattn.run import Chunk, Run

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value", Run, Chunk)


class BoundedCache(Generic[Key, Value]):
    """Keeps what was used last, up to a number of bytes."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """Return the value of `key`, and count it as used."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: Key, value: Value, needed: Collection[Key] = ()) -> None:
        """Keep `value`; what was not used for longest goes when there is too much.

        What is `needed` stays: of large runs side by side each would drive out the other.
        """
        self._values[key] = value
        self._values.move_to_end(key)
        spare = [each for each in self._values if each != key and each not in needed]
        while spare and self.nbytes > self.most_bytes:
            del self._values[spare.pop(0)]

    def drop(self, unwanted: Callable[[Key], bool]) -> None:
        """Let go of the values whose keys are unwanted."""
        for key in [key for key in self._values if unwanted(key)]:
            del self._values[key]

    @property
    def nbytes(self) -> int:
        """How many bytes the values take."""
        return sum(value.nbytes for value in self._values.values())

    def __len__(self) -> int:
        return len(self._values)
