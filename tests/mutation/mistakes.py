"""Plausible mistakes in the judging code, made by hand. The tests must notice each of them.

`old` occurs exactly once in `file`; when the code changes, change the entry with it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A text in a file, what it is replaced with, and why somebody might write that."""

    file: str
    old: str
    new: str
    why: str


MISTAKES: tuple[Mistake, ...] = ()
