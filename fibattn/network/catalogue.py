"""The attention layers by name, read from the text of `layers.py` without importing it.

The web server must know the layers' names, words and source code, but must not import Keras. So
the entry beside each class, `@attention_layer("name", label=…)`, is read from the syntax tree.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class LayerEntry:
    """What is known of an attention layer without Keras.

    source: the class as it runs, after the classes of `layers.py` that it builds upon.
    score_bound: b where the scores before the softmax lie in [-b, b], None if unbounded.
    query: whether the scores depend on a query.
    any_length: whether it takes windows of any length; if not, it is tied to one.
    sums_states: whether its context is the weighted sum of the states as they are.
    """

    name: str
    label: str
    class_name: str
    source: str
    score_bound: float | None = None
    query: bool = False
    any_length: bool = True
    sums_states: bool = True

    def ceiling(self, time_steps: int, steps: int = 1) -> float:
        """Return the most weight that `steps` of `time_steps` steps can get together.

        With scores in [-b, b], the softmax gives k steps at most k·e²ᵇ / (k·e²ᵇ + T - k).
        """
        if self.score_bound is None:
            return 1.0
        favoured = steps * math.exp(2 * self.score_bound)
        return favoured / (favoured + time_steps - steps)


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
                source = "\n\n\n".join(
                    ast.get_source_segment(text, part) or "" for part in _lineage(node, classes)
                )
                entries[name] = LayerEntry(name, class_name=node.name, source=source, **words)
    return entries


def _lineage(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> list[ast.ClassDef]:
    """Return the class after those of the same file that it builds upon, the first one first."""
    names = [base.id for base in node.bases if isinstance(base, ast.Name)]
    bases = [classes[name] for name in names if name in classes]
    return [part for base in bases for part in _lineage(base, classes)] + [node]
