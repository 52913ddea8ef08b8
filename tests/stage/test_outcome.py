"""The names beside the scale: in order, apart, and within it."""

from hypothesis import given
from hypothesis import strategies as st
from py_mini_racer import MiniRacer

from fibattn.stage.modules import script

V8 = MiniRacer()
V8.eval(script("outcome.js"))


@given(
    st.lists(st.floats(-50, 350), min_size=3, max_size=3, unique=True),
    st.sampled_from([17, 34]),
)
def test_names_stand_apart_in_the_order_of_their_values_and_within_the_scale(wanted, least):
    places = V8.call("apart", wanted, least, [16, 250])
    order = sorted(range(3), key=wanted.__getitem__)
    first, middle, last = (places[k] for k in order)
    assert middle - first >= least - 1e-9 and last - middle >= least - 1e-9
    assert first >= 16 and last <= 250


def test_names_with_room_stand_where_their_values_are():
    assert V8.call("apart", [200, 20, 100], 34, [16, 250]) == [200, 20, 100]
    assert V8.call("apart", [300, 20, 290], 34, [16, 250]) == [250, 20, 216]
