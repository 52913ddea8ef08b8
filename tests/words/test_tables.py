"""The pages' tables say what was computed, on the scale they name."""

import dataclasses
import math

import numpy as np
import pytest

from fibattn import Experiment, Run
from fibattn.judge.baselines import Baseline
from fibattn.judge.comparison import paired
from fibattn.judge.pinned import Pinned
from fibattn.judge.starts import over_starts
from fibattn.run import LayerRow
from fibattn.tasks.file import Table
from fibattn.words import tables
from tests.judge.runs import a_run, run_that_misses_by

NAN = math.nan


def row(table: str, name: str) -> list[str]:
    """The cells of the one row that starts with this name."""
    (found,) = [line for line in table.splitlines() if line.startswith(f"| {name}")]
    return [cell.strip() for cell in found.strip("|").split("|")][1:]


# --- errors of both networks, and the baselines


def test_scores_are_median_and_range_of_test_and_training():
    plain = run_that_misses_by([0.1, 0.2, 0.4], train=[0.5, 0.6, 0.9])
    attention = run_that_misses_by([0.3], train=[0.7])
    found = tables.scores(plain, attention, [Baseline("the last value", 0.25, 0.125)])
    assert found.startswith("| | Test MSE | Training MSE |\n|:--|--:|--:|\n")
    assert row(found, ":blue[**Plain**]") == [
        "**0.040**<br>0.010–\u20600.16",
        "**0.36**<br>0.25–\u20600.81",
    ]
    assert row(found, ":orange[**Attention**]") == [
        "**0.090**<br>one start",
        "**0.49**<br>one start",
    ]
    assert row(found, "The last value") == ["0.12", "0.25"]


def test_diverged_starts_are_left_out_of_the_scores_and_counted():
    run = run_that_misses_by([0.1, 0.2, 0.4, 0.9, 0.3])
    run.loss[-1, 3] = NAN
    (cell, _) = row(tables.scores(run, None, []), ":blue[**Plain**]")
    assert cell == "**0.065**<br>0.010–\u20600.16, 1 of 5 starts diverged"
    run.loss[-1, [0, 1, 2]] = math.inf
    (cell, _) = row(tables.scores(run, None, []), ":blue[**Plain**]")
    assert cell == "**0.090**<br>4 of 5 starts diverged"
    run.loss[:] = NAN
    assert (
        row(tables.scores(run, None, []), ":blue[**Plain**]")
        == ["**–**<br>every start diverged"] * 2
    )


def test_a_pinned_network_stands_below_the_one_of_its_kind():
    plain, attention, before = (run_that_misses_by([miss]) for miss in (0.1, 0.2, 0.3))
    found = tables.scores(plain, attention, [], Pinned(None, before, same_data=True))
    names = [line.split("|")[1].strip() for line in found.splitlines()[2:]]
    assert names == [":blue[**Plain**]", ":orange[**Attention**]", ":orange[**Attention**], pinned"]
    assert row(found, ":orange[**Attention**], pinned")[0] == "**0.090**<br>one start"
    both = tables.scores(plain, attention, [], Pinned(before, attention, same_data=True))
    assert row(both, ":blue[**Plain**], pinned")[0] == "**0.090**<br>one start"
    assert row(both, ":orange[**Attention**], pinned")[0] == "**0.040**<br>one start"


def test_scores_keep_their_size_while_they_are_waited_for():
    waiting, done = (
        tables.scores(run, run, [Baseline("always 0", 1.0, 1.0)])
        for run in (None, run_that_misses_by([0.1, 0.2]))
    )
    assert waiting.count("\n") == done.count("\n")
    assert waiting.count("<br>") == done.count("<br>") == 4


# --- all metrics


def run_on_file(values: np.ndarray, test: list[float], train: list[float] | None = None) -> Run:
    """A run on a file with these numbers; predictions are off by so much, unscaled."""
    table = Table("mine.csv", "a", (), np.reshape(values, (-1, 1)))
    settings = {"task": "csv", "table": table, "series_length": len(values), "time_steps": 3}
    width = Experiment(**settings).dataset().scaling
    width = width.high - width.low
    train = test if train is None else train
    return run_that_misses_by(
        [miss / width for miss in test], [miss / width for miss in train], **settings
    )


