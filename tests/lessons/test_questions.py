"""The answers to readers' questions are true: their settings are trained, their snippets run."""

from __future__ import annotations

import dataclasses
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from fibattn import Experiment, Run, train
from fibattn.experiment import KNOBS
from fibattn.judge import heatmap, metrics
from fibattn.judge.baselines import baselines
from fibattn.judge.comparison import paired
from fibattn.judge.drowning import drowning
from fibattn.judge.errors import missed_magnitudes, test_mse, train_mse
from fibattn.judge.overfitting import gap
from fibattn.lessons.questions import Question, found, questions
from fibattn.ui import stage_address
from fibattn.ui.page_state import VIEWS
from fibattn.ui.sidebar import DEFAULTS
from tests.parameters import mostly_long

ROOT = Path(__file__).parents[2]
QUESTIONS = list(questions().values())
WITH_SNIPPET = [each for each in QUESTIONS if each.snippet]
# Each takes some ten seconds, most of them to import TensorFlow: the others are run with -m heavy.
QUICK_SNIPPETS = {"print-weights", "name-error"}
# The page starts from seed 0; an answer of that seed alone would be luck.
SEEDS = [0, pytest.param(1, marks=pytest.mark.heavy), pytest.param(2, marks=pytest.mark.heavy)]
each_question = pytest.mark.parametrize("asked", QUESTIONS, ids=lambda each: each.id)


def experiment(id: str, seed: int = 0, **more) -> Experiment:
    """What the page trains when it shows an answer."""
    return Experiment(**DEFAULTS | questions()[id].changes | {"seed": seed} | more)


@cache
def trained(chosen: Experiment) -> Run:
    return train(chosen)


@pytest.fixture(scope="module", autouse=True)
def _forget_runs():
    yield
    trained.cache_clear()


def pair(id: str, seed: int) -> tuple[Run, Run]:
    """The plain network and the one with attention."""
    plain = experiment(id, seed, attention=None, placement="after")
    return trained(plain), trained(experiment(id, seed))


def r2(run: Run) -> np.ndarray:
    return np.array(metrics.r2(run.test_predictions, run.dataset().test_y))


def weight_on_true_steps(run: Run) -> np.ndarray:
    return heatmap.weight_on_true_steps(run.test_attention, run.dataset().test_steps)


def parameters(run: Run) -> dict[str, int]:
    return {row.kind: row.parameters for row in run.layers}


# What each answer claims of a run: the number as it stands in the text, and the check of it.
CLAIMS: dict[str, Callable[[int], None]] = {}


def claim(*quotes: str):
    """Register a check of the answer with the same name as the function; it has these words."""

    def register(check: Callable[[int], None]) -> Callable[[int], None]:
        id = check.__name__.rstrip("_").replace("_", "-")
        answer = " ".join(questions()[id].answer.split())
        for quote in quotes:
            assert quote in answer, f"The answer “{id}” no longer says “{quote}”."
        CLAIMS[id] = check
        return check

    return register


@claim("70 windows to train on and 32 units", "more than 4 times the training error")
def validation_loss(seed):
    _, attention = pair("validation-loss", seed)
    assert (attention.experiment.train_windows, attention.experiment.units) == (70, 32)
    assert float(gap(train_mse(attention), test_mse(attention)).median) > 4


@claim("at 20 steps no weight of this layer can exceed 0.280")
def print_weights(seed):
    assert math.e**2 / (math.e**2 + 19) == pytest.approx(0.280, abs=5e-4)
    assert trained(experiment("print-weights", seed)).test_attention.max() <= 0.2801


@claim("22 numbers to learn: 2 in W, and 20 biases", "with 8 score units, has 40 and no biases")
def kind(seed):
    assert parameters(trained(experiment("kind", seed)))["AdditiveQueryAttention"] == 40
    theirs = trained(experiment("kind", seed, attention="article"))
    assert parameters(theirs)["ArticleAttention"] == 22 == 2 + 20


