"""The matrix of the atlas: compared in pairs, and corrected for how many cells there are."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from fibattn.judge import matrix
from fibattn.judge.measured import Measured, Row
from fibattn.judge.starts import over_starts

NAN = math.nan
TWENTY = np.arange(1, 21) / 100


def network(errors, weight=None):
    over = None if weight is None else over_starts(np.full(20, weight))
    return Measured(over_starts(errors), over, over, over)


def the_matrix(**layers):
    """One task whose plain network has the errors 0.01 to 0.20; k/T is 0.1."""
    plain = {None: network(TWENTY), "uniform": network(TWENTY[::-1], 0.1)}
    return matrix.matrix({"find-max": plain | layers}, {"find-max": Row(0.1, 0.3, trivial=2.0)})


def entry(name, **layers):
    (found,) = (each for each in the_matrix(**layers) if each.attention == name)
    return found


def test_p_values_are_corrected_by_benjamini_and_yekutieli():
    """By hand: 1 + 1/2 + 1/3 + 1/4 = 25/12, times 4/rank, and none above a later one's."""
    found = matrix.corrected([0.2, 0.001, None, 0.01])
    by_hand = [0.2 * 4 / 3 * 25 / 12, 0.001 * 4 * 25 / 12, 1.0, 0.01 * 2 * 25 / 12]
    assert found == pytest.approx(by_hand, rel=1e-12)
    # Of equal steps the last one's holds for all.
    assert matrix.corrected([0.01, 0.02, 0.03]) == pytest.approx([0.03 * 11 / 6] * 3, rel=1e-12)
    assert matrix.corrected([]) == []


def test_a_layer_that_always_wins_helps_and_one_that_always_loses_hurts():
    times = np.arange(5, 25)  # of different sizes: the test is exact where none are equal
    better, worse = network(TWENTY / times, 0.9), network(TWENTY * times, 0.01)
    good, bad = entry("dot", dot=better, self=worse), entry("self", dot=better, self=worse)
    assert good.plain.helps
    assert not good.plain.hurts
    assert bad.plain.hurts
    assert not bad.plain.helps
    assert good.plain.comparison.median == pytest.approx(-np.log10(14 * 15) / 2)
    # Twenty that agree: 2 of 2²⁰ cases. Two of three cells: that times 1 + 1/2 + 1/3, times 3/2.
    assert good.plain.corrected == pytest.approx(2 / 2**20 * 11 / 6 * 3 / 2, rel=1e-9)
    assert [good.clearly(view) for view in ("plain", "uniform", "weight")] == [1, 1, 1]
    assert [bad.clearly(view) for view in ("plain", "uniform", "weight")] == [-1, -1, -1]


def test_weights_that_differ_from_uniform_ones_by_rounding_alone_lie_nowhere():
    by_rounding, by_more = (entry("dot", dot=network(TWENTY, 0.1 + d)) for d in (0.9e-7, 1.6e-7))
    assert (by_rounding.pointing.above, by_rounding.pointing.starts) == (0, 0)
    assert (by_more.pointing.above, by_more.pointing.starts) == (20, 20)


def test_of_equal_errors_nobody_can_tell():
    same = entry("dot", dot=network(TWENTY, 0.1))
    assert not same.plain.clear
    assert same.clearly("plain") == 0
    assert same.plain.corrected == 1


def test_the_correction_takes_back_what_one_comparison_alone_would_claim():
    """Worse in four starts, with the ranks 7, 9, 11, 13: clear alone, and not among 32 cells."""
    ranks = np.arange(1, 21)
    errors = TWENTY * 10 ** (np.where(np.isin(ranks, [7, 9, 11, 13]), 1, -1) * ranks / 100)
    alone = entry("dot", dot=network(errors, 0.1))
    assert alone.plain.comparison.clear
    others = {f"other {number}": network(TWENTY, 0.1) for number in range(30)}
    among = entry("dot", dot=network(errors, 0.1), **others)
    assert among.plain.comparison.clear
    assert not among.plain.clear
    found = matrix.counts(each.plain for each in the_matrix(dot=network(errors, 0.1), **others))
    assert (found.cells, found.uncorrected, found.clear) == (32, 1, 0)
    assert found.by_chance == pytest.approx(1.6)


