"""The scenes of the story are true: their settings are trained, and their words hold."""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from fibattn import Experiment, Run, model_of, train
from fibattn.atlas.file import shipped
from fibattn.experiment import KNOBS
from fibattn.judge import heatmap, metrics
from fibattn.judge.comparison import paired
from fibattn.judge.drowning import drowning
from fibattn.judge.errors import missed_magnitudes, test_mse
from fibattn.judge.windows import step_labels, window_order
from fibattn.lessons.story import PICTURES, Scene, story
from fibattn.network.catalogue import attention_layers
from fibattn.ui import sidebar, stage_address

SCENES = list(story().values())
# The page starts from seed 0; a scene of that seed alone would be luck.
SEEDS = [0, pytest.param(1, marks=pytest.mark.heavy), pytest.param(2, marks=pytest.mark.heavy)]
each_scene = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.id)


def pair(id: str, seed: int) -> tuple[Run, Run]:
    """The plain network and the one with attention, as the scene trains them."""
    plain, attention = sidebar.first_pair(story()[id].changes | {"seed": seed})
    return trained(plain), trained(attention)


@cache
def trained(chosen: Experiment) -> Run:
    return train(chosen)


@pytest.fixture(scope="module", autouse=True)
def _forget_runs():
    yield
    trained.cache_clear()


def r2(run: Run) -> np.ndarray:
    return np.array(metrics.r2(run.test_predictions, run.dataset().test_y))


def weight_on_true_steps(run: Run) -> np.ndarray:
    return heatmap.weight_on_true_steps(run.test_attention, run.dataset().test_steps)


def view(id: str) -> tuple[np.ndarray, np.ndarray]:
    """The scene's window as it is, and as the scene changes it: (time_steps, features) each."""
    scene = story()[id]
    data = sidebar.first_pair(scene.changes)[1].dataset()
    before = data.test_x[window_order(data)[scene.window - 1]]
    after = before.copy()
    asked = stage_address.from_text(scene.stage)
    for step, value in asked["values"]:
        after[step, 0] = value
    for step in asked["hidden"]:
        after[step] = data.train_x.mean(axis=0)[step]
    return before, after


def answers(run: Run, windows: tuple[np.ndarray, ...]) -> np.ndarray:
    """What Keras predicts for these windows from each start: (repeats, windows)."""
    found = []
    for repeat in range(run.experiment.repeats):
        found.append(model_of(run, repeat).predict(np.stack(windows), verbose=0)[:, 0])
    return np.array(found)


# What each scene claims: its words, as they stand there, and the check of them.
CLAIMS: dict[str, Callable[[int], None]] = {}


def claim(*quotes: str):
    """Register a check of the scene with the function's name, whose words hold these."""

    def register(check: Callable[[int], None]) -> Callable[[int], None]:
        scene = story()[check.__name__]
        for quote in quotes:
            assert quote in f"{scene.title} {scene.text} {scene.look}", (scene.id, quote)
        CLAIMS[scene.id] = check
        return check

    return register


@claim("each is the sum of the two before it", "Of 1,200 numbers the last has 251 digits")
def task(seed):
    series = sidebar.first_pair(story()["task"].changes)[1].dataset().series
    assert len(series) == 1200
    assert series[2:] == pytest.approx(series[1:-1] + series[:-2])
    assert math.floor(math.log10(series[-1])) + 1 == 251


@claim("sees 20 numbers", "1,180 windows: 826 to train on, 354 to test", "from t−19 to t")
def windows(seed):
    data = sidebar.first_pair(story()["windows"].changes)[1].dataset()
    assert data.train_x.shape == (826, 20, 1)
    assert data.test_x.shape == (354, 20, 1)
    assert step_labels(20)[0] == "t−19" and step_labels(20)[-1] == "t"


@claim("SimpleRNN with two units", "learns 11 numbers", "falls from the first epoch to the last")
def rnn(seed):
    plain, _ = pair("rnn", seed)
    assert plain.experiment.units == 2
    assert [row.parameters for row in plain.layers] == [0, 8, 3]
    assert [row.kind for row in plain.layers[1:]] == ["SimpleRNN", "Dense"]
    assert np.median(plain.loss[-1]) < np.median(plain.loss[0]) / 3


