"""What a page shows beside its experiment: declared like the choices, and in the address too."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from fibattn.atlas.plan import CELLS
from fibattn.experiment import Experiment
from fibattn.knobs import Knob, knob, knobs_of

# The playground's views, as they are called on their tabs and in the address.
VIEWS = ("Loss and predictions", "Where attention looks", "Data and models")

# How many random starts "Does it help?" offers.
STARTS = (20, 40, 60, 80, 100)


@dataclass(frozen=True)
class Playground:
    """What the playground shows."""

    window: int = knob(
        1,
        "Test window, counted by the size of its target",
        "The window whose values and weights are shown. A click on a point in “Predicted against "
        "true” chooses one too.",
        low=1,
        high=1,
        step=1,
        control="unseen",
    )
    ahead: int = knob(
        1,
        "Step ahead",
        "Which of the steps ahead the figures show.",
        low=1,
        high=1,
        step=1,
        control="unseen",
    )
    stage: str = knob(
        "",
        "On the stage",
        "Epoch, start and what was changed on the stage, as `stage_address` writes it.",
        control="unseen",
    )
    view: str = knob(
        VIEWS[0], "View", "Which figures are shown.", options={v: v for v in VIEWS}, control="tabs"
    )


@dataclass(frozen=True)
class Beside:
    """What stands beside the run of the page. It stays while presets and pages change."""

    pin: str = knob(
        "", "Pinned run", "Its settings, as `pin_address` writes them.", control="unseen"
    )


@dataclass(frozen=True)
class Evidence:
    """What "Does it help?" shows."""

    starts: int = knob(
        STARTS[0],
        "Random starts of each network",
        "More starts narrow the intervals.",
        options={count: str(count) for count in STARTS},
        control="steps",
    )


def _reading(label: str, help: str, **options: str) -> Any:
    """Declare a choice of how a file is read. It belongs to the file, so it is in no address."""
    return knob(
        "auto",
        label,
        help,
        options={"auto": "As it looks"} | options,
        control="buttons",
        in_address=False,
    )


@dataclass(frozen=True)
class OwnFile:
    """How a visitor's own file is read, where it can be read in several ways."""

    file_order: str = _reading(
        "Order of the rows",
        "Training needs the oldest row first.",
        file="As in the file",
        turned="Turned round",
        time="By time",
    )
    file_days: str = _reading(
        "Dates such as 1/2/2020",
        "Which of the two stands first.",
        day="The day",
        month="The month",
    )
    file_header: str = _reading(
        "First row",
        "Whether it holds the columns' names.",
        yes="Names",
        no="Data",
    )
    file_decimal: str = _reading(
        "Decimal sign",
        "The other sign then stands between thousands.",
        point="Point",
        comma="Comma",
    )
    file_spaces: str = _reading(
        "Spaces within 1 234",
        "Whether it is one number or two.",
        columns="Between columns",
        thousands="Between thousands",
    )
    file_codes: str = _reading(
        "Numbers such as −999",
        "Where they lie far from all others they may stand for missing values.",
        missing="Missing",
        numbers="Numbers",
    )
    file_totals: str = _reading(
        "Rows without a time",
        "A last row such as “Total”, or a first one of units, is no point in time.",
        out="Left out",
        keep="Data",
    )


@dataclass(frozen=True)
class Questions:
    """What "Questions" shows."""

    ask: str = knob("", "Question", "Which question is open, by its id.", control="unseen")
    q: str = knob("", "Search the questions", "such as: shape, predictions, LSTM")


@dataclass(frozen=True)
class Story:
    """What "Story" shows."""

    scene: str = knob("", "Scene", "Which scene is shown, by its id.")


@dataclass(frozen=True)
class Everywhere:
    """How every page is shown."""

    talk: str = knob(
        "", "Talk", "1 where the page is for the last row of a hall.", control="unseen"
    )


@dataclass(frozen=True)
class Atlas:
    """What "Atlas" shows."""

    mark: str = knob(
        "plain",
        "Each mark shows",
        "The test error against one of the controls, or where the weight lies.",
        options={
            "plain": "Against plain",
            "uniform": "Against uniform",
            "weight": "Weight",
        },
        control="buttons",
    )
    order: str = knob(
        "listed",
        "Order",
        "Of the tasks, and of the layers; first those with most clear marks for attention.",
        options={"listed": "As listed", "best": "Best first"},
        control="buttons",
    )
    kind: str = knob(
        CELLS[0],
        "Recurrent layer",
        "Of all networks of the matrix.",
        options=dict(zip(CELLS, CELLS, strict=True)),
        control="buttons",
    )


# All of it, by name: an address may hold what another page asks for.
PAGE_KNOBS: dict[str, Knob] = (
    knobs_of(Playground)
    | knobs_of(Beside)
    | knobs_of(Evidence)
    | knobs_of(OwnFile)
    | knobs_of(Questions)
    | knobs_of(Story)
    | knobs_of(Everywhere)
    | knobs_of(Atlas)
)


# What the keys of these choices hold before anybody has moved them. The first two have bounds that
# move (`controls.draw_moving`).
AT_START: dict[str, Any] = {name: each.at_start for name, each in PAGE_KNOBS.items()} | {
    "window": None,
    "ahead": None,
}


def window(experiment: Experiment) -> Knob:
    """Return the choice of a test window: counted by its target, so the last is the largest."""
    last = experiment.test_windows
    return dataclasses.replace(PAGE_KNOBS["window"], high=last, at_start=last)


def ahead(experiment: Experiment) -> Knob:
    """Return the choice of one of several steps ahead, counted from 1."""
    return dataclasses.replace(PAGE_KNOBS["ahead"], high=experiment.horizon)


def bounded(name: str, experiment: Experiment) -> Knob:
    """Return what `name` may be for this experiment."""
    limits = {"window": window, "ahead": ahead}
    return limits[name](experiment) if name in limits else PAGE_KNOBS[name]
