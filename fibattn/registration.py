"""Registers the attention layers with Keras as soon as somebody imports Keras.

`keras.models.load_model` finds a layer only if it is registered, and `import fibattn` is all a
user should need for that. But the web server imports fibattn too and must never import Keras,
so the registration waits for it.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

LAYERS = "fibattn.network.layers"


class _AfterKeras(MetaPathFinder):
    """Finds Keras as usual, once, and has the layers imported after it."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if name != "keras":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec("keras")
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_then_register(module: ModuleType) -> None:
                load(module)
                importlib.import_module(LAYERS)

            spec.loader.exec_module = load_then_register  # type: ignore[method-assign]
        return spec


def register_with_keras() -> None:
    """Register the layers now if Keras is there, else when it comes."""
    if "keras" in sys.modules:
        importlib.import_module(LAYERS)
    else:
        sys.meta_path.insert(0, _AfterKeras())
