"""Every figure stands up to whatever training leaves, says what it shows, and keeps its axes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fibattn import figures
from fibattn.experiment import Experiment
from fibattn.figures import Picture, colours
from fibattn.tasks import TASKS
from tests.figures.made import ATTENTION, PLAIN, a_run, all_pictures, axes, check_sound, words_on

ODD = st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.5, 1e30, 1e-30, 0.3])


def test_every_figure_is_looked_at_here():
    functions = [name for name in figures.__all__ if name != "Picture"]
    assert len(all_pictures(PLAIN, ATTENTION, PLAIN.experiment)) == len(functions) == 7


@settings(max_examples=25)
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
    for name, picture in all_pictures(plain, attention, experiment, chosen).items():
        assert isinstance(picture, Picture), name
        check_sound(picture.figure)
        assert picture.alt.endswith(".")
        for said in (picture.alt, words_on(picture.figure)):
            assert not any(odd in said for odd in ("nan", "not a number", "∞", "..", "  ")), name


def test_the_longest_series_fits():
    for picture in all_pictures(None, None, Experiment(series_length=1475)).values():
        check_sound(picture.figure)


@pytest.mark.filterwarnings("error")
def test_nothing_jumps_when_results_arrive():
    empty = all_pictures(None, None, PLAIN.experiment)
    full = all_pictures(PLAIN, ATTENTION, PLAIN.experiment)
    for name in full:
        before, after = empty[name].figure, full[name].figure
        assert after.layout.height == before.layout.height
        assert after.layout.margin == before.layout.margin
        assert after.layout.uirevision == before.layout.uirevision
        # Random predictions lie elsewhere than trained ones.
        assert axes(after)["xaxis"]["range"] == axes(before)["xaxis"]["range"] or name == "scores"
        if name != "series":
            assert "waiting" in words_on(before)
            assert "waiting" not in words_on(after)
            assert ("no result yet" in empty[name].alt) == (name not in ("scores", "chosen"))
            assert "no result yet" not in full[name].alt


def test_figures_at_the_defaults_are_small():
    plain, attention = a_run(repeats=5), a_run("article", repeats=5)
    for name, picture in all_pictures(plain, attention, plain.experiment).items():
        figure = picture.figure
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
