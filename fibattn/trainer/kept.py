"""What is kept of finished runs and of unfinished training, within a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable
from functools import lru_cache
from typing import Generic, TypeVar

from fibattn.experiment import Experiment
from fibattn.run import Chunk, Run
from fibattn.trainer.store import RunStore

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value", Run, Chunk)


class BoundedCache(Generic[Key, Value]):
    """Keeps the values used last, up to a number of bytes."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._values: OrderedDict[Key, Value] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """Return the value of `key`, None if it is not kept; count it as used."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: Key, value: Value, needed: Collection[Key] = ()) -> None:
        """Keep `value`; evict the values unused for longest while there are too many bytes.

        Keys in `needed` are never evicted: of two large runs that are trained side by side, each
        would evict the other.
        """
        self._values[key] = value
        self._values.move_to_end(key)
        spare = [each for each in self._values if each != key and each not in needed]
        while spare and self.nbytes > self.most_bytes:
            del self._values[spare.pop(0)]

    def drop(self, unwanted: Callable[[Key], bool]) -> None:
        """Remove the values whose keys are unwanted."""
        for key in [key for key in self._values if unwanted(key)]:
            del self._values[key]

    @property
    def nbytes(self) -> int:
        """How many bytes the values take."""
        return sum(value.nbytes for value in self._values.values())

    def __len__(self) -> int:
        return len(self._values)


class Kept:
    """Finished runs, and the epochs trained so far; each gets half of the bytes.

    Training is kept under what experiments share that differ in their epochs alone, so that more
    epochs continue from those there are, and fewer need no training. Not thread-safe.

    Args:
        most_bytes: of all together.
        store: where finished runs are kept beyond this server, None for nowhere.
    """

    def __init__(self, most_bytes: int, store: RunStore | None = None) -> None:
        self._store = store
        self._runs: BoundedCache[Experiment, Run] = BoundedCache(most_bytes // 2)
        self._trained: BoundedCache[Experiment, Chunk] = BoundedCache(most_bytes // 2)

    def run(self, experiment: Experiment) -> Run | None:
        """Return the finished run of an experiment, None if there is none."""
        return self._runs.get(experiment)

    def keep_run(self, run: Run, needed: Collection[Experiment] = ()) -> None:
        """Keep a run that has just been trained, and have it stored.

        Those of the `needed` experiments are not evicted for it.
        """
        self.keep_stored(run, needed)
        if self._store is not None:
            self._store.put(run)

    def keep_stored(self, run: Run, needed: Collection[Experiment] = ()) -> None:
        """Keep a run that came from the store; none of the `needed` is evicted for it."""
        self._runs.put(run.experiment, run, needed)

    def trained(self, experiment: Experiment) -> Chunk | None:
        """Return all epochs trained so far, perhaps more than the experiment asks for."""
        return self._trained.get(_without_epochs(experiment))

    def keep_trained(
        self, experiment: Experiment, trained: Chunk, needed: Iterable[Experiment] = ()
    ) -> None:
        """Keep all epochs trained so far; those of the `needed` experiments are not evicted."""
        keys = {_without_epochs(each) for each in needed}
        self._trained.put(_without_epochs(experiment), trained, keys)

    def drop(self, unwanted: Callable[[Experiment], bool]) -> None:
        """Remove everything that belongs to unwanted experiments, however many epochs they have."""
        self._runs.drop(unwanted)
        self._trained.drop(unwanted)


@lru_cache(maxsize=1024)
def _without_epochs(experiment: Experiment) -> Experiment:
    """Return the key of an experiment's training, the same however many epochs it asks for."""
    return experiment.replace(epochs=1)