@claim("2.6·10⁻⁵", "of eight starts the median lies between 10⁻⁵ and 5·10⁻⁵")
def triumph(seed):
    plain, _ = pair("triumph", seed)
    assert test_mse(plain).starts == 8
    assert 1e-5 < float(test_mse(plain).median) < 5e-5


@claim("half of the predictions, if positive at all, miss by more than 100", "below 10²⁴⁷")
def original(seed):
    for run in pair("original", seed):
        assert missed_magnitudes(run, "test").median > 100
    data = run.dataset()
    assert math.log10(float(data.unscale(np.array(0.001)))) == pytest.approx(247.6, abs=0.1)


@claim(
    "82 % of the inputs",
    "of 23,600 inputs 19,470 are exactly 0",
    "About ten of 1,180",
    "Only the last 10 of 1,200 numbers exceed 0.01",
)
def zeros(seed):
    data = sidebar.first_pair(story()["zeros"].changes)[1].dataset()
    found = drowning(data)
    assert (found.inputs, found.zero_inputs) == (23_600, 19_470)
    assert 0.82 <= found.zero_inputs / found.inputs < 0.83
    assert found.train_carriers + found.test_carriers in range(5, 13)
    scaled = data.scaling.scale(data.series)
    assert (scaled[-10:] > 0.01).all() and (scaled[:-10] <= 0.01).all()


@claim("no number vanishes", "R² above 0.98", "Each number is 1.618 times the last")
def log(seed):
    for run in pair("log", seed):
        assert np.median(r2(run)) > 0.98
    data = run.dataset()
    assert drowning(data).zero_inputs <= 20, "the first number, whose logarithm is 0"
    assert data.series[10:] / data.series[9:-1] == pytest.approx(1.618, abs=5e-3)
    scaled = data.scaling.scale(data.series)
    line = np.polyval(np.polyfit(np.arange(1200), scaled, 1), np.arange(1200))
    assert np.abs(scaled - line).max() < 0.01


@claim("0.9 times the sum of the last two", "two steps matter", "eighteen", "t is moved to 0.5")
def choice(seed):
    runs = pair("choice", seed)
    data = runs[0].dataset()
    assert data.test_y == pytest.approx(0.9 * data.test_x[:, -2:, 0].sum(axis=1))
    before, after = view("choice")
    assert np.flatnonzero(before != after).tolist() == [19] and after[19, 0] == 0.5
    other = before.copy()
    other[9] = 0.5  # “the predictions hardly move”, the notes say
    for run in runs:
        found = answers(run, (before, after, other))
        assert np.median(found[:, 1] - found[:, 0]) > 0.2
        assert np.median(np.abs(found[:, 2] - found[:, 0])) < 0.05


@claim("stay between −1 and 1", "one of 20 steps gets at most 0.280", "two 0.451")
def ceiling(seed):
    one, two = math.e**2 / (math.e**2 + 19), 2 * math.e**2 / (2 * math.e**2 + 18)
    assert (one, two) == pytest.approx((0.280, 0.451), abs=5e-4)
    _, attention = pair("ceiling", seed)
    assert attention.test_attention.max() <= one + 1e-6  # float32
    assert weight_on_true_steps(attention).max() <= two + 1e-6


@claim("In most starts more than 0.9 of the weight then lies on the last two steps")
def columns(seed):
    _, attention = pair("columns", seed)
    assert attention.experiment.attention == "additive"
    assert np.mean(weight_on_true_steps(attention) > 0.9) > 0.5


@claim("of 20 numbers", "the median R² stays below 0.9", "with attention it exceeds 0.97")
def maximum(seed):
    plain, attention = pair("maximum", seed)
    assert np.median(r2(plain)) < 0.9
    assert np.median(r2(attention)) > 0.97
    assert np.median(weight_on_true_steps(attention)) > 0.4  # “much of the weight”


