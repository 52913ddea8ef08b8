"""How many seconds a flight is expected to take, learned from those that have ended."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from fibattn.experiment import Experiment
from fibattn.network.architecture import Architecture

# Before any flight has ended: until its program is compiled, and for its training, in seconds.
COMPILING, TRAINING = 3.0, 1.0
# How much the last flight counts for what the next is expected to take.
WEIGHT = 0.3
# Of so many architectures it is remembered how fast they are trained.
MOST_RATES = 256
# Nothing is there at once: a run has to be made of the last epoch, in seconds.
LEAST = 0.2


class Taken(Protocol):
    """What is known of a flight; see `Flight`."""

    experiment: Experiment
    took: float
    trained_for: float
    seconds_per_epoch: float | None

    @property
    def starts_done(self) -> int:
        """How many starts of the present epoch are trained."""


class Expected:
    """What flights have taken. Not thread-safe."""

    def __init__(self) -> None:
        self._compiling, self._training = COMPILING, TRAINING
        # The seconds for a step of one start, by architecture.
        self._rates: OrderedDict[Architecture, float] = OrderedDict()

    def learn(self, flight: Taken) -> None:
        """Take up what a flight has taken that has ended."""
        architecture = flight.experiment.architecture
        compiling = flight.took - flight.trained_for
        if compiling > 0:
            self._compiling += WEIGHT * (compiling - self._compiling)
        self._training += WEIGHT * (flight.trained_for - self._training)
        if flight.seconds_per_epoch is not None:
            self._rates[architecture] = flight.seconds_per_epoch / _steps(flight.experiment)
        if architecture in self._rates:
            self._rates.move_to_end(architecture)
        if len(self._rates) > MOST_RATES:
            self._rates.popitem(last=False)

    def compiling(self, flight: Taken) -> float:
        """Return the seconds until a flight's program is compiled, 0 where it is."""
        known = flight.took or flight.experiment.architecture in self._rates
        return 0.0 if known else self._compiling

    def training(self, flight: Taken, trained: int) -> float:
        """Return the seconds of training that are still to come, of a flight with `trained` epochs.

        It is a guess before one of its turns was measured.
        """
        experiment = flight.experiment
        epochs = experiment.epochs - trained - flight.starts_done / experiment.repeats
        if flight.seconds_per_epoch is not None:
            return max(flight.seconds_per_epoch * epochs, 0.0)
        rate = self._rates.get(experiment.architecture)
        return max(self._training if rate is None else rate * _steps(experiment) * epochs, LEAST)


def _steps(experiment: Experiment) -> float:
    """Return how many steps of single starts an epoch has."""
    return experiment.repeats * experiment.train_windows / experiment.batch_size
