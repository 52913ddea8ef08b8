"""A pinned run in the address: what is written is read again, and nothing else does harm."""

import re
from urllib.parse import quote

import hypothesis.strategies as st
import pytest
from hypothesis import given

from fibattn.agreement import agree
from fibattn.experiment import KNOBS, Experiment
from fibattn.ui.pin_address import AS_AT_FIRST, LONGEST, from_text, problem, to_text
from fibattn.ui.sidebar import DEFAULTS, offered

VALUES = {
    name: st.sampled_from([each for each in offered(knob).options or () if each != "csv"])
    if knob.options
    else st.floats(knob.low, knob.high)
    if isinstance(knob.default, float)
    else st.integers(int(knob.low), int(knob.high))
    for name, knob in KNOBS.items()
}


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_what_is_written_is_read_again(changes):
    pinned = Experiment(**agree(DEFAULTS | changes).values)
    text = to_text(pinned)
    assert from_text(text) == pinned
    assert not problem(text)
    assert len(text) <= LONGEST
    assert quote(text) == text, "nothing in it is written otherwise in an address"


def test_only_what_differs_from_the_page_s_first_settings_is_written():
    first = Experiment(**DEFAULTS)
    assert to_text(first) == AS_AT_FIRST
    assert to_text(first.replace(units=4, cell="GRU")) == "units-4~cell-GRU"


@given(
    st.text(max_size=600)
    | st.from_regex(r"((units|cell|task|horizon|attention)-[\w.+-]{0,9}~?){0,9}", fullmatch=True)
)
def test_any_text_is_read_or_answered_with_a_sentence(text):
    said = problem(text)
    assert said == "" or re.fullmatch(r"Nothing is pinned: .*\.", said)
    assert len(said) < 700
    if text and not said:
        assert isinstance(from_text(text), Experiment)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("units-999", "“Units” cannot be `999`: it is a whole number from 1 to 32."),
        ("colour-red", "there is no setting `colour`."),
        ("units", "“Units” cannot be an empty text: it is"),
        ("attention-None", "“Attention layer” cannot be `None`: it is one of “The tutorial's”"),
        ("task-csv", "which holds no file."),
        ("task-find-max~horizon-3", "has a single target: it must be 1."),
        ("table-1", "there is no setting `table`."),
        ("x" * (LONGEST + 1), f"is longer than {LONGEST} characters."),
        ("**x** ![](x)", "there is no setting `**x** ![](x)`."),
    ],
)
def test_what_pins_nothing_is_said(text, words):
    assert words in problem(text)
    with pytest.raises(ValueError, match=re.escape(words)):
        from_text(text)
