"""What the stage is sent of two runs, and what it computes of it, in V8."""

import json

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from fibattn import Experiment, model_of, train
from fibattn.figures import colours
from fibattn.judge.windows import window_order
from fibattn.network.catalogue import attention_layers
from fibattn.network.graph import graph_of
from fibattn.network.probing import occlude
from fibattn.stage import scene
from fibattn.stage.modules import script
from fibattn.take_away.page import scene as page_scene
from fibattn.words import stage as words
from tests.benchmarks.stage import made_up

SMALL = Experiment(
    task="find-max",
    attention="additive-content",
    series_length=120,
    time_steps=6,
    units=3,
    epochs=2,
    repeats=3,
    batch_size=8,
)

PROGRAM = """
let now, asked;
function load(bytes) {
  now = sceneOf(unpack(Uint8Array.from(bytes)), graphOf);
  asked = viewOf(now, {});
  return [now.steps, now.windows, now.epochs, now.starts];
}
function look(view) { asked = viewOf(now, view); return null; }
function see() {
  const { prediction, plain, target, outputs } = compute(now, asked);
  return [prediction, plain, target, Array.from(outputs[weightsOf(now).name])];
}
function effects() { return Array.from(hideInTurn(now, asked)); }
function map(all) {
  const rows = now.rows(all);
  return [rows, rows.map((index) => Array.from(weightsOfWindow(now, asked, index)))];
}
function outlined() {
  const found = outline(now, asked);
  return found && { weights: Array.from(found.weights), prediction: found.prediction };
}
function told() { return asAsked(asked); }
"""


@pytest.fixture(scope="module")
def runs():
    return train(SMALL.replace(attention=None)), train(SMALL)


@pytest.fixture(scope="module")
def ask(runs):
    plain, attention = runs
    graphs = graph_of(plain.experiment.architecture), graph_of(attention.experiment.architecture)
    said = words.words(attention.experiment, graphs[1], 0.9)
    packed = scene.pack_scene(*runs, graphs, {**said, "colours": colours.for_scripts()})
    yield from in_v8(packed)


def in_v8(packed):
    """Yield a function that calls one of PROGRAM with these bytes loaded."""
    with MiniRacer() as v8:
        v8.eval(script("scene.js", "view.js", "unpacking.js") + PROGRAM)

        def call(name, *arguments):
            given = ", ".join(json.dumps(each) for each in arguments)
            return json.loads(v8.eval(f"JSON.stringify({name}({given}))"))

        call.loaded = call("load", list(packed))
        yield call


def test_the_stage_knows_how_much_there_is(ask, runs):
    steps, windows, epochs, starts = ask.loaded
    assert (steps, windows, epochs) == (6, SMALL.test_windows, 2)
    assert starts == [0, 1, 2]


@pytest.mark.parametrize("start", [0, 2])
def test_predictions_and_weights_are_the_runs(ask, runs, start):
    plain, attention = runs
    for window in (0, 7, SMALL.test_windows - 1):
        ask("look", {"window": window, "start": start})
        prediction, other, target, weights = ask("see")
        np.testing.assert_allclose(prediction, attention.test_predictions[start, window], atol=1e-5)
        np.testing.assert_allclose(other, plain.test_predictions[start, window], atol=1e-5)
        np.testing.assert_allclose(target, attention.dataset().test_y[window], atol=1e-6)
        np.testing.assert_allclose(weights, attention.test_attention[start, window], atol=1e-5)


def test_hiding_each_step_does_what_keras_does_with_it(ask, runs):
    attention = runs[1]
    data = attention.dataset()
    ask("look", {"window": 5, "start": 1})
    asked = occlude(SMALL, tuple(w[-1:] for w in attention.weights), data.test_x[5])
    wanted = np.abs(asked.occluded[1] - asked.base[1])
    np.testing.assert_allclose(ask("effects"), wanted, atol=1e-5)


