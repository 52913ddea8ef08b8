"""A pinned run is drawn beside the others, as an outline, under its name."""

import dataclasses

import numpy as np
import pytest

from fibattn import figures
from fibattn.figures.colours import ATTENTION as ATTENTION_COLOUR
from fibattn.judge.pinned import Pinned
from tests.figures.made import (
    ATTENTION,
    BASELINES,
    DATASET,
    PLAIN,
    SMALL,
    a_run,
    check_sound,
    losses,
    swapped,
    trace,
    traces,
)

LONGER = SMALL | {"epochs": 9, "units": 5}
PINNED = Pinned(a_run(seed=3, **LONGER), a_run("dot", seed=4, **LONGER), same_data=True)


def of_losses(pinned, plain=PLAIN, attention=ATTENTION):
    return figures.loss_curves(losses(plain), losses(attention), 4, pinned)


def of_scores(pinned, plain=PLAIN, attention=ATTENTION):
    return figures.scores(plain, attention, BASELINES, pinned)


def of_predictions(pinned, plain=PLAIN, attention=ATTENTION):
    return figures.predicted_against_true(plain, attention, DATASET, 0, pinned)


EVERY = [of_losses, of_scores, of_predictions]


def named(figure):
    return {each.name for each in figure.data if each.name and "pinned" in each.name}


def test_errors_with_other_weights_stand_above_those_of_the_same_kind():
    run, errors = PINNED.attention, swapped(PINNED.attention)
    picture = figures.swapped_errors(ATTENTION, swapped(ATTENTION), (run, errors))
    check_sound(picture.figure)
    (dots,) = [each for each in traces(picture.figure, "trained, pinned") if len(each.x) == 5]
    assert 2 < min(dots.y) == max(dots.y) < 2.6 == picture.figure.layout.yaxis.range[1]
    np.testing.assert_allclose(dots.x, np.log10(errors["trained"]), rtol=1e-4)
    assert "Pinned: trained" in picture.alt


@pytest.mark.parametrize("draw", EVERY)
def test_it_is_drawn_beside_those_of_the_page_and_in_the_alt(draw):
    picture, without = draw(PINNED), draw(None)
    check_sound(picture.figure)
    assert named(picture.figure) >= {"Plain, pinned", "Attention, pinned"}
    assert not named(without.figure)
    assert "pinned" in picture.alt.lower() and "pinned" not in without.alt
    assert picture.figure.layout.height == without.figure.layout.height
    same = {each.name for each in without.figure.data}
    assert same <= {each.name for each in picture.figure.data}


@pytest.mark.parametrize("draw", EVERY)
def test_also_while_those_of_the_page_are_trained(draw):
    picture = draw(PINNED, None, None)
    check_sound(picture.figure)
    assert "Attention, pinned" in named(picture.figure)


@pytest.mark.parametrize("draw", EVERY)
def test_a_plain_network_that_is_the_page_s_own_is_not_drawn_twice(draw):
    assert "Plain, pinned" not in named(draw(dataclasses.replace(PINNED, plain=None)).figure)


@pytest.mark.parametrize("draw", EVERY)
def test_one_that_diverged_breaks_nothing(draw):
    lost = a_run("article", [np.nan, np.inf, 0.0], seed=5, **SMALL)
    check_sound(draw(Pinned(None, lost, same_data=True)).figure)


def test_losses_are_dotted_medians_on_an_axis_as_long_as_the_longer_run():
    figure = of_losses(PINNED).figure
    line = trace(figure, "Attention, pinned")
    assert (line.line.dash, line.line.color) == ("dot", ATTENTION_COLOUR)
    np.testing.assert_allclose(line.y, np.median(PINNED.attention.val_loss, axis=1), rtol=1e-5)
    assert figure.layout.xaxis.range == (0.5, 9.5)
    assert trace(figure, "pinned").line.dash == "dot"  # in the legend


def test_errors_stand_in_rows_of_their_own_without_a_filling():
    figure = of_scores(PINNED).figure
    assert figure.layout.yaxis.ticktext == ("Plain", "pinned", "Attention", "pinned")
    assert figure.layout.yaxis.tickvals == (3, 2, 1, 0)
    places = {name: set(trace(figure, name).y) for name in ("Attention", "Attention, pinned")}
    assert places == {"Attention": {1}, "Attention, pinned": {0}}
    assert trace(figure, "Attention, pinned").marker.color.endswith(",0)")
    truth = DATASET.test_y
    errors = np.mean((PINNED.attention.test_predictions - truth) ** 2, axis=1)
    np.testing.assert_allclose(trace(figure, "Attention, pinned").x, np.log10(errors), rtol=1e-4)


def test_predictions_are_rings_and_none_where_the_windows_are_others():
    figure = of_predictions(PINNED).figure
    for dots in traces(figure, "Attention, pinned"):
        assert dots.marker.symbol.endswith("-open")
    assert trace(figure, "pinned").marker.symbol == "circle-open"  # in the legend
    others = dataclasses.replace(PINNED, same_data=False)
    assert not named(of_predictions(others).figure)
    assert named(of_losses(others).figure) and named(of_scores(others).figure)


def test_in_pairs_its_dots_are_outlined_in_a_column_of_their_own():
    runs = {"Plain": PLAIN, "Pinned": PINNED.attention, "Attention": ATTENTION}
    picture = figures.paired_starts(runs, BASELINES)
    check_sound(picture.figure)
    assert picture.figure.layout.xaxis.ticktext == ("Plain", "Pinned", "Attention")
    dots = trace(picture.figure, "Pinned")
    assert set(dots.x) == {1} and dots.marker.color.endswith(",0)")
    assert not trace(picture.figure, "Attention").marker.color.endswith(",0)")
    assert "Pinned" in picture.alt
