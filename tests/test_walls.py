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
    *(f"fibattn.network.{name}" for name in ("layers", "models", "probing", "program", "training")),
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


@pytest.mark.parametrize("module", [m for m in MODULES if f"{m}.".startswith("fibattn.figures.")])
def test_figures_know_plotly_and_numpy_only(module):
    found = imports(MODULES[module])
    others = (found.top | found.inside) - sys.stdlib_module_names
    assert others <= {"plotly", "numpy", "fibattn"}


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
