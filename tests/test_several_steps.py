"""More than one step ahead: the values, not only the shapes, of targets, runs and baselines."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest

from fibattn import Experiment, Run
from fibattn.judge import baselines as baselines_module
from fibattn.judge import errors as errors_module
from fibattn.judge.pinned import Pinned
from fibattn.tasks.file import Table
from tests.tasks.test_tasks import a_table

STEPS, AHEAD, ROWS = 12, 3, 60
SPLITS = ["shuffled", "chronological"]
SERIES = {
    "fibonacci, linear": {"task": "fibonacci"},
    "fibonacci, linear-train": {"task": "fibonacci", "scaling": "linear-train"},
    "fibonacci, log": {"task": "fibonacci", "scaling": "log"},
    "sunspots": {"task": "sunspots"},
    "csv": {"task": "csv"},
}


def experiment(name: str, split: str, horizon: int = AHEAD, steps: int = STEPS) -> Experiment:
    table = a_table(ROWS) if name == "csv" else None
    return Experiment(
        series_length=ROWS,
        time_steps=steps,
        horizon=horizon,
        split=split,
        table=table,
        **SERIES[name],
    )


def a_run(attention: str | None = "dot", decoder: str = "direct") -> Run:
    """A run whose every prediction and weight is another number."""
    made = experiment("sunspots", "chronological").replace(
        attention=attention, decoder=decoder, repeats=2
    )
    ahead = (AHEAD,) if decoder == "recurrent" else ()
    steps = STEPS if attention else 0
    sizes = {"train": made.train_windows, "test": made.test_windows}
    random = np.random.default_rng(1 if attention else 2)
    arrays = {
        "train_predictions": random.random((2, sizes["train"], AHEAD)),
        "test_predictions": random.random((2, sizes["test"], AHEAD)),
        "test_attention": random.random((2, sizes["test"], *ahead, steps)),
    }
    fields = {field.name for field in dataclasses.fields(Run)}
    nothing = np.zeros((made.epochs, 2))
    given = {name: array for name, array in arrays.items() if name in fields}
    return Run(made, loss=nothing, val_loss=nothing, weights=(), layers=(), **given)


# --- one step of them


@pytest.mark.parametrize("ahead", range(AHEAD))
@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", SERIES)
def test_a_dataset_at_a_step_has_the_targets_of_that_step(name, split, ahead):
    data = experiment(name, split).dataset()
    numbers = np.asarray(data.series)
    at = data.at_step(ahead)
    rows = ROWS - STEPS - AHEAD + 1
    order = np.random.RandomState(13).permutation(rows) if split == "shuffled" else np.arange(rows)
    dealt = {"train": STEPS + order[: int(0.7 * rows)], "test": STEPS + order[int(0.7 * rows) :]}
    assert data.test_positions.tolist() == dealt["test"].tolist()
    for part, positions in dealt.items():
        wanted = [numbers[position + ahead] for position in positions]
        np.testing.assert_allclose(data.unscale(getattr(at, f"{part}_y")), wanted, rtol=1e-9)
        np.testing.assert_array_equal(getattr(at, f"{part}_x"), getattr(data, f"{part}_x"))
    assert at.scaling == data.scaling and at.features == data.features


def test_of_one_step_there_is_nothing_to_cut():
    data = experiment("sunspots", "shuffled", horizon=1).dataset()
    assert data.at_step(0).test_y.tolist() == data.test_y.tolist()
    assert data.at_step(0).train_y.tolist() == data.train_y.tolist()


@pytest.mark.parametrize("ahead", range(AHEAD))
def test_a_run_at_a_step_has_the_predictions_of_that_step(ahead):
    run = a_run()
    at = run.at_step(ahead)
    for name in ("train_predictions", "test_predictions"):
        whole = getattr(run, name)
        wanted = [[window[ahead] for window in start] for start in whole.tolist()]
        assert getattr(at, name).tolist() == wanted
    assert at.test_attention.tolist() == run.test_attention.tolist()  # one for all steps


@pytest.mark.parametrize("ahead", range(AHEAD))
def test_a_recurrent_decoder_s_weights_are_those_of_the_step(ahead):
    run = a_run(decoder="recurrent")
    at = run.at_step(ahead)
    wanted = [[window[ahead] for window in start] for start in run.test_attention.tolist()]
    assert at.test_attention.tolist() == wanted
    assert at.test_attention.shape == (2, run.experiment.test_windows, STEPS)
    wanted = [[window[ahead] for window in start] for start in run.test_predictions.tolist()]
    assert at.test_predictions.tolist() == wanted


@pytest.mark.parametrize("ahead", range(AHEAD))
def test_pinned_runs_at_a_step_are_both_at_that_step(ahead):
    plain, attention = a_run(attention=None), a_run()
    at = Pinned(plain, attention, same_data=True).at_step(ahead)
    for run, whole in ((at.plain, plain), (at.attention, attention)):
        assert run.test_predictions.tolist() == whole.test_predictions[..., ahead].tolist()
    assert at.same_data
    assert Pinned(None, attention, same_data=False).at_step(ahead).plain is None


@pytest.mark.parametrize("ahead", range(AHEAD))
def test_without_attention_there_are_no_weights_at_any_step(ahead):
    at = a_run(attention=None).at_step(ahead)
    assert at.test_attention.shape == (2, at.experiment.test_windows, 0)


@pytest.mark.parametrize("ahead", range(AHEAD))
def test_errors_at_a_step_are_those_of_that_step(ahead):
    run = a_run()
    at, data = run.at_step(ahead), run.dataset()
    for measure, predictions, truth in (
        (errors_module.train_mse, run.train_predictions, data.train_y),
        (errors_module.test_mse, run.test_predictions, data.test_y),
    ):
        wanted = [
            sum((p[ahead] - t[ahead]) ** 2 for p, t in zip(start, truth, strict=True)) / len(truth)
            for start in predictions
        ]
        np.testing.assert_allclose(measure(at, data.at_step(ahead)).values, wanted)


def test_errors_over_all_steps_are_their_mean():
    run = a_run()
    each = [
        errors_module.test_mse(run.at_step(k), run.dataset().at_step(k)).values
        for k in range(AHEAD)
    ]
    np.testing.assert_allclose(errors_module.test_mse(run).values, np.mean(each, axis=0))


# --- baselines go on from their own answers


def trivial(name: str, data, split: str) -> dict[str, Callable[[list[float]], float]]:
    """Each baseline of a task as a function of the numbers so far, scaled, oldest first."""
    mean = sum(data.train_y.ravel().tolist()) / data.train_y.size
    first = "always 0" if name.startswith("fibonacci") else "always the mean"
    found: dict[str, Callable[[list[float]], float]] = {
        first: lambda so_far: 0.0 if first == "always 0" else mean,
        "the last value": lambda so_far: so_far[-1],
    }
    if name == "sunspots":
        label = "the value 11 years before (or the window's first)"
        found[label] = lambda so_far: so_far[-min(11, STEPS)]
    return found


def error(rule: Callable[[list[float]], float], x: np.ndarray, y: np.ndarray) -> float:
    """The mean squared error of a rule that takes its own answers for the numbers it has seen."""
    squares = []
    for window, targets in zip(x[:, :, 0].tolist(), y.tolist(), strict=True):
        so_far = list(window)
        for target in targets:
            so_far.append(rule(so_far[-STEPS:]))
            squares.append((so_far[-1] - target) ** 2)
    return sum(squares) / len(squares)


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", SERIES)
def test_trivial_predictors_go_on_from_their_own_answers(name, split):
    made = experiment(name, split)
    data = made.dataset()
    found = {each.label: each for each in baselines_module.baselines(made)}
    for label, rule in trivial(name, data, split).items():
        assert found[label].train_mse == pytest.approx(error(rule, data.train_x, data.train_y))
        assert found[label].test_mse == pytest.approx(error(rule, data.test_x, data.test_y))
        assert not found[label].exact


@pytest.mark.parametrize("horizon", [2, 12])
@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("scaling", ["linear", "linear-train", "log"])
def test_the_exact_rule_stays_exact(scaling, split, horizon):
    made = experiment(f"fibonacci, {scaling}", split, horizon)
    rule = baselines_module.baselines(made)[-1]
    assert rule.exact and rule.label == "the sum of the last two"
    size = np.mean(made.dataset().test_y ** 2)
    assert rule.test_mse < 1e-20 * max(size, 1) and rule.train_mse < 1e-20


def test_at_one_step_ahead_there_is_nothing_to_go_on_from():
    made = experiment("sunspots", "chronological", horizon=1)
    data = made.dataset()
    last = next(each for each in baselines_module.baselines(made) if each.label == "the last value")
    assert last.test_mse == pytest.approx(np.mean((data.test_x[:, -1, 0] - data.test_y) ** 2))
    assert last.train_mse == pytest.approx(np.mean((data.train_x[:, -1, 0] - data.train_y) ** 2))


def test_the_mean_is_that_of_the_training_targets():
    """The two means differ by half of the scale: a file that steps up where testing begins."""
    values = np.r_[np.arange(40) % 2, 10 + np.arange(20) % 2].astype(float)
    table = Table("mine.csv", "a", (), values[:, None])
    made = Experiment(
        task="csv", table=table, series_length=60, time_steps=2, split="chronological"
    )
    data, mean = made.dataset(), baselines_module.baselines(made)[0]
    assert mean.label == "always the mean"
    for found, targets in ((mean.train_mse, data.train_y), (mean.test_mse, data.test_y)):
        wanted = sum((target - data.train_y.mean()) ** 2 for target in targets) / len(targets)
        assert found == pytest.approx(wanted)
    assert mean.test_mse > 4 * mean.train_mse and not math.isclose(
        data.train_y.mean(), data.test_y.mean(), rel_tol=0.5
    )
