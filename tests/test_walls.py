"""Who may import what: read from the source, and seen in a fresh process."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "fibattn"
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
FILES = MODULES | {"app": ROOT / "app.py"}

KERAS = {"tensorflow", "keras"}
WITH_KERAS = {
    "fibattn.article",
    *(
        f"fibattn.network.{name}"
        for name in (
            "formulas",
            "gradients",
            "graph",
            "layers",
            "lowering",
            "models",
            "numbering",
            "probing",
            "program",
            "saved",
            "training",
            "training_graph",
        )
    ),
}


# Data flows one way. `network` builds upon `experiment`, and `experiment` upon those of its modules
# that need no Keras, so of these two rooms only the modules stand in order: see the circles.
MAY_IMPORT = {
    "knobs": set(),
    "quoting": set(),
    "tasks": {"knobs", "quoting"},
    "experiment": {"knobs", "network", "tasks"},
    "agreement": {"experiment", "network", "tasks"},
    "run": {"experiment", "tasks"},
    "network": {"experiment", "knobs", "run", "tasks"},
    "trainer": {"experiment", "network", "run"},
    "judge": {"experiment", "network", "run", "tasks"},
    "words": {"experiment", "judge", "network", "quoting", "run", "tasks"},
    "figures": {"judge", "network", "run", "tasks", "words"},
    "stage": {"experiment", "judge", "network", "run", "tasks"},
    "take_away": {"experiment", "figures", "judge", "lessons", "network", "run", "stage"}
    | {"tasks", "words"},
    "atlas": {"experiment", "judge", "network", "run", "take_away", "tasks", "trainer"},
    "lessons": {"experiment", "tasks"},
    "article": {"experiment", "judge", "network", "run", "tasks", "words"},
    "ui": {
        "agreement",
        "atlas",
        "experiment",
        "figures",
        "judge",
        "knobs",
        "lessons",
        "network",
        "run",
        "tasks",
    }
    | {"quoting", "stage", "take_away", "trainer", "words"},
    "fibattn": {"experiment", "network", "run"},
}


def on_the_page(module: str) -> bool:
    return module == "app" or module.startswith("fibattn.ui")


class Imports(ast.NodeVisitor):
    """The top-level packages a file imports, at its top or inside functions.

    What stands under `if TYPE_CHECKING` is not imported. `importlib.import_module("…")` and
    `__import__("…")` count.
    """

    def __init__(self) -> None:
        self.top: set[str] = set()
        self.inside: set[str] = set()
        self._depth = 0

    def visit_FunctionDef(self, node):
        self._depth += 1
        self.generic_visit(node)
        self._depth -= 1

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def visit_If(self, node):
        if ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for part in node.orelse:
                self.visit(part)
        else:
            self.generic_visit(node)

    def visit_Import(self, node):
        for alias in node.names:
            self._add(alias.name)

    def visit_ImportFrom(self, node):
        self._add(node.module if node.module and not node.level else "fibattn")

    def visit_Call(self, node):
        names = ("import_module", "importlib.import_module", "__import__")
        first = node.args[0] if node.args else None
        if ast.unparse(node.func) in names and isinstance(first, ast.Constant):
            self._add(first.value)
        self.generic_visit(node)

    def _add(self, name: str) -> None:
        (self.inside if self._depth else self.top).add(name.split(".")[0])


def imports(path: Path) -> Imports:
    found = Imports()
    found.visit(ast.parse(path.read_text(encoding="utf-8")))
    return found


def test_the_wall_sees_every_kind_of_import(tmp_path):
    file = tmp_path / "module.py"
    file.write_text(
        "import a.b\nfrom c.d import e\nif TYPE_CHECKING:\n    import f\n"
        "def g():\n    import h\n    importlib.import_module('i.j')\n"
        "class K:\n    import l\n    def m(self):\n        from n import o\n"
    )
    assert imports(file).top == {"a", "c", "l"}
    assert imports(file).inside == {"h", "i", "n"}


@pytest.mark.parametrize("module", FILES)
def test_only_the_networks_side_imports_tensorflow_or_keras(module):
    found = imports(FILES[module])
    if module not in WITH_KERAS:
        assert not (found.top | found.inside) & KERAS, (
            f"{module} imports TensorFlow or Keras, which the web server must never do: move what "
            "needs it to fibattn/network, and if it is a new module there, list it in WITH_KERAS."
        )
        return
    assert found.top & KERAS, (
        f"{module} is listed in WITH_KERAS, but does not import TensorFlow or Keras at its top: "
        "take it from the list, and it may be imported by the web server."
    )


@pytest.mark.parametrize("module", FILES)
def test_only_the_page_imports_streamlit(module):
    found = imports(FILES[module])
    assert on_the_page(module) or "streamlit" not in found.top | found.inside


@pytest.mark.parametrize("module", FILES)
def test_only_who_asks_for_a_cluster_imports_dask(module):
    """It is an optional extra, so it is imported in a function, when the cluster is asked for."""
    found, dask = imports(FILES[module]), {"dask", "distributed"}
    assert not found.top & dask, module
    assert module == "fibattn.trainer.cluster" or not found.inside & dask, module


@pytest.mark.parametrize("module", [m for m in MODULES if f"{m}.".startswith("fibattn.figures.")])
def test_figures_know_plotly_and_numpy_only(module):
    found = imports(MODULES[module])
    others = (found.top | found.inside) - sys.stdlib_module_names
    assert others <= {"plotly", "numpy", "fibattn"}


@pytest.mark.parametrize("module", [m for m in MODULES if f"{m}.".startswith("fibattn.stage.")])
def test_the_stage_knows_numpy_only(module):
    found = imports(MODULES[module])
    assert (found.top | found.inside) - sys.stdlib_module_names <= {"numpy", "fibattn"}


def in_the_package(tree: ast.AST) -> set[str]:
    """Return every module of fibattn that is imported: in functions and under TYPE_CHECKING too."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            # A name that is no module is defined in the package itself.
            found |= (members & set(MODULES)) | ({node.module} if members - set(MODULES) else set())
    return found & set(MODULES)


