"""What linear scaling leaves of the data in float32 is counted as one would by hand."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn.experiment import Experiment
from fibattn.judge.drowning import drowning, zero_in_float32

ARTICLE = Experiment().dataset()


def test_linear_scaling_drowns_what_was_counted():
    found = drowning(ARTICLE)
    assert (found.zero_inputs, found.inputs) == (19_470, 23_600)
    assert found.targets == 1180
    assert (found.train_carriers, found.test_carriers) == (3, 3)
    assert found.drowned


def test_log_scaling_drowns_nothing():
    found = drowning(Experiment(scaling="log").dataset())
    assert found.zero_targets == 0
    assert found.zero_inputs == 1  # the very first number
    assert not found.drowned


def test_float32_keeps_its_smallest_number_and_rounds_half_of_it_to_0():
    smallest = 2.0**-149
    values = [0.0, -0.0, smallest / 2, smallest / 2 * (1 + 1e-9), -smallest, smallest, 1.0]
    assert zero_in_float32(np.array(values)).tolist() == [True] * 3 + [False] * 4


def data_of(train_x, test_x, train_y, test_y):
    arrays = {"train_x": train_x, "test_x": test_x, "train_y": train_y, "test_y": test_y}
    wide = {name: np.array(values, float) for name, values in arrays.items()}
    for name in ("train_x", "test_x"):
        wide[name] = wide[name].reshape(-1, 2, 1)
    return dataclasses.replace(ARTICLE, **wide)


def test_each_part_is_counted_for_itself():
    found = drowning(data_of([0, 1, 1, 1], [0, 0, 0, 1, 1, 1], [0, 0, 0, 2, 2], [5, 0, 5, 5]))
    assert (found.zero_inputs, found.inputs) == (4, 10)
    assert (found.zero_targets, found.targets) == (4, 9)
    assert (found.train_carriers, found.test_carriers) == (2, 3)


@pytest.mark.parametrize(("zeros", "drowned"), [(4, False), (5, True), (0, False), (8, True)])
def test_drowned_is_more_than_half(zeros, drowned):
    inputs = [0.0] * zeros + [1.0] * (8 - zeros)
    assert drowning(data_of(inputs[:4], inputs[4:], [1, 2], [3])).drowned is drowned


@settings(max_examples=30)
@given(
    data=st.lists(
        st.sampled_from([0.0, 1e-300, 1e-46, 1e-44, 1e-7, 0.5]) | st.floats(0, 1),
        min_size=6,
        max_size=12,
    )
)
def test_drowning_counts_as_one_would_by_hand(data):
    found = drowning(data_of(data[:4], data[2:6], data[:3], data[3:]))
    smallest = 2.0**-150  # half of the smallest float32, which rounds to 0
    assert found.zero_inputs == sum(v <= smallest for v in [*data[:4], *data[2:6]])
    assert found.zero_targets == sum(v <= smallest for v in data)
    assert (found.inputs, found.targets) == (8, len(data))
    assert found.drowned == (found.zero_inputs > 4)


@pytest.mark.parametrize(
    ("targets", "carriers"),
    [
        ([1, 1, 1, 1], 4),
        ([1, 0.01, 0.01, 0], 1),
        ([0.01, 0, -1, 0.01], 1),
        ([0, 0], 0),
        ([1e-200, 1e-200, 1e-300], 2),
        # Of 100 equal squares 99 are exactly 99 %; one more needs all but one again.
        ([1] * 100, 99),
        ([1] * 101, 100),
        # 0.985 and 0.995 of the sum of squares are in the first window.
        ([0.985**0.5, 0.015**0.5], 2),
        ([0.995**0.5, 0.005**0.5], 1),
    ],
)
def test_carriers_are_the_fewest_windows_with_99_percent_of_the_signal(targets, carriers):
    for name in ("train_y", "test_y"):
        data = dataclasses.replace(ARTICLE, **{name: np.array(targets, float)})
        found = drowning(data)
        mine, other = found.train_carriers, found.test_carriers
        assert (mine if name == "train_y" else other) == carriers
        assert (other if name == "train_y" else mine) == 3
