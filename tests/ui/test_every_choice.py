"""Every page is drawn with every choice, from made-up runs: no figure, table or sentence fails."""

from __future__ import annotations

import dataclasses

import pytest
from streamlit.testing.v1 import AppTest

from fibattn.experiment import KNOBS, PARTS, Experiment
from fibattn.knobs import Knob
from fibattn.network.answers import Swapped
from fibattn.run import LayerRow
from fibattn.tasks import TASKS
from fibattn.trainer.standing import of_run
from fibattn.ui import attention_view, live
from fibattn.ui.navigation import PAGES
from fibattn.ui.page_state import VIEWS
from tests.figures.made import a_run, changed
from tests.parameters import mostly_long
from tests.ui.shown import show

# What a choice needs beside it; a file of one's own is uploaded in test_pages.
BESIDE = {
    "decoder": {"recurrent": {"horizon": 2, "attention": "dot"}},
    "modulus": {any: {"task": "fibonacci-mod-m"}},
    "task": {"two-lags": {"time_steps": 12}},
}
SMALL = {"series_length": 120, "time_steps": 6, "repeats": 3, "epochs": 2}
# The pages that show what is trained under these choices, and those that draw figures of it.
OF_CHOICES = [page for page in PAGES if page.path not in ("questions", "atlas", "story")]
WITH_FIGURES = [page for page in OF_CHOICES if page.path != "inside"]


class MadeUp:
    """Stands in for the trainer: every run is there at once, and made up."""

    visitors = 1

    def watch(self, visitor, experiments, **_):
        return [of_run(self.run(experiment)) for experiment in experiments]

    def standings(self, experiments):
        return self.watch(None, experiments)

    def graph(self, experiment, wait=0.0):
        """Nothing yet: what the stage does is tested in a browser."""

    def prepare_graph(self, experiment):
        """Nothing, as for `graph`."""

    def run(self, experiment: Experiment):
        fields = {f.name: getattr(experiment, f.name) for f in dataclasses.fields(experiment)}
        attention, seed = fields.pop("attention"), fields.pop("seed")
        run = a_run(attention, None, seed + (attention is not None), **fields)
        run = changed(run, experiment=experiment)
        return changed(run, layers=(LayerRow("recurrent", "SimpleRNN", (None, 6, 2), 8),))

    def swapped(self, run):
        return Swapped(*[tuple(run.val_loss[-1].tolist())] * 3)


@pytest.fixture(autouse=True)
def _made_up(monkeypatch):
    for module in (live, attention_view):
        monkeypatch.setattr(module, "trainer", MadeUp)


def drawn(path: str, **query) -> AppTest:
    page = AppTest.from_function(show, default_timeout=60, args=(path,))
    for name, value in query.items():
        page.query_params[name] = str(value).lower() if isinstance(value, bool) else str(value)
    page.run()
    assert not page.exception
    assert not page.error
    return page


def choices(knob: Knob) -> list:
    """Return every option of a choice, or the least and the most of a number."""
    if knob.options is None:
        return [knob.low, knob.high]
    return [value for value in knob.options if value is not None and value != "csv"]


EVERY_CHOICE = [(name, value) for name, knob in KNOBS.items() for value in choices(knob)]
# The quick round draws the last value of each choice, on the first page.
LAST = [(name, choices(knob)[-1]) for name, knob in KNOBS.items()]


@pytest.mark.parametrize(
    "page", mostly_long(OF_CHOICES, OF_CHOICES[:1]), ids=lambda each: each.title
)
@pytest.mark.parametrize(
    "choice", mostly_long(EVERY_CHOICE, LAST), ids=lambda each: "{}-{}".format(*each)
)
def test_every_choice_is_drawn_on_every_page_of_it(choice, page):
    name, value = choice
    beside = BESIDE.get(name, {})
    query = SMALL | {name: value} | beside.get(value, beside.get(any, {}))
    if name == "series_length":  # few numbers leave few windows; the most needs another task
        query |= {"time_steps": 2} if value < 100 else {"task": "find-max"}
    if "task" in query:
        query = {TASKS[query["task"]].length.key: query.pop("series_length")} | query
    # Choices of training show in the loss, the others where attention looks.
    view = VIEWS[0] if name in PARTS["training"] else VIEWS[1]
    at = drawn(page.path, **query, view=view)
    used = at.session_state["choice"][1]
    if name != "series_length":
        assert getattr(used, name) == value, "the page did not take the choice"
    said = "\n".join(each.value for each in (*at.markdown, *at.caption, *at.warning))
    assert "contradict" not in said
    assert not any(odd in said for odd in ("nan", "not a number", "None")), said
    assert at.get("plotly_chart") or page not in WITH_FIGURES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_every_page_has_one_title_and_something_below(page):
    at = drawn(page.path, **SMALL)
    assert len(at.title) == 1, f"The page “{page.title}” needs one st.title."
    assert at.markdown, f"The page “{page.title}” says nothing below its title."


@pytest.mark.parametrize("page", WITH_FIGURES, ids=lambda page: page.title)
def test_a_page_that_trains_has_an_answer_and_figures(page):
    at = drawn(page.path, **SMALL)
    assert any(each.value.startswith("#### ") for each in at.markdown)
    assert at.get("plotly_chart")
