"""Every preset can be trained, and shows what its lesson says."""

import math
from functools import cache

import numpy as np
import pytest

from fibattn import Experiment, Run, train
from fibattn.experiment import KNOBS
from fibattn.judge import heatmap, metrics
from fibattn.judge.comparison import Comparison, paired
from fibattn.judge.errors import test_mse
from fibattn.judge.windows import window_order
from fibattn.lessons.presets import PRESETS
from fibattn.ui.sidebar import DEFAULTS

# The page starts from seed 0; a lesson of that seed alone would be luck.
SEEDS = [0, pytest.param(1, marks=pytest.mark.long)]


def experiment(name: str, seed: int = 0, plain: bool = False) -> Experiment:
    """What the page trains under a preset."""
    settings = DEFAULTS | PRESETS[name].changes | {"seed": seed}
    return Experiment(**settings | ({"attention": None} if plain else {}))


@cache
def trained(name: str, seed: int = 0, plain: bool = False) -> Run:
    return train(experiment(name, seed, plain))


@pytest.fixture(scope="module", autouse=True)
def _forget_runs():
    yield
    trained.cache_clear()


def r2(name: str, seed: int = 0, plain: bool = False) -> np.ndarray:
    """R² on the test windows, for each start."""
    run = trained(name, seed, plain)
    return np.array(metrics.r2(run.test_predictions, run.dataset().test_y))


def true_steps(name: str) -> np.ndarray:
    return experiment(name).dataset().test_steps


def weight(name: str, seed: int = 0) -> np.ndarray:
    """The weight on the true steps, for each start."""
    return heatmap.weight_on_true_steps(trained(name, seed).test_attention, true_steps(name))


def precision(name: str, seed: int = 0, within: int = 0) -> np.ndarray:
    return heatmap.precision_at_k(trained(name, seed).test_attention, true_steps(name), within)


def compared(name: str, seed: int) -> Comparison:
    """The test MSE of the plain network and of attention, start by start."""
    runs = trained(name, seed, plain=True), trained(name, seed)
    return paired(*map(test_mse, runs))


@pytest.mark.parametrize("name", PRESETS)
def test_the_page_has_every_setting_of_a_preset(name):
    for setting, value in PRESETS[name].changes.items():
        options = KNOBS[setting].options
        assert options is None or value in options


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_a_pair_of_valid_experiments(name):
    assert experiment(name).attention is not None
    assert experiment(name, plain=True).attention is None


def test_presets_are_told_apart_by_their_settings():
    # The page lights the button whose settings the controls agree with.
    settings = [tuple((DEFAULTS | preset.changes).items()) for preset in PRESETS.values()]
    assert len(set(settings)) == len(PRESETS)


@pytest.mark.parametrize(("name", "preset"), PRESETS.items())
def test_names_are_short_and_lessons_are_sentences(name, preset):
    assert name == preset.name
    assert len(name) <= 22
    assert preset.lesson.endswith(".")
    assert len(preset.lesson) <= 260


@pytest.mark.parametrize(("name", "preset"), PRESETS.items())
def test_presets_are_numbered_in_their_order_and_choose_a_window_there_is(name, preset):
    assert preset.title == f"{list(PRESETS).index(name) + 1}. {name}"
    assert 1 <= (preset.window or 1) <= experiment(name).test_windows


def test_the_window_of_the_maximum_has_it_early():
    data = experiment("Find the maximum").dataset()
    chosen = window_order(data)[PRESETS["Find the maximum"].window - 1]
    assert data.test_steps[chosen].argmax() == 6


@pytest.mark.slow
def test_from_eight_starts_of_the_article_either_network_wins_some():
    test = compared("As the tutorial", 0)
    assert 0 < test.wins < test.starts


