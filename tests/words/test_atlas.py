"""What is said of the atlas follows from its cells, and claims no more."""

from __future__ import annotations

import math

import numpy as np

from fibattn.judge import matrix
from fibattn.judge.matrix import Counts
from fibattn.judge.measured import Measured, Row
from fibattn.judge.starts import over_starts
from fibattn.network.catalogue import attention_layers
from fibattn.words import atlas as words

TWENTY = np.arange(1, 21) / 100
BETTER, WORSE, SAME = TWENTY / 10, TWENTY * 4, TWENTY
KNOWN, UNKNOWN = Row(0.1, 0.3, trivial=2.0), Row(None, None, trivial=2.0)


def network(errors, weight=None):
    return Measured(
        over_starts(errors), None if weight is None else over_starts(np.full(20, weight))
    )


def cells(rows):
    """Return the cells of some tasks: for each its `Row`, and its layers."""
    controls = {None: network(SAME), "uniform": network(SAME, 0.1)}
    measured = {task: controls | layers for task, (_, layers) in rows.items()}
    return matrix.matrix(measured, {task: row for task, (row, _) in rows.items()})


def some():
    return cells(
        {
            "find-max": (
                KNOWN,
                {"dot": network(BETTER, 0.5), "self": network(BETTER, 0.05)},
            ),
            "two-lags": (KNOWN, {"dot": network(WORSE, 0.05), "self": network(SAME, 0.1)}),
            "sunspots": (UNKNOWN, {"dot": network(BETTER), "self": network(SAME)}),
        }
    )


def cell(task, attention):
    (found,) = (each for each in some() if (each.task, each.attention) == (task, attention))
    return found


def test_the_summary_says_where_attention_helps_hurts_and_misleads():
    assert words.summary(some()) == [
        "**On 2 of 3 tasks attention clearly lowers the test error**: Find the maximum (all 2 "
        "layers) and Sunspots (Dot). On 2 of them a layer is clearly better than uniform weights "
        "too, which learn nothing.",
        "**It clearly raises it on 1 task**: Two lags (Dot).",
        "**Its heatmap is wrong although the answer is right on 1 task**: Find the maximum (Self).",
    ]


def test_the_summary_of_nothing_clear_says_so():
    same = cells({"find-max": (KNOWN, {"dot": network(SAME, 0.1)})})
    assert words.summary(same) == [
        "**On none of 1 task attention clearly lowers the error.**",
        "**It clearly raises the error nowhere.**",
        "**No right answer has a heatmap that is clearly wrong**, where the steps are known.",
    ]


def test_the_control_is_not_counted_as_attention():
    controls = {None: network(TWENTY), "uniform": network(BETTER, 0.1)}
    found = matrix.matrix({"find-max": controls | {"dot": network(SAME, 0.1)}}, {"find-max": KNOWN})
    assert words.summary(found)[0].startswith("**On none of")


def test_a_cell_is_said_in_full():
    assert words.cell(cell("find-max", "self")) == [
        "Find the maximum: Multi-head self-attention",
        "Test error 10 times lower than without, lower in all 20 starts: clear",
        "Test error 10 times lower than with uniform weights, lower in all 20 starts: clear",
        "0.050 of the weight on the true steps, uniform weights put 0.10 there; less in all 20 "
        "starts: clear",
        "The answer is right: test error 0.010",
    ]
    assert words.cell(cell("sunspots", "self")) == [
        "Sunspots: Multi-head self-attention",
        "Test error the same as without, higher in none of 20 starts: nobody can tell",
        "Test error the same as with uniform weights, higher in none of 20 starts: nobody can tell",
        "The answer is right: test error 0.11",
    ]
    assert words.cell(cell("two-lags", "dot"))[-1] == (
        "Test error 0.42; the best trivial predictor’s is 2.0"
    )


def test_starts_that_diverged_are_said():
    lost = cells({"find-max": (KNOWN, {"dot": network([math.nan] * 2 + list(BETTER[2:]), 0.5)})})
    assert words.compared(lost[-1], "plain") == (
        "10 times lower than without, lower in 18 of 20 starts: clear; 2 starts diverged"
    )
    every = cells({"find-max": (KNOWN, {"dot": network([math.nan] * 20, math.nan)})})[-1]
    assert words.compared(every, "plain") == (
        "at least one of each pair diverged; 20 starts diverged"
    )
    assert words.answer(every) == "every start diverged"
    assert words.effect(every, "plain") == "diverged"
    assert words.effect(every, "weight") == ""


