"""An experiment is a value, and a wrong one explains itself."""

import dataclasses
import gc
import math
import re
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn import KNOBS, Experiment, train
from fibattn.experiment import PARTS
from fibattn.tasks import TASKS
from tests.tasks.test_tasks import a_table


def test_the_defaults_are_the_articles():
    assert dataclasses.asdict(Experiment()) == {
        "task": "fibonacci",
        "scaling": "linear",
        "series_length": 1200,
        "time_steps": 20,
        "train_fraction": 0.7,
        "split": "shuffled",
        "cell": "SimpleRNN",
        "units": 2,
        "attention": None,
        "activation": "tanh",
        "output_activation": "tanh",
        "epochs": 30,
        "batch_size": 1,
        "learning_rate": 1e-3,
        "repeats": 1,
        "seed": 0,
        "modulus": 24,
        "bidirectional": False,
        "placement": "after",
        "head": "dense",
        "horizon": 1,
        "decoder": "direct",
        "table": None,
    }


def test_every_field_has_a_knob_with_the_same_default():
    fields = {field.name: field.default for field in dataclasses.fields(Experiment)}
    assert fields.pop("table") is None  # a file is no knob
    assert {name: knob.default for name, knob in KNOBS.items()} == fields


def test_an_experiment_is_hashable_and_frozen():
    assert len({Experiment(), Experiment(), Experiment(seed=1)}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        Experiment().seed = 1  # type: ignore[misc]


def test_replace_checks_too():
    assert Experiment().replace(units=3) == Experiment(units=3)
    with pytest.raises(ValueError, match="units"):
        Experiment().replace(units=0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"series_length": 1476}, r"series_length is 1476, .* at most 1475.* overflows float64\."),
        ({"series_length": 9}, r"series_length is 9, .* between 10 and 20000\.$"),
        ({"task": "sunspots"}, r"series_length is 1200, .* “Sunspots” .* at most 309\. There are"),
        ({"task": "two-lags", "time_steps": 11}, r"time_steps is 11, .* must be at least 12\.$"),
        ({"task": "csv"}, r"trained on a file of your own: choose one first\.$"),
        ({"table": a_table()}, r"A table is given, but the task is 'fibonacci'"),
        ({"task": "csv", "table": a_table()}, r"is 1200, but the file has 400 rows"),
        ({"attention": "best"}, r"attention is 'best', .* 'article'"),
        ({"series_length": 30, "time_steps": 29}, r"30 numbers leave 1 windows .* two of each"),
        ({"series_length": 20, "time_steps": 60}, r"20 numbers leave 0 windows .* smaller\.$"),
        ({"series_length": 10, "train_fraction": 0.1, "time_steps": 2}, r"at least two of each"),
        ({"time_steps": 1}, r"time_steps is 1, but it must lie between 2 and 60\."),
        ({"time_steps": 2.5}, r"time_steps is 2.5, but it must be a whole number\."),
        ({"time_steps": "20"}, r"time_steps is '20', but it must be a whole number\."),
        ({"units": True}, r"units is True, but it must be a whole number\."),
        ({"seed": False}, r"seed is False, but it must be a whole number\."),
        ({"train_fraction": True}, r"train_fraction is True, but it must be a number\."),
        ({"train_fraction": math.nan}, r"train_fraction is nan, .* between 0.1 and 0.9\."),
        ({"train_fraction": 1.0}, r"train_fraction is 1.0, .* between 0.1 and 0.9\."),
        ({"learning_rate": math.nan}, r"learning_rate is nan, but it must lie between"),
        ({"learning_rate": math.inf}, r"learning_rate is inf, but it must lie between"),
        ({"learning_rate": 0}, r"learning_rate is 0, but it must lie between 1e-05 and 1\."),
        ({"learning_rate": -1e-3}, r"learning_rate is -0.001, but it must lie between"),
        ({"epochs": 0}, r"epochs is 0, but it must lie between 1 and 100\."),
        ({"epochs": 101}, r"epochs is 101, but it must lie between 1 and 100\."),
        ({"repeats": 101}, r"repeats is 101, but it must lie between 1 and 100\."),
        ({"batch_size": 3}, r"batch_size is 3, but it must be one of 1, 2, 4"),
        ({"cell": "Elman"}, r"cell is 'Elman', .* 'SimpleRNN', 'LSTM', 'GRU'\."),
        ({"attention": "Bahdanau"}, r"attention is 'Bahdanau', .* None, 'article'"),
        ({"scaling": "sqrt"}, r"scaling is 'sqrt', .* 'linear', 'linear-train', 'log'\."),
        ({"split": "random"}, r"split is 'random', .* 'shuffled', 'chronological'\."),
        ({"activation": "exp"}, r"activation is 'exp', .* 'tanh'"),
        ({"task": "primes"}, r"task is 'primes', .* 'fibonacci'"),
    ],
)
def test_a_bad_value_is_a_sentence_that_says_what_would_be_right(change, sentence):
    with pytest.raises(ValueError, match=sentence):
        Experiment(**change)


