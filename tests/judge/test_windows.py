"""Steps are named from the last, windows counted by the size of their target."""

import dataclasses

import numpy as np

from fibattn.experiment import Experiment
from fibattn.judge.windows import step_labels, window_order

ARTICLE = Experiment().dataset()


def test_steps_count_back_from_t():
    assert step_labels(4) == ["t−3", "t−2", "t−1", "t"]
    assert step_labels(20)[0] == "t−19"


def test_windows_of_a_growing_series_are_ordered_by_their_place_in_it():
    order = window_order(ARTICLE)
    assert sorted(order) == list(range(354))
    assert (np.diff(ARTICLE.test_positions[order]) > 0).all()


def test_windows_are_ordered_by_their_target_and_equal_ones_stay_as_they_are():
    data = dataclasses.replace(ARTICLE, test_y=np.array([0.5, 0.1, 0.5, -0.3, 0.1]))
    assert window_order(data).tolist() == [3, 1, 4, 0, 2]
