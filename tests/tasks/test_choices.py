"""What a visitor reads of each choice of the data, and what it may be, written out once more."""

import numpy as np
import pytest

from fibattn.experiment import KNOBS
from fibattn.knobs import knobs_of
from fibattn.tasks import TASKS
from fibattn.tasks.choices import DataChoices
from fibattn.tasks.registry import NUMBERS, ROWS, WINDOWS
from fibattn.tasks.series import sunspot_numbers
from fibattn.tasks.synthetic import _sum_mod

# Label, default, least, most, step, place, and words that the help must have.
NUMBER_KNOBS = {
    "series_length": ("Series length", 1200, 10, 20_000, 5, "main", ["numbers", "windows"]),
    "time_steps": ("Time steps", 20, 2, 60, 1, "main", ["in a row", "predicts the next"]),
    "modulus": ("Modulus m", 24, 3, 60, 1, "task", ["remainder", "m² pairs"]),
    "train_fraction": ("Training share", 0.7, 0.1, 0.9, 0.05, "more", ["trained on", "the test"]),
    "horizon": ("Horizon", 1, 1, 12, 1, "more", ["steps ahead", "on a series"]),
}
OPTION_KNOBS = {
    "scaling": (
        "Scaling",
        {"linear": "Linear", "linear-train": "Linear, training part", "log": "Log"},
        "task",
        ["is the tutorial's", "whole series", "Log takes the logarithm", "training windows only"],
    ),
    "split": (
        "Split",
        {"shuffled": "Shuffled", "chronological": "Chronological"},
        "more",
        ["is the tutorial's", "always in the same order", "Chronological tests on the end of the"],
    ),
}


def test_every_choice_of_the_data_is_written_out_here():
    assert set(knobs_of(DataChoices)) == NUMBER_KNOBS.keys() | OPTION_KNOBS.keys(), (
        "Write the new choice out in NUMBER_KNOBS or OPTION_KNOBS of tests/tasks/test_choices.py, "
        "so that its words and bounds are said in two places that do not read each other."
    )


@pytest.mark.parametrize("name", NUMBER_KNOBS)
def test_a_number_has_these_words_and_bounds(name):
    label, default, low, high, step, place, words = NUMBER_KNOBS[name]
    knob = KNOBS[name]
    assert (knob.label, knob.default, knob.at_start) == (label, default, default)
    assert (knob.low, knob.high, knob.step, knob.options) == (low, high, step, None)
    assert (knob.place, knob.control, knob.given, knob.in_address) == (place, "slider", False, True)
    assert all(word in knob.help for word in words)
    assert_a_sentence(knob.help)


@pytest.mark.parametrize("name", OPTION_KNOBS)
def test_an_option_has_these_words_and_values(name):
    label, options, place, words = OPTION_KNOBS[name]
    knob = KNOBS[name]
    assert (knob.label, knob.options) == (label, options)
    assert knob.default == knob.at_start == next(iter(options))
    assert (knob.low, knob.high, knob.step) == (None, None, None)
    assert (knob.place, knob.control, knob.given, knob.in_address) == (
        place,
        "buttons",
        False,
        True,
    )
    assert all(word in knob.help for word in words)
    assert_a_sentence(knob.help)


def assert_a_sentence(words: str) -> None:
    assert words[0].isupper()
    assert words.endswith(".")
    assert "  " not in words and ".." not in words


def test_the_three_ways_to_count_how_much_data_there_is():
    assert (NUMBERS.key, NUMBERS.label, NUMBERS.high) == ("series_length", "Series length", 1475)
    assert (WINDOWS.key, WINDOWS.label, WINDOWS.high) == ("windows", "Windows", None)
    assert (ROWS.key, ROWS.label, ROWS.high) == ("rows", "Rows", None)
    # A file's bounds are its own, so its length has no place in the address.
    assert [each.in_address for each in (NUMBERS, WINDOWS, ROWS)] == [True, True, False]
    assert NUMBERS.help == "How many numbers there are."
    assert WINDOWS.help == "How many windows there are to train and test on."
    assert ROWS.help == "How many of the file's last rows are used."
    assert {name: task.length for name, task in TASKS.items() if task.length is not WINDOWS} == {
        "fibonacci": NUMBERS,
        "sunspots": NUMBERS,
        "csv": ROWS,
    }


def test_the_sum_mod_m_is_right_for_every_pair_of_every_modulus():
    for m in range(3, 61):
        first, second = map(np.ravel, np.meshgrid(np.arange(m), np.arange(m)))
        x = np.stack([first, second], axis=1)[:, :, None] / m
        found = _sum_mod(x, None)
        np.testing.assert_allclose(found, (first + second) % m / m, atol=1e-9)


def test_the_sunspot_numbers_are_shared_so_nobody_may_change_them():
    with pytest.raises(ValueError, match="read-only"):
        sunspot_numbers()[0] = 1.0