@pytest.mark.parametrize("length", [10, 1475])
def test_the_bounds_themselves_are_allowed(length):
    assert len(Experiment(series_length=length, time_steps=2).dataset().series) == length


def test_numpy_numbers_are_numbers():
    mine = Experiment(units=np.int64(3), train_fraction=np.float64(0.5))
    assert mine == Experiment(units=3, train_fraction=0.5)


def values(knob) -> st.SearchStrategy:
    if knob.name == "learning_rate" or knob.options is None:
        number = st.integers if isinstance(knob.default, int) else st.floats
        return number(knob.low, knob.high)
    return st.sampled_from(list(knob.options))


@settings(max_examples=200)
@given(st.fixed_dictionaries({name: values(knob) for name, knob in KNOBS.items()}))
def test_whatever_the_knobs_allow_has_its_windows_or_says_what_is_missing(chosen):
    task = TASKS[chosen["task"]]
    chosen |= {
        knob.name: knob.default
        for knob in KNOBS.values()
        if knob.place == "task" and knob.name not in task.knobs
    }
    if task.own_file:
        chosen["table"] = a_table(500)
    try:
        experiment = Experiment(**chosen)
    except ValueError as problem:
        words = str(problem)
        if chosen["series_length"] > task.longest:
            assert f"at most {task.longest}" in words
        elif chosen["time_steps"] < task.shortest_window:
            assert f"at least {task.shortest_window}" in words
        elif chosen["series_length"] > 500 and "table" in chosen:
            assert "the file has 500 rows" in words
        elif "there must be at least two of each" not in words:
            # Choices that make no sense together; each sentence says what would.
            assert re.search(r"it must be 1|set \w+ to|make it at least", words)
        else:
            assert "there must be at least two of each" in words
        return
    train, test = experiment.train_windows, experiment.test_windows
    assert min(train, test) >= 2
    assert train + test == experiment.windows
    data = experiment.dataset()
    steps = experiment.time_steps
    assert data.train_x.shape == (train, steps, experiment.features)
    assert data.test_x.shape == (test, steps, experiment.features)
    assert len(data.features) == experiment.features
    ahead = (experiment.horizon,) if experiment.horizon > 1 else ()
    assert data.train_y.shape == (train, *ahead)
    assert data.test_y.shape == (test, *ahead)
    assert data.test_positions.shape == (test,)
    for array in (data.train_x, data.train_y, data.test_x, data.test_y):
        assert np.isfinite(array).all()
    assert hash(experiment) == hash(Experiment(**chosen))


def test_a_visitor_s_windows_are_kept_with_the_file_and_no_longer():
    table = a_table()
    mine = Experiment(task="csv", table=table, series_length=300)
    assert mine.dataset() is mine.replace(units=5).dataset()
    assert mine.dataset() is mine.replace(attention="dot", learning_rate=0.1, seed=9).dataset()
    assert mine.dataset() is not mine.replace(time_steps=5).dataset()
    gone = weakref.ref(mine.dataset())
    del mine, table
    gc.collect()
    assert gone() is None


