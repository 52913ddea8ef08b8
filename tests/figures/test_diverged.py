"""A start that diverged is left out of every figure's medians, counted, and named in words."""

import numpy as np
import pytest

from fibattn import figures
from tests.figures.made import (
    ATTENTION,
    BASELINES,
    DATASET,
    PLAIN,
    changed,
    losses,
    swapped,
    trace,
    traces,
    words_on,
)

LOST = 2
KEPT = [0, 1, 3, 4]
ONE = "1 of 5 starts diverged"
EVERY = "every start diverged"


def spoilt(array, starts, value, axis=0):
    """Return the array with a value in the place of some starts' numbers."""
    copy = array.copy()
    np.moveaxis(copy, axis, 0)[starts] = value
    return copy


def wholly(run, starts, value=np.nan):
    return changed(
        run,
        loss=spoilt(run.loss, starts, value, 1),
        val_loss=spoilt(run.val_loss, starts, value, 1),
        train_predictions=spoilt(run.train_predictions, starts, value),
        test_predictions=spoilt(run.test_predictions, starts, value),
        test_attention=spoilt(run.test_attention, starts, value),
    )


def in_one_prediction(run, starts):
    """All weights, and all other predictions, of these starts are finite."""
    predictions = run.test_predictions.copy()
    for start in starts:
        predictions[start, 11] = np.nan
    return changed(run, test_predictions=predictions)


def in_a_training_prediction(run, starts):
    """All that belongs to the test windows is finite."""
    predictions = run.train_predictions.copy()
    predictions[starts, 3] = np.inf
    return changed(run, train_predictions=predictions)


WAYS = {
    "all of it NaN": wholly,
    "all of it infinite": lambda run, starts: wholly(run, starts, np.inf),
    "one NaN among the predictions": in_one_prediction,
    "one infinite training prediction": in_a_training_prediction,
}


@pytest.fixture(params=WAYS.values(), ids=WAYS)
def spoil(request):
    return request.param


def mse(run):
    return np.mean((run.test_predictions.astype(float) - DATASET.test_y) ** 2, axis=1)


def scores(plain, attention):
    return figures.scores(plain, attention, BASELINES)


def paired(plain, attention):
    return figures.paired_starts({"Plain": plain, "Attention": attention}, BASELINES)


def predictions(plain, attention):
    return figures.predicted_against_true(plain, attention, DATASET, 4)


def swap(plain, attention):
    return figures.swapped_errors(attention, swapped(attention))


ALL = [scores, paired, predictions, swap]
# The others are of the network with attention alone.
OF_BOTH = [scores, paired, predictions]


# --- what is said


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("picture", ALL)
def test_the_note_and_the_alt_name_the_count(picture, spoil):
    for run, count in ((spoil(ATTENTION, [LOST]), ONE), (ATTENTION, None)):
        found = picture(PLAIN, run)
        for said in (words_on(found.figure), found.alt):
            assert (ONE in said) == (count is ONE)
            assert "not a number" not in said
            assert "waiting" not in said


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("picture", ALL)
def test_where_every_start_diverged_the_figure_says_so(picture, spoil):
    found = picture(PLAIN, spoil(ATTENTION, [0, 1, 2, 3, 4]))
    assert EVERY in words_on(found.figure)
    assert EVERY in found.alt.lower()
    for said in (words_on(found.figure), found.alt):
        assert "waiting" not in said
        assert "not a number" not in said


@pytest.mark.parametrize("picture", OF_BOTH)
def test_the_network_is_named_in_the_alt(picture):
    one, all_five = wholly(PLAIN, [LOST]), wholly(ATTENTION, [0, 1, 2, 3, 4])
    assert "Plain: 1 of 5 starts diverged; Attention: every start diverged." in (
        picture(one, all_five).alt
    )
    assert "Plain: every start diverged; Attention: 1 of 5 starts diverged." in (
        picture(wholly(PLAIN, [0, 1, 2, 3, 4]), wholly(ATTENTION, [LOST])).alt
    )


