"""The stage in the address: what is written is read again, and nothing else does harm."""

import hypothesis.strategies as st
import numpy as np
from hypothesis import given

from fibattn.ui.stage_address import LONGEST, from_text, to_text

STEPS = st.integers(0, 59)
NUMBERS = st.floats(-1e3, 1e3, width=32)
PAIRS = st.lists(st.tuples(STEPS, NUMBERS).map(list), max_size=20, unique_by=lambda pair: pair[0])


@given(
    st.fixed_dictionaries(
        {
            "epoch": st.integers(0, 100),
            "start": st.integers(0, 99),
            "step": STEPS,
            "values": PAIRS,
            "hidden": st.lists(STEPS, max_size=8, unique=True),
            "held": PAIRS,
            "opened": st.booleans(),
            "occluded": st.booleans(),
            "all": st.booleans(),
        }
    )
)
def test_what_is_written_is_read_again(view):
    text = to_text(view, epochs=100)
    assert len(text) <= LONGEST and text.isascii()
    read = from_text(text)
    assert read.get("epoch", 100) == view["epoch"] and read.get("start", 0) == view["start"]
    assert read["hidden"] == view["hidden"]
    for kind in ("values", "held"):
        assert [step for step, _ in read[kind]] == [step for step, _ in view[kind]]
        for (_, mine), (_, its) in zip(read[kind], view[kind], strict=True):
            assert np.float32(mine) == np.float32(its)
    for name in ("opened", "occluded", "all"):
        assert read.get(name, False) == view[name]


def test_sixty_values_and_as_many_weights_have_room():
    numbers = (np.float32(1) / np.arange(1, 61)).round(4).tolist()
    view = {"epoch": 7, "start": 8, "step": 4, "hidden": []}
    view["values"] = [[step, value] for step, value in enumerate(numbers)]
    view["held"] = [[step, 1 / 60] for step in range(30)]
    text = to_text(view | {"opened": True, "occluded": True, "all": True}, epochs=30)
    read = from_text(text)
    assert len(read["values"]) == 60 and len(read["held"]) == 30 and read["all"]


def test_what_one_sees_at_first_needs_no_words():
    view = {"epoch": 30, "start": 0, "step": 4, "values": [], "hidden": [], "held": []}
    assert to_text(view | {"opened": False, "occluded": False, "all": False}, epochs=30) == ""


@given(st.text(max_size=300) | st.from_regex(r"([a-z]\d{0,5}_?[\d.e-]{0,9}~){0,9}", fullmatch=True))
def test_any_text_is_read_without_failing(text):
    view = from_text(text)
    assert all(np.isfinite(value) for _, value in view["values"] + view["held"])
