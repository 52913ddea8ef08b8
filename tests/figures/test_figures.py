"""Figures show what the arrays hold, keep their axes, and survive whatever training leaves."""

import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.figures import colours
from fibattn.judge import evaluation
from fibattn.network.catalogue import attention_layers
from fibattn.run import Run
from fibattn.tasks import TASKS

CEILING = attention_layers()["article"].ceiling
ODD = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.5, 1e30, 1e-30, 0.3])


def a_run(attention=None, fill=None, seed=0, **choices):
    experiment = Experiment(attention=attention, **choices)
    random = np.random.default_rng(seed)
    repeats, epochs = experiment.repeats, experiment.epochs

    def some(*shape):
        values = random.normal(0.2, 0.3, size=shape).astype(np.float32)
        if fill:
            odd = random.random(shape) < 0.3
            values[odd] = random.choice(np.array(fill, np.float32), size=int(odd.sum()))
        return values

    def weights(windows):
        if not attention:
            return np.zeros((repeats, windows, 0), np.float32)
        scores = np.exp(random.uniform(-1, 1, (repeats, windows, experiment.time_steps)))
        return (scores / scores.sum(-1, keepdims=True)).astype(np.float32)

    return Run(
        experiment,
        loss=np.abs(some(epochs, repeats)),
        val_loss=np.abs(some(epochs, repeats)),
        weights=(),
        train_predictions=some(repeats, experiment.train_windows),
        test_predictions=some(repeats, experiment.test_windows),
        test_attention=weights(experiment.test_windows),
        layers=(),
    )


SMALL = {"series_length": 60, "time_steps": 6, "epochs": 4, "repeats": 3}
PLAIN, ATTENTION = a_run(**SMALL), a_run("article", seed=1, **SMALL)
DATASET = PLAIN.dataset()
BASELINES = evaluation.baselines(PLAIN.experiment)


def losses(run):
    return None if run is None else (run.loss, run.val_loss)


def history(run):
    return np.concatenate([run.test_attention[None, :, 0]] * (run.experiment.epochs + 1))


def errors(plain, attention):
    runs = {"Plain": plain, "Uniform weights": plain, "Attention": attention}
    return {name: evaluation.test_mse(run).values if run else None for name, run in runs.items()}


def all_figures(plain, attention, experiment, chosen=0):
    dataset, epochs, steps = experiment.dataset(), experiment.epochs, experiment.time_steps
    baselines = evaluation.baselines(experiment)
    past = None if attention is None else history(attention)
    return {
        "loss": figures.loss_curves(losses(plain), losses(attention), epochs),
        "scores": figures.scores(plain, attention, baselines),
        "predicted": figures.predicted_against_true(plain, attention, dataset, chosen),
        "windows": figures.attention_windows(attention, dataset, chosen),
        "chosen": figures.chosen_window(plain, attention, dataset, chosen or 0),
        "epochs": figures.weights_over_epochs(past, steps, epochs, CEILING(steps)),
        "paired": figures.paired_starts(errors(plain, attention), baselines),
    } | ({"series": figures.series(dataset)} if dataset.series is not None else {})


def all_words(plain, attention, experiment):
    dataset = experiment.dataset()
    past = None if attention is None else history(attention)
    return [
        figures.loss_curves_alt(losses(plain), losses(attention)),
        figures.scores_alt(plain, attention, evaluation.baselines(experiment)),
        figures.predicted_against_true_alt(plain, attention, dataset),
        figures.attention_windows_alt(attention, dataset),
        figures.chosen_window_alt(plain, attention, dataset, 0),
        figures.weights_over_epochs_alt(past),
        figures.paired_starts_alt(errors(plain, attention)),
        *([figures.series_alt(dataset)] if dataset.series is not None else []),
    ]


def axes(figure):
    layout = figure.to_plotly_json()["layout"]
    return {name: axis for name, axis in layout.items() if re.match("[xy]axis", name)}


def check_sound(figure):
    """Its axes are fixed, finite and not empty, its height is set, and it is valid JSON."""
    json.loads(figure.to_json())
    assert figure.layout.height
    for axis in axes(figure).values():
        low, high = axis["range"]
        assert math.isfinite(low)
        assert math.isfinite(high)
        assert low < high
        assert len(axis.get("tickvals", [0])) <= 14


