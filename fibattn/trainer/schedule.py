"""Who waits for what, whose turn it is, and which thread trains which architecture.

Experiments that several visitors wait for are one flight. A flight is trained a moment at a time,
for a stretch of some seconds, in which most are finished; then it goes to the end of the queue, so
visitors take turns. A flight that nobody watches any more gets no further turn.
"""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from fibattn.experiment import Experiment
from fibattn.network.architecture import Architecture
from fibattn.run import Chunk
from fibattn.trainer.expected import Expected

# A visitor who has not asked for this many seconds has left.
PATIENCE = 6.0

# A flight keeps its turn for so many seconds, compiling aside. Changing it after each moment would
# cost more than it gives: what each has compiled would be lost before its next turn.
STRETCH = 2.0
# For how many architectures it is remembered which thread has compiled them.
MOST_HOMES = 256


@dataclass(eq=False)
class Flight:
    """One experiment that is being trained.

    stage: "waiting", "compiling", "training" or "failed".
    served: when its last turn ended, or when it was asked for, in seconds of `time.monotonic`.
    took: how many seconds all its turns have taken; `trained_for`, those without compiling.
    seconds_per_epoch: as measured in its last turn, None until one went without compiling.
    deaths: how many processes died in its turns since the last that succeeded.
    parts: of an epoch that is trained some starts at a time, those that are trained; the epoch is
        number `parts_epoch`, from 0.
    notice, error: see `Standing`.
    """

    experiment: Experiment
    stage: str = "waiting"
    served: float = 0.0
    took: float = 0.0
    trained_for: float = 0.0
    seconds_per_epoch: float | None = None
    deaths: int = 0
    parts: list[Chunk] = field(default_factory=list)
    parts_epoch: int = -1
    notice: str = ""
    error: str = ""

    @property
    def starts_done(self) -> int:
        """How many starts of the present epoch are trained, where that is some starts at a time."""
        return sum(part.loss.shape[1] for part in self.parts)


@dataclass
class Spent:
    """What all turns have taken, in seconds, summed over the processes.

    compiling: those that had a program to compile, and then trained for a moment.
    training: all others.
    """

    compiling: float = 0.0
    training: float = 0.0

    def add(self, seconds: float, compiling: bool) -> None:
        """Add a turn."""
        if compiling:
            self.compiling += seconds
        else:
            self.training += seconds


@dataclass
class _Visitor:
    """What a visitor watches, and when they last asked for it."""

    experiments: tuple[Experiment, ...]
    asked: float


class Home(Protocol):
    """What a schedule knows of a worker thread and its process.

    ready: set while the process has TensorFlow loaded.
    """

    ready: threading.Event

    @property
    def compiled(self) -> Set[Architecture]:
        """The architectures whose compiled programs the process holds."""


AnyHome = TypeVar("AnyHome", bound=Home)


