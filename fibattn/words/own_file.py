"""How a visitor's own file was read, in sentences."""

from __future__ import annotations

from fibattn.tasks.file import Raw
from fibattn.words.notation import counted
from fibattn.words.quoting import quoted

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
# Of more columns that are left out, the rest is counted.
MOST_NAMED = 5


def how_read(raw: Raw) -> str:
    """Return in Markdown how the file was read, and why columns are left out, if any are."""
    header = "a header" if raw.has_header else "no header"
    words = [
        f"{counted(raw.rows, 'row')}, {header}, columns separated by "
        f"{SEPARATORS[raw.separator]}; read as oldest first."
    ]
    for name, odd in list(raw.skipped.items())[:MOST_NAMED]:
        words.append(f"Left out: {quoted(name)}, as line {odd.line} has {quoted(odd.text)}.")
    if len(raw.skipped) > MOST_NAMED:
        words.append(f"{len(raw.skipped) - MOST_NAMED} more columns are left out.")
    return " ".join(words)
