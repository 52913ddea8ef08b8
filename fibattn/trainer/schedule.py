"""Who waits for what, whose turn it is, and which thread trains which architecture.

Experiments that several visitors wait for are one flight. A flight is trained a moment at a time;
after each moment the thread takes the flight that has waited longest, so visitors take turns, and
a flight that nobody watches any more gets no further turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from fibattn.experiment import Experiment
from fibattn.network.architecture import Architecture

# A visitor who has not asked for this many seconds has left.
PATIENCE = 6.0


@dataclass(eq=False)
class Flight:
    """One experiment that is being trained.

    stage: "waiting", "compiling", "training" or "failed".
    served: when its last turn ended, in seconds of `time.monotonic`.
    seconds_per_epoch: as measured in its last turn, None until one went without compiling.
    deaths: how many processes died in its turns since the last that succeeded.
    notice, error: see `Standing`.
    """

    experiment: Experiment
    stage: str = "waiting"
    served: float = 0.0
    seconds_per_epoch: float | None = None
    deaths: int = 0
    notice: str = ""
    error: str = ""


@dataclass
class _Visitor:
    """What a visitor watches, and when they last asked for it."""

    experiments: tuple[Experiment, ...]
    asked: float


class Home(Protocol):
    """What a schedule knows of a worker thread: whether its process has TensorFlow loaded."""

    ready: threading.Event


AnyHome = TypeVar("AnyHome", bound=Home)


class Schedule(Generic[AnyHome]):
    """The visitors, the flights, and a home for each architecture. Not thread-safe.

    Args:
        homes: the threads, at least one.
        patience: seconds after which a visitor who does not ask again has left.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        homes: Sequence[AnyHome],
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._homes = homes
        self._patience = patience
        self._clock = clock
        self._visitors: dict[Hashable, _Visitor] = {}
        self._flights: dict[Experiment, Flight] = {}
        self._home: dict[Architecture, AnyHome] = {}

    def watch(
        self,
        visitor: Hashable,
        experiments: tuple[Experiment, ...],
        to_train: Iterable[Experiment],
        forever: bool = False,
    ) -> None:
        """Register that a visitor watches these experiments and no others.

        Those `to_train` become flights, if they are not yet. The others have been trained before.
        """
        asked = float("inf") if forever else self._clock()
        self._visitors[visitor] = _Visitor(experiments, asked)
        for experiment in to_train:
            self._flights.setdefault(experiment, Flight(experiment))
        self._drop_unwatched()

    def leave(self, visitor: Hashable) -> None:
        """Register that a visitor watches nothing any more."""
        self._visitors.pop(visitor, None)
        self._drop_unwatched()

    def drop(self, unwanted: Callable[[Experiment], bool]) -> None:
        """End the flights of unwanted experiments, whoever watches them."""
        for experiment in [each for each in self._flights if unwanted(each)]:
            del self._flights[experiment]

    def end(self, experiment: Experiment) -> None:
        """End a flight, if there is one: its experiment is trained."""
        self._flights.pop(experiment, None)

    def flight(self, experiment: Experiment) -> Flight | None:
        """Return the flight of an experiment, None if there is none."""
        return self._flights.get(experiment)

    def next_flight(self, home: AnyHome) -> Flight | None:
        """Return the flight whose turn it is in this thread: the one that has waited longest."""
        self._drop_unwatched()
        its_own = [
            flight
            for flight in self._flights.values()
            if flight.stage != "failed" and self.home_of(flight.experiment.architecture) is home
        ]
        return min(its_own, key=lambda flight: flight.served, default=None)

    @property
    def flying(self) -> Set[Experiment]:
        """The experiments of all flights."""
        return self._flights.keys()

    @property
    def watched(self) -> Set[Experiment]:
        """The experiments that any visitor watches, trained or not."""
        return {each for visitor in self._visitors.values() for each in visitor.experiments}

    def home_of(self, architecture: Architecture) -> AnyHome:
        """Return the thread that trains this architecture, always the same one.

        Its process has compiled the architecture's programs. A new architecture is given to the
        thread with the fewest flights, so that a page's two networks are compiled side by side.
        """
        home = self._home.get(architecture)
        if home is None:
            flown = [self._home.get(each.architecture) for each in self._flights]
            given = list(self._home.values())
            ready = [each for each in self._homes if each.ready.is_set()]
            home = min(
                ready or self._homes[:1],
                key=lambda each: (flown.count(each), given.count(each)),
            )
            self._home[architecture] = home
        return home

    def _drop_unwatched(self) -> None:
        """Forget the visitors who have left without a word, and end flights nobody watches."""
        now = self._clock()
        for name, visitor in list(self._visitors.items()):
            if now - visitor.asked > self._patience:
                del self._visitors[name]
        watched = self.watched
        self.drop(lambda experiment: experiment not in watched)