def test_a_heatmap_misleads_where_the_answer_is_right_and_the_weight_elsewhere():
    wrong = entry("dot", dot=network(TWENTY / 10, 0.05))
    assert wrong.pointing.wrong
    assert (wrong.pointing.above, wrong.pointing.starts) == (0, 20)
    assert wrong.right
    assert wrong.misleads
    right = entry("dot", dot=network(TWENTY / 10, 0.2))
    assert not right.misleads
    # The median error, 1.05, is more than a tenth of the trivial predictor's, 2.
    poor = entry("dot", dot=network(TWENTY * 10, 0.05))
    assert not poor.right
    assert not poor.misleads


def test_an_error_of_a_tenth_of_the_trivial_is_right_and_one_above_is_not():
    assert entry("dot", dot=network(np.full(20, 0.2), 0.05)).right
    assert not entry("dot", dot=network(np.full(20, 0.2001), 0.05)).right


def test_the_control_is_compared_with_the_plain_network_alone():
    control = entry("uniform")
    assert control.uniform is None
    assert control.pointing is None
    assert control.clearly("uniform") is control.clearly("weight") is None
    assert control.clearly("plain") == 0


def test_starts_that_diverged_count_as_lost_and_not_as_pointing():
    diverging = Measured(over_starts([NAN] * 18 + [1e-9] * 2), over_starts([NAN] * 18 + [0.9, 0.9]))
    found = entry("dot", dot=diverging)
    assert found.plain.comparison.losses == 18
    assert not found.plain.helps
    assert (found.pointing.above, found.pointing.starts) == (2, 2)
    assert not found.pointing.clear
    lost = entry("dot", dot=Measured(over_starts([NAN] * 20), over_starts([NAN] * 20)))
    assert lost.plain.hurts
    assert not lost.right


def test_a_task_without_its_controls_has_no_cells():
    measured = {"find-max": {"dot": network(TWENTY)}}
    assert matrix.matrix(measured, {"find-max": Row(0.1, 0.3, 1.0)}) == []


def test_what_is_known_is_not_compared_again():
    known = the_matrix(dot=network(TWENTY / 10, 0.9))
    rows = {"find-max": Row(0.1, 0.3, 2.0)}
    networks = {None: network(TWENTY), "uniform": network(TWENTY, 0.1), "dot": network(TWENTY, 0.1)}
    again = matrix.matrix({"find-max": networks}, rows, known=known)
    assert {each.attention: each.plain for each in again} == {
        each.attention: each.plain for each in known
    }


def test_the_order_puts_first_what_most_clear_cells_speak_for():
    def row(task, **layers):
        networks = {None: network(TWENTY), "uniform": network(TWENTY, 0.1)} | layers
        return {task: networks}

    better, worse, same = network(TWENTY / 10), network(TWENTY * 10), network(TWENTY)
    measured = (
        row("sunspots", dot=worse, self=same)
        | row("find-max", dot=better, self=better)
        | row("two-lags", dot=worse, self=better)
    )
    rows = dict.fromkeys(measured, Row(None, None, 1.0))
    tasks, layers = matrix.order(matrix.matrix(measured, rows), "plain")
    assert tasks == ["find-max", "two-lags", "sunspots"]
    assert layers == ["self", "uniform", "dot"]


def test_a_corrected_p_value_at_the_limit_is_not_clear():
    found = entry("dot", dot=network(TWENTY / 2)).plain
    limit = 1 - matrix.CONFIDENCE
    assert found.comparison.clear
    assert not dataclasses.replace(found, corrected=limit).clear
    assert dataclasses.replace(found, corrected=np.nextafter(limit, 0)).clear


def test_the_weight_lies_elsewhere_where_fewer_than_half_of_the_starts_have_more_of_it():
    assert matrix.Pointing(above=9, starts=20, corrected=0.01).wrong
    assert not matrix.Pointing(above=10, starts=20, corrected=0.01).wrong
    assert not matrix.Pointing(above=9, starts=20, corrected=0.06).wrong