def test_a_row_says_with_which_layers_it_is_clear():
    rows = {task: [e for e in some() if e.task == task] for task in ("find-max", "two-lags")}
    assert words.row(rows["find-max"], "plain") == (
        "clearly lower with Dot and Self; nobody can tell with 1 of 3 layers"
    )
    assert words.row(rows["two-lags"], "plain") == (
        "clearly higher with Dot; nobody can tell with 2 of 3 layers"
    )
    assert words.row(rows["find-max"], "weight") == "clearly more with Dot; clearly less with Self"
    unknown = [each for each in some() if each.task == "sunspots"]
    assert words.row(unknown, "weight") == "the true steps are not known"


def test_the_effect_alone():
    assert words.effect(cell("find-max", "dot"), "plain") == "10 times lower"
    assert words.effect(cell("find-max", "dot"), "weight") == "0.50"
    assert words.effect(cell("find-max", "uniform"), "uniform") == ""
    assert words.effect(cell("sunspots", "dot"), "weight") == ""


def test_every_layer_has_a_name_of_its_own_for_a_narrow_column():
    names = [each.short for each in attention_layers().values()]
    assert all(0 < len(name) <= 11 for name in names), names
    assert len(set(names)) == len(names)


def test_how_many_would_look_clear_by_chance():
    assert words.by_chance(Counts(cells=81, by_chance=4.05, uncorrected=60, clear=55)) == (
        "81 cells are compared. If no layer made any difference, about 4 of them would look clear "
        "by chance; 60 do. Corrected for their number 55 are clear, of which at most 5 % by "
        "chance."
    )


def test_it_is_never_said_to_be_live():
    assert words.made("2026-01-31", "2 cores, Linux x86_64", 840.0, 1500.0, 0.6) == (
        "Not trained just now: computed on 31 January 2026, by `python -m fibattn.atlas` on 2 "
        "cores, Linux x86_64, in 14 minutes (25 minutes of work for one core, 60 % of it "
        "compiling)."
    )
    day = words.made("2026-01-31", "a slow machine", 86_400.0, 172_800.0, 0.6)
    assert "in 1440 minutes (2880 minutes of work for one core" in day
    assert words.made("2026-01-31", "a Dask cluster", 840.0, 0.0, 0.6).endswith(
        "on a Dask cluster, in 14 minutes (60 % of it compiling)."
    )
    assert words.stored(cell("find-max", "dot"), "2026-01-31") == (
        "The atlas has the same networks, computed on 31 January 2026: test error 10 times lower "
        "than without, lower in all 20 starts: clear."
    )


def test_live_cells_are_held_beside_the_stored_ones():
    stored = [each for each in some() if each.task == "find-max"]
    live = [each for each in some() if each.task == "two-lags"]
    assert words.same(stored, stored) == "3 of 3 cells trained now say the same as the stored ones."
    assert words.same(live, stored) == "1 of 3 cells trained now say the same as the stored ones."
    assert words.same([], stored) == (
        "The first mark comes with the third network: the plain one and the control first."
    )


def test_each_view_has_a_legend_that_says_what_its_colours_mean():
    assert words.LEGEND.keys() == {"plain", "uniform", "weight"}
    for view in ("plain", "uniform"):
        assert words.LEGEND[view].startswith(
            ":orange[Orange]: the test error is lower with attention, :blue[blue]: higher. Full: "
            "clear. Hollow: nobody can tell."
        )
    weight = words.LEGEND["weight"]
    assert "uniform weights put on the k true steps of T" in weight
    assert (
        ":orange[Orange]: more, :blue[blue]: less. Full: clear. Hollow: nobody can tell." in weight
    )
    assert "A ring: the answer is right." in weight
    assert all("trains its networks in the playground" in each for each in words.LEGEND.values())
    assert "one after the other" in words.LIVE and "stop it" in words.LIVE


def test_a_network_that_could_not_be_trained_is_named():
    assert words.failed(None, "find-max", "It diverged.") == (
        "A mark is missing: the plain network on “Find the maximum” could not be trained. It "
        "diverged."
    )
    assert words.failed("dot", "two-lags", "Why.") == (
        f"A mark is missing: {attention_layers()['dot'].label} on “Two lags” could not be trained. "
        "Why."
    )


def test_where_half_of_the_starts_lie_above_it_is_said_of_those_above():
    half = over_starts(np.array([0.2] * 10 + [0.05] * 10))
    measured = Measured(over_starts(SAME), half)
    (found,) = [e for e in cells({"find-max": (KNOWN, {"dot": measured})}) if e.attention == "dot"]
    assert "more in 10 of 20 starts: nobody can tell" in words.pointed(found)


def test_of_uniform_weights_it_is_said_where_they_lie_and_nothing_more():
    assert words.pointed(cell("find-max", "uniform")) == "0.10 of the weight on the true steps"
    assert words.pointed(cell("sunspots", "dot")) == "the true steps are not known"
