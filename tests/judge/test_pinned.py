"""A run is compared with a pinned one where their starts are the same, and nowhere else."""

import numpy as np
import pytest

from fibattn.judge.pinned import against_pinned, apart
from tests.judge.runs import run_that_misses_by

MISSES = [0.1, 0.2, 0.1, 0.4, 0.2, 0.1]


def a_run(misses=MISSES, **changes):
    return run_that_misses_by(misses, attention="article", **changes)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"units": 5, "cell": "GRU", "epochs": 7}, ""),
        ({"attention": "dot", "batch_size": 4, "learning_rate": 0.01}, ""),
        ({"seed": 1}, "seed"),
        ({"seed": 1, "time_steps": 3}, "data"),
        ({"scaling": "log"}, "data"),
        ({"train_fraction": 0.5}, "data"),
        ({"split": "chronological"}, "data"),
        ({"series_length": 35}, "data"),
        ({"task": "find-max"}, "data"),
    ],
)
def test_only_on_equal_data_from_an_equal_seed_are_starts_shared(changes, reason):
    now = a_run().experiment
    assert apart(now, now.replace(**changes)) == reason
    assert apart(now.replace(**changes), now) == reason


def test_each_start_is_compared_with_its_own_of_the_pinned_run():
    pinned = a_run([2 * miss for miss in MISSES], units=5)
    found = against_pinned(a_run(), pinned)
    np.testing.assert_allclose(found.log_ratios, np.log10(1 / 4))
    assert (found.wins, found.losses, found.clear) == (6, 0, True)


@pytest.mark.parametrize("turned", [False, True])
def test_starts_that_only_one_has_are_left_out(turned):
    pair = a_run([0.1, 0.2, 9.0, 9.0]), a_run([0.2, 0.2])
    found = against_pinned(*(pair[::-1] if turned else pair))
    wanted = [np.log10(1 / 4), 0]
    np.testing.assert_allclose(found.log_ratios, [-each for each in wanted] if turned else wanted)


def test_a_start_that_diverged_counts_as_its_own():
    found = against_pinned(a_run(), a_run([0.1, np.nan, *MISSES[2:], 0.1]))
    assert (found.first_diverged, found.second_diverged, found.wins) == (1, 0, 1)


def test_other_starts_are_not_compared():
    with pytest.raises(ValueError, match="no random starts in common"):
        against_pinned(a_run(), a_run(seed=1))