def test_percentages_are_of_the_original_numbers():
    values = np.tile([10.0, 20.0, 40.0, 20.0], 15)
    run = run_on_file(values, test=[2.0], train=[4.0])
    data = run.dataset()
    test, train = (
        np.mean(100 * miss / np.round(data.unscale(targets)))
        for miss, targets in ((2.0, data.test_y), (4.0, data.train_y))
    )
    found = tables.metrics({"Plain": run})
    assert row(found, "MAPE, %, original scale") == [f"**{test:.0f}**<br>{train:.0f}"]
    # The others are of scaled values: a miss of 2 or 4 on a scale of 30.
    assert row(found, "MAE") == ["**0.067**<br>0.13"]
    assert row(found, "MSE") == ["**0.0044**<br>0.018"]


def test_no_percentage_where_targets_come_near_zero():
    found = tables.metrics({"Plain": run_on_file(np.sin(np.arange(60)), [0.1])})
    assert "MAPE" not in found
    assert "MSE" in found


def test_metrics_are_medians_over_the_starts_that_did_not_diverge():
    plain = run_that_misses_by([0.1, 0.2, 0.4, 0.9], scaling="log")
    plain.val_loss[0, 3] = NAN
    other = run_that_misses_by([0.3] * 4, scaling="log")
    found = tables.metrics({"Plain": plain, "Waiting": None, "Other": other})
    assert row(found, "MAE") == ["**0.20**<br>0.20", "…<br>…", "**0.30**<br>0.30"]
    assert row(found, "Left out") == ["1 of 4 starts diverged", "–", "–"]
    plain.val_loss[:] = NAN
    found = tables.metrics({"Plain": plain, "Other": other})
    assert row(found, "MAE")[0] == "**–**<br>–"
    assert row(found, "Powers of ten missed")[0] == "**–**<br>–"
    assert row(found, "Left out")[0] == "every start diverged"
    assert "Left out" not in tables.metrics({"Other": other})


def test_powers_of_ten_are_told_of_series_that_span_many():
    power = 1 / math.log10(1346269)  # on a log scale from 1 to the 30th Fibonacci number
    run = run_that_misses_by([power], [3 * power], scaling="log")
    assert row(tables.metrics({"Plain": run}), "Powers of ten missed") == ["**1.0**<br>3.0"]
    flat = run_on_file(20 + np.sin(np.arange(60)), [0.1])
    assert "Powers of ten" not in tables.metrics({"Plain": flat})


def test_runs_of_other_data_have_no_number_where_a_metric_says_nothing_of_theirs():
    many = run_that_misses_by([0.1], scaling="log")
    flat = run_on_file(20 + np.sin(np.arange(60)), [0.1])
    for runs in ({"Many": many, "Flat": flat}, {"Flat": flat, "Many": many}):
        found = tables.metrics(runs)
        for name, has_none in (("Powers of ten missed", "Flat"), ("MAPE", "Many")):
            cells = dict(zip(runs, row(found, name), strict=True))
            assert cells.pop(has_none) == "–"
            assert all(cell.startswith("**") for cell in cells.values())


# --- comparisons


def comparison(first, second):
    return paired(over_starts(first), over_starts(second))


def test_a_comparison_is_a_row_of_its_numbers():
    found = tables.comparisons(
        {
            "Plain": comparison([4.0] * 8, [0.5] + [1.0] * 6 + [2.0]),
            "Uniform": comparison([1.0] * 4, [1.0] * 4),
            "Waiting": None,
        }
    )
    assert row(found, "Plain") == [
        "**4.0 times lower**<br>2.0 to 8.0 times lower",
        "**8 of 8**<br>63 to 100 %",
        "0.0078",
    ]
    assert found.splitlines()[0] == (
        "| Attention against | Test error (95 % interval) | Lower in (95 % interval) | Wilcoxon p |"
    )
    assert row(found, "Uniform") == [
        "**the same**<br>too few for an interval",
        "**0 of 4**<br>0 to 60 %",
        "–",
    ]
    assert row(found, "Waiting") == ["…", "…", "…"]


def test_an_interval_to_both_sides_begins_with_the_lower_error():
    (effect, *_) = row(
        tables.comparisons({"Plain": comparison([1.0] * 8, [0.5] * 4 + [0.8] + [1.5] * 3)}), "Plain"
    )
    assert effect == "**1.6 times lower**<br>2.0 times lower to 1.5 times higher"


