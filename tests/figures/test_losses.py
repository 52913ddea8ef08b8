"""The loss curves show the medians over the starts, and the range of the test loss."""

import numpy as np
import pytest

from fibattn import figures
from tests.figures.made import ATTENTION, PLAIN, losses, ticks, trace, traces, words_on

# Medians, means, training and test loss, and both networks all differ.
TRAIN = np.array([[0.1, 0.2, 0.9], [0.01, 0.02, 0.09]])
TEST = np.array([[0.3, 0.4, 0.8], [0.03, 0.05, 0.08]])


def test_the_line_is_the_median_of_its_network_and_part():
    figure = figures.loss_curves((TRAIN, TEST), (10 * TRAIN, 10 * TEST), 2).figure
    for name, values in (
        ("Plain, train", [0.2, 0.02]),
        ("Plain, test", [0.4, 0.05]),
        ("Attention, train", [2, 0.2]),
        ("Attention, test", [4, 0.5]),
    ):
        line = trace(figure, name)
        np.testing.assert_allclose(line.y, values, rtol=1e-6)
        np.testing.assert_array_equal(line.x, [1, 2])
        assert line.line.dash == ("solid" if name.endswith("train") else "dash")
    assert trace(figure, "Plain, test").text == ("0.40 (0.30 to 0.80)", "0.050 (0.030 to 0.080)")
    assert trace(figure, "Plain, test").hovertemplate == (
        "Plain, test, epoch %{x}<br>median %{text}<extra></extra>"
    )
    assert trace(figure, "Plain").line.color == trace(figure, "Plain, test").line.color
    assert trace(figure, "Plain").line.color != trace(figure, "Attention").line.color


def test_the_band_is_the_range_of_the_test_loss():
    plain, attention = figures.loss_curves((TRAIN, TEST), (10 * TRAIN, 10 * TEST), 2).figure.data[
        :2
    ]
    np.testing.assert_array_equal(plain.x, [1, 2, 2, 1])
    np.testing.assert_allclose(plain.y, [0.8, 0.08, 0.03, 0.3], rtol=1e-6)
    np.testing.assert_allclose(attention.y, [8, 0.8, 0.3, 3], rtol=1e-6)


def test_a_single_start_has_no_band():
    assert len(figures.loss_curves((TRAIN[:, :1], TEST[:, :1]), None, 2).figure.data[0].x) == 0


def test_the_words_say_the_median_test_loss_after_the_last_epoch():
    alt = figures.loss_curves((TRAIN, TEST), (10 * TRAIN[:1], 10 * TEST[:1]), 2).alt
    assert alt == (
        "Loss over the epochs. Median test error over the random starts: Plain is at 0.050 after "
        "epoch 2, Attention is at 4.0 after epoch 1."
    )


def test_the_axes_have_names_and_all_epochs_from_the_start():
    layout = figures.loss_curves((TRAIN, TEST), None, 30).figure.layout
    assert layout.xaxis.title.text == "epoch"
    assert tuple(layout.xaxis.range) == (0.5, 30.5)
    assert layout.xaxis.tickvals == (1, 5, 10, 15, 20, 25, 30)
    assert layout.yaxis.title.text == "mean squared error"
    assert layout.yaxis.type == "log"
    assert tuple(layout.yaxis.range) == (-5, 0)
    assert ticks(layout.yaxis)[0.01] == "10⁻²"


@pytest.mark.filterwarnings("error")
def test_losses_that_a_log_axis_cannot_show_leave_gaps():
    nil = np.array([[0.1], [0.0], [0.0], [0.2]])
    line = trace(figures.loss_curves((nil, nil), None, 5).figure, "Plain, test")
    np.testing.assert_array_equal(np.isnan(line.y), [False, True, True, False])
    assert "markers" in line.mode  # a point between gaps has no line


def test_the_band_ends_at_the_smallest_loss_that_can_be_drawn():
    test = np.array([[0.0, 0.2, 0.4]])
    band = figures.loss_curves((test, test), None, 5).figure.data[0]
    np.testing.assert_allclose(band.y, [0.4, 0.2], rtol=1e-6)


def test_a_single_epoch_is_a_dot_and_none_is_a_wait():
    one = (PLAIN.loss[:1], PLAIN.val_loss[:1])
    assert "markers" in trace(figures.loss_curves(one, None, 30).figure, "Plain, train").mode
    none = (PLAIN.loss[:0], PLAIN.val_loss[:0])
    assert "waiting" in words_on(figures.loss_curves(none, none, 30).figure)


def test_one_network_alone_is_drawn_under_its_own_name():
    figure = figures.loss_curves(None, losses(ATTENTION), 4).figure
    assert not traces(figure, "Plain, test")
    assert trace(figure, "Attention, test")