def test_equal_files_of_two_visitors_are_not_the_same():
    table = a_table()
    theirs = dataclasses.replace(table, owner="somebody")
    mine = Experiment(task="csv", table=table, series_length=300)
    assert mine == Experiment(task="csv", table=a_table(), series_length=300)
    assert mine != mine.replace(table=theirs)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"task": "sunspots", "series_length": 200, "scaling": "log"}, "scaling is 'log'"),
        ({"task": "find-max", "modulus": 7}, "modulus is 7"),
    ],
)
def test_a_choice_the_task_does_not_have_is_refused(changes, words):
    with pytest.raises(ValueError, match=f"{words}, but .* has no such choice: leave it at"):
        Experiment(**changes)


def test_too_few_windows_are_said_in_the_task_s_own_words():
    with pytest.raises(ValueError, match="There are 10 windows, 9 to train on and 1 to test on"):
        Experiment(task="find-max", series_length=10, train_fraction=0.9)


# Another value of each choice, and what else it takes for the choice to be there at all.
OTHER = {
    "task": ("find-max", {}),
    "series_length": (70, {}),
    "time_steps": (7, {}),
    "scaling": ("log", {}),
    "modulus": (11, {"task": "fibonacci-mod-m"}),
    "split": ("chronological", {}),
    "train_fraction": (0.5, {}),
    "horizon": (2, {}),
    "units": (3, {}),
    "cell": ("GRU", {}),
    "attention": ("article", {}),
    "bidirectional": (True, {}),
    "placement": ("before", {"attention": "dot"}),
    "head": ("conv", {}),
    "decoder": ("recurrent", {"horizon": 2}),
    "activation": ("sigmoid", {}),
    "output_activation": ("linear", {}),
    "epochs": (3, {}),
    "batch_size": (4, {}),
    "learning_rate": (0.01, {}),
    "repeats": (2, {}),
    "seed": (5, {}),
}


def moved(name: str) -> tuple[Experiment, Experiment]:
    """Return two small experiments that differ in one choice alone."""
    assert name in OTHER, (
        f"The choice “{name}” is declared but not in OTHER: add another value of it, and what else "
        "must be chosen for it to be there, so that this test can see whether it does anything."
    )
    value, more = OTHER[name]
    small = {"series_length": 60, "time_steps": 5, "epochs": 2} | more
    if name == "batch_size":
        small["scaling"] = "log"
    before = Experiment(**small)
    return before, before.replace(**{name: value})


def unlike(first: Any, second: Any) -> bool:
    return first.shape != second.shape or not np.array_equal(first, second)


@pytest.mark.parametrize("name", PARTS["data"])
def test_every_choice_of_the_data_changes_the_windows(name):
    before, after = (each.dataset() for each in moved(name))
    assert unlike(before.train_x, after.train_x) or unlike(before.train_y, after.train_y), (
        f"The choice “{name}” is declared but changes nothing: where is it used?"
    )


@pytest.mark.parametrize("name", [*PARTS["network"], *PARTS["training"]])
def test_every_choice_of_network_and_training_changes_a_trained_run(name):
    before, after = map(train, moved(name))
    same = {"data": before.dataset() is after.dataset()}
    assert same == {"data": True}, f"“{name}” does not belong to the data, but made other windows."
    assert unlike(before.test_predictions, after.test_predictions), (
        f"The choice “{name}” is declared but changes nothing: where is it used?"
    )


def test_a_choice_that_is_given_compiles_nothing_anew_and_every_other_does():
    for name, knob in (PARTS["network"] | PARTS["training"]).items():
        before, after = moved(name)
        if name in ("horizon", "time_steps"):
            continue
        assert (before.architecture == after.architecture) == knob.given, name


def test_every_choice_belongs_to_one_part():
    named = [name for part in PARTS.values() for name in part]
    assert sorted(named) == sorted(KNOBS)


def test_plain_and_attention_share_one_dataset():
    plain = Experiment(series_length=200)
    assert plain.dataset() is plain.replace(attention="article", units=7, seed=3).dataset()
    for name in PARTS["data"]:
        before, after = moved(name)
        assert before.dataset() is not after.dataset(), name
