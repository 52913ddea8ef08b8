"""A pinned run beside the one on the page: whether both can be compared, and how they do."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from fibattn.experiment import Experiment
from fibattn.judge.comparison import Comparison, paired
from fibattn.judge.errors import test_mse
from fibattn.run import Run

# Why two experiments cannot be compared start by start, "" where they can. "data": they are tested
# on other windows, so their errors have nothing to do with each other. "seed": their random starts
# are others.
Apart = Literal["", "data", "seed"]


@dataclass(frozen=True, eq=False)
class Pinned:
    """Finished runs of earlier settings, to be drawn beside those of the page.

    plain: without attention; None where it is the one that the page shows.
    attention: with attention.
    same_data: whether both were trained and tested on the windows of the page.
    """

    plain: Run | None
    attention: Run
    same_data: bool

    def at_step(self, ahead: int) -> Pinned:
        """Return the runs of one predicted step alone, as `Run.at_step` does."""
        plain = self.plain and self.plain.at_step(ahead)
        return dataclasses.replace(self, plain=plain, attention=self.attention.at_step(ahead))


def apart(now: Experiment, pinned: Experiment) -> Apart:
    """Return why two experiments cannot be compared start by start, "" if they can.

    Each random start has a seed of its own, made from the experiment's and its number: of the
    initial weights, and of the order in which windows are trained on. So equal seeds on equal
    windows are the same starts, however the networks differ, as without and with attention.
    """
    if (now.task, now.data) != (pinned.task, pinned.data):
        return "data"
    return "" if now.seed == pinned.seed else "seed"


def common_starts(now: Experiment, pinned: Experiment) -> int:
    """Return how many random starts both have: the first ones."""
    return min(now.repeats, pinned.repeats)


def against_pinned(now: Run, pinned: Run) -> Comparison:
    """Compare a run with a pinned one by the test MSE of the starts that both have.

    Raises ValueError if these are not the same starts, or on other windows.
    """
    if apart(now.experiment, pinned.experiment):
        raise ValueError(
            "Runs of other data or another seed have no random starts in common: compare those of "
            "the same task, data and seed."
        )
    count = common_starts(now.experiment, pinned.experiment)
    return paired(test_mse(pinned).first(count), test_mse(now).first(count))
