"""Settings that contradict each other are made to agree, and as few as possible are changed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn import Experiment
from fibattn.agreement import agree, unavailable
from fibattn.experiment import KNOBS
from fibattn.tasks import TASKS
from fibattn.tasks.file import Table

DEFAULTS = {name: knob.default for name, knob in KNOBS.items()}


def values_of(knob):
    if knob.options is not None:
        return st.sampled_from(list(knob.options))
    if isinstance(knob.default, float):
        return st.floats(knob.low, knob.high)
    return st.integers(int(knob.low), int(knob.high)) | st.integers(
        int(knob.low), min(int(knob.high), int(knob.low) + 40)
    )


anything = st.fixed_dictionaries({name: values_of(knob) for name, knob in KNOBS.items()})


def with_file(values):
    if not TASKS[values["task"]].own_file:
        return values
    rows = max(10, values["series_length"] % 90)
    table = Table("mine.csv", "a", (), np.arange(rows * 1.0)[:, None], 0)
    return values | {"table": table}


@settings(max_examples=400)
@given(anything)
def test_whatever_is_chosen_an_experiment_comes_of_it(values):
    agreed = agree(with_file(values))
    Experiment(**agreed.values)
    assert agree(agreed.values).values == agreed.values
    assert not agree(agreed.values).reasons
    changed = {name for name in values if values[name] != agreed.values[name]}
    assert changed == set(agreed.reasons)
    for name, why in unavailable(agreed.values).items():
        assert agreed.values[name] == KNOBS[name].default
        assert why.endswith(".")
    assert all(why.endswith(".") for why in agreed.reasons.values())


@settings(max_examples=300)
@given(anything)
def test_settings_that_agree_stay_as_they_are(values):
    try:
        Experiment(**with_file(values))
    except ValueError:
        return
    assert agree(with_file(values)).values == with_file(values)


@settings(max_examples=150)
@given(anything)
def test_a_choice_that_is_ruled_out_could_not_be_made(values):
    """Every other value of it contradicts; of what is not ruled out at least one more does not."""
    agreed = agree(with_file(values)).values
    for name in unavailable(agreed):
        others = KNOBS[name].options or range(2, 13)
        for other in others:
            if other != KNOBS[name].default:
                with pytest.raises(ValueError, match=r"\."):
                    Experiment(**agreed | {name: other})


@pytest.mark.parametrize(
    ("changes", "agreed", "words"),
    [
        ({"decoder": "recurrent"}, {"decoder": "direct"}, "choose a horizon of at least 2"),
        (
            {"decoder": "recurrent", "horizon": 3, "attention": "article"},
            {"decoder": "direct"},
            "“The tutorial's” has no query",
        ),
        (
            {"decoder": "recurrent", "horizon": 3, "bidirectional": True},
            {"decoder": "direct"},
            "not with both directions",
        ),
        (
            {"head": "conv", "placement": "before", "attention": "dot"},
            {"placement": "after"},
            "takes weighted states",
        ),
        ({"task": "find-max", "horizon": 4}, {"horizon": 1}, "“Find the maximum” has a single"),
        ({"task": "two-lags", "time_steps": 5}, {"time_steps": 12}, "at least 12 steps"),
        ({"task": "sunspots"}, {"series_length": 309}, "309"),
        ({"series_length": 30, "time_steps": 40}, {"series_length": 45}, "fewer than two windows"),
        (
            {"task": "find-max", "series_length": 10, "train_fraction": 0.1},
            {"series_length": 20},
            "fewer than two windows",
        ),
    ],
)
def test_the_later_choice_follows_and_says_why(changes, agreed, words):
    found = agree(DEFAULTS | changes)
    assert found.values == DEFAULTS | changes | agreed
    (why,) = found.reasons.values()
    assert words in why


def test_a_file_s_rows_are_all_there_are_so_the_window_follows():
    table = Table("mine.csv", "a", (), np.arange(20.0)[:, None], 0)
    asked = DEFAULTS | {"task": "csv", "series_length": 20, "table": table, "horizon": 12}
    found = agree(asked)
    assert found.values["series_length"] == 20
    assert found.values["time_steps"] < 20
    assert Experiment(**found.values).test_windows >= 2