@pytest.mark.slow
@pytest.mark.parametrize("plain", [True, False])
def test_both_networks_fit_the_straight_line(plain):
    assert np.median(r2("Log scale", plain=plain)) > 0.98


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_of_twenty_starts_either_network_wins_some_and_nobody_can_tell(seed):
    test = compared("Twenty starts", seed)
    assert 0 < test.wins < test.starts
    assert not test.clear


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_articles_layer_stays_under_its_ceiling(seed):
    steps, two = experiment("The ceiling").time_steps, 2 * math.e**2
    ceiling = two / (two + steps - 2)
    assert ceiling == pytest.approx(0.451, abs=5e-4)
    assert weight("The ceiling", seed).max() <= ceiling + 1e-6  # float32
    assert np.median(weight("The ceiling", seed)) > 0.3  # it does look there, as far as it can
    assert np.median(r2("The ceiling", seed)) > 0.95


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_an_unbounded_score_puts_nearly_all_weight_on_the_last_two_steps(seed):
    assert np.median(weight("Position", seed)) > 0.9
    assert np.median(r2("Position", seed)) > 0.98
    # Two columns, and not one: the two highest weights are the last two steps, in most starts.
    assert np.median(precision("Position", seed)) > 0.9


@pytest.mark.long
def test_some_starts_lock_on_to_wrong_steps():
    starts = np.concatenate([weight("Position", seed) for seed in (0, 1)])
    learned = np.concatenate([r2("Position", seed) for seed in (0, 1)])
    wrong = starts < 0.1
    assert 0 < wrong.sum() < len(starts) / 2
    assert learned[wrong].max() < 0.3


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_content_alone_cannot_tell_steps_apart(seed):
    uniform = heatmap.uniform_share(true_steps("Content"))
    assert np.median(weight("Content", seed)) == pytest.approx(uniform, abs=0.02)
    assert np.median(heatmap.normalised_entropy(trained("Content", seed).test_attention)) > 0.95
    assert np.median(r2("Content", seed)) < 0.95 < np.median(r2("Content", seed, plain=True))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_attention_earns_its_keep_at_finding_the_maximum(seed):
    with_attention, plain = (r2("Find the maximum", seed, plain) for plain in (False, True))
    assert np.median(with_attention) > 0.97
    assert np.median(with_attention - plain) > 0.05
    uniform = heatmap.uniform_share(true_steps("Find the maximum"))
    assert np.median(weight("Find the maximum", seed)) > 4 * uniform


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_weight_finds_the_flag_or_the_step_after_it(seed):
    assert np.median(r2("One step late", seed)) > 0.97
    assert np.median(precision("One step late", seed, within=1)) > 0.9


@pytest.mark.long
def test_about_half_of_the_starts_are_one_step_late():
    seeds = range(4)
    late = np.zeros_like(true_steps("One step late"))
    late[:, 1:] = true_steps("One step late")[:, :-1]  # a flag at the last step has none after it
    exact = np.concatenate([precision("One step late", seed) for seed in seeds])
    after = np.concatenate(
        [heatmap.precision_at_k(trained("One step late", s).test_attention, late) for s in seeds]
    )
    off_by_one = (exact < 0.2) & (after > 0.8)
    assert 0.3 <= off_by_one.mean() <= 0.75
    assert off_by_one[:8].any()  # the page's own eight starts show both
    assert not off_by_one[:8].all()
    learned = np.concatenate([r2("One step late", seed) for seed in seeds])
    assert learned[off_by_one].min() > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_prediction_is_right_and_the_heatmap_wrong(seed):
    assert r2("Right, wrong heatmap", seed).min() > 0.95
    assert np.median(weight("Right, wrong heatmap", seed)) < 0.15
    assert np.median(precision("Right, wrong heatmap", seed)) < 0.2
    truth = true_steps("Right, wrong heatmap")
    after = np.zeros_like(truth)
    for away in (1, 2, 3):
        after[:, away:] |= truth[:, :-away]
    weights = trained("Right, wrong heatmap", seed).test_attention
    assert np.median(heatmap.weight_on_true_steps(weights, after)) > 0.6
