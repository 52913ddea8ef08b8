"""Finished runs in a folder, which several servers share and which outlives each of them.

A file holds one run, as `Run.save` writes it, and when it was made. Its name follows from the
experiment and from `version_of_runs`, so a run that other code computed is not found. Nothing here
raises: what cannot be read is absent, what cannot be written is not kept.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from weakref import WeakKeyDictionary

from fibattn.experiment import Experiment
from fibattn.run import Run
from fibattn.trainer.files import remove_abandoned, write_whole
from fibattn.trainer.graph_store import GraphStore
from fibattn.trainer.version import name_of_file

# A run of more bytes is not stored: reading it would take longer than a visitor wants to wait, and
# a few of them would evict all others.
LARGEST_RUN = 16 * 2**20
# How many finished runs may wait to be written. In a crowd the rest is left out.
MOST_WAITING = 16


@dataclass(frozen=True, eq=False)
class Stored:
    """A run, and when it was made."""

    run: Run
    made: datetime


class RunStore:
    """Runs in a folder, those used last, up to a number of bytes. Safe to call from any thread.

    graphs: how their networks compute, in a folder beside it.

    Args:
        folder: is made if it is missing. Whoever can write there can show visitors any figure.
        most_bytes: of all files together.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.graphs = GraphStore(folder)
        self._folder = folder / "runs"
        self._most_bytes = most_bytes
        self._made: WeakKeyDictionary[Run, datetime] = WeakKeyDictionary()
        self._waiting: queue.Queue[Stored] = queue.Queue(MOST_WAITING)
        self._writer: threading.Thread | None = None
        self._troubles: set[str] = set()

    def get(self, experiment: Experiment) -> Run | None:
        """Return the run of an experiment, None if there is none; count it as used.

        A damaged file is deleted. One on a visitor's own file is never looked for.
        """
        if experiment.table is not None:
            return None
        path = self._path(experiment)
        try:
            stored = _read(path, experiment)
        except FileNotFoundError:
            return None
        except OSError as problem:
            self._say(problem)
            return None
        except ValueError:
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        self._made[stored.run] = stored.made
        return stored.run

    def made(self, run: Run) -> datetime | None:
        """Return when a run that came from the folder was made, None of one trained here."""
        return self._made.get(run)

    def put(self, run: Run) -> None:
        """Have a run written that has just been trained, in a thread of its own.

        Not one on a visitor's own file, nor one of more than LARGEST_RUN bytes.
        """
        if run.experiment.table is not None or run.nbytes > LARGEST_RUN:
            return
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="fibattn-store", daemon=True)
            self._writer.start()
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(Stored(run, datetime.now(UTC)))

    def flush(self) -> None:
        """Return when all runs that wait to be written are written."""
        self._waiting.join()

    def _path(self, experiment: Experiment) -> Path:
        return self._folder / name_of_file(experiment)

    def _write(self) -> None:
        while True:
            stored = self._waiting.get()
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                write_whole(self._path(stored.run.experiment), partial(_write, stored=stored))
                self._forget_oldest()
            except Exception as problem:  # the folder is full, read-only or gone, or memory is
                self._say(problem)
            finally:
                self._waiting.task_done()

    def _forget_oldest(self) -> None:
        """Remove the runs unused for longest while all take too many bytes, and what was left."""
        remove_abandoned(self._folder)
        files = []
        for path in self._folder.glob("*.npz"):
            with contextlib.suppress(OSError):  # another server may be doing the same
                found = path.stat()
                files.append((found.st_mtime, found.st_size, path))
        size = sum(each[1] for each in files)
        for _, taken, path in sorted(files, key=lambda each: each[0]):
            if size <= self._most_bytes:
                break
            size -= taken
            with contextlib.suppress(OSError):
                path.unlink()

    def _say(self, problem: Exception) -> None:
        """Put into the log what is wrong with the folder, once for each kind of trouble."""
        trouble = getattr(problem, "strerror", None) or type(problem).__name__
        if trouble not in self._troubles:
            self._troubles.add(trouble)
            logging.getLogger("fibattn").warning(
                "Runs are not shared at the moment: %s. Everything else goes on; see FIBATTN_STORE "
                "in docs/hosting.md.",
                trouble,
            )


def _write(path: Path, stored: Stored) -> None:
    stored.run.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = json.dumps({"made": stored.made.isoformat()}).encode()


def _read(path: Path, experiment: Experiment) -> Stored:
    """Return the run of an experiment from its file.

    Raises OSError if the file cannot be opened, ValueError if it is damaged or holds another run.
    """
    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                whole = sum(each.file_size for each in archive.infolist())
                words = json.loads(archive.comment)
            made = datetime.fromisoformat(words["made"]).astimezone(UTC)
        except Exception as problem:  # zipfile, json and datetime each have errors of their own
            raise ValueError(f"{path} is damaged: {problem}") from problem
    # Arrays have some bytes of heading each. The file is not unpacked if it would fill the memory.
    if whole > 2 * LARGEST_RUN:
        raise ValueError(f"{path} was not written by a store.")
    run = Run.load(path)
    if run.experiment != experiment or not all(_fits(run)):
        raise ValueError(f"{path} holds another run.")
    return Stored(run, made)


def _fits(run: Run) -> Iterator[bool]:
    """Tell of each array whether its shape begins as that of a run of this experiment."""
    its = run.experiment
    starts = (its.repeats,)
    yield run.loss.shape == run.val_loss.shape == (its.epochs, *starts)
    yield all(each.shape[:2] == (its.epochs + 1, *starts) for each in run.weights)
    yield run.train_predictions.shape[:2] == (*starts, its.train_windows)
    yield run.test_predictions.shape[:2] == (*starts, its.test_windows)
    yield run.test_attention.shape[:2] == (*starts, its.test_windows)