@claim("two of 20 steps can never get more than 0.451", "more than 0.9 of the weight")
def one_vector(seed):
    two = 2 * math.e**2
    assert two / (two + 18) == pytest.approx(0.451, abs=5e-4)
    run = trained(experiment("one-vector", seed))
    assert np.median(weight_on_true_steps(run)) > 0.9
    article = trained(experiment("one-vector", seed, attention="article"))
    assert weight_on_true_steps(article).max() <= 0.4511
    # “The prediction gains little by it.”
    assert np.median(r2(run)) - np.median(r2(article)) < 0.05


@claim("20 of them here", "2 here", "puts about 0.1 on them")
def bias_shape(seed):
    run = trained(experiment("bias-shape", seed))
    assert run.experiment.time_steps == 20 and run.experiment.units == 2
    assert np.median(weight_on_true_steps(run)) == pytest.approx(0.1, abs=0.02)
    assert np.median(heatmap.normalised_entropy(run.test_attention)) > 0.95


@claim("with 2 units it has 32 weights where the SimpleRNN has 8")
def lstm(seed):
    assert parameters(trained(experiment("lstm", seed)))["LSTM"] == 32
    assert parameters(trained(experiment("lstm", seed, cell="SimpleRNN")))["SimpleRNN"] == 8


@claim("five rows for five steps")
def decoder_attention(seed):
    run = trained(experiment("decoder-attention", seed, epochs=1, repeats=1))
    assert run.test_attention.shape[2:] == (5, 20)
    direct = experiment("decoder-attention", seed, decoder="direct", epochs=1, repeats=1)
    assert trained(direct.replace(attention="article")).test_attention.shape[2:] == (20,)


@claim("after the RNN the test error is lower in every one of 8 starts")
def before_or_after(seed):
    before = trained(experiment("before-or-after", seed))
    after = trained(experiment("before-or-after", seed, placement="after"))
    found = paired(test_mse(before), test_mse(after))
    assert found.wins == found.starts == 8


@claim("so 2 weights here where the tutorial's layer has 22")
def keras_own(seed):
    assert parameters(trained(experiment("keras-own", seed)))["KerasAdditiveAttention"] == 2


@claim("always answering 0 has a test MSE of 0.0013")
def metrics_(seed):
    zero = next(each for each in baselines(experiment("metrics")) if each.label == "always 0")
    assert zero.test_mse == pytest.approx(0.0013, abs=5e-5)


@claim("half of the predictions, if they are positive at all, miss by more than 100 powers of ten")
def scale_back(seed):
    for run in pair("scale-back", seed):
        assert missed_magnitudes(run, "test").median > 100
    numbers = experiment("scale-back").dataset().series
    assert math.log10(numbers[-1]) == pytest.approx(250, abs=1)
    assert np.finfo(np.float32).max == pytest.approx(3e38, rel=0.2)


@claim("1151 of the 1180 targets are below 0.000001", "at least 345 of the 354 test predictions")
def same_predictions(seed):
    data = experiment("same-predictions").dataset()
    targets = np.concatenate([data.train_y, data.test_y])
    assert (np.sum(targets < 1e-6), len(targets)) == (1151, 1180)
    for run in pair("same-predictions", seed):
        middle = np.median(run.test_predictions, axis=1, keepdims=True)
        assert (np.sum(np.abs(run.test_predictions - middle) < 1e-3, axis=1) >= 345).all()
    log = trained(experiment("same-predictions", seed, scaling="log"))
    assert np.std(log.test_predictions, axis=1).min() > 0.1


@claim("of 23,600 inputs 19,470 are exactly 0", "about ten large numbers, three of them in the")
def all_zero(seed):
    data = experiment("all-zero").dataset()
    found = drowning(data)
    assert (found.inputs, found.zero_inputs) == (23_600, 19_470)
    large = np.sum(data.train_y > 0.01), np.sum(data.test_y > 0.01)
    assert large == (7, 3)
    assert data.scaled_on_test


@claim("more than 98 % of the variance (median R²)", "about 1.618 times the last")
def log_trivial(seed):
    for run in pair("log-trivial", seed):
        assert np.median(r2(run)) > 0.98
    series = experiment("log-trivial").dataset().series
    assert series[-1] / series[-2] == pytest.approx(1.618, abs=5e-4)


@claim("the test error is higher than without, in all 8 starts")
def sunspots(seed):
    found = paired(*map(test_mse, pair("sunspots", seed)))
    assert found.losses == found.starts == 8
    assert experiment("sunspots").attention == "article"
    assert experiment("sunspots").dataset().test_steps is None