def test_a_held_weight_is_held_and_the_others_stay(ask, runs):
    ask("look", {"window": 5})
    free = ask("see")
    ask("look", {"window": 5, "held": [[2, 0]]})
    held = ask("see")
    assert held[3][2] == 0
    np.testing.assert_allclose(np.delete(held[3], 2), np.delete(free[3], 2))
    assert held[0] != free[0]
    ask("look", {"window": 5})
    assert ask("see") == free


def test_a_dragged_value_and_a_hidden_step_reach_both_networks(ask, runs):
    ask("look", {"window": 5})
    before = ask("see")
    ask("look", {"window": 5, "values": [[4, 0.9]], "hidden": [1]})
    after = ask("see")
    assert after[0] != before[0] and after[1] != before[1]


@pytest.mark.parametrize("everyone", [False, True])
def test_the_heatmap_has_the_weights_of_its_windows(ask, runs, everyone):
    ask("look", {})
    rows, weights = ask("map", everyone)
    assert not everyone or sorted(rows) == list(range(SMALL.test_windows))
    np.testing.assert_allclose(weights, runs[1].test_attention[0, rows], atol=1e-5)


def test_epoch_0_is_before_training(ask, runs):
    ask("look", {"window": 3, "epoch": 0})
    untrained = ask("see")
    ask("look", {"window": 3})
    assert ask("see")[0] != untrained[0]


@pytest.mark.parametrize(
    "asked",
    [
        {"window": -1, "epoch": 99, "start": 9, "step": 77},
        {"window": "x", "values": [[99, 0.5], [1, None]], "hidden": [-2, "a"], "held": 3},
    ],
)
def test_what_cannot_be_is_left_out(ask, asked):
    ask("look", asked)
    told = ask("told")
    assert (told["window"], told["epoch"], told["start"], told["step"]) == (0, 2, 0, 5)
    assert told["values"] == told["hidden"] == told["held"] == []


@pytest.fixture(scope="module")
def pinned():
    """A run that another layer, cell, number of epochs and of starts made of the same windows."""
    return train(SMALL.replace(attention="article", cell="GRU", units=2, epochs=3, repeats=2))


@pytest.fixture(scope="module")
def ask_both(runs, pinned):
    graphs = [graph_of(run.experiment.architecture) for run in (*runs, pinned)]
    packed = page_scene(*runs, tuple(graphs[:2]), pinned=(pinned, graphs[2]))
    yield from in_v8(packed)


@pytest.mark.parametrize(("epoch", "last"), [(2, 3), (1, 1), (0, 0)])
def test_the_pinned_network_stands_at_the_same_epoch_and_its_last_at_the_last(
    ask_both, pinned, epoch, last
):
    window, start = 7, 1
    ask_both("look", {"window": window, "start": start, "epoch": epoch})
    found = ask_both("outlined")
    x = pinned.dataset().test_x[window : window + 1]
    model = model_of(pinned, start, last)
    np.testing.assert_allclose(found["prediction"], model.predict(x, verbose=0)[0, 0], atol=1e-5)
    if last == 3:
        wanted = pinned.test_attention[start, window]
        np.testing.assert_allclose(found["weights"], wanted, atol=1e-5)
    assert ask_both("see")[0] != found["prediction"]


def test_what_is_changed_is_changed_for_the_pinned_network_too(ask_both, pinned):
    ask_both("look", {"window": 5})
    before = ask_both("outlined")
    ask_both("look", {"window": 5, "hidden": [1]})
    hidden = ask_both("outlined")["prediction"]
    of_window = occlude(
        pinned.experiment, tuple(w[-1:] for w in pinned.weights), pinned.dataset().test_x[5]
    )
    np.testing.assert_allclose(hidden, of_window.occluded[0, 1], atol=1e-5)
    ask_both("look", {"window": 5, "held": [[2, 0]]})
    held = ask_both("outlined")
    assert held["weights"][2] == 0 and held["prediction"] != before["prediction"]
    ask_both("look", {"window": 5})
    assert ask_both("outlined") == before


