"""What is packed comes out in JavaScript as it was, once, and small."""

import numpy as np
import pytest

from fibattn import Experiment, Run, train
from fibattn.network.graph import graph_of
from fibattn.run import Chunk, Outcome
from fibattn.stage import packing
from tests.stage.engine import Engine

SMALL = Experiment(attention="article", time_steps=5, series_length=60, epochs=2, repeats=2)

READ = """
let run;
function read(bytes) { run = unpackRun(Uint8Array.from(bytes)); return run.words; }
"""


@pytest.fixture(scope="module")
def run() -> Run:
    return train(SMALL)


@pytest.fixture(scope="module")
def graph():
    return graph_of(SMALL.architecture)


@pytest.fixture
def engine():
    engine = Engine()
    engine.v8.eval(READ)
    return engine


def made_up(experiment: Experiment) -> Run:
    """A run of the right shapes that was never trained."""
    generator = np.random.default_rng(0)
    weights = tuple(
        generator.normal(size=(experiment.epochs + 1, experiment.repeats, *each.shape)).astype("f")
        for each in graph_of(experiment.architecture).weights
    )
    losses = np.zeros((experiment.epochs, experiment.repeats), np.float32)
    nothing = np.zeros((experiment.repeats, 0), np.float32)
    chunk = Chunk(losses, losses, weights, (nothing, nothing))
    return Run.of(chunk, experiment, Outcome(nothing, nothing, nothing, ()))


def test_a_run_comes_out_as_it_went_in(run, graph, engine):
    words = engine.v8.call("read", list(packing.pack_run(run, graph, words={"title": "α"})))
    assert (words["title"], words["starts"]) == ("α", [0, 1])
    data = run.dataset()
    assert engine.evaluate("[run.epochs, run.windows, run.windowShape]") == [
        2,
        len(data.test_x),
        [5, 1],
    ]
    for start in range(2):
        for epoch in range(3):
            found = engine.evaluate(f"Array.from(run.weights({start}, {epoch}))")
            wanted = np.concatenate([each[epoch, start].ravel() for each in run.weights])
            np.testing.assert_array_equal(np.float32(found), wanted)
    last = len(data.test_x) - 1
    found = engine.evaluate(f"[Array.from(run.window({last})), Array.from(run.target({last}))]")
    np.testing.assert_array_equal(np.float32(found[0]), data.test_x[last].ravel().astype("f"))
    np.testing.assert_array_equal(np.float32(found[1]), np.float32([data.test_y[last]]))


def test_the_packed_network_predicts_what_the_run_does(run, graph, engine):
    engine.v8.call("read", list(packing.pack_run(run, graph)))
    found = engine.evaluate(
        "(() => { const network = compile(run.graph); return run.starts().map((start) => "
        "Array.from({ length: run.windows }, (_, index) => "
        "network.run(run.window(index), run.weights(start, run.epochs))[0])); })()"
    )
    np.testing.assert_allclose(found, run.test_predictions, rtol=0, atol=1e-5)


def test_the_stamp_is_equal_for_equal_contents_alone(run, graph, engine):
    def stamp(packed: bytes) -> str:
        return engine.v8.call("read", list(packed))["stamp"]

    first = stamp(packing.pack_run(run, graph))
    assert first == stamp(packing.pack_run(run, graph))
    assert first != stamp(packing.pack_run(run, graph, words={"title": "another"}))
    other = made_up(SMALL)
    assert first != stamp(packing.pack_run(other, graph))


def test_of_a_large_run_one_start_is_packed_and_the_others_one_by_one(graph, engine, monkeypatch):
    run = made_up(SMALL.replace(repeats=3))
    monkeypatch.setattr(packing, "MOST_BYTES", 10)
    engine.v8.call("read", list(packing.pack_run(run, graph, start=1)))
    assert engine.evaluate("run.starts()") == [1]
    wanted = np.concatenate([each[2, 1].ravel() for each in run.weights])
    np.testing.assert_array_equal(np.float32(engine.evaluate("[...run.weights(1, 2)]")), wanted)
    with pytest.raises(Exception, match=r"The weights of start 0 after epoch 2 are not here\."):
        engine.evaluate("run.weights(0, 2)")
    with pytest.raises(ValueError, match="repeat is 3"):
        packing.pack_run(run, graph, start=3)
    engine.v8.eval("function add(bytes) { run.add(Uint8Array.from(bytes)); return null; }")
    engine.v8.call("add", list(packing.pack_start(run, 2)))
    assert engine.evaluate("run.starts()") == [1, 2]
    wanted = np.concatenate([each[0, 2].ravel() for each in run.weights])
    np.testing.assert_array_equal(np.float32(engine.evaluate("[...run.weights(2, 0)]")), wanted)


@pytest.mark.parametrize("task", ["fibonacci", "flagged-recall"])
def test_the_run_a_visitor_meets_first_takes_less_than_a_megabyte(task):
    run = made_up(Experiment(task=task, attention="article", repeats=8))
    packed = packing.pack_run(run, graph_of(run.experiment.architecture))
    assert len(packed) < 1_000_000


def test_bytes_that_begin_anywhere_are_read(engine):
    packed = packing.pack({"a": np.arange(3), "b": np.float32([0.5])}, {})
    engine.v8.eval(
        "function shifted(bytes) { const room = new Uint8Array(bytes.length + 1); "
        "room.set(bytes, 1); const { arrays } = unpack(room.subarray(1)); "
        "return [arrays.a.values, arrays.b.values].map((each) => Array.from(each)); }"
    )
    assert engine.v8.call("shifted", list(packed)) == [[0, 1, 2], [0.5]]
