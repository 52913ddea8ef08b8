"""A run is pinned by a click, stays in the address, and is let go by another."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from fibattn.trainer.standing import Standing, of_run
from fibattn.ui import attention_view, live
from fibattn.ui.page_state import VIEWS
from fibattn.words import pinned as words
from tests.parameters import mostly_long
from tests.ui.shown import visited
from tests.ui.test_every_choice import MadeUp

QUICK = {"series_length": "120", "time_steps": "6", "epochs": "2", "repeats": "3"}
FIRST = "series_length-120~time_steps-6~epochs-2~repeats-3"


@pytest.fixture(autouse=True)
def _made_up(monkeypatch):
    for module in (live, attention_view):
        monkeypatch.setattr(module, "trainer", MadeUp)


def opened(**query: str) -> AppTest:
    return visited("playground", **QUICK | query)


def texts(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(each.value for each in (*page.markdown, *page.caption, *page.warning))


def named(page: AppTest, key: str) -> set[str]:
    """Return the names of what is drawn in a chart."""
    for chart in page.get("plotly_chart"):
        if chart.proto.id.endswith(key):
            return {each.get("name", "") for each in json.loads(chart.proto.spec)["data"]}
    raise AssertionError(f"There is no chart {key}.")


def test_a_click_pins_the_run_and_another_lets_it_go():
    page = opened()
    assert "inned" not in texts(page)
    page.button(key="pin_this").click().run()
    assert page.session_state["pin"] == FIRST
    assert words.NOTHING_DIFFERS in texts(page)
    assert page.button(key="pin_this").disabled
    page.slider(key="epochs").set_value(4).run()
    assert "Epochs 2 → **4**" in texts(page) and "Units" not in texts(page).split("→")[1]
    assert "than in the pinned run" in texts(page)
    assert not page.button(key="pin_this").disabled
    page.button(key="unpin").click().run()
    assert page.session_state["pin"] == ""
    assert "inned" not in texts(page)


def test_every_figure_of_the_view_has_it():
    for pin, there in (("", False), (f"{FIRST}~units-5", True)):
        page = opened(pin=pin)
        for key in ("scores", "losses", "predictions"):
            assert ("Attention, pinned" in named(page, key)) == there


def test_both_tables_of_errors_have_it():
    for pin, rows, columns in (("", 2, 2), (f"{FIRST}~units-5", 4, 4), (f"{FIRST}~cell-GRU", 4, 4)):
        page = opened(pin=pin)
        scores, metrics = (each.value for each in page.markdown if "MSE" in each.value[:400])
        assert sum(name in scores for name in ("[**Plain**] |", "[**Attention**] |")) == 2
        assert scores.count(", pinned |") == rows - 2
        assert metrics.splitlines()[0].count(", pinned") == columns - 2


def test_a_series_of_other_data_is_drawn_beside():
    for pin, lines in ((f"{FIRST}~units-5", 2), (f"{FIRST}~scaling-log", 4)):
        page = opened(pin=pin, view=VIEWS[2])
        (chart,) = (c for c in page.get("plotly_chart") if c.proto.id.endswith("series"))
        assert len(json.loads(chart.proto.spec)["data"]) == lines


def test_does_it_help_trains_it_from_as_many_starts_and_compares_in_pairs():
    page = visited("does-it-help", **QUICK, pin=FIRST.replace("epochs-2", "epochs-4"))
    assert "Epochs 4 → **2**" in texts(page)
    assert "than in the pinned run" in texts(page)
    assert "| Pinned |" in texts(page) and "| | Plain | Uniform weights | Pinned |" in texts(page)
    dots = named(page, "paired")
    assert {"Plain", "Uniform weights", "Pinned", "Attention"} <= dots
    page.button(key="unpin").click().run()
    assert "inned" not in texts(page)


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"seed": "3"}, "Another seed gives other"), ({"scaling": "log"}, "The two were tested on")],
)
def test_does_it_help_says_why_it_cannot_be_compared(more, reason):
    page = visited("does-it-help", **QUICK | more, pin=FIRST)
    assert reason in texts(page)
    assert "| Pinned |" not in texts(page)


def test_does_it_help_says_nothing_of_a_pin_that_is_the_run_itself():
    assert "inned" not in texts(visited("does-it-help", **QUICK, pin=FIRST))


def test_the_run_now_may_be_pinned_in_place_of_the_pinned_one():
    page = opened(pin=f"{FIRST}~units-5")
    assert "Units 5 → **2**" in texts(page)
    page.button(key="pin_this").click().run()
    assert page.session_state["pin"] == FIRST


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"seed": "3"}, "Another seed gives other"), ({"scaling": "log"}, "The two were tested on")],
)
def test_where_it_cannot_be_compared_it_says_why(more, reason):
    page = opened(pin=FIRST, **more)
    assert reason in texts(page)
    assert "than in the pinned run" not in texts(page)


def test_a_preset_keeps_the_pin_and_start_over_takes_it_away():
    page = opened(pin=FIRST)
    page.pills(key="preset").set_value("Log scale").run()
    assert page.session_state["pin"] == FIRST
    assert "Scaling Linear → **Log**" in texts(page)
    next(each for each in page.button if each.label == "Start over").click().run()
    assert page.session_state["pin"] == ""


def test_a_bad_pin_is_a_sentence_and_pins_nothing():
    page = opened(pin="units-999~cell-GRU")
    said = "Nothing is pinned: “Units” cannot be `999`: it is a whole number from 1 to 32."
    assert said in texts(page)
    assert "Pinned" not in texts(page)
    page.run()
    assert page.session_state["pin"] == ""
    next(each for each in page.button if each.label == "Understood").click().run()
    assert "inned" not in texts(page)


def test_the_page_of_the_inside_says_what_is_pinned():
    page = visited("inside", **QUICK, pin=f"{FIRST}~units-5")
    assert "Units 5 → **2**" in texts(page)


class Forgotten(MadeUp):
    """Stands in for a trainer that has to train the pinned networks again."""

    asked: list = []
    trouble = ""

    def watch(self, visitor, experiments, **_):
        self.asked.append({each.units for each in experiments})
        return self.standings(experiments)

    def standings(self, experiments):
        return [
            of_run(self.run(each))
            if each.units == 2
            else Standing(
                each, "training", 1, *[self.run(each).val_loss[:1]] * 2, error=self.trouble
            )
            for each in experiments
        ]


@pytest.mark.parametrize("trouble", ["", "It does not fit into memory."])
def test_a_pinned_run_that_is_gone_is_trained_again_after_the_page_s_own(monkeypatch, trouble):
    monkeypatch.setattr(Forgotten, "asked", [])
    monkeypatch.setattr(Forgotten, "trouble", trouble)
    monkeypatch.setattr(live, "trainer", Forgotten)
    page = opened(pin=f"{FIRST}~units-5")
    assert words.TRAINED_AGAIN in texts(page) and trouble in texts(page)
    assert Forgotten.asked[0] == {2} and {5} in Forgotten.asked
    assert {2, 5} not in Forgotten.asked, "nobody waits for both"
    assert "Attention, pinned" not in named(page, "scores")


def test_a_run_on_a_file_cannot_be_pinned_and_says_why():
    page = visited("playground", **QUICK, task="csv")
    file = ("mine.csv", "a\n" + "\n".join(str(i % 7) for i in range(60)), "text/csv")
    page.get("file_uploader")[0].set_value((file[0], file[1].encode(), file[2])).run()
    button = page.button(key="pin_this")
    assert button.disabled and button.help == words.OWN_FILE


@pytest.mark.parametrize("view", mostly_long(VIEWS, {VIEWS[1]}))
def test_every_view_is_drawn_beside_a_pin_of_any_kind(view):
    for pin in ("task-find-max~series_length-200", f"{FIRST}~cell-GRU~attention-dot~horizon-2"):
        page = opened(pin=pin, view=view)
        assert "The two were tested on different data" in texts(page)
