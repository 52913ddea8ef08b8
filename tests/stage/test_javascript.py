"""The JavaScript as text: joined, linted, and checked against its own types."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

from fibattn.stage import modules

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".ci/node_modules/.bin"
FILES = sorted(path.name for path in modules.FOLDER.glob("*.js"))


def checked(*command: str) -> None:
    """Run a tool of .ci/package.json; without it fail in CI, elsewhere skip."""
    if not (TOOLS / command[0]).exists():
        if os.environ.get("CI"):
            pytest.fail("CI must have what .ci/package.json names: run `npm ci` in .ci.")
        pytest.skip("The tools that check JavaScript are installed by `npm ci` in .ci.")
    done = subprocess.run(
        [str(TOOLS / command[0]), *command[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_linter_and_the_formatter_find_nothing():
    checked("biome", "check", "--config-path=.ci", "fibattn/stage")


def test_its_types_fit_together():
    checked("tsc", "-p", ".ci/tsconfig.json")


@pytest.mark.slow
def test_the_types_are_looked_at(tmp_path):
    """The same check finds a wrong argument in a copy."""
    for each in FILES:
        shutil.copy(modules.FOLDER / each, tmp_path)
    config = (ROOT / ".ci/tsconfig.json").read_text().replace("../fibattn/stage", str(tmp_path))
    (tmp_path / "tsconfig.json").write_text(config)
    checked("tsc", "-p", str(tmp_path / "tsconfig.json"))
    with open(tmp_path / "interpreter.js", "a", encoding="utf-8") as file:
        file.write('\ncompile("no graph");\n')
    with pytest.raises(AssertionError, match="not assignable"):
        checked("tsc", "-p", str(tmp_path / "tsconfig.json"))


@pytest.mark.parametrize("name", FILES)
def test_a_module_says_what_it_is_about_is_checked_and_needs_nothing_else(name):
    text = (modules.FOLDER / name).read_text(encoding="utf-8")
    assert text.startswith("// @ts-check\n/**"), "its first lines: // @ts-check, then its subject"
    imported = re.findall(r'^import [^;]*from (".*");$', text, re.MULTILINE)
    assert set(imported) <= {f'"./{each}"' for each in FILES}
    assert not re.search(
        r"\bimport\(\s*[^\"\s]|\brequire\(|https?://(?!www.w3.org/2000/svg\")", text
    )
    exported = re.findall(r"(?:^|\*/\n)export ", text, re.MULTILINE)
    documented = re.findall(r"\*/\nexport ", text)
    assert len(documented) == len(exported), "each exported function has its JSDoc"


@pytest.mark.parametrize("name", FILES)
def test_joined_modules_are_one_module(name):
    text = modules.joined(name)
    assert not re.search(r"^import ", text, re.MULTILINE)
    names = re.findall(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", text, re.M)
    assert len(names) == len(set(names)), "names of joined modules must differ"
    own = (modules.FOLDER / name).read_text(encoding="utf-8")
    assert re.findall(r"^export .*", text, re.M) == re.findall(r"^export .*", own, re.M)
    with MiniRacer() as v8:
        v8.eval(modules.script(name))


def test_modules_come_once_and_after_those_they_import():
    text = modules.joined("unpacking.js", "interpreter.js")
    assert text.count("const OPERATIONS =") == 1
    assert text.index("const OPERATIONS =") < text.index("function compile(")
    assert "export function compile(" in text and "export function unpack(" in text
    assert "export" not in modules.script("interpreter.js").split("*/")[-1]
