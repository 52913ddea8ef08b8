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

    `score_bound` is b where the scores before the softmax lie in [-b, b], None if unbounded.
    """

    name: str
    label: str
    class_name: str
    source: str
    doc: str
    score_bound: float | None = None

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
    entries = {}
    for node in ast.parse(text).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "attention_layer":
                words = {
                    keyword.arg: ast.literal_eval(keyword.value)
                    for keyword in decorator.keywords
                    if keyword.arg
                }
                name = ast.literal_eval(decorator.args[0])
                source = ast.get_source_segment(text, node) or ""
                doc = ast.get_docstring(node) or ""
                entries[name] = LayerEntry(
                    name, class_name=node.name, source=source, doc=doc, **words
                )
    return entries
