"""Runs tests against changed copies of the tree: one fork of a warm process for each change.

Starting Python and importing NumPy, SciPy and Hypothesis takes longer than most of the tests, so
this process imports them once, and each trial is a fork of it that runs pytest in its own copy.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

COPIED = ("fibattn", "tests", "app.py", "pyproject.toml", ".streamlit")
WARM = ("numpy", "scipy.stats", "sklearn.metrics", "sklearn.preprocessing", "hypothesis", "pytest")
WORKERS = 2
PYTEST = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "-n", "0"]
PYTEST += ["-m", "not slow and not long and not browser", "--hypothesis-profile", "mutation"]


@dataclass(frozen=True)
class Trial:
    """A file's text to be tried (None: as it is), and the tests that should notice.

    `first` are those likely to fail: the others are not even collected where one of them does.
    """

    file: str
    text: str | None
    tests: tuple[str, ...]
    first: tuple[str, ...] = ()


def warm_up() -> None:
    """Import what the tests need, and have Hypothesis draw the same examples each time."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = "1"  # threads do not survive a fork
    for name in WARM:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    from hypothesis import Phase, settings

    # A failure need not be shrunk, it only counts.
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile(
        "mutation", derandomize=True, database=None, deadline=None, phases=phases
    )


def copy_tree(root: Path, to: Path) -> Path:
    """Copy what the tests need of the tree at `root`, and return the copy's folder."""
    for name in COPIED:
        if (root / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(root / name, to / name, ignore=ignored)
        elif (root / name).exists():
            shutil.copy2(root / name, to / name)
    return to


class Copy:
    """A copy of the tree in which one trial at a time is run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pid = 0
        self._original = ("", b"")
        self._since = 0.0
        self._modified = int(time.time())

    def start(self, trial: Trial) -> None:
        """Change the file and run the tests in a fork."""
        path = self.folder / trial.file
        self._original = (trial.file, path.read_bytes())
        if trial.text is not None:
            self._write(path, trial.text.encode())
        self._since = time.monotonic()
        sys.stdout.flush()
        self._pid = os.fork()
        if not self._pid:
            _run(self.folder, trial)

    def result(self, limit: float) -> tuple[int, float] | None:
        """Return pytest's exit code (−1 where it hung) and the seconds, or None while it runs."""
        took = time.monotonic() - self._since
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        if not pid and took > limit:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)  # and what the tests had started
            os.waitpid(self._pid, 0)
            status = -1
        elif not pid:
            return None
        name, text = self._original
        if (self.folder / name).read_bytes() != text:
            self._write(self.folder / name, text)
        return status if status < 0 else os.waitstatus_to_exitcode(status), took

    def output(self) -> str:
        """Return what pytest wrote last."""
        return (self.folder / "output.txt").read_text(errors="replace")

    def _write(self, path: Path, text: bytes) -> None:
        path.write_bytes(text)
        # Compiled files are told apart by size and whole seconds: no two versions share a second.
        self._modified += 1
        os.utime(path, (self._modified, self._modified))


def _run(folder: Path, trial: Trial) -> None:
    """Run the tests in this process, a fork, and end it."""
    code = 1
    try:
        os.setpgid(0, 0)
        elsewhere = ("", os.getcwd(), str(Path(__file__).parents[2]))
        os.chdir(folder)
        out = os.open("output.txt", os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "fibattn")]:
            del sys.modules[name]  # those of the checkout
        sys.path[:] = [str(folder), *[each for each in sys.path if each not in elsewhere]]
        import pytest

        if trial.first:
            code = int(pytest.main([*PYTEST, *trial.first]))
        if not trial.first or code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            code = int(pytest.main([*PYTEST, *trial.tests]))
    finally:
        sys.stdout.flush()
        os._exit(code)


def run_all(
    copies: Sequence[Copy], trials: Sequence[Trial], limit: float
) -> Iterator[tuple[int, int, float]]:
    """Run all trials, as many at a time as there are copies, and yield index, code, seconds."""
    waiting = list(enumerate(trials))[::-1]
    running: dict[Copy, int] = {}
    while waiting or running:
        for copy in copies:
            if copy in running:
                done = copy.result(limit)
                if done is None:
                    continue
                yield running.pop(copy), *done
            if waiting:
                running[copy], trial = waiting.pop()
                copy.start(trial)
        time.sleep(0.02)
