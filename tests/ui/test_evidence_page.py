"""The page "Does it help?", without a browser: Streamlit's AppTest, real workers behind it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from fibattn.trainer.trainer import close_shared_trainer, shared_trainer
from fibattn.ui import live

QUICK = {"series_length": "60", "time_steps": "5", "epochs": "2"}


def visit(**query: str) -> AppTest:
    """Open the page by its controls, as one comes from the playground, and wait for its answer."""
    page = AppTest.from_function(_show, default_timeout=120)
    for name, text in query.items():
        page.query_params[name] = text
    page.run()
    for _ in range(200):
        page.run()
        if not page.get("progress"):
            return page
        shared_trainer().wait(0.2)
    raise AssertionError("not trained")


def progress(page: AppTest) -> list[str]:
    return [str(bar.proto.text) for bar in page.get("progress")]


def _show() -> None:
    from fibattn.ui import address, evidence_page, sidebar

    address.remember()
    evidence_page.page(sidebar.choose())


def texts(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.warning, *page.caption))


@pytest.fixture(scope="module", autouse=True)
def _close_workers():
    yield
    close_shared_trainer()


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


def test_settings_that_contradict_are_made_to_agree():
    page = visit(series_length="30", time_steps="40")
    assert not page.exception
    assert "fewer than two windows would be left" in texts(page)
    assert page.session_state["choice"][1].series_length == 45


def test_up_to_a_hundred_starts_can_be_compared_and_a_wrong_number_is_said():
    starts = visit(**QUICK).select_slider(key="starts")
    assert (starts.options, starts.value) == (["20", "40", "60", "80", "100"], 20)
    assert "cannot be `33`: it is one of “20”, “40”" in texts(visit(**QUICK, starts="33"))
    assert "“Units” cannot be `999`" in texts(visit(**QUICK, units="999"))
    from fibattn.ui import evidence_page, sidebar

    networks = evidence_page._networks(sidebar.first_pair(), 100)
    assert set(networks) == {"Plain", "Uniform weights", "Attention"}
    assert {experiment.repeats for experiment in networks.values()} == {100}


def test_training_can_be_stopped_and_continued():
    page = AppTest.from_function(_show, default_timeout=120)
    for name, text in {**QUICK, "series_length": "1200", "epochs": "100", "seed": "9"}.items():
        page.query_params[name] = text
    page.run()
    assert "#### Training 3 networks from 20 random starts each." in texts(page)
    page.button(key="stop").click().run()
    page.run()
    assert "#### Stopped. “Continue” trains the rest." in texts(page)
    assert progress(page) == ["Stopped."]
    page.button(key="continue").click().run()
    assert "#### Training 3 networks" in texts(page)
    assert page.button(key="stop")


def test_the_wait_in_place_ends_with_the_page_that_looks_again(monkeypatch):
    page = visit(**QUICK)
    assert page.session_state["drawn"] == "evidence"
    monkeypatch.setattr(live, "WAIT_IN_PLACE", 0.5)
    monkeypatch.setattr(live, "BUTTON_AFTER", 0.0)
    waited = []
    monkeypatch.setattr(live, "look", lambda *a, look=live.look, **k: waited.append(k) or look(*a))
    page.slider(key="series_length").set_value(1400)
    page.slider(key="epochs").set_value(100).run()
    assert {"wait": live.LOOK_EVERY} in waited
    assert not page.exception
    assert [button.key for button in page.button if button.label == "Stop training"] == ["stop"]
    assert len(page.get("progress")) == 1
    assert "drawn" not in page.session_state
