"""How large a file may be, and the error that says what is wrong with one."""

from __future__ import annotations

MOST_BYTES = 5 * 2**20
MOST_ROWS = 20_000
MOST_COLUMNS = 1_000


class Unreadable(ValueError):
    """What is wrong with a file or a choice of its columns, in a sentence for the visitor.

    The sentence is Markdown: what comes from the file is quoted in it.
    """


def too_many(shown: str) -> Unreadable:
    """Return the error for a file with too many rows; `shown` is its quoted name."""
    return Unreadable(
        f"{shown} has more than {MOST_ROWS:,} rows. Cut it to its last {MOST_ROWS:,}, or average "
        f"over longer spans."
    )
