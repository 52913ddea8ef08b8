"""One HTML file of the whole story: every scene with its picture, the stage alive in it.

It needs no network and no server, and is guarded as `page` says.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from fibattn.lessons.glossary import explained, glossary
from fibattn.lessons.story import Scene
from fibattn.stage import modules
from fibattn.take_away.page import document, json_text
from fibattn.take_away.pair import versions
from fibattn.words import stage as words

# What of a scene goes to the browser.
TOLD = ("id", "title", "text", "look", "notes")


def told(scenes: Sequence[Scene], with_notes: bool = True) -> list[dict[str, str]]:
    """Return the scenes' words, as the story in the browser takes them.

    `shown` is the text, and below it what to look at, as HTML in which the field's words carry
    their meaning.
    """
    without = {} if with_notes else {"notes": ""}
    return [
        {name: getattr(each, name) for name in TOLD} | {"shown": _shown(each)} | without
        for each in scenes
    ]


def _shown(scene: Scene) -> str:
    words = f'<p class="text">{escape(scene.text)}</p><p class="look">{escape(scene.look)}</p>'
    return explained(words, *glossary())


def in_words(scenes: Sequence[Scene]) -> str:
    """Return the scenes' words as HTML, for who can run no script."""
    return "".join(f"<h2>{escape(each.title)}</h2><p>{escape(each.text)}</p>" for each in scenes)


def story_file(
    scenes: Sequence[Scene],
    contents: Mapping[str, Mapping[str, Any]],
    runs: Mapping[str, bytes],
    with_notes: bool,
) -> bytes:
    """Return the file.

    Args:
        scenes: in their order.
        contents: of each scene, by its id: a drawing as `svg`, or the name of its run as `run` and
            the `view` it is shown with.
        runs: packed for the stage, by name.
        with_notes: whether the speaker's notes are in it.
    """
    script = modules.script("story_kept.js") + "\nshowKeptStory();\n"
    parts = [
        "<h1>The story of a tutorial</h1>",
        f'<div id="story"><p>{words.ONLY_WORDS}</p>{in_words(scenes)}</div>',
        _data("scenes", {"scenes": told(scenes, with_notes), "contents": dict(contents)}),
        *(_run(name, run) for name, run in runs.items()),
        f"<footer><p>{escape(_made_with())}</p></footer>",
    ]
    title = "Does attention help? The story of a tutorial"
    return document(title, parts, script, ("story.css",)).encode("utf-8")


def _data(name: str, value: Mapping[str, Any]) -> str:
    return f'<script type="application/json" id="{name}">{json_text(value)}</script>'


def _run(name: str, run: bytes) -> str:
    text = base64.b64encode(run).decode("ascii")
    return f'<script type="text/plain" class="run" id="{escape(name)}">{text}</script>'


def _made_with() -> str:
    return "Trained with " + ", ".join(f"{name} {number}" for name, number in versions().items())