class Schedule(Generic[AnyHome]):
    """The visitors, the flights, and a home for each architecture. Not thread-safe.

    spent: what all turns have taken.

    Args:
        homes: the threads, always at least one; whoever owns the list adds and removes threads.
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
        self._home: OrderedDict[Architecture, AnyHome] = OrderedDict()
        # Of each thread: the flight that has its turn, and its `trained_for` at the beginning.
        self._turn: dict[AnyHome, tuple[Flight, float]] = {}
        self._rehearsed: set[Architecture] = set()  # a part of those that have a home
        self._expected = Expected()
        self.spent = Spent()

    def watch(
        self,
        visitor: Hashable,
        experiments: tuple[Experiment, ...],
        to_train: Iterable[Experiment],
        forever: bool = False,
    ) -> None:
        """Register that a visitor watches these experiments and no others.

        Those `to_train` become flights, if they are not yet. The others have been trained before.
        A flight that failed is tried again for whoever comes to it.
        """
        asked = float("inf") if forever else self._clock()
        before = self._visitors.get(visitor)
        self._visitors[visitor] = _Visitor(experiments, asked)
        for experiment in to_train:
            flight = self._flights.get(experiment)
            comes = before is None or experiment not in before.experiments
            if flight is None or (flight.stage == "failed" and comes):
                self._flights[experiment] = Flight(experiment, served=self._clock())
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
        """End the flight of an experiment that is trained; it tells what later ones may take."""
        if flight := self._flights.pop(experiment, None):
            self._expected.learn(flight)

    def flight(self, experiment: Experiment) -> Flight | None:
        """Return the flight of an experiment, None if there is none."""
        return self._flights.get(experiment)

    def next_flight(self, home: AnyHome) -> Flight | None:
        """Return the flight whose turn it is in this thread.

        That is the one which has it, to the end of its stretch, then the one that has waited
        longest. A thread with nothing to do takes over what waits for another.
        """
        self._drop_unwatched()
        queue = self._queue(home) or self._taken_over(home)
        if not queue:
            self._turn.pop(home, None)
            return None
        if self._turn.get(home, (None, 0.0))[0] is not queue[0]:
            self._turn[home] = queue[0], queue[0].trained_for
        return queue[0]

    def _queue(self, home: AnyHome) -> list[Flight]:
        """Return the flights of a thread in the order of their next turns."""
        queue = [
            flight
            for flight in self._flights.values()
            if flight.stage != "failed" and self.home_of(flight.experiment.architecture) is home
        ]
        queue.sort(key=lambda flight: flight.served)
        flight, before = self._turn.get(home, (None, 0.0))
        if flight in queue and flight.trained_for - before < STRETCH:
            queue.remove(flight)
            queue.insert(0, flight)
        return queue

    def _taken_over(self, home: AnyHome) -> list[Flight]:
        """Take over from another thread what waits there and is not compiled there."""
        if not home.ready.is_set():
            return []
        for other in self._homes:
            queue = self._queue(other)
            theirs = other.compiled | {each.experiment.architecture for each in queue[:1]}
            for flight in queue:
                if flight.experiment.architecture not in theirs:
                    self._home[flight.experiment.architecture] = home
                    return self._queue(home)
        return []

    def next_rehearsal(self, home: AnyHome) -> Experiment | None:
        """Return what this thread should compile while nothing is to be trained, None for nothing.

        That is one of two networks that a visitor watches, if another thread is home to both: it
        compiled them when it was the only one, and trains one after the other. After
        `is_rehearsed` they are trained side by side. Each architecture is returned once.
        """
        if self._flights or not home.ready.is_set():
            return None
        for visitor in self._visitors.values():
            page = {each.architecture: each for each in visitor.experiments}
            homes = [self._home.get(architecture) for architecture in page]
            if home in homes:
                continue
            for architecture, its in zip(page, homes, strict=True):
                shared = its is not None and homes.count(its) > 1
                if shared and architecture not in self._rehearsed:
                    self._rehearsed.add(architecture)
                    return page[architecture]
        return None

    def is_rehearsed(self, architecture: Architecture, home: AnyHome) -> None:
        """Register that this thread has compiled what `next_rehearsal` has returned to it.

        What is trained elsewhere meanwhile stays there, and is returned again later.
        """
        if any(each.architecture == architecture for each in self._flights):
            self._rehearsed.discard(architecture)
        else:
            self._home[architecture] = home

    def wait_for(self, flight: Flight, epochs: Callable[[Experiment], int]) -> tuple[int, float]:
        """Return how many flights have their turns before this one, and the seconds to its end.

        Args:
            flight: the one that is waited for.
            epochs: returns how many epochs of an experiment are trained.
        """
        queue = self._queue(self.home_of(flight.experiment.architecture))
        if flight not in queue:  # it has failed, or another thread has taken it over
            queue = [flight]
        training = [self._expected.training(each, epochs(each.experiment)) for each in queue]
        compiling = self._compiling(queue)
        place = queue.index(flight)
        # Each of the others has a stretch before each of mine, as long as it needs one.
        stretches = math.ceil(training[place] / STRETCH)
        seconds = compiling[place] + training[place]
        for at in range(len(queue)):
            its = stretches - (at > place)
            if at != place and its > 0:
                seconds += compiling[at] + min(training[at], STRETCH * its)
        return place, seconds

    def _compiling(self, queue: Sequence[Flight]) -> list[float]:
        """Return how long each flight compiles: of one architecture the first alone."""
        seen: set[Architecture] = set()
        seconds = []
        for each in queue:
            architecture = each.experiment.architecture
            seconds.append(0.0 if architecture in seen else self._expected.compiling(each))
            seen.add(architecture)
        return seconds

    @property
    def visitors(self) -> int:
        """How many visitors there are, as far as is known."""
        return len(self._visitors)

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
        thread with the fewest flights, and of these to one that is not home to what the same
        visitors watch beside it, so that a page's two networks are trained side by side.
        """
        home = self._home.get(architecture)
        if home is None or home not in self._homes:
            flown = [self._home.get(each.architecture) for each in self._flights]
            beside = [self._home.get(each) for each in self._watched_beside(architecture)]
            given = list(self._home.values())
            ready = [each for each in self._homes if each.ready.is_set()]
            home = min(
                ready or self._homes[:1],
                key=lambda each: (flown.count(each), beside.count(each), given.count(each)),
            )
            self._home[architecture] = home
            self._forget_homes()
        else:
            self._home.move_to_end(architecture)
        return home

    def _watched_beside(self, architecture: Architecture) -> set[Architecture]:
        """Return what those watch who watch an architecture."""
        pages = [
            {each.architecture for each in visitor.experiments}
            for visitor in self._visitors.values()
        ]
        return set().union(*(page for page in pages if architecture in page))

    def home_ended(self, home: AnyHome) -> None:
        """Register that a thread has ended: others train what it had."""
        self._turn.pop(home, None)

    def _forget_homes(self) -> None:
        """Forget where architectures were trained that are unused for longest, and do not fly."""
        flying = {each.architecture for each in self._flights}
        for architecture in [each for each in self._home if each not in flying]:
            if len(self._home) <= MOST_HOMES:
                break
            del self._home[architecture]
            self._rehearsed.discard(architecture)

    def _drop_unwatched(self) -> None:
        """Forget the visitors who have left without a word, and end flights nobody watches."""
        now = self._clock()
        for name, visitor in list(self._visitors.items()):
            if now - visitor.asked > self._patience:
                del self._visitors[name]
        watched = self.watched
        self.drop(lambda experiment: experiment not in watched)
