"""The page of questions: each is drawn, found, has an address, and leads to what shows it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fibattn.lessons.questions import questions
from fibattn.ui import attention_view, links, live, sidebar
from fibattn.ui.page_state import VIEWS
from tests.parameters import mostly_long
from tests.ui.shown import visited
from tests.ui.test_any_address import Waiting
from tests.ui.test_every_choice import MadeUp

QUICK = {"series_length": "120", "time_steps": "6", "repeats": "3", "epochs": "2"}
TITLES = [each.question for each in questions().values()]


@pytest.fixture(autouse=True)
def _waiting(monkeypatch):
    monkeypatch.setattr(live, "trainer", Waiting)


def visit(path: str = links.QUESTIONS, **query: str) -> AppTest:
    return visited(path, **query)


def app(**query: str) -> AppTest:
    """Open the whole app, on its first page."""
    page = AppTest.from_file("../../app.py", default_timeout=60)
    for name, text in query.items():
        page.query_params[name] = text
    return page.run()


def listed(page: AppTest) -> list[str]:
    return [each.label for each in page.get("expander") if each.label in TITLES]


def words(page: AppTest) -> list[str]:
    return [each.value for each in page.markdown]


def test_all_questions_stand_there_closed():
    page = visit()
    assert listed(page) == TITLES
    assert not page.code
    assert not any(each.answer in words(page) for each in questions().values())


SOME = list(questions().values())[::8]


@pytest.mark.parametrize("asked", mostly_long(questions().values(), SOME), ids=lambda each: each.id)
def test_an_address_opens_its_question_and_shows_it_first(asked):
    page = visit(ask=asked.id)
    assert asked.answer in words(page)
    assert listed(page)[0] == asked.question
    assert sorted(listed(page)) == sorted(TITLES)
    assert [each.value for each in page.code] == [t for t in (asked.snippet, asked.prints) if t]
    assert not page.warning


def test_an_address_without_such_a_question_is_a_sentence():
    page = visit(ask="bias-shap")
    assert page.warning[0].value.startswith("There is no question `bias-shap`.")
    assert listed(page) == TITLES


def test_a_search_finds_by_words_and_is_in_the_address():
    page = visit()
    page.text_input(key="q").set_value("inverse_transform").run()
    assert listed(page) == [questions()["scale-back"].question]
    assert listed(visit(q="inverse_transform")) == listed(page)
    page.text_input(key="q").set_value("").run()
    assert listed(page) == TITLES


def test_a_search_without_a_find_is_a_sentence_and_hides_nothing():
    page = visit(q="qqqq")
    assert page.info[0].value == "No question has the words `qqqq`. All of them stand below."
    assert listed(page) == TITLES


@pytest.mark.parametrize("asked", mostly_long(questions().values(), SOME), ids=lambda each: each.id)
def test_show_sets_the_playground_to_what_the_answer_speaks_of(asked):
    page = visit(ask=asked.id, units="7", seed="3")
    page.button(key=f"show_{asked.id}").click().run()
    assert not page.exception
    used = page.session_state["choice"][1]
    for name, value in (sidebar.DEFAULTS | asked.changes).items():
        assert getattr(used, name) == value, name
    assert page.session_state["view"] == asked.view
    assert page.session_state["stage"] == asked.stage


def test_a_link_leads_to_the_question_and_show_back_again():
    page = app(units="3")
    page.button(key="link_attention_kind").click().run()
    assert [each.value for each in page.title] == ["Questions"]
    assert questions()["kind"].answer in words(page)
    assert page.session_state["choice"][1].units == 3, "what was chosen stays"
    page.button(key="show_kind").click().run()
    assert page.title[0].value.startswith("Does attention help")
    assert page.session_state["choice"][1].attention == "additive-query"
    assert page.session_state["view"] == VIEWS[2]


def test_the_settings_of_the_playground_stay_on_the_way_to_the_questions_and_back():
    page = app(units="3", scaling="log")
    page.button(key="link_attention_kind").click().run()
    assert page.session_state["units"] == 3
    assert page.session_state["scaling"] == "log"


def test_every_question_stands_where_it_arises(monkeypatch):
    for module in (live, attention_view):
        monkeypatch.setattr(module, "trainer", MadeUp)
    pages = [visit(links.PLAYGROUND, **QUICK, view=view) for view in VIEWS]
    pages += [visit(path, **QUICK) for path in ("does-it-help", "inside")]
    pages.append(visit(links.PLAYGROUND, **QUICK | {"series_length": "1200"}))  # it drowns
    drawn = {each.key for page in pages for each in page.button}
    for each in questions().values():
        assert each.arises, "The question is linked to from nowhere."
        for place in set(each.arises) - {"diverged"}:  # the next test's
            assert f"link_{place}_{each.id}" in drawn


def test_a_start_that_diverged_leads_to_what_helps(monkeypatch):
    class Diverging(MadeUp):
        def run(self, experiment):
            run = super().run(experiment)
            run.val_loss[-1, 0] = float("nan")
            return run

    for module, made in ((live, Diverging), (attention_view, Diverging)):
        monkeypatch.setattr(module, "trainer", made)
    page = visit(links.PLAYGROUND, **QUICK)
    assert "link_diverged_same-predictions" in [each.key for each in page.button]