def words_on(figure):
    return " ".join(note.text for note in figure.layout.annotations)


def traces(figure, name):
    return [trace for trace in figure.data if trace.name == name]


# --- all of them


@settings(deadline=None, max_examples=25)
@given(
    fill=st.lists(ODD, min_size=1, max_size=4),
    seed=st.integers(0, 99),
    repeats=st.integers(1, 4),
    epochs=st.integers(1, 12),
    steps=st.sampled_from([2, 7, 20, 31]),
    task=st.sampled_from(sorted(set(TASKS) - {"csv"})),
    have=st.tuples(st.booleans(), st.booleans()),
    chosen=st.none() | st.integers(0, 5),
)
@pytest.mark.filterwarnings("error")
def test_no_numbers_break_a_figure(fill, seed, repeats, epochs, steps, task, have, chosen):
    choices = {
        "task": task,
        "series_length": steps + 30,
        "time_steps": max(steps, TASKS[task].shortest_window),
        "epochs": epochs,
        "repeats": repeats,
    }
    if "scaling" in TASKS[task].knobs and seed % 2:
        choices["scaling"] = "log"
    plain = a_run(None, fill, seed, **choices) if have[0] else None
    attention = a_run("article", fill, seed + 1, **choices) if have[1] else None
    experiment = Experiment(**choices)
    for figure in all_figures(plain, attention, experiment, chosen).values():
        check_sound(figure)
    for words in all_words(plain, attention, experiment):
        assert words.endswith(".")
        assert "nan" not in words


def test_the_longest_series_fits():
    for figure in all_figures(None, None, Experiment(series_length=1475)).values():
        check_sound(figure)


@pytest.mark.filterwarnings("error")
def test_nothing_jumps_when_results_arrive():
    empty = all_figures(None, None, PLAIN.experiment)
    full = all_figures(PLAIN, ATTENTION, PLAIN.experiment)
    for name, figure in full.items():
        assert figure.layout.height == empty[name].layout.height
        assert figure.layout.margin == empty[name].layout.margin
        assert figure.layout.uirevision == empty[name].layout.uirevision
        assert axes(figure)["xaxis"]["range"] == axes(empty[name])["xaxis"]["range"] or (
            name in ("scores", "paired")  # random predictions lie elsewhere than trained ones
        )
        if name != "series":
            assert "waiting" in words_on(empty[name])
            assert "waiting" not in words_on(figure)


def test_figures_at_the_defaults_are_small():
    plain, attention = a_run(repeats=5), a_run("article", repeats=5)
    for name, figure in all_figures(plain, attention, plain.experiment).items():
        figure.layout.template = None
        assert len(figure.to_json()) < 150_000, name


