"""The file of the atlas: what was measured, what was compared, and how, when and where.

JSON, so that it can be read anywhere. NaN is null, infinity "inf". A comparison is kept beside the
errors it follows from, as comparing needs SciPy, which a page should not have to wait for.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from fibattn.atlas.plan import LAYER_NAMES, TASK_NAMES, network
from fibattn.atlas.training import Clock
from fibattn.experiment import Experiment
from fibattn.judge import matrix
from fibattn.judge.comparison import Comparison, log_ratios_of
from fibattn.judge.matrix import Against, Entry, Pointing
from fibattn.judge.measured import Measured, Row
from fibattn.judge.starts import over_starts
from fibattn.network import runtime
from fibattn.take_away.pair import versions
from fibattn.trainer.settings import cluster_address
from fibattn.trainer.version import version_of_runs

SHIPPED = Path(__file__).with_name("atlas.json")

Places = dict[str, dict[str | None, Measured]]


def kind_of_machine() -> str:
    """Return a short text for the kind of processor and TensorFlow; "" if it is not known.

    Where it is equal, so are the compiled programs and the numbers; elsewhere the same training
    ends in other digits. The folder of compiled programs is named by it.
    """
    folder = runtime.compile_cache()
    return folder.name if folder else ""


@dataclass(frozen=True)
class Made:
    """How, when and where an atlas was made.

    date: of the last network, such as 2026-01-31.
    program: the digest of all code and libraries that its numbers depend on.
    versions: of the packages, by name.
    machine: in words.
    kind: of processor and TensorFlow; see `kind_of_machine`.
    seconds: from the beginning to the end, without the pauses between continuations.
    processor_seconds: the work of all processes of this machine together, 0 of a cluster.
    compiling, training: the seconds that processes spent on each, summed over the processes.
    """

    date: str
    program: str
    versions: dict[str, str]
    machine: str
    kind: str = ""
    seconds: float = 0.0
    processor_seconds: float = 0.0
    compiling: float = 0.0
    training: float = 0.0

    @classmethod
    def now(cls) -> Made:
        """Return what is known before anything is trained."""
        where = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}"
        machine = "a Dask cluster" if cluster_address() else where
        day = datetime.date.today().isoformat()
        return cls(day, version_of_runs(), versions(), machine)

    def then(self, clock: Clock) -> Made:
        """Return this with what the clock has measured since, of today."""
        spent = clock.trainer.spent
        # What the machines of a cluster have worked is not known here.
        worked = 0.0 if cluster_address() else self.processor_seconds + clock.processor_seconds
        return dataclasses.replace(
            self,
            date=datetime.date.today().isoformat(),
            kind=kind_of_machine(),
            seconds=round(self.seconds + clock.seconds, 1),
            processor_seconds=round(worked, 1),
            compiling=round(self.compiling + spent.compiling, 1),
            training=round(self.training + spent.training, 1),
        )

    @property
    def share_of_compiling(self) -> float:
        """Which share of the processes' time went into compiling, from 0 to 1."""
        return self.compiling / max(self.compiling + self.training, 1e-9)


@dataclass(frozen=True)
class Failed:
    """A network that could not be trained, and why, in a sentence."""

    cell: str
    task: str
    attention: str | None
    error: str


@dataclass(eq=False)
class Atlas:
    """All of it; what is trained is added.

    rows: for each task what is known of it without a network.
    measured: for each cell, task and attention layer (None for the plain network) its numbers.
    entries: for each cell the matrix; empty while the networks are trained.
    failed: the networks that could not be trained.
    """

    made: Made
    rows: dict[str, Row] = field(default_factory=dict)
    measured: dict[str, Places] = field(default_factory=dict)
    entries: dict[str, list[Entry]] = field(default_factory=dict)
    failed: list[Failed] = field(default_factory=list)

    def has(self, experiment: Experiment) -> bool:
        """Whether a network is trained."""
        tasks = self.measured.get(experiment.cell, {})
        return experiment.attention in tasks.get(experiment.task, {})

    def add(self, experiment: Experiment, row: Row, measured: Measured) -> None:
        """Add a network that is trained."""
        self.rows[experiment.task] = row
        tasks = self.measured.setdefault(experiment.cell, {})
        tasks.setdefault(experiment.task, {})[experiment.attention] = measured
        self._forget_failure(experiment)

    def fail(self, experiment: Experiment, error: str) -> None:
        """Add a network that could not be trained."""
        self._forget_failure(experiment)
        self.failed.append(Failed(experiment.cell, experiment.task, experiment.attention, error))

    def _forget_failure(self, experiment: Experiment) -> None:
        network = experiment.cell, experiment.task, experiment.attention
        self.failed = [f for f in self.failed if (f.cell, f.task, f.attention) != network]

    def compare(self) -> None:
        """Compare all that is there."""
        self.entries = {
            cell: matrix.matrix(_in_order(tasks), self.rows)
            for cell, tasks in self.measured.items()
        }

    def entry(self, task: str, attention: str | None, cell: str) -> Entry | None:
        """Return one cell of a matrix; None if it is not there."""
        place = task, attention
        return next((e for e in self.entries.get(cell, ()) if (e.task, e.attention) == place), None)


