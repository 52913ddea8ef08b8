"""Which code and which libraries computed a run: runs of another version are not taken for ours."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parents[1]
# What decides which numbers a run has: everything that data pass on their way to it.
SOURCES = ("tasks", "network", "experiment.py", "knobs.py", "run.py")
# Of those in one tuple one is installed: which, depends on the machine.
LIBRARIES = (("tensorflow-cpu", "tensorflow"), ("keras",), ("numpy",), ("scikit-learn",))


@lru_cache(maxsize=1)
def version_of_runs() -> str:
    """Return a short text that changes when the same experiment might give another run.

    It depends on the source of everything a run passes through, and on the versions of the
    libraries. The package's own version does not change with each edit, and a server that was
    restarted after one must not show what the code before it computed.
    """
    found = hashlib.sha256()
    for name in SOURCES:
        path = PACKAGE / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            # Of equal code on Windows the lines end otherwise.
            text = file.read_text(encoding="utf-8")
            found.update(f"{file.relative_to(PACKAGE).as_posix()}\0{text}\0".encode())
    for names in LIBRARIES:
        found.update(f"{names[-1]} {_installed(names)}\0".encode())
    return found.hexdigest()[:16]


def name_of_file(choices: Any) -> str:
    """Return the name of the file for what this code computes from some choices, a dataclass."""
    words = json.dumps(dataclasses.asdict(choices), sort_keys=True)
    return hashlib.sha256(f"{version_of_runs()} {words}".encode()).hexdigest()[:32] + ".npz"


def _installed(names: tuple[str, ...]) -> str:
    for name in names:
        with contextlib.suppress(PackageNotFoundError):
            return version(name)
    return "none"
