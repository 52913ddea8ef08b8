"""Of two calls for one element only the later one takes away what stands there."""

from py_mini_racer import MiniRacer

from fibattn.stage.modules import script


def test_a_call_that_was_overtaken_takes_nothing_away():
    v8 = MiniRacer()
    v8.eval(script("last_call.js"))
    v8.eval(
        """
        const taken = [], here = {}, elsewhere = {};
        const first = forLastCall(here, () => taken.push("first"));
        const other = forLastCall(elsewhere, () => taken.push("other"));
        const second = forLastCall(here, () => taken.push("second"));
        first();
        """
    )
    assert v8.eval("taken.join()") == ""
    v8.eval("second(); other()")
    assert v8.eval("taken.join()") == "second,other"
