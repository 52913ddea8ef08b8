"""The source of a task with all that it needs, as one text that runs without this package.

What a function uses is followed through its module and the modules that it imports from: constants,
functions, classes (of these only the methods that are used). So a new task needs no entry here.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

# What a script has of its own: its choices are plain values, and nothing is registered.
LEFT_OUT = frozenset({"DataChoices", "Table", "task", "cache"})


@dataclass(frozen=True)
class Sliced:
    """The source of a function with all that it needs.

    imports: lines of imports of other packages, sorted.
    text: the definitions, each after those it needs.
    choices: the attributes of `choices` that are read.
    """

    imports: tuple[str, ...]
    text: str
    choices: tuple[str, ...]


def sliced(function: Callable[..., Any]) -> Sliced:
    """Return the source of a module-level function with all that it needs."""
    slicer = _Slicer()
    module = inspect.getmodule(function)
    assert module is not None
    slicer.add(module, function.__name__)
    return slicer.result()


def array_text(array: np.ndarray) -> str:
    """Return an array as Python, in as many digits as make it the same array again."""
    dtype = "" if array.dtype == np.float64 else f", np.{array.dtype}"
    return f"np.array({array.tolist()!r}{dtype})"


@dataclass
class _Slicer:
    """Collects definitions, each after those it needs."""

    imports: set[str] = field(default_factory=set)
    nodes: dict[tuple[str, str], tuple[ModuleType, ast.stmt]] = field(default_factory=dict)
    order: list[tuple[str, str]] = field(default_factory=list)

    def add(self, module: ModuleType, name: str) -> None:
        """Add what a module calls by a name, after all that it needs."""
        key = (module.__name__, name)
        definition = _definitions(module).get(name)
        if key in self.nodes or name in LEFT_OUT or definition is None:
            return
        if isinstance(definition, (ast.Import, ast.ImportFrom)):
            self._follow(definition, name)
            return
        self.nodes[key] = (module, definition)
        if not _is_stored(definition):
            for used in _names(self._pruned(definition)):
                self.add(module, used)
        self.order.append(key)

    def _follow(self, definition: ast.Import | ast.ImportFrom, name: str) -> None:
        """Add what an import names: the line, or in this package what stands behind it."""
        if isinstance(definition, ast.ImportFrom) and (definition.module or "").startswith(
            "fibattn"
        ):
            self.add(importlib.import_module(definition.module or ""), name)
            return
        alias = next(each for each in definition.names if (each.asname or each.name) == name)
        only = type(definition)(**{**vars(definition), "names": [alias]})
        self.imports.add(ast.unparse(only))

    def result(self) -> Sliced:
        """Return what was collected. Methods are kept once all that may call them is known."""
        while True:
            count = len(self.nodes)
            for module, node in list(self.nodes.values()):
                if not _is_stored(node):
                    for used in _names(self._pruned(node)):
                        self.add(module, used)
            if len(self.nodes) == count:
                break
        parts: list[str] = []
        choices: set[str] = set()
        for key in self.order:
            module, node = self.nodes[key]
            if _is_stored(node):
                self.imports.add("import numpy as np")
                parts.append(f"def {key[1]}():\n    return {_stored(module, key[1])}")
                continue
            kept = self._pruned(node)
            choices |= {
                each.attr
                for each in ast.walk(kept)
                if isinstance(each, ast.Attribute) and ast.unparse(each.value) == "choices"
            }
            parts.append(_text(module, node, kept))
        return Sliced(tuple(sorted(self.imports)), "\n\n\n".join(parts), tuple(sorted(choices)))

    def _pruned(self, node: ast.stmt) -> ast.stmt:
        """Return a class with those methods alone that anything collected calls by name."""
        if not isinstance(node, ast.ClassDef):
            return node
        called = self._called()
        body = [
            each
            for each in node.body
            if not isinstance(each, ast.FunctionDef) or each.name in called
        ]
        return ast.ClassDef(**{**vars(node), "body": body})

    def _called(self) -> set[str]:
        """Return the names of all attributes that functions read, and methods that are called."""
        called: set[str] = set()
        methods: list[ast.FunctionDef] = []
        for _, node in self.nodes.values():
            own = [each for each in getattr(node, "body", []) if isinstance(each, ast.FunctionDef)]
            if isinstance(node, ast.ClassDef):
                methods += own
                called |= _attributes(each for each in node.body if each not in own)
            else:
                called |= _attributes([node])
        while new := [each for each in methods if each.name in called]:
            called |= _attributes(new)
            methods = [each for each in methods if each not in new]
        return called


@cache
def _definitions(module: ModuleType) -> dict[str, ast.stmt]:
    """Return what defines each name at the top of a module."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {each.asname or each.name: node for each in node.names}
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {each.id: node for each in targets if isinstance(each, ast.Name)}
    return found


def _names(node: ast.AST) -> list[str]:
    """Return the names that a definition uses, decorators of tasks and layers left out."""
    parts: Iterable[ast.AST] = [node]
    if isinstance(node, ast.FunctionDef):
        parts = [node.args, *node.body, *([node.returns] if node.returns else [])]
    seen = [each.id for part in parts for each in ast.walk(part) if isinstance(each, ast.Name)]
    return list(dict.fromkeys(seen))


def _attributes(nodes: Iterable[ast.AST]) -> set[str]:
    return {
        each.attr for node in nodes for each in ast.walk(node) if isinstance(each, ast.Attribute)
    }


def _is_stored(node: ast.stmt) -> bool:
    """Return whether a function reads a file of the package: one without arguments, kept once."""
    return (
        isinstance(node, ast.FunctionDef)
        and not node.args.args
        and any(ast.unparse(each) == "cache" for each in node.decorator_list)
    )


def _stored(module: ModuleType, name: str) -> str:
    return array_text(getattr(module, name)())


def _text(module: ModuleType, node: ast.stmt, kept: ast.stmt) -> str:
    """Return the source of what is kept of a definition, with the comments in it."""
    lines = inspect.getsource(module).splitlines()
    first = node.lineno - 1
    if isinstance(node, ast.ClassDef) and node.decorator_list:
        first = node.decorator_list[0].lineno - 1
    gone: set[int] = set()
    if isinstance(node, ast.ClassDef) and isinstance(kept, ast.ClassDef):
        for method in node.body:
            if isinstance(method, ast.FunctionDef) and method not in kept.body:
                start = min([method.lineno, *(d.lineno for d in method.decorator_list)])
                gone |= set(range(start - 1, method.end_lineno or 0))
    text = [line for k, line in enumerate(lines) if k not in gone]
    count = (node.end_lineno or 0) - first - len(gone)
    return _without_gaps(text[first : first + count])


def _without_gaps(lines: list[str]) -> str:
    """Return lines joined, with one empty line where methods that were left out leave several."""
    kept = [line for k, line in enumerate(lines) if line or (k and lines[k - 1])]
    return "\n".join(kept).rstrip()