IMPORTS = {
    module: in_the_package(ast.parse(path.read_text(encoding="utf-8")))
    for module, path in MODULES.items()
}


def circle(imports: dict[str, set[str]]) -> list[str]:
    """Return modules each of which imports the next, and the last the first; [] if none do."""
    done: set[str] = set()

    def look(module: str, path: list[str]) -> list[str]:
        if module in path:
            return [*path[path.index(module) :], module]
        if module in done:
            return []
        for other in sorted(imports.get(module, ())):
            if found := look(other, [*path, module]):
                return found
        done.add(module)
        return []

    return next((found for module in imports if (found := look(module, []))), [])


def test_circles_are_found_however_something_is_imported():
    text = (
        "from fibattn.judge import heatmap\nfrom fibattn.tasks import TASKS\n"
        "if TYPE_CHECKING:\n    import fibattn.run\n"
        "def f():\n    from fibattn.words.starts import share\n"
    )
    assert in_the_package(ast.parse(text)) == {
        "fibattn.judge.heatmap",
        "fibattn.tasks",
        "fibattn.run",
        "fibattn.words.starts",
    }
    assert circle({"a": {"b", "c"}, "b": {"d"}, "c": {"b"}, "d": {"c"}}) == ["b", "d", "c", "b"]
    assert circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_modules_import_each_other_in_a_circle():
    assert " → ".join(circle(IMPORTS)) == "", (
        "These modules import each other: move what both need to a third, or let the one that "
        "comes later in the flow of data (tasks, network, run, judge, words, figures, ui) ask."
    )


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else module


@pytest.mark.parametrize("module", MODULES)
def test_data_flows_one_way(module):
    assert room(module) in MAY_IMPORT, (
        f"fibattn/{room(module)} is a new room: say in MAY_IMPORT which others it may import."
    )
    others = {room(other) for other in IMPORTS[module]} - {room(module), "fibattn"}
    assert others <= MAY_IMPORT[room(module)], (
        f"{module} imports from {', '.join(sorted(others - MAY_IMPORT[room(module)]))}, which "
        f"comes after it in the flow of data: move what it needs, or who asks for it."
    )


def test_the_library_does_not_import_the_tests():
    for module, path in FILES.items():
        assert "tests" not in imports(path).top | imports(path).inside, module


@pytest.mark.slow
def test_the_servers_modules_leave_tensorflow_out():
    """Import everything the server may: first what is not the page, then the page."""
    server = [module for module in MODULES if module not in WITH_KERAS]
    assert {"fibattn", "fibattn.judge.errors", "fibattn.figures", "fibattn.trainer"} <= set(server)
    order = sorted(server, key=on_the_page)
    program = """
import importlib, json, sys
seen = {}
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
    seen[name] = [p for p in ("tensorflow", "keras", "streamlit") if p in sys.modules]
print(json.dumps(seen))
"""
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(order)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    seen = json.loads(done.stdout.splitlines()[-1])
    assert list(seen) == order
    for module, packages in seen.items():
        assert not KERAS & set(packages), (
            f"Importing {module} also imports TensorFlow, so the web server would: import the "
            "modules of WITH_KERAS inside the functions that run in a worker."
        )
        assert on_the_page(module) or "streamlit" not in packages, module
