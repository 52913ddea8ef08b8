"""Presets: settings under which the page shows one lesson each."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from fibattn.tasks import TASKS


@dataclass(frozen=True)
class Preset:
    """Settings with a name and a lesson.

    name: short, as it stands on a button.
    lesson: what can be seen under these settings. It claims what the tests of `lessons` train and
        find, no more.
    changes: fields of `Experiment` over what the page starts from: eight random starts, and the
        article's layer beside the plain network.
    window: the test window that tells most, counted by the size of its target; None for the last.
    about_weights: whether the lesson is seen where the page shows the weights.
    """

    name: str
    lesson: str
    changes: dict[str, Any] = dataclasses.field(hash=False)
    window: int | None = None
    about_weights: bool = False

    @property
    def title(self) -> str:
        """The name with the preset's number, as it stands on the page: 3. Short and quick."""
        return f"{list(PRESETS).index(self.name) + 1}. {self.name}"


def _task(name: str, attention: str | None = None) -> dict[str, Any]:
    """Return the changes that choose a task with its own settings, perhaps with another layer."""
    changes = {"task": name} | TASKS[name].suggested
    return changes if attention is None else changes | {"attention": attention}


# Of the three presets on the sum of the last two, so that they can be compared.
SAME_WINDOW = 1920

PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "As the tutorial",
            "The tutorial's task, network and training, from eight random starts instead of one. "
            "Whether attention helps differs from start to start.",
            {},
        ),
        Preset(
            "Log scale",
            "On the log scale the Fibonacci numbers are a straight line. Both networks fit it, so "
            "it cannot show whether attention is needed.",
            {"scaling": "log"},
            window=177,  # in the middle, where the linear scale shows nothing
        ),
        Preset(
            "Short and quick",
            "A short series, a short window, three starts and ten epochs, to try the controls.",
            {
                "series_length": 300,
                "time_steps": 10,
                "epochs": 10,
                "repeats": 3,
                "scaling": "log",
                "batch_size": 4,
                "learning_rate": 3e-3,
            },
        ),
        Preset(
            "Twenty starts",
            "The tutorial found a lower test error with attention, from one start each. Of twenty, "
            "some show that and some the opposite: nobody can tell. “Does it help?” compares "
            "as many, and more.",
            {"repeats": 20},
        ),
        Preset(
            "The ceiling",
            "Only the last two steps matter, but the tutorial's layer cannot put more than 0.451 "
            "of the weight on them: its tanh bounds the scores. Compare “Position”.",
            _task("sum-of-last-two", "article"),
            window=SAME_WINDOW,
            about_weights=True,
        ),
        Preset(
            "Position",
            "Without a bound on its scores, and with a bias for each step, the layer puts nearly "
            "all weight on the last two steps: in most starts two bright columns. With another "
            "seed a start may lock on to wrong steps and learn nothing.",
            _task("sum-of-last-two", "additive"),
            window=SAME_WINDOW,
            about_weights=True,
        ),
        Preset(
            "Content",
            "Without a bias for each step the layer sees a state's content alone. With two units "
            "it cannot tell where a step stands, so every step gets about the same weight and the "
            "prediction is worse than without attention.",
            _task("sum-of-last-two", "additive-content"),
            window=SAME_WINDOW,
            about_weights=True,
        ),
        Preset(
            "Find the maximum",
            "Attention earns its keep: the largest value can stand anywhere, and much of the "
            "weight gathers there. The prediction is far closer than without attention.",
            _task("find-max"),
            window=432,  # the maximum stands early, at the seventh of twenty steps
            about_weights=True,
        ),
        Preset(
            "One step late",
            "In about half of the starts the weight sits one step after the flag: by then the "
            "state has taken the number in. The prediction is right all the same.",
            _task("flagged-recall"),
            window=564,  # half of the starts look at the flag, half at the step after it
            about_weights=True,
        ),
        Preset(
            "Right, wrong heatmap",
            "The prediction is nearly perfect, and hardly any weight lies on the two steps it is "
            "made of. Most lies one to three steps after them: the states carry the numbers along.",
            _task("two-lags"),
            window=480,
            about_weights=True,
        ),
    )
}
