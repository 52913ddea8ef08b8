"""The command that changes the judging code: its operators, and what it reports of a toy module."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.mutation.operators import OPERATORS, changes

ROOT = Path(__file__).parents[2]

# Of each operator: a module, and what it makes of it.
MADE = {
    "comparison": ("a = b < c\n", {"a = b <= c\n", "a = b > c\n"}),
    "arithmetic": ("a = (b + c) * d\n", {"a = (b - c) * d\n", "a = (b + c) / d\n"}),
    "number": ("CYCLE = 11\n", {"CYCLE = 12\n", "CYCLE = 22\n"}),
    "boolean": ("f(exact=True)\n", {"f(exact=False)\n"}),
    "condition": ("a = b if c else d\n", {"a = b if not (c) else d\n"}),
    "and/or": ("a = b and c and d\n", {"a = b or c and d\n", "a = b and c or d\n"}),
    "sign": ("a = not b, -c\n", {"a = (b), -c\n", "a = not b, (c)\n"}),
    "function": ("a = np.argmin(b)\n", {"a = np.argmax(b)\n"}),
    "arguments": ("f(a, b, c)\n", {"f(b, a, c)\n", "f(a, c, b)\n"}),
    "axis": ("a.sum(axis=-1)\n", {"a.sum(axis=0)\n"}),
    "slice end": (
        "a[:b], a[c:]\n",
        {"a[:(b) + 1], a[c:]\n", "a[:(b) - 1], a[c:]\n", "a[:b], a[c:-1]\n"},
    ),
    "name": ("f(train_x, d.test_x)\n", {"f(test_x, d.test_x)\n", "f(train_x, d.train_x)\n"}),
    "return": ("def f():\n    return a\n", {"def f():\n    return None\n"}),
    "deletion": ("a[0] = b\n", {"pass\n"}),
    "text": (
        'a = f"{b / c:.1f} times the sum"\n',
        {'a = f"{b / c:.2f} times the sum"\n', 'a = f"{b / c:.1f} other the sum"\n'},
    ),
}


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_changes_what_it_says(operator):
    source, made = MADE[operator]
    found = changes(source)
    assert {each.made(source) for each in found if each.operator == operator} == made
    assert {each.operator for each in found} <= set(OPERATORS)


def test_an_expression_in_an_f_string_is_changed_too():
    source = 'a = f"“é” {b / c:.0f}"\n'  # offsets count characters, the syntax tree bytes
    assert 'a = f"“é” {b * c:.0f}"\n' in {each.made(source) for each in changes(source)}


@pytest.mark.parametrize(
    "source",
    [
        '"""A module of 2 parts."""\n',
        "import numpy as np\n",
        "def f(a: Literal[1, 2]) -> dict[str, int]: ...\n",
        'Doubt = Literal["few", "chance"]\n',
        '__all__ = ["one", "two"]\n',
        "assert a > 1\n",
        "@dataclass(frozen=True)\nclass A:\n    a: int\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import b\n",
        'class Unreadable(ValueError): ...\ne = Unreadable("three words here")\n',
        'f(teaches="three words here")\n',
    ],
)
def test_what_no_value_depends_on_is_left_alone(source):
    assert [each for each in changes(source) if each.operator != "deletion"] == []


TOY = '''
    """A toy."""


    def larger(a, b):
        return max(a, b)


    def forgotten(a):
        return a + 5
'''
TEST = """
    from fibattn.words.toy import larger


    def test_larger():
        assert larger(2, 3) == larger(3, 2) == 3
"""
COMMAND = """
import sys
from pathlib import Path
from tests.mutation.__main__ import main
from tests.mutation.mistakes import Mistake

FILE = "fibattn/words/toy.py"
mistakes = [
    Mistake(FILE, "max(a, b)", "min(a, b)", "the smaller one"),
    Mistake(FILE, "max(a, b)", "(print(a), max(a, b))[1]", "no mistake at all"),
    Mistake(FILE, "no such text", "", "out of date"),
]
sys.exit(main(["words", "--count", "100"], Path(sys.argv[1]), mistakes))
"""


@pytest.mark.long
def test_survivors_and_stale_entries_are_reported(tmp_path):
    files = {
        "pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n',
        "fibattn/__init__.py": "",
        "fibattn/words/__init__.py": "",
        "fibattn/words/toy.py": textwrap.dedent(TOY).lstrip(),
        "tests/__init__.py": "",
        "tests/words/__init__.py": "",
        "tests/words/test_toy.py": textwrap.dedent(TEST),
        "tests/judge/__init__.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    said = done.stdout
    assert "survives: fibattn/words/toy.py:9\n    - return a + 5\n    + return a - 5\n" in said
    assert "- return max(a, b)\n    + return None" not in said
    # Both of `larger` are caught, none of the four of `forgotten`.
    assert "words: 2 of 6 random changes caught, 33.3 %" in said
    assert "words: 1 of 2 mistakes made by hand caught, 50.0 %" in said
    assert "(no mistake at all)" in said and "(the smaller one)" not in said
    assert "mistakes.py is stale: “out of date”" in said and "occurs 0 times" in said
    unchanged = {name: (tmp_path / name).read_text() for name in files}
    assert unchanged == files
