"""The story of the tutorial, told in scenes: one idea and one picture each.

The texts are in `story.toml`, where they can be translated without touching any code.
"""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fibattn.tasks import TASKS

TEXTS = Path(__file__).with_name("story.toml")

# What a scene may show: the stage, or a drawing of the numbers, of what scaling leaves of them, of
# losses, of every start's error, of predictions on the original scale, of the atlas.
PICTURES = ("stage", "numbers", "scaled", "losses", "errors", "predictions", "atlas")


@dataclass(frozen=True)
class Scene:
    """One idea: its words, its picture, and the settings the picture is made with.

    id: the scene's name in the address.
    title: as a heading.
    text: plain text. What it claims is held by the tests of `lessons`, which train the settings.
    look: what to look at in the picture, in one sentence of plain text.
    notes: for the speaker.
    picture: one of PICTURES.
    task: the task, with the settings that suit it.
    settings: fields of `Experiment` over what the page starts from and over the task's settings.
    window: the test window on the stage, counted by the size of its target; None for the last.
    stage: what is done on the stage when the scene is shown, as `ui.stage_address` writes it.
    """

    id: str
    title: str
    text: str
    look: str
    notes: str
    picture: str
    task: str = "fibonacci"
    settings: dict[str, Any] = dataclasses.field(default_factory=dict, hash=False)
    window: int | None = None
    stage: str = ""

    @property
    def changes(self) -> dict[str, Any]:
        """Fields of `Experiment` over what the page starts from: the task's, then its own."""
        return {"task": self.task} | TASKS[self.task].suggested | self.settings


@cache
def story() -> dict[str, Scene]:
    """Return the scenes by id, in the order in which they are told."""
    records = tomllib.loads(TEXTS.read_text(encoding="utf-8"))["scenes"]
    return {record["id"]: Scene(**_plain(record)) for record in records}


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with its texts without line breaks."""
    return {
        name: " ".join(value.split()) if isinstance(value, str) else value
        for name, value in record.items()
    }