def test_without_such_a_start_or_without_a_pin_there_is_no_outline(ask_both, ask):
    ask_both("look", {"start": 2})
    assert ask_both("outlined") is None
    ask("look", {})
    assert ask("outlined") is None


def test_weights_are_drawn_on_a_scale_that_holds_those_of_both(runs, pinned):
    graphs = [graph_of(run.experiment.architecture) for run in (*runs, pinned)]

    def end_of_scale(**more):
        packed = page_scene(*runs, tuple(graphs[:2]), **more)
        length = int.from_bytes(packed[:4], "little")
        return json.loads(packed[4 : 4 + length])["weightsTo"]

    own, ceiling = runs[1].test_attention.max(), attention_layers()["article"].ceiling(6)
    assert end_of_scale() == pytest.approx(own)
    assert end_of_scale(pinned=(pinned, graphs[2])) == pytest.approx(max(own, ceiling))


def test_a_pinned_network_takes_its_part_of_the_room(monkeypatch):
    attention = made_up(SMALL)
    plain = made_up(SMALL.replace(attention=None))
    of_both = sum(each.nbytes for run in (plain, attention) for each in run.weights)
    monkeypatch.setattr(scene, "MOST_BYTES", of_both)
    assert scene.starts_sent(plain, attention) == [0, 1, 2]
    assert scene.starts_sent(plain, attention, pinned=attention) == [0]


def test_the_sample_is_in_order_of_what_is_needed_and_has_the_page_s_first_window():
    data = SMALL.replace(series_length=400).dataset()
    order, shown = scene.map_order(data), window_order(data)[-1]
    rows = order[scene.sample(order, shown)]
    assert sorted(order) == list(range(len(data.test_x)))
    assert len(rows) == scene.ROWS == len(set(rows.tolist()))
    assert shown in rows
    first = data.test_steps[rows].argmax(axis=1)
    assert np.all(np.diff(first) >= 0) and first[0] == 0 and first[-1] == 5


def test_without_known_steps_the_sample_is_in_order_of_targets():
    data = Experiment(series_length=100).dataset()
    assert np.all(np.diff(data.test_y[scene.map_order(data)]) >= 0)


@pytest.mark.parametrize("task", ["fibonacci", "find-max"])
def test_what_a_visitor_meets_first_takes_less_than_a_megabyte(task):
    attention = made_up(Experiment(task=task, attention="article", repeats=8))
    plain = made_up(attention.experiment.replace(attention=None))
    graphs = [graph_of(run.experiment.architecture) for run in (plain, attention)]
    assert len(scene.pack_scene(plain, attention, graphs, {})) < 1_000_000
    larger = made_up(attention.experiment.replace(cell="LSTM", units=8, attention="self"))
    pinned = larger, graph_of(larger.experiment.architecture)
    assert len(scene.pack_scene(plain, attention, graphs, {}, pinned=pinned)) < 1_000_000


def test_of_a_large_run_as_many_starts_are_sent_as_there_is_room_for(monkeypatch):
    attention = made_up(SMALL)
    plain = made_up(SMALL.replace(attention=None))
    of_one = sum(each.nbytes for run in (plain, attention) for each in run.weights) // 3
    for room, starts in ((10, [0]), (2 * of_one, [0, 1]), (10**6, [0, 1, 2])):
        monkeypatch.setattr(scene, "MOST_BYTES", room)
        assert scene.starts_sent(plain, attention) == starts


def test_a_start_that_is_asked_for_is_sent_whatever_room_there_is(monkeypatch):
    attention = made_up(SMALL)
    plain = made_up(SMALL.replace(attention=None))
    of_one = sum(each.nbytes for run in (plain, attention) for each in run.weights) // 3
    for room, start, starts in ((10, 2, [2]), (2 * of_one, 2, [0, 2]), (10, 7, [0])):
        monkeypatch.setattr(scene, "MOST_BYTES", room)
        assert scene.starts_sent(plain, attention, start) == starts
