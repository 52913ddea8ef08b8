"""The stage's JavaScript as one text: modules joined, where a page takes no folder of them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent

# A comment of lines of its own: a third of the text, which each page would be sent, and each file
# would hold.
_COMMENT = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/\n", re.MULTILINE | re.DOTALL)

# Both stand at the beginning of a line, as a test sees to.
_IMPORT = re.compile(r'^import [^;]*? from "\./(\w+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(
    r"^export (?:default )?(?=(?:async )?(?:function|const|class)\b)", re.MULTILINE
)


@cache
def joined(*names: str) -> str:
    """Return some modules of this folder, and all that they import, as the text of one.

    Comments of lines of their own are left out. Each module comes once, after those it imports.
    What the named modules export is exported; so no two modules that are joined may have equal
    names in them.

    Args:
        names: the files' names, such as "interpreter.js".
    """
    order: list[str] = []

    def add(name: str) -> None:
        if name in order:
            return
        for needed in _IMPORT.findall(_text(name)):
            add(needed)
        order.append(name)

    for name in names:
        add(name)
    parts = []
    for name in order:
        text = _COMMENT.sub("", _IMPORT.sub("", _text(name)))
        parts.append(text if name in names else _EXPORT.sub("", text))
    return "\n".join(parts)


def script(*names: str) -> str:
    """Return the same modules without exports, for where no modules are known."""
    return _EXPORT.sub("", joined(*names))


def styles(*more: str) -> str:
    """Return the stage's style sheet, and more of this folder after it."""
    return "\n".join(_text(name) for name in ("stage.css", *more))


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
