"""The story as a file: guarded like the kept page, with the notes or without."""

import base64
import hashlib
import json
import re

import pytest

from fibattn.lessons.story import Scene, story
from fibattn.take_away.story import story_file

SCENES = list(story().values())
ODD = Scene("odd", "<img src=x onerror=alert(1)>", "</script><b>", "look", "notes", "losses")


def made(scenes=SCENES, with_notes=True) -> str:
    contents = {each.id: {"svg": "<svg></svg>"} for each in scenes}
    return story_file(scenes, contents, {"choice": b"\x00\x01"}, with_notes).decode()


def told(page: str) -> dict:
    return json.loads(re.search(r'id="scenes">(.*?)</script>', page, re.DOTALL)[1])


@pytest.mark.parametrize("with_notes", [True, False])
def test_the_notes_are_in_it_if_they_are_wanted(with_notes):
    page = made(with_notes=with_notes)
    assert [each["title"] for each in told(page)["scenes"]] == [each.title for each in SCENES]
    assert ("Let the room vote" in page) == with_notes


def test_only_its_own_script_may_run_and_no_text_ends_an_element():
    page = made([*SCENES, ODD])
    digest = re.search(r"script-src 'sha256-([^']+)'", page)[1]
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() == digest
    assert "<img" not in page and "</script><b>" not in page
    assert told(page)["scenes"][-1]["title"] == ODD.title


def test_it_asks_for_nothing_outside():
    assert not re.search(r'(?:src|href)="|url\(', made().split("<script>")[0])
