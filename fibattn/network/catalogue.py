"""The attention layers by name, read from the text of `layers.py` without importing it.

The web server needs the layers' names, labels and source code, but must not import Keras. So the
decorator of each class, `@attention_layer("name", label=…, …)`, is read from the syntax tree.
"""

from __future__ import annotations

import ast
import inspect
import math
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A numbered step of a layer's docstring: "1. Scores `e_t = …`, shape `(batch, time)`.".

    title: its words before the formula, without which the layer shows no tensor by that name.
    formula: what is computed.
    axes: the names of the result's axes after the batch.
    """

    title: str
    formula: str
    axes: tuple[str, ...]


def steps_of(docstring: str) -> tuple[Step, ...]:
    """Return the numbered steps of a docstring, in its order."""
    steps = []
    for text in re.findall(r"^\d+\. ((?:.+\n?)(?:^ +.+\n?)*)", inspect.cleandoc(docstring), re.M):
        title, *formula = text.split("`")[:2]
        shape = re.search(r"shape\s+`\((.*?)\)`", text)
        axes = [axis.strip() for axis in shape[1].split(",")] if shape else []
        steps.append(Step(title.strip(), " ".join(formula), tuple(filter(None, axes[1:]))))
    return tuple(steps)


@dataclass(frozen=True)
class LayerEntry:
    """What is known of an attention layer without Keras.

    name: its value in `Experiment.attention`.
    label: its name for people.
    short: that name where there is room for eleven characters.
    class_name: the name of its class in `layers.py`.
    source: the text of its class, after those of its base classes in `layers.py` and the imports
        they need: it runs where it is pasted.
    does: one sentence on what it does.
    kind: what kind of attention that is.
    query_key_value: what plays these parts.
    origin: where its formula comes from.
    score_bound: b where the scores before the softmax lie in [-b, b], None if unbounded.
    query: whether the scores depend on a query.
    any_length: whether it takes windows of any length; if not, it is built for one length.
    sums_states: whether its context is the weighted sum of the states as they are.
    """

    name: str
    label: str
    short: str
    class_name: str
    source: str
    does: str
    kind: str
    query_key_value: str
    origin: str
    score_bound: float | None = None
    query: bool = False
    any_length: bool = True
    sums_states: bool = True

    @property
    def usage(self) -> str:
        """Four lines of Python, to follow `source`: a model of the layer, and its weights."""
        return (
            "inputs = keras.Input((20, 1))\n"
            "states = keras.layers.SimpleRNN(4, return_sequences=True)(inputs)\n"
            f"model = keras.Model(inputs, {self.class_name}()(states, "
            "return_attention_scores=True))\n"
            "print(model.predict(keras.random.uniform((3, 20, 1)))[1])  # (windows, time steps)"
        )

    def line_of(self, title: str, method: str) -> int | None:
        """Return the line of `source`, from 1, that computes a tensor shown by that title.

        It is the line of the call of `show`, or where the variable that is shown is assigned. Where
        that is a method's result, as in `self.show("Scores", self.scores(states))`, it is the line
        where the method returns.

        Args:
            title: what the tensor is called.
            method: the method that shows it, such as "AttentionLayer.weigh".

        Returns: None if that method does not show it.
        """
        methods = _methods(self.source)
        for node in ast.walk(methods.get(method, ast.Pass())):
            if isinstance(node, ast.Call) and ast.unparse(node).startswith(f"self.show('{title}'"):
                return _origin(node.args[1], methods[method], methods)
        return None

    def ceiling(self, time_steps: int, steps: int = 1) -> float:
        """Return the largest total weight that `steps` of `time_steps` steps can get.

        With scores in [-b, b], the softmax gives k of T steps at most k·e²ᵇ / (k·e²ᵇ + T - k).
        """
        if self.score_bound is None:
            return 1.0
        favoured = steps * math.exp(2 * self.score_bound)
        return favoured / (favoured + time_steps - steps)


@cache
def _methods(source: str) -> dict[str, ast.FunctionDef]:
    """Return the methods of the classes in a text by qualified name, in the order of the text."""
    return {
        f"{node.name}.{method.name}": method
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef)
    }


def _origin(shown: ast.expr, method: ast.FunctionDef, methods: dict[str, ast.FunctionDef]) -> int:
    """Return the line that computes an expression of a method: where it is assigned or returned.

    Of several classes' methods of one name the last one's counts.
    """
    if isinstance(shown, ast.Name):
        for node in ast.walk(method):
            if isinstance(node, ast.Assign) and _names(node.targets[0]) & {shown.id}:
                shown = node.value
                break
    if isinstance(shown, ast.Call):
        called = ast.unparse(shown.func).removeprefix("self.")
        for name, other in reversed(methods.items()):
            if name.partition(".")[2] == called:
                return min(n.lineno for n in ast.walk(other) if isinstance(n, ast.Return))
    return shown.lineno


def _names(target: ast.expr) -> set[str]:
    """Return the variables that an assignment sets."""
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


@cache
def attention_layers() -> dict[str, LayerEntry]:
    """Return the attention layers by name, in the order in which `layers.py` defines them."""
    text = Path(__file__).with_name("layers.py").read_text(encoding="utf-8")
    classes = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    entries = {}
    for node in classes.values():
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "attention_layer":
                words = {
                    keyword.arg: ast.literal_eval(keyword.value)
                    for keyword in decorator.keywords
                    if keyword.arg
                }
                name = ast.literal_eval(decorator.args[0])
                source = _source(text, _bases_and_class(node, classes))
                entries[name] = LayerEntry(name, class_name=node.name, source=source, **words)
    return entries


def _source(text: str, parts: list[ast.ClassDef]) -> str:
    """Return the text of some classes, after the imports that they use."""
    used = {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}
    blocks = [
        [line for name, line in block.items() if name in used]
        for block in (
            {"math": "import math", "Any": "from typing import Any"},
            {"keras": "import keras", "ops": "from keras import ops"},
        )
    ]
    imports = "\n\n".join("\n".join(lines) for lines in blocks if lines)
    # `ast.get_source_segment` goes through the whole text for each: a quarter of a second at start.
    lines = text.splitlines()
    return "\n\n\n".join(
        [imports, *("\n".join(lines[part.lineno - 1 : part.end_lineno]) for part in parts)]
    )


def _bases_and_class(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """Return the base classes of `node` defined in the same file, topmost first, then `node`."""
    names = [base.id for base in node.bases if isinstance(base, ast.Name)]
    bases = [classes[name] for name in names if name in classes]
    return [part for base in bases for part in _bases_and_class(base, classes)] + [node]
