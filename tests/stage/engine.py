"""The stage's JavaScript in V8, without a browser."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from py_mini_racer import MiniRacer

from fibattn.network.operations import Graph
from fibattn.stage.modules import script
from fibattn.stage.packing import graph_words, pack

PROGRAM = """
let network, graph;
function load(bytes) {
  const { words, arrays } = unpack(Uint8Array.from(bytes));
  graph = graphOf(words.graph, arrays);
  network = compile(graph);
  return network.outputs.map((output) => output.name);
}
// JSON has no infinity and no NaN.
const written = (values) => Array.from(values, (value) => String(value));
function answers(window, weights) {
  const prediction = written(network.run(window, weights ?? undefined));
  const outputs = network.outputs.map(({ name }) => [name, written(network.output(name))]);
  return { prediction, outputs: Object.fromEntries(outputs) };
}
function hold(name, values) {
  network.hold(name, values && values.map((value) => value ?? NaN));
  return null;
}
function compiling() {
  for (let k = 0; k < 20; k++) compile(graph);
  return null;
}
function repeat(window, weights, runs) {
  for (let k = 0; k < runs; k++) network.run(window, weights);
  return null;
}
"""


class Engine:
    """V8 with the interpreter and one network after the other."""

    def __init__(self) -> None:
        self.v8 = MiniRacer()
        self.v8.eval(script("interpreter.js", "unpacking.js") + PROGRAM)
        self._graph: Graph | None = None

    def load(self, graph: Graph) -> list[str]:
        """Compile a graph; return the names of its outputs."""
        arrays = {f"graph.{number}": array for number, array in enumerate(graph.arrays)}
        self._graph = graph
        return self.v8.call("load", list(pack(arrays, {"graph": graph_words(graph)})))

    def run(
        self, window: np.ndarray, weights: list[np.ndarray] | None = None
    ) -> dict[str, np.ndarray]:
        """Return all outputs for a window (time_steps, features), each in its shape."""
        flat = np.concatenate([each.ravel() for each in weights]) if weights else None
        found = self.v8.call(
            "answers", window.ravel().tolist(), None if flat is None else flat.tolist()
        )
        assert self._graph is not None
        assert found["prediction"] == found["outputs"]["prediction"]
        return {
            each.name: np.array(found["outputs"][each.name], np.float32).reshape(each.shape)
            for each in self._graph.outputs
        }

    def hold(self, name: str, values: Any) -> None:
        """Put values in the place of an output, NaN where nothing is held; None lets go."""
        flat = None if values is None else np.ravel(values).tolist()
        self.v8.call("hold", name, flat and [None if each != each else each for each in flat])

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression, as JSON would hand it on."""
        return json.loads(self.v8.eval(f"JSON.stringify({expression})"))
