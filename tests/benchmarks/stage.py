"""How long the stage takes: to write a network's graph, to pack a run, and to run it in V8.

    python -m tests.benchmarks.stage

A forward pass computes everything that the layers show, for one window. V8 runs here without a
browser; a browser's is the same engine. All are seconds of a processor, whatever else it does.
"""

from __future__ import annotations

import time
from statistics import median

import numpy as np

from fibattn import Experiment
from fibattn.network.graph import graph_of
from fibattn.network.operations import Graph
from fibattn.run import Chunk, Outcome, Run
from fibattn.stage.scene import pack_scene
from tests.stage.engine import Engine

SHAPES = {
    "plain": Experiment(repeats=8),
    "the article's": Experiment(attention="article", repeats=8),
    "self": Experiment(attention="self", repeats=8),
    "LSTM 8, additive-query": Experiment(cell="LSTM", units=8, attention="additive-query"),
    "LSTM 4, decoder attends": Experiment(
        cell="LSTM", units=4, horizon=3, decoder="recurrent", attention="dot"
    ),
    "GRU 32, self, 60 steps": Experiment(cell="GRU", units=32, time_steps=60, attention="self"),
}
ROUNDS = 5


def made_up(experiment: Experiment, graph: Graph | None = None) -> Run:
    """Return a run of the right shapes that was never trained."""
    graph = graph or graph_of(experiment.architecture)
    generator = np.random.default_rng(0)
    starts = (experiment.epochs + 1, experiment.repeats)
    weights = tuple(
        generator.normal(0, 0.5, (*starts, *each.shape)).astype(np.float32)
        for each in graph.weights
    )
    losses = np.zeros((experiment.epochs, experiment.repeats), np.float32)
    nothing = np.zeros((experiment.repeats, 0), np.float32)
    chunk = Chunk(losses, losses, weights, (nothing, nothing))
    return Run.of(chunk, experiment, Outcome(nothing, nothing, nothing, ()))


def main() -> None:
    """Measure each network and print a table."""
    engine = Engine()
    graph_of(Experiment(time_steps=3).architecture)  # what TensorFlow does once
    print("| network | operations | graph | packing | bytes | compiling | a forward pass |")
    print("|---|---|---|---|---|---|---|")
    for name, experiment in SHAPES.items():
        begun = time.process_time()
        graph = graph_of(experiment.architecture)
        written = time.process_time() - begun
        run = made_up(experiment, graph)
        beside = graph_of(experiment.replace(attention=None).architecture)
        plain = made_up(experiment.replace(attention=None), beside)
        run.dataset()
        seconds = []
        for _ in range(ROUNDS):
            begun = time.process_time()
            packed = pack_scene(plain, run, (beside, graph), {})
            seconds.append(time.process_time() - begun)
        engine.load(graph)
        begun = time.process_time()
        engine.evaluate("compiling()")
        compiled = (time.process_time() - begun) / 20
        window = run.dataset().test_x[0].ravel().tolist()
        weights = np.concatenate([each[-1, 0].ravel() for each in run.weights]).tolist()
        passes = 20_000 if len(weights) < 200 else 1000
        taken = []
        for _ in range(1 + ROUNDS):  # the first is the warm-up
            begun = time.process_time()
            engine.v8.call("repeat", window, weights, passes)
            taken.append((time.process_time() - begun) / passes)
        print(
            f"| {name} | {len(graph.nodes)} | {written:.2f} s | {median(seconds) * 1e3:.1f} ms "
            f"| {len(packed):,} | {compiled * 1e3:.1f} ms | {median(taken[1:]) * 1e6:.0f} µs |"
        )


if __name__ == "__main__":
    main()
