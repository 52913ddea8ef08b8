"""Strangers' words stay text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fibattn.quoting import quoted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("999", "`999`"),
        ("![x](http://a/b.png)", "`![x](http://a/b.png)`"),
        ("<b>x</b> :red[y] $z$", "`<b>x</b> :red[y] $z$`"),
        ("a`b", "`` a`b ``"),
        ("``", "``` `` ```"),
        ("one\n\n# two\t\x00three", "`one # two three`"),
        ("", "an empty text"),
        ("\n \u2028", "an empty text"),
        ("x" * 61, f"`{'x' * 59}…`"),
        ("x" * 60, f"`{'x' * 60}`"),
        (" " * 1000 + "x", "`…`"),
    ],
)
def test_it_is_shown_literally_in_one_line_and_cut(text, expected):
    assert quoted(text) == expected


@given(st.text(max_size=200) | st.text(alphabet="`ab \n", max_size=70))
def test_nothing_ends_the_quotation_before_its_end(text):
    words = quoted(text)
    if words == "an empty text":
        return
    ticks = len(words) - len(words.lstrip("`"))
    inside = words[ticks:-ticks]
    assert words.startswith("`" * ticks)
    assert words.endswith("`" * ticks)
    assert "`" * ticks not in inside
    assert len(inside) <= 62
    assert "\n" not in words
