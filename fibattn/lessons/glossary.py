"""The field's words with a sentence each, and texts in which they are explained on the spot.

The sentences are in `glossary.toml`, where they can be translated without touching any code.
"""

from __future__ import annotations

import html
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).with_name("glossary.toml")

# Of Markdown these parts are left as they are: code, links, HTML, and the names of colours and
# icons.
_LEFT_ALONE = re.compile(
    r"`+[^`]*`+|\[[^\]]*\]\([^)]*\)|<[^>]*>|https?://\S+|:material/\w+:|:[a-z-]+(?=\[)"
)


@dataclass(frozen=True)
class Word:
    """A word of the field.

    word: as it is asked for by `explained`, in small letters.
    forms: how it is written in texts, such as its plural.
    meaning: one sentence of plain text, about the word as these pages use it.
    """

    word: str
    forms: tuple[str, ...]
    meaning: str


@cache
def glossary() -> dict[str, Word]:
    """Return all words with their sentences."""
    records = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["words"]
    return {
        each["word"]: Word(each["word"], tuple(each["forms"]), each["meaning"]) for each in records
    }


def explained(markdown: str, *words: str) -> str:
    """Return a text in which the first occurrence of each of these words carries its meaning.

    The word becomes HTML that can be hovered over, focused and tapped; `ui.style` shows the
    meaning then. What is not found in the text stays unexplained.

    Args:
        markdown: of the page's own, never of a visitor: it is drawn with HTML allowed.
        words: as in `glossary`.
    """
    for word in words:
        markdown = _with_meaning(markdown, glossary()[word])
    return markdown


def meanings(*words: str) -> str:
    """Return the sentences of these words as Markdown, for the help of a heading."""
    entries = [glossary()[word] for word in words]
    return "  \n".join(f"**{_heading(each)}**: {each.meaning}" for each in entries)


def _heading(entry: Word) -> str:
    first = entry.forms[0]
    return first[0].upper() + first[1:]


def _with_meaning(markdown: str, entry: Word) -> str:
    """Return the text with the first occurrence of one word explained."""
    longest_first = sorted(entry.forms, key=len, reverse=True)
    written = re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})\b", re.IGNORECASE)
    for start, end in _open_parts(markdown):
        if match := written.search(markdown, start, end):
            before, after = markdown[: match.start()], markdown[match.end() :]
            return f"{before}{_term(match.group(), entry)}{after}"
    return markdown


def _open_parts(markdown: str) -> list[tuple[int, int]]:
    """Return where the text may be changed, as pairs of start and end."""
    parts, start, inside = [], 0, 0
    for match in _LEFT_ALONE.finditer(markdown):
        if not inside:
            parts.append((start, match.start()))
        # An explanation that is already there is left alone as a whole.
        inside += match.group().startswith("<span") - match.group().startswith("</span")
        start = match.end()
    return [*parts, (start, len(markdown))]


def _term(written: str, entry: Word) -> str:
    meaning = html.escape(entry.meaning)
    return (
        f'<span class="term" tabindex="0">{written}'
        f'<span class="meaning" role="tooltip">{meaning}</span></span>'
    )