@claim("R² exceeds 0.95 in every start", "less than 0.15 of the weight", "t−11 is hidden")
def wrong(seed):
    runs = pair("wrong", seed)
    _, attention = runs
    assert r2(attention).min() > 0.95
    assert np.median(weight_on_true_steps(attention)) < 0.15
    labels, data = step_labels(20), attention.dataset()
    assert {labels[step] for step in np.flatnonzero(data.test_steps[0])} == {"t−3", "t−11"}
    before, after = view("wrong")
    assert [labels[step] for step in np.flatnonzero(before != after)] == ["t−11"]
    window = window_order(data)[story()["wrong"].window - 1]
    assert np.median(attention.test_attention[:, window, 8]) < 0.1
    found = answers(attention, (before, after))
    assert np.median(found[:, 0] - found[:, 1]) > 0.3


@claim("from twenty starts", "lower in 3 to 17 of them", "no more than chance", "dots overlap")
def starts(seed):
    plain, attention = map(test_mse, pair("starts", seed))
    found = paired(plain, attention)
    assert found.starts == 20
    assert 3 <= found.wins <= 17
    assert not found.clear
    assert attention.kept.min() < plain.kept.max() and plain.kept.min() < attention.kept.max()


@claim(
    "every layer on nine tasks", "On 6 some layer clearly lowers the error, on 5 one clearly raises"
)
def yours(seed):
    entries = [each for each in shipped().entries["SimpleRNN"] if each.attention != "uniform"]
    assert len({each.task for each in entries}) == 9
    assert {each.attention for each in entries} == set(attention_layers()) - {"uniform"}
    assert len({each.task for each in entries if each.plain.helps}) == 6
    assert len({each.task for each in entries if each.plain.hurts}) == 5


QUICK = {"task", "windows", "zeros", "yours"}  # these train nothing
OF_THE_ARTICLE = {"rnn", "triumph", "original", "log"}  # two runs of a second each


def marks(id: str) -> list:
    if id in QUICK:
        return []
    return [pytest.mark.slow if id in OF_THE_ARTICLE else pytest.mark.long]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("id", [pytest.param(id, marks=marks(id)) for id in CLAIMS])
def test_a_scene_says_what_its_settings_show(id, seed):
    CLAIMS[id](seed)


def test_every_scene_has_its_claim():
    assert list(CLAIMS) == [scene.id for scene in SCENES]


@each_scene
def test_every_number_in_a_scene_is_held_by_its_claim(scene):
    """Each figure of the text stands, as a number or in the words quoted, in the claim."""
    source = inspect.getsource(CLAIMS[scene.id])
    for number in re.findall(
        r"(?<![a-z])\d[\d,.]*\d|(?<![a-z\d])\d", f"{scene.title} {scene.text} {scene.look}"
    ):
        assert number in source, f"The scene “{scene.id}” says {number}, and its claim does not."


@each_scene
def test_a_scene_has_one_picture_and_forty_words_at_most(scene):
    assert len(f"{scene.text} {scene.look}".split()) <= 40
    assert scene.picture in PICTURES
    assert scene.look.endswith(".") and scene.notes.endswith(".")
    assert re.fullmatch(r"[a-z]+", scene.id)


@each_scene
def test_a_scene_can_be_set_on_the_page(scene):
    _, attention = sidebar.first_pair(scene.changes)
    for name, value in scene.changes.items():
        options = KNOBS[name].options
        assert options is None or value in options
    assert 1 <= (scene.window or 1) <= attention.test_windows
    asked = stage_address.from_text(scene.stage)
    full = {"epoch": attention.epochs, "start": 0, "step": 0}
    full |= {"opened": False, "occluded": False, "all": False}
    assert stage_address.to_text(full | asked, attention.epochs) == scene.stage


def test_the_record_has_no_field_that_no_scene_uses():
    for field in dataclasses.fields(Scene):
        assert any(getattr(scene, field.name) for scene in SCENES), field.name
