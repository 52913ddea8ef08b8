"""What a failing page says to the visitor, and what it leaves in the log."""

import logging

from streamlit.testing.v1 import AppTest

from fibattn.ui import server


def _failing() -> None:
    from fibattn.ui import server

    try:
        raise ValueError("sala" + "ry")  # in pieces: a log shows lines of code
    except ValueError as problem:
        server.say_sorry(problem)


def test_a_failing_page_says_so_without_the_failures_own_words():
    page = AppTest.from_function(_failing, default_timeout=30).run()
    assert "Reloading the page may help" in page.error[0].value
    assert "salary" not in page.error[0].value


def test_the_log_says_where_a_page_failed_and_nothing_of_the_visitors(caplog):
    with caplog.at_level(logging.ERROR, logger="fibattn"):
        AppTest.from_function(_failing, default_timeout=30).run()
    assert "ValueError" in caplog.text and "_failing" in caplog.text
    assert "salary" not in caplog.text


def test_a_failure_is_answered_and_not_passed_on():
    assert server.say_sorry(ValueError("x")) is True
