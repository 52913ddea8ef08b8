"""Of a pinned run is said what differs, and how it compares or why it does not."""

import pytest

from fibattn.experiment import Experiment
from fibattn.tasks import TASKS
from fibattn.words import pinned as words
from fibattn.words.pinned import compared, differences, listed
from tests.judge.runs import run_that_misses_by

NOW = Experiment(attention="article", repeats=8)


def found(**changes):
    return [(d.label, d.pinned, d.now) for d in differences(NOW, NOW.replace(**changes))]


def test_only_the_settings_that_differ_are_listed_in_the_page_s_words():
    assert found() == []
    assert found(units=5, attention="dot", learning_rate=0.01) == [
        ("Attention layer", "Dot product (Luong)", "The tutorial's"),
        ("Units", "5", "2"),
        ("Learning rate", "0.01", "0.001"),
    ]
    assert found(bidirectional=True) == [("Both directions", "Yes", "No")]


def test_of_another_task_what_only_one_of_both_has_is_not_listed():
    labels = [label for label, _, _ in found(task="fibonacci-mod-m", modulus=30, series_length=400)]
    assert labels == ["Task", TASKS["fibonacci"].length.label]


def test_the_list_shows_which_is_which():
    assert listed(NOW, NOW.replace(units=5)) == "**Pinned → now:** Units 5 → **2**"


def a_run(*misses, **changes):
    return run_that_misses_by(misses, attention="article", **changes)


def test_the_verdict_is_of_the_network_now_against_the_pinned_one():
    said = compared(a_run(*[0.1] * 6), a_run(*[0.2] * 6, units=5))
    assert said == (
        "With attention the test error is 4.0 times lower than in the pinned run, lower in all 6 "
        "starts: that is more than chance."
    )
    said = compared(a_run(0.2, 0.2), a_run(0.1, 0.1))
    assert "4.0 times higher than in the pinned run" in said
    assert "but so few cannot rule out chance" in said


def test_where_one_has_more_starts_it_says_which_are_compared():
    said = compared(a_run(0.1, 0.1, 0.3), a_run(0.2, 0.2))
    assert said.endswith("Compared by the first 2 starts, which both have.")
    assert "Compared by the first 1 start, which" in compared(a_run(0.1), a_run(0.2, 0.2))


@pytest.mark.parametrize(
    ("changes", "reason", "consequence"),
    [
        ({"seed": 4}, "Another seed gives other random starts", "no pairs to compare."),
        ({"series_length": 35}, "The two were tested on different data", "cannot be compared."),
    ],
)
def test_else_it_says_why_there_is_no_verdict(changes, reason, consequence):
    said = compared(a_run(0.1, 0.2), a_run(0.2, 0.1, **changes))
    assert said.startswith(reason) and said.endswith(consequence)
    assert "chance" not in said and "times" not in said


def test_buttons_have_the_names_by_which_they_are_known_and_say_what_they_do():
    assert (words.PIN, words.UNPIN) == ("Pin", "Unpin")
    assert words.HELP == (
        "Keep this run beside the next ones: the stage and the figures then show both, this one as "
        "an outline."
    )
    assert words.NOT_YET == "There is something to pin once both networks are trained."
    assert words.IS_PINNED == "This run is pinned."
    assert words.OWN_FILE == "A pin stands in the address, which cannot hold your file."
    assert words.NOTHING_DIFFERS == (
        "**Pinned.** Change a setting: what differs, and how the two compare, will stand here."
    )
    assert words.WHEN_TRAINED == "How the two compare will stand here when both are trained."
    assert words.TRAINED_AGAIN == "The pinned run is trained again:"
