"""The page to keep as text: its size, what it holds, and that nothing in it can break out."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from fibattn.judge.comparison import paired
from fibattn.judge.errors import test_mse as errors_of
from fibattn.judge.pinned import Pinned
from fibattn.take_away import __main__ as command
from fibattn.take_away.page import OWN_NUMBERS, page, scene
from fibattn.words.verdict import verdict
from tests.take_away.pairs import NASTY, graphs, new, own_file, pair

LARGEST = 300_000


class Elements(HTMLParser):
    """Every element with its attributes, and the text outside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.text = ""
        self.scripts: list[str] = []
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        self._in = tag

    def handle_endtag(self, tag):
        self._in = ""

    def handle_data(self, data):
        if self._in == "script":
            self.scripts.append(data)
        elif self._in != "style":
            self.text += data


def kept(which, **more) -> str:
    return page(which, graphs(which), new(which)).decode("utf-8")


@pytest.fixture(scope="module")
def small():
    return kept(pair())


def test_it_holds_the_answer_every_start_and_every_setting(small):
    found = Elements(small)
    errors = errors_of(pair().plain), errors_of(pair().attention)
    assert verdict(paired(*errors)) in found.text
    for words in ("2026-01-31", "keras", "The tutorial's", "Random starts", "always 0"):
        assert words in found.text
    pictures = [each.get("aria-label") for tag, each in found.found if tag == "svg"]
    assert any("Loss over the epochs" in (words or "") for words in pictures)


def test_the_stages_bytes_are_the_stages(small):
    packed = next(text for text in Elements(small).scripts if re.fullmatch(r"[\w+/=]{999,}", text))
    assert base64.b64decode(packed) == scene(pair().plain, pair().attention, graphs(pair()))


def test_it_asks_for_nothing_from_anywhere(small):
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", small))
    assert addresses == {"http://www.w3.org/2000/svg"}
    named = [each for _, each in Elements(small).found if {"src", "href"} & set(each)]
    assert not named and "plotly" not in small


def test_one_script_may_run_and_its_hash_is_the_one_that_is_named(small):
    found = Elements(small)
    (policy,) = [a["content"] for t, a in found.found if t == "meta" and "http-equiv" in a]
    script = found.scripts[-1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy


def test_what_a_visitors_file_says_stays_text():
    own = own_file()
    text = kept(own)
    found = Elements(text)
    honest = Elements(kept(pair()))
    tags = {tag for tag, _ in found.found}
    assert tags <= {tag for tag, _ in honest.found}
    assert len(found.scripts) == len(honest.scripts)
    assert NASTY in found.text and NASTY not in text
    assert OWN_NUMBERS in found.text


def test_a_view_cannot_end_the_element_it_stands_in():
    which = pair()
    view = {"window": 0, "opened": "</script><script>alert(1)</script>"}
    nasty = type(which)(which.plain, which.attention, view=view)
    found = Elements(page(nasty, graphs(which), new(which)).decode())
    (held,) = [each for each in found.scripts if each.startswith("{")]
    assert json.loads(held)["opened"] == view["opened"]
    assert len(found.scripts) == 4


@pytest.mark.parametrize(
    ("changes", "same_data", "compared"),
    [
        ({"units": 3, "epochs": 4}, True, "than in the pinned run"),
        ({"series_length": 70}, False, "so their errors cannot be compared"),
    ],
)
def test_a_pinned_run_is_in_the_words_the_pictures_and_on_the_stage(changes, same_data, compared):
    which, was = pair(), pair(**changes)
    pinned = Pinned(was.plain, was.attention, same_data)
    outline = graphs(was)[1] if same_data else None
    text = page(which, graphs(which), new(which), pinned, outline).decode()
    found = Elements(text)
    (listed,) = re.findall(r"<p>Pinned → now: (.*?)</p>", text)
    assert compared in listed and "**" not in listed
    pictures = [each["aria-label"] for tag, each in found.found if tag == "svg" and "role" in each]
    of_errors = next(each for each in pictures if each.startswith("Test error of every"))
    of_losses = next(each for each in pictures if each.startswith("Loss over the epochs"))
    assert "Attention, pinned" in of_errors and "Pinned: " in of_losses
    assert text.count('stroke-dasharray="2 4"') == 2  # both networks' test losses
    assert text.count('fill-opacity="0"') == 2 * (2 + 1)  # a dot a start, and a median
    packed = next(each for each in found.scripts if re.fullmatch(r"[\w+/=]{999,}", each))
    graph = (was.attention, outline) if same_data else None
    wanted = scene(which.plain, which.attention, graphs(which), pinned=graph)
    assert base64.b64decode(packed) == wanted
    assert (b'"pinned"' in wanted[:100_000]) or not same_data


def test_without_a_pin_nothing_is_said_of_one(small):
    assert "inned" not in Elements(small).text and "2 4" not in small


def test_without_a_graph_a_picture_and_the_reason_stand_there():
    which = pair()
    reasons = ("This network has an <operation> the stage does not know.",) * 2
    found = Elements(page(which, reasons, new(which)).decode())
    assert "This network has an <operation>" in found.text
    assert not {"run", "training", "again"} & {each.get("id") for _, each in found.found}


def test_without_a_training_step_the_reason_stands_there_and_no_button():
    which = pair()
    reasons = (new(which)[0], "Its gradient has an <operation> that the stage does not know.")
    found = Elements(page(which, graphs(which), reasons).decode())
    assert reasons[1] in found.text
    held = {each.get("id") for _, each in found.found}
    assert "run" in held and not {"training", "again"} & held


@pytest.mark.long
def test_the_default_run_is_small():
    which = pair(series_length=1200, time_steps=20, epochs=30, repeats=8)
    assert len(kept(which)) <= LARGEST


def test_the_command_writes_one(tmp_path, capsys):
    out = tmp_path / "out.html"
    quick = ["--series_length=60", "--time_steps=5", "--epochs=2", "--repeats=2"]
    command.main([str(out), *quick, "--task", "find-max", "--attention", "additive-content"])
    assert "Find the maximum" in out.read_text(encoding="utf-8")
    assert "kB" in capsys.readouterr().out


def test_the_command_takes_a_file_and_says_what_is_wrong(tmp_path, capsys):
    table = tmp_path / "mine.csv"
    table.write_text("a,b\n" + "\n".join(f"{i},{i % 7}" for i in range(80)))
    options = ["--task=csv", f"--file={table}", "--target=b"]
    out = tmp_path / "out.html"
    command.main([str(out), *options, "--epochs=1", "--repeats=2", "--time_steps=4"])
    assert "mine.csv" in out.read_text(encoding="utf-8")
    with pytest.raises(SystemExit):
        command.main([str(out), *options, "--units=99"])
    assert "units is 99, but it must lie between" in capsys.readouterr().err


def test_packed_bytes_hold_no_name_of_the_file():
    own = own_file()
    assert NASTY.encode() not in scene(own.plain, own.attention, graphs(own))
