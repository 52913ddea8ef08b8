"""What readers of the tutorial ask: questions with answers, and what shows each answer.

The texts are in `questions.toml`, where they can be translated without touching any code.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fibattn.tasks import TASKS

TEXTS = Path(__file__).with_name("questions.toml")


@dataclass(frozen=True)
class Question:
    """A question, its answer, and the settings that show it.

    id: the question's name in the address.
    question: as a reader would ask it.
    answer: Markdown, two to four sentences. Its numbers are held by the tests of `lessons`, which
        train the question's settings.
    show: what is to be seen under these settings, as it stands on the button; "" where the
        playground has nothing to show.
    task: the task to show it on, with the settings that suit it.
    settings: fields of `Experiment` over what the page starts from and over the task's settings.
    view: which of the playground's views shows it.
    stage: how the stage is set, as `ui.stage_address` writes it.
    snippet: Python that runs as it stands, where code was asked for; otherwise "".
    prints: what the snippet prints, line by line.
    words: more words by which the question is found.
    arises: where on the pages it is linked to, the places of `ui.links.ask`: a choice by its name,
        or a part of a page.
    """

    id: str
    question: str
    answer: str
    show: str = ""
    task: str = "fibonacci"
    settings: dict[str, Any] = dataclasses.field(default_factory=dict, hash=False)
    view: str = ""
    stage: str = ""
    snippet: str = ""
    prints: str = ""
    words: str = ""
    arises: tuple[str, ...] = ()

    @property
    def changes(self) -> dict[str, Any]:
        """Fields of `Experiment` over what the page starts from: the task's, then its own."""
        return {"task": self.task} | TASKS[self.task].suggested | self.settings


@cache
def questions() -> dict[str, Question]:
    """Return the questions by id, in the order of the file."""
    records = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["questions"]
    return {record["id"]: Question(**_stripped(record)) for record in records}


@cache
def arising(place: str) -> tuple[Question, ...]:
    """Return the questions that arise at a place of the pages."""
    return tuple(each for each in questions().values() if place in each.arises)


def found(query: str) -> list[Question]:
    """Return the questions that hold every word of `query`, those that ask with them first.

    Capitals do not matter, and a word is found by its beginning: "weigh" finds "weights". All
    questions are found by an empty text, and by one without letters or digits.
    """
    wanted = _words(query)
    ranked = [(_missing(each.question, wanted), each) for each in questions().values()]
    kept = [(rank, each) for rank, each in ranked if not _missing(_all_of(each), wanted)]
    return [each for _, each in sorted(kept, key=lambda pair: pair[0])]


def _stripped(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without the line break at the end of its texts, its lists as tuples."""
    stripped = {
        name: value.strip() if isinstance(value, str) else value for name, value in record.items()
    }
    return stripped | {"arises": tuple(record["arises"])}


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _all_of(each: Question) -> str:
    return " ".join((each.question, each.answer, each.snippet, each.words))


def _missing(text: str, wanted: list[str]) -> int:
    """Return how many of the wanted words begin no word of a text."""
    there = _words(text)
    return sum(not any(word.startswith(each) for word in there) for each in wanted)
