"""Words of strangers: what an address or a file says, quoted so that it stays text."""

from __future__ import annotations

import re

# Longer texts are cut.
MOST_QUOTED = 60


def quoted(text: str, most: int = MOST_QUOTED) -> str:
    """Return a stranger's text as Markdown that shows it literally, in one line, cut if long.

    It stands in a code span, in which Markdown knows no links, images, colours or HTML.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())
    if len(line) > most or len(text) > 4 * most:
        line = f"{line[: most - 1]}…"
    if not line:
        return "an empty text"
    ticks = max((len(run) for run in re.findall("`+", line)), default=0) + 1
    pad = " " if "`" in line else ""
    return f"{'`' * ticks}{pad}{line}{pad}{'`' * ticks}"
