"""Any address: no page fails, and nothing in it is shown as anything but quoted text."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from fibattn.experiment import KNOBS
from fibattn.tasks import TASKS
from fibattn.trainer.standing import Standing
from fibattn.ui import live
from fibattn.ui.address import LENGTHS
from fibattn.ui.navigation import PAGES
from fibattn.ui.page_state import PAGE_KNOBS
from tests.parameters import mostly_long
from tests.ui.shown import show

NAMES = (*KNOBS, *PAGE_KNOBS, *LENGTHS, "colour", "__proto__", "key", "embed")
# What is recognised when it is found outside of quotation.
MARK = "q7q"
PECULIAR = (
    "",
    "inf",
    "-inf",
    "nan",
    "1e999",
    "0x10",
    "1_000",
    "-0",
    "٣",
    "9" * 400,
    "9" * 5000,
    "-" + "9" * 5000,
    "0." + "0" * 400 + "1",
    "true",
    "None",
    f"![{MARK}](https://example.org/x.png)",
    f"[{MARK}](https://example.org)",
    f"https://example.org/{MARK}",
    f"<img src=x onerror=alert(1)> {MARK}",
    f"**{MARK}** :red[{MARK}] $x$ :material/bolt:",
    f"`{MARK}",
    f"{MARK}\n\n# {MARK}\n\n```",
    "\x00\u202e" + MARK,
    MARK * 1000,
)


class Waiting:
    """Stands in for the trainer: nothing is ever trained."""

    visitors = 1

    def watch(self, visitor, experiments, **_):
        none = np.empty((0, 1))
        return [Standing(each, "waiting", 0, none, none) for each in experiments]

    def standings(self, experiments):
        return self.watch(None, experiments)

    def prepare_graph(self, experiment):
        """Nothing, as for the rest."""


def visited(path: str, query: dict[str, str | list[str]]) -> AppTest:
    page = AppTest.from_function(show, default_timeout=60, args=(path,))
    for name, value in query.items():
        page.query_params[name] = value
    return page.run()


def outside_quotation(page: AppTest) -> str:
    """Return all Markdown on the page without what stands in code spans."""
    words = "\n".join(
        each.value
        for kind in ("markdown", "warning", "info", "error", "caption")
        for each in page.get(kind)
    )
    return re.sub(r"(`+) ?.*? ?\1(?!`)", "", words)


VALUES = (
    st.sampled_from(PECULIAR)
    | st.integers().map(str)
    | st.floats().map(str)
    | st.text(max_size=30)
    | st.sampled_from(
        sorted({str(option) for each in KNOBS.values() for option in each.options or ()})
    )
)
QUERIES = st.dictionaries(
    st.sampled_from(NAMES) | st.text(min_size=1, max_size=8).map(lambda t: f"{MARK}{t}"),
    VALUES | st.lists(VALUES, min_size=2, max_size=3),
    max_size=6,
)


def check(path: str, query: dict[str, str | list[str]]) -> None:
    page = visited(path, query)
    assert not page.exception, [each.stack_trace for each in page.exception]
    assert not page.error
    assert MARK not in outside_quotation(page)
    assert "choice" in page.session_state or TASKS[page.session_state["task"]].own_file
    warned = " ".join(each.value for each in page.warning)
    assert len(warned) < 4000


@pytest.fixture(autouse=True)
def _waiting(monkeypatch):
    monkeypatch.setattr(live, "trainer", Waiting)
    monkeypatch.setattr(live, "WAIT_IN_PLACE", 0.0)


@pytest.mark.parametrize("path", mostly_long((page.path for page in PAGES), {PAGES[0].path}))
@pytest.mark.parametrize("text", PECULIAR, ids=lambda text: ascii(text[:12]))
def test_a_peculiar_text_for_every_parameter(path, text):
    check(path, dict.fromkeys(NAMES, text))


ANY_ADDRESS = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=False
)


@pytest.mark.parametrize("path", [page.path for page in PAGES])
@settings(ANY_ADDRESS, max_examples=10)
@given(QUERIES)
def test_a_random_address(path, query):
    check(path, query)


@pytest.mark.heavy
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("path", [page.path for page in PAGES])
@settings(ANY_ADDRESS, max_examples=500)
@given(QUERIES)
def test_a_thousand_random_addresses(path, query):
    check(path, query)