def contrast(colour, ground):
    def light(hexadecimal):
        parts = [int(hexadecimal[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))

    low, high = sorted((light(colour), light(ground)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("ground", ["#FDFCF9", "#11161D"])
@pytest.mark.parametrize("name", ["PLAIN", "ATTENTION", "BASELINE", "SERIES", "TRUTH", "UNIFORM"])
def test_colours_stand_out_in_light_and_dark(name, ground):
    assert contrast(getattr(colours, name), ground) >= 3


# --- each


def test_the_loss_line_is_the_median_and_the_band_the_range():
    figure = figures.loss_curves(losses(PLAIN), losses(ATTENTION), 9)
    (line,) = traces(figure, "Plain, test")
    np.testing.assert_allclose(line.y, np.median(PLAIN.val_loss, axis=1), rtol=1e-6)
    band = figure.data[0]
    np.testing.assert_allclose(band.y[:4], PLAIN.val_loss.max(axis=1), rtol=1e-6)
    np.testing.assert_allclose(band.y[4:][::-1], PLAIN.val_loss.min(axis=1), rtol=1e-6)
    assert list(figure.layout.xaxis.range) == [0.5, 9.5]
    assert figure.layout.yaxis.type == "log"
    assert traces(figure, "Plain, train")[0].line.dash == "solid"
    assert line.line.dash == "dash"


@pytest.mark.filterwarnings("error")
def test_losses_that_a_log_axis_cannot_show_leave_gaps():
    bad = np.array([[0.1], [0.0], [np.nan], [np.inf], [0.2]])
    (line,) = traces(figures.loss_curves((bad, bad), None, 5), "Plain, test")
    np.testing.assert_array_equal(np.isnan(line.y), [False, True, True, True, False])
    assert "markers" in line.mode  # a point between gaps has no line


def test_a_single_epoch_is_a_dot_and_none_is_a_wait():
    one = (PLAIN.loss[:1], PLAIN.val_loss[:1])
    assert "markers" in traces(figures.loss_curves(one, None, 30), "Plain, train")[0].mode
    none = (PLAIN.loss[:0], PLAIN.val_loss[:0])
    assert "waiting" in words_on(figures.loss_curves(none, none, 30))


@pytest.mark.parametrize("repeats", [1, 3, 4])
def test_every_start_is_a_dot_at_its_error(repeats):
    run = a_run("article", **SMALL | {"repeats": repeats})
    figure = figures.scores(PLAIN, run, BASELINES)
    (dots,) = traces(figure, "Attention")
    mses = np.array(evaluation.test_mse(run).values)
    np.testing.assert_allclose(dots.x, np.log10(mses))
    (median,) = traces(figure, "Attention, median")
    assert median.x[0] == pytest.approx(np.log10(np.median(mses)))


def test_the_far_baseline_is_named_at_the_edge_and_does_not_stretch_the_axis():
    figure = figures.scores(PLAIN, ATTENTION, BASELINES)
    low, high = figure.layout.xaxis.range
    assert high - low < 10
    assert re.search("← sum of the last two: .*10⁻³", words_on(figure))
    assert traces(figure, "always 0")
    assert traces(figure, "the last value")


def test_points_stand_at_their_magnitudes_and_carry_their_window():
    figure = figures.predicted_against_true(PLAIN, None, DATASET, 2)
    median = DATASET.unscale(np.median(PLAIN.test_predictions.astype(float), axis=0))
    bottom = figure.layout.yaxis.range[0]
    seen = []
    for trace in traces(figure, "Plain"):
        for point, x, y in zip(trace.customdata or (), trace.x, trace.y, strict=False):
            window = point[0]
            assert type(window) is int
            seen.append(window)
            assert x == pytest.approx(np.log10(DATASET.unscale(DATASET.test_y)[window]), abs=1e-5)
            if median[window] > 0:
                assert trace.marker.symbol == "circle"
                assert y == pytest.approx(np.log10(median[window]), abs=1e-5)
            else:
                assert trace.marker.symbol == "triangle-down"
                assert bottom < y < 0
    assert sorted(seen) == list(range(len(median)))
    (ring,) = traces(figure, "chosen window")
    assert ring.x[0] == pytest.approx(np.log10(DATASET.unscale(DATASET.test_y)[2]))


def test_of_very_many_windows_an_even_selection_is_drawn_and_said():
    run = a_run(series_length=1200)
    data = run.dataset()
    chosen = 7
    figure = figures.predicted_against_true(run, None, data, chosen)
    drawn = {p[0] for trace in traces(figure, "Plain") for p in trace.customdata or ()}
    assert 100 <= len(drawn) <= 130
    assert {chosen, int(np.argmax(data.test_y)), int(np.argmin(data.test_y))} <= drawn
    said = figure.layout.xaxis.title.text
    assert f"{len(drawn)} of {len(data.test_y)} test windows" in said


def test_predictions_below_the_axis_are_counted_in_words():
    median = np.median(PLAIN.test_predictions.astype(float), axis=0)
    lost = int(np.sum(DATASET.unscale(median) <= 0))
    assert lost
    figure = figures.predicted_against_true(PLAIN, None, DATASET, None)
    assert f"zero or negative: Plain {lost}" in words_on(figure)
    assert f"{lost} of {len(median)} are zero" in figures.predicted_against_true_alt(
        PLAIN, None, DATASET
    )


def test_the_heatmap_s_rows_are_the_windows_by_target():
    figure = figures.attention_windows(ATTENTION, DATASET, 5)
    cells = figure.data[0]
    order = np.argsort(DATASET.test_y)
    np.testing.assert_allclose(
        cells.z, np.median(ATTENTION.test_attention, axis=0)[order], atol=6e-5
    )
    assert (cells.zmin, cells.zmax) == (0, pytest.approx(CEILING(6)))
    row = order.tolist().index(5)
    assert figure.layout.shapes[0].y0 < row < figure.layout.shapes[0].y1


def test_the_scale_of_weights_marks_uniform_and_ceiling():
    for figure in (
        figures.attention_windows(None, DATASET, None),
        figures.weights_over_epochs(history(ATTENTION), 6, 4, CEILING(6)),
    ):
        (bar,) = [t.marker.colorbar for t in figure.data if t.type == "scatter"]
        assert bar.tickvals == pytest.approx((0, 1 / 6, CEILING(6)))
        assert [words.split("<br>")[0] for words in bar.ticktext] == ["0", "1/T", "ceiling"]


def test_without_a_ceiling_the_scale_ends_at_the_largest_weight():
    past = np.full((2, 3, 4), 0.1)
    past[..., 1] = 0.7
    figure = figures.weights_over_epochs(past, 4, 1, 1.0)
    assert figure.data[0].zmax == pytest.approx(0.7)


def test_the_chosen_window_shows_its_values_weights_and_predictions():
    figure = figures.chosen_window(PLAIN, ATTENTION, DATASET, 3)
    np.testing.assert_array_equal(traces(figure, "values")[0].y, DATASET.test_x[3, :, 0])
    assert traces(figure, "target")[0].y[0] == DATASET.test_y[3]
    (weights,) = traces(figure, "weight")
    of_starts = ATTENTION.test_attention[:, 3].astype(float)
    np.testing.assert_allclose(weights.y, np.median(of_starts, axis=0))
    np.testing.assert_allclose(weights.y + weights.error_y.array, of_starts.max(axis=0))
    np.testing.assert_allclose(weights.y - weights.error_y.arrayminus, of_starts.min(axis=0))
    assert traces(figure, "Plain")[0].y[0] == np.median(PLAIN.test_predictions[:, 3].astype(float))
    levels = [shape.y0 for shape in figure.layout.shapes]
    assert levels == pytest.approx([1 / 6, CEILING(6)])


def test_drowned_inputs_are_marked_not_dropped():
    dataset = Experiment().dataset()
    first = int(evaluation.window_order(dataset)[0])
    figure = figures.chosen_window(None, None, dataset, first)
    assert "20 of 20 inputs are exactly 0" in words_on(figure)
    rings = [t for t in figure.data if t.type == "scatter" and t.marker.symbol == "circle-open"]
    assert len(rings[0].x) == 21  # the target is 0 too


def test_the_series_figure_says_what_scaling_leaves():
    dataset = Experiment().dataset()
    scaled = dataset.series / dataset.series.max()
    assert f"{np.sum(scaled < 0.01)} of 1200 below 0.01" in words_on(figures.series(dataset))
    straight = figures.series(Experiment(scaling="log").dataset()).data[1]
    assert np.abs(np.diff(straight.y, 2)).max() < 1e-3


def test_step_ticks_name_the_first_and_the_last_step():
    for steps in (2, 3, 20, 60):
        dataset = Experiment(time_steps=steps).dataset()
        words = figures.chosen_window(None, None, dataset, 0).layout.xaxis.ticktext
        assert words[0] == evaluation.step_labels(steps)[0]
        assert words[-2:] == ("t", "t+1")
        assert len(words) <= 10


def test_lines_join_the_dots_of_one_start():
    found = {"Plain": (1e-3, 1e-4), "Uniform weights": (1e-2, 1e-2), "Attention": (1e-5, 1e-1)}
    figure = figures.paired_starts(found, BASELINES)
    joins = figure.data[0]
    columns = [np.array(trace.y) for trace in figure.data if trace.mode == "markers"]
    assert len(columns) == 3
    for start in range(2):
        line = np.array(joins.y)[4 * start : 4 * start + 3]
        assert line.tolist() == [column[start] for column in columns]
        assert line == pytest.approx([math.log10(values[start]) for values in found.values()])
    words = words_on(figure)
    for baseline in BASELINES:
        assert baseline.label in words