@claim("between 5 and 15 of the 20")
def plain_wins(seed):
    found = paired(*map(test_mse, pair("plain-wins", seed)))
    assert found.starts == 20 and 5 <= found.wins <= 15
    assert not found.clear


@claim("rises by more than 0.05 in the median start, to above 0.97")
def not_autoencoders(seed):
    plain, attention = map(r2, pair("not-autoencoders", seed))
    assert np.median(attention - plain) > 0.05
    assert np.median(attention) > 0.97


QUICK_CLAIMS = {"metrics", "all-zero"}  # these train nothing


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("id", mostly_long(CLAIMS, QUICK_CLAIMS))
def test_an_answer_says_what_its_settings_show(id, seed):
    CLAIMS[id](seed)


@each_question
def test_every_answer_with_a_number_is_held_by_a_claim_or_a_snippet(asked):
    assert asked.id in CLAIMS or asked.snippet


def test_there_are_the_24_questions_of_the_readers():
    assert len(QUESTIONS) == 24
    assert len({each.question for each in QUESTIONS}) == 24


@each_question
def test_a_question_can_be_shown_by_settings_that_the_page_has(asked):
    assert experiment(asked.id).attention is not None
    for name, value in asked.changes.items():
        options = KNOBS[name].options
        assert options is None or value in options
    assert asked.view in VIEWS
    assert asked.show.startswith("Show ")
    view = stage_address.from_text(asked.stage)
    full = {
        "epoch": 30,
        "start": 0,
        "step": 0,
        "opened": False,
        "occluded": False,
        "all": False,
    } | view
    assert stage_address.to_text(full, 30) == asked.stage


@each_question
def test_an_answer_is_a_few_plain_sentences(asked):
    prose = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", asked.answer)
    sentences = re.findall(r"[.?!](?=\s|$)", prose)
    assert 2 <= len(sentences) <= 4, sentences
    assert len(asked.answer) <= 700
    assert re.fullmatch(r"[a-z0-9-]+", asked.id)
    assert asked.question.endswith("?")


def test_the_record_has_no_field_that_no_question_uses():
    for field in dataclasses.fields(Question):
        assert any(getattr(each, field.name) for each in QUESTIONS), field.name


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("print weights", "print-weights"),
        ("LSTM Conv1D", "lstm-conv1d"),
        ("predictions the same", "same-predictions"),
        ("inverse_transform", "scale-back"),
        ("NameError", "name-error"),
        ("overfit", "validation-loss"),
        ("sunspot", "sunspots"),
    ],
)
def test_a_question_is_found_by_its_words_and_those_of_its_answer(query, first):
    assert found(query)[0].id == first


@each_question
def test_every_question_is_found_by_itself(asked):
    assert asked in found(asked.question)
    assert asked in found(asked.question.upper())


def test_nothing_finds_all_and_nonsense_none():
    assert found("") == found(" ?! ") == QUESTIONS
    assert found("qqqq") == []
    assert found("weights qqqq") == []


@pytest.mark.parametrize("asked", WITH_SNIPPET, ids=lambda each: each.id)
def test_a_snippet_is_python_that_fits_on_a_page(asked):
    compile(asked.snippet, asked.id, "exec")
    assert max(map(len, asked.snippet.splitlines())) <= 100
    assert asked.prints, "What it prints stands below it, and is held by the next test."


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(
            each,
            id=each.id,
            marks=pytest.mark.long if each.id in QUICK_SNIPPETS else pytest.mark.heavy,
        )
        for each in WITH_SNIPPET
    ],
)
def test_a_snippet_prints_what_the_page_says_in_a_fresh_process(asked, tmp_path):
    file = tmp_path / "snippet.py"
    file.write_text(asked.snippet, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(file)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == asked.prints


@pytest.mark.long
def test_keras_3_lacks_what_the_tutorial_calls_and_has_it_elsewhere():
    keras = pytest.importorskip("keras")
    for name in ("tanh", "dot", "softmax", "squeeze", "expand_dims", "sum"):
        assert not hasattr(keras.backend, name)
        assert hasattr(keras.ops, name)