@cache
def shipped() -> Atlas:
    """Return the atlas that comes with the package."""
    return read(SHIPPED)


def read(path: Path) -> Atlas:
    """Read a file that `write` has written.

    Raises OSError if it cannot be opened, ValueError if it is none.
    """
    text = path.read_text(encoding="utf-8")
    try:
        return _atlas(json.loads(text))
    except (KeyError, TypeError, AttributeError, ValueError) as problem:
        raise ValueError(f"{path} is no file of the atlas: {problem}") from problem


def write(atlas: Atlas, path: Path) -> None:
    """Write an atlas; the file is never there by half."""
    words = {
        "made": dataclasses.asdict(atlas.made),
        "tasks": {
            task: {"settings": _settings(task), **dataclasses.asdict(row)}
            for task, row in atlas.rows.items()
        },
        "failed": [dataclasses.asdict(each) for each in atlas.failed],
        "networks": list(_networks(atlas)),
        "matrix": [
            {"cell": cell, **_entry_words(entry)}
            for cell, entries in atlas.entries.items()
            for entry in entries
        ],
    }
    half = path.with_name(f"{path.name}.part")
    half.write_text(_lines(words), encoding="utf-8")
    half.replace(path)


def _in_order(tasks: Places) -> Places:
    """Return tasks and layers in the order in which the page has them, however trained."""
    columns = (None, *LAYER_NAMES)
    return {
        task: {name: tasks[task][name] for name in columns if name in tasks[task]}
        for task in TASK_NAMES
        if task in tasks
    }


def _settings(task: str) -> dict[str, Any]:
    """Return the choices of a task's networks; cell and attention layer are the network's own."""
    settings = dataclasses.asdict(network(task, None))
    return {k: v for k, v in settings.items() if k not in ("task", "cell", "attention", "table")}


def _lines(words: dict[str, Any]) -> str:
    """Return JSON with a line for each network and each cell, so that differences can be read."""
    parts = []
    for name, value in words.items():
        if isinstance(value, list):
            rows = ",\n".join(f"  {json.dumps(each, allow_nan=False)}" for each in value)
            parts.append(f'"{name}": [\n{rows}\n]')
        else:
            parts.append(f'"{name}": {json.dumps(value, indent=1, allow_nan=False)}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _networks(atlas: Atlas) -> Iterable[dict[str, Any]]:
    for cell, tasks in atlas.measured.items():
        for task, each in tasks.items():
            for attention, measured in each.items():
                kept = {
                    f.name: _out(values.values)
                    for f in dataclasses.fields(Measured)
                    if (values := getattr(measured, f.name)) is not None
                }
                yield {"cell": cell, "task": task, "attention": attention, **kept}


def _entry_words(entry: Entry) -> dict[str, Any]:
    words: dict[str, Any] = {"task": entry.task, "attention": entry.attention}
    for name, against in (("plain", entry.plain), ("uniform", entry.uniform)):
        if against is not None:
            found = dataclasses.asdict(against.comparison)
            del found["log_ratios"]  # they follow from the errors, without SciPy
            ends = {end: _out_number(found[end]) for end in ("median", "low", "high")}
            words[name] = found | ends | {"corrected": against.corrected}
    if entry.pointing is not None:
        words["pointing"] = dataclasses.asdict(entry.pointing)
    return words


def _atlas(words: dict[str, Any]) -> Atlas:
    atlas = Atlas(Made(**words["made"]))
    atlas.failed = [Failed(**each) for each in words.get("failed", ())]
    shares = [field.name for field in dataclasses.fields(Row)]
    for task, row in words["tasks"].items():
        atlas.rows[task] = Row(**{name: row[name] for name in shares})
    for each in words["networks"]:
        measured = {
            f.name: over_starts([_in(value) for value in each[f.name]])
            for f in dataclasses.fields(Measured)
            if f.name in each
        }
        tasks = atlas.measured.setdefault(each["cell"], {})
        tasks.setdefault(each["task"], {})[each["attention"]] = Measured(**measured)
    for each in words["matrix"]:
        atlas.entries.setdefault(each["cell"], []).append(_entry(each, atlas))
    return atlas


def _entry(words: Mapping[str, Any], atlas: Atlas) -> Entry:
    task, attention = words["task"], words["attention"]
    networks = atlas.measured[words["cell"]][task]

    def against(name: str, control: str | None) -> Against | None:
        if name not in words:
            return None
        found = dict(words[name])
        p_value = found.pop("corrected")
        found |= {end: _in(found[end]) for end in ("median", "low", "high")}
        ratios = log_ratios_of(networks[control].errors, networks[attention].errors)
        return Against(Comparison(tuple(ratios.tolist()), **found), p_value)

    plain = against("plain", None)
    assert plain is not None
    pointing = Pointing(**words["pointing"]) if "pointing" in words else None
    return Entry(
        task,
        attention,
        atlas.rows[task],
        networks[attention],
        plain,
        against("uniform", "uniform"),
        pointing,
    )


def _out(values: np.ndarray) -> list[Any]:
    return [_out_number(value) for value in values.tolist()]


def _out_number(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else str(value)


def _in(value: float | str | None) -> float:
    return math.nan if value is None else float(value)