# --- what is drawn


def test_scores_have_the_median_of_the_others_and_a_marker_at_the_edge(spoil):
    figure = scores(PLAIN, spoil(ATTENTION, [LOST])).figure
    assert trace(figure, "Attention, median").x[0] == pytest.approx(
        np.log10(np.median(mse(ATTENTION)[KEPT]))
    )
    dots = trace(figure, "Attention")
    assert dots.marker.symbol == ("circle", "circle", "triangle-right", "circle", "circle")
    assert dots.x[LOST] == figure.layout.xaxis.range[1]
    assert dots.text[LOST] == "diverged"
    np.testing.assert_allclose(dots.x[KEPT], np.log10(mse(ATTENTION)[KEPT]), rtol=1e-6)
    (note,) = [note for note in figure.layout.annotations if note.text == ONE]
    assert note.y == 0  # at the row of attention
    other = scores(spoil(PLAIN, [LOST]), ATTENTION).figure
    (note,) = [note for note in other.layout.annotations if note.text == ONE]
    assert note.y == 1  # at the row of plain


def test_paired_starts_have_the_median_of_the_others_and_a_marker_at_the_edge(spoil):
    figure = paired(spoil(PLAIN, [LOST]), ATTENTION).figure
    assert trace(figure, "Plain, median").y[0] == pytest.approx(
        np.log10(np.median(mse(PLAIN)[KEPT]))
    )
    dots = trace(figure, "Plain")
    assert dots.marker.symbol == ("circle", "circle", "triangle-up", "circle", "circle")
    top = int(dots.y[LOST])
    assert top == max(int(value) for value in figure.layout.yaxis.tickvals)
    # Its line still joins it to the same start of the other network.
    line = trace(figure, "the same start")
    assert line.y[3 * LOST : 3 * LOST + 2] == pytest.approx([top, np.log10(mse(ATTENTION)[LOST])])
    (note,) = [note for note in figure.layout.annotations if "diverged" in note.text]
    assert (note.x, note.xref) == (0, "x")  # under the column of plain


def test_predictions_are_the_medians_of_the_others(spoil):
    figure = predictions(spoil(PLAIN, [LOST]), None).figure
    median = DATASET.unscale(np.median(PLAIN.test_predictions[KEPT].astype(float), axis=0))
    heights = {
        point[0]: y
        for dots in traces(figure, "Plain")
        if dots.marker.symbol == "circle"
        for point, y in zip(dots.customdata or (), dots.y, strict=False)
    }
    assert sorted(heights) == np.flatnonzero(median > 0).tolist()
    for window, y in heights.items():
        assert y == pytest.approx(np.log10(median[window]), abs=1e-5)


def test_one_start_that_diverged_makes_no_prediction_zero_or_negative():
    fine = changed(PLAIN, test_predictions=np.abs(PLAIN.test_predictions) + 0.01)
    found = predictions(wholly(fine, [LOST]), wholly(fine, [0, 1, 2, 3, 4]))
    assert "zero or negative" not in words_on(found.figure)
    assert "Plain: 0 of 17 are zero or negative" in found.alt
    assert "Attention: 0" not in found.alt
    assert not [t for t in traces(found.figure, "Attention") if t.customdata is not None]
    assert len(traces(found.figure, "chosen window")) == 1  # of plain


def test_swapped_errors_have_the_medians_of_the_others_and_markers_at_the_edge(spoil):
    found = swap(None, spoil(ATTENTION, [LOST]))
    errors = {name: np.array(values) for name, values in swapped(ATTENTION).items()}
    for name, values in errors.items():
        middle = np.median(values[KEPT])
        assert trace(found.figure, f"{name}, median").x[0] == pytest.approx(np.log10(middle))
        dots = trace(found.figure, name)
        assert dots.marker.symbol[LOST] == "triangle-right"
        assert dots.x[LOST] == found.figure.layout.xaxis.range[1]
    assert words_on(found.figure).count(ONE) == 3
    lower = int(np.sum(errors["trained"][KEPT] < errors["uniform"][KEPT]))
    assert f"than uniform in {lower} of 4 starts" in found.alt


