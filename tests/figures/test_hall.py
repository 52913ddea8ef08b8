"""A figure for a hall: everything that is read is larger, and nothing else changes."""

import pytest

from fibattn.figures.hall import for_a_hall
from tests.figures.made import ATTENTION, PLAIN, all_pictures

PICTURES = all_pictures(PLAIN, ATTENTION, PLAIN.experiment)


def sizes(part, inside=""):
    """Every size of type in a figure."""
    if isinstance(part, dict):
        for name, value in part.items():
            if "font" in inside.lower() and name == "size":
                yield value
            yield from sizes(value, name)
    elif isinstance(part, list | tuple):
        for each in part:
            yield from sizes(each, inside)


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_that_is_read_is_below_20_pixels(name):
    before, after = PICTURES[name], for_a_hall(PICTURES[name])
    found = list(sizes(after.figure.to_plotly_json()))
    assert found and min(found) >= 20
    assert after.alt == before.alt
    assert after.figure.layout.height == before.figure.layout.height
    one, other = (each.figure.to_plotly_json()["data"] for each in (before, after))
    assert [trace.get("x") for trace in one] == [trace.get("x") for trace in other]
