"""Every choice that the windows of a task depend on, the task itself aside."""

from __future__ import annotations

from dataclasses import dataclass

from fibattn.knobs import knob
from fibattn.tasks.file import MOST_ROWS, Table


@dataclass(frozen=True, kw_only=True)
class DataChoices:
    """What a task's windows are made from; equal choices share one dataset.

    table: the visitor's own file, for the task that is trained on one.
    """

    series_length: int = knob(
        1200,
        "Series length",
        "How many numbers there are; how many windows, in tasks that make each by itself.",
        low=10,
        high=MOST_ROWS,
        step=5,
        place="main",
    )
    time_steps: int = knob(
        20,
        "Time steps",
        "How many numbers in a row the network sees before it predicts the next.",
        low=2,
        high=60,
        step=1,
        place="main",
    )
    scaling: str = knob(
        "linear",
        "Scaling",
        "What the network is given. Linear is the tutorial's: the least number of the whole series "
        "becomes 0, the largest 1. “Training part” takes these two from the training windows only, "
        "so that nothing of the test leaks into training. Log takes the logarithm first, so that "
        "small numbers do not all become 0, and then does the same.",
        options={"linear": "Linear", "linear-train": "Linear, training part", "log": "Log"},
        control="buttons",
        place="task",
    )
    modulus: int = knob(
        24,
        "Modulus m",
        "Of each number the remainder after division by m is kept; so two numbers in a row are one "
        "of m² pairs.",
        low=3,
        high=60,
        step=1,
        place="task",
    )
    split: str = knob(
        "shuffled",
        "Split",
        "Shuffled is the tutorial's: windows are dealt out at random (always in the same order). "
        "Chronological tests on the end of the series.",
        options={"shuffled": "Shuffled", "chronological": "Chronological"},
        control="buttons",
    )
    train_fraction: float = knob(
        0.7,
        "Training share",
        "Which share of the windows is trained on; the rest is the test.",
        low=0.1,
        high=0.9,
        step=0.05,
    )
    horizon: int = knob(
        1,
        "Horizon",
        "How many steps ahead are predicted; more than one in tasks on a series only.",
        low=1,
        high=12,
        step=1,
    )
    table: Table | None = None