def test_a_start_with_an_infinite_swapped_error_is_left_out_of_every_row():
    errors = {"trained": (0.1, 0.2, 0.4, 0.3, 0.5), "permuted": (0.2, np.inf, 0.1, 0.1, 0.1)}
    found = figures.swapped_errors(ATTENTION, errors)
    assert "trained 0.35 (0.10 to 0.50); permuted 0.10 (0.10 to 0.20)" in found.alt
    assert "Trained is better than permuted in 1 of 4 starts. 1 of 5 starts diverged." in found.alt


# --- losses, of which no run is known


def test_a_start_with_a_loss_that_is_not_finite_is_left_out_of_all_curves():
    for part, value in ((0, np.nan), (1, np.inf)):
        arrays = [PLAIN.loss.copy(), PLAIN.val_loss.copy()]
        arrays[part][2, LOST] = value  # in one of both, in one epoch
        found = figures.loss_curves(tuple(arrays), losses(ATTENTION), 4)
        for name, array in (("train", PLAIN.loss), ("test", PLAIN.val_loss)):
            middle = np.median(array[:, KEPT].astype(float), axis=1)
            np.testing.assert_allclose(trace(found.figure, f"Plain, {name}").y, middle, rtol=1e-6)
        band = found.figure.data[0]
        np.testing.assert_allclose(band.y[:4], PLAIN.val_loss[:, KEPT].max(axis=1), rtol=1e-6)
        np.testing.assert_allclose(band.y[4:][::-1], PLAIN.val_loss[:, KEPT].min(axis=1), rtol=1e-6)
        middle = np.median(ATTENTION.val_loss.astype(float), axis=1)
        np.testing.assert_allclose(trace(found.figure, "Attention, test").y, middle, rtol=1e-6)
        assert words_on(found.figure) == "Plain: 1 of 5 starts diverged"
        assert found.alt.endswith("Plain: 1 of 5 starts diverged.")


def test_losses_of_a_start_that_diverged_do_not_stretch_the_axis():
    train, test = PLAIN.loss.copy(), PLAIN.val_loss.copy()
    train[1:, LOST], test[1:, LOST] = (1e20, 1e25, np.inf), (1e21, np.nan, np.nan)
    axis = figures.loss_curves((train, test), None, 4).figure.layout.yaxis
    assert axis.range[1] <= 1


@pytest.mark.filterwarnings("error")
def test_where_every_start_diverged_the_finite_losses_are_drawn():
    train = np.array([[0.1, 0.3, 0.2], [0.5, np.nan, 0.7], [np.inf, np.nan, np.nan]])
    test = 2 * train
    found = figures.loss_curves((train, test), None, 5)
    np.testing.assert_allclose(trace(found.figure, "Plain, train").y, [0.2, 0.6, np.nan])
    np.testing.assert_allclose(trace(found.figure, "Plain, test").y, [0.4, 1.2, np.nan])
    np.testing.assert_allclose(found.figure.data[0].y, [0.6, 1.4, 1.0, 0.2], rtol=1e-6)
    assert words_on(found.figure) == "Plain: every start diverged"
    assert found.alt == "Loss over the epochs. Plain: every start diverged."


@pytest.mark.filterwarnings("error")
def test_without_any_finite_loss_nothing_is_drawn_and_that_is_said():
    never = np.full((2, 3), np.nan)
    found = figures.loss_curves(losses(PLAIN), (never, never), 4)
    assert np.isnan(trace(found.figure, "Attention, test").y).all()
    assert words_on(found.figure) == "Attention: every start diverged"
    assert "Plain is at" in found.alt
    assert "Attention is at" not in found.alt