def test_pairs_with_a_diverged_start_are_counted_in_the_comparison():
    found = tables.comparisons(
        {
            "Plain": comparison([4.0] * 7 + [NAN], [1.0] * 6 + [NAN, 1.0]),
            "All": comparison([NAN] * 8, [1.0] * 8),
        }
    )
    difference, wins, _ = row(found, "Plain")
    assert difference == "**4.0 times lower**<br>4.0 times lower, 2 of 8 pairs left out: diverged"
    assert wins.startswith("**7 of 8**")
    assert row(found, "All")[0] == "**–**<br>at least one of each pair diverged"


# --- the heatmap


def with_weights(weights, **settings):
    """A run with these test weights, alike in all windows: (starts, steps)."""
    experiment = Experiment(**settings)
    run = a_run(
        np.zeros((len(weights), experiment.test_windows)),
        attention="article",
        **settings,
    )
    every = np.repeat(np.array(weights, float)[:, None], experiment.test_windows, axis=1)
    return dataclasses.replace(run, test_attention=every)


LAST_TWO = {"task": "sum-of-last-two", "series_length": 40, "time_steps": 4}


def test_the_heatmap_is_compared_with_chance():
    run = with_weights([[0, 0, 0.5, 0.5], [0.25] * 4, [1, 0, 0, 0]], **LAST_TWO)
    found = tables.heatmap(run, run.dataset())
    # The last two of four steps are needed, and the second is beside one of them.
    assert row(found, "Weight on the true steps") == ["**0.50**<br>0–\u20601.0", "0.50"]
    assert row(found, "Highest weights on true steps")[1] == "0.50"
    assert row(found, "… or one step beside")[1] == "0.75"
    assert row(found, "Entropy (1: uniform)") == ["**0.50**<br>0–\u20601.0", "1"]


def test_the_highest_weights_are_counted_and_ties_by_their_chance():
    run = with_weights([[0, 1, 0, 0], [0.25] * 4, [1, 0, 0, 0]], **LAST_TWO)
    found = tables.heatmap(run, run.dataset())
    # Two are chosen. First start: the second step, and one of three equal ones, two of them true:
    # (0 + 2/3) / 2; one step beside, (1 + 2/3) / 2. Third: (0 + 2/3) / 2, and (0 + 1) / 2.
    assert row(found, "Highest weights on true steps") == ["**0.33**<br>0.33–\u20600.50", "0.50"]
    assert row(found, "… or one step beside") == ["**0.75**<br>0.50–\u20600.83", "0.75"]


def test_a_diverged_start_leaves_the_others_in_the_table_of_the_heatmap():
    run = with_weights([[0, 0, 0.5, 0.5], [NAN] * 4, [1, 0, 0, 0]], **LAST_TWO)
    cell, _ = row(tables.heatmap(run, run.dataset()), "Weight on the true steps")
    assert cell == "**0.50**<br>0–\u20601.0, 1 of 3 starts diverged"
    run.loss[0, 0] = NAN  # its weights are numbers, but the run diverged
    cell, _ = row(tables.heatmap(run, run.dataset()), "Weight on the true steps")
    assert cell == "**0**<br>2 of 3 starts diverged"
    run = with_weights([[NAN] * 4] * 3, **LAST_TWO)
    cell, _ = row(tables.heatmap(run, run.dataset()), "Entropy")
    assert cell == "**–**<br>every start diverged"


def test_without_known_steps_only_the_entropy_is_told():
    run = with_weights([[0.25] * 4], series_length=40, time_steps=4)
    found = tables.heatmap(run, run.dataset())
    assert row(found, "Entropy") == ["**1.0**<br>one start", "1"]
    assert found.count("\n") == 2
    assert tables.heatmap(None, run.dataset()).count("…<br>… – …") == 1


# --- the layers


def test_layers_are_listed_with_their_sum():
    rows = (LayerRow("x", "Input", (None, 20, 1), 0), LayerRow("output", "Dense", (None, 1), 11))
    run = dataclasses.replace(run_that_misses_by([0.1]), layers=rows)
    found = tables.layers(run)
    assert row(found, "Input") == ["(None, 20, 1)", "0"]
    assert row(found, "Dense") == ["(None, 1)", "11"]
    assert row(found, "**Total**") == ["", "**11**"]
    assert tables.layers(None).count("| … | … | … |") == 3


@pytest.mark.parametrize("table", [tables.scores(None, None, []), tables.metrics({"Plain": None})])
def test_tables_have_as_many_cells_in_every_row(table):
    assert len({line.count("|") for line in table.splitlines()}) == 1
