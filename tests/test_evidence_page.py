"""The page "Does it help?", without a browser: Streamlit's AppTest, real workers behind it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fibattn.trainer import shared_trainer

QUICK = {"series_length": "60", "time_steps": "5", "epochs": "2"}


def visit(**query: str) -> AppTest:
    """Open the page by its controls, as one comes from the playground, and run it twice."""
    page = AppTest.from_function(_show, default_timeout=120)
    for name, text in query.items():
        page.query_params[name] = text
    page.run()
    return page.run()


def _show() -> None:
    from fibattn.ui import evidence_page, sidebar

    sidebar.remember_url()
    evidence_page.page(sidebar.choose())


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.warning, *page.caption))


@pytest.fixture(scope="module", autouse=True)
def _close_workers():
    yield
    shared_trainer().close()
    shared_trainer.cache_clear()


def test_it_compares_attention_with_both_controls_and_says_how_surely():
    page = visit(**QUICK)
    assert not page.exception
    words = texts(page)
    assert "#### " in words
    assert words.count("95 % interval") >= 3
    for row in ("| Plain |", "| Uniform weights |", "of 20**", "MSE, test", "Entropy"):
        assert row in words
    assert "not known, or not unique" in words
    assert len(page.get("plotly_chart")) == 1


def test_where_the_steps_are_known_the_heatmap_is_measured_against_them():
    words = texts(visit(task="sum-of-last-two", windows="60", time_steps="5", epochs="2"))
    assert "Weight on the true steps" in words
    assert "| 0.40 |" in words  # two of five steps, by chance


def test_the_control_is_left_out_where_attention_is_the_control():
    words = texts(visit(**QUICK, attention="uniform"))
    assert "| | Plain | Attention |" in words


def test_settings_that_contradict_explain_themselves():
    page = visit(series_length="30", time_steps="40")
    assert not page.exception
    assert "at least two of each" in texts(page)


def test_a_long_comparison_can_be_stopped_and_gone_on_with():
    page = visit(**QUICK)
    page.session_state["stopped"] = None
    starts = page.slider(key="starts")
    assert (starts.min, starts.max, starts.value) == (20, 100, 20)
    from fibattn.ui import evidence_page, sidebar

    networks = evidence_page._networks(sidebar.first_pair(), 100)
    assert set(networks) == {"Plain", "Uniform weights", "Attention"}
    assert {experiment.repeats for experiment in networks.values()} == {100}
