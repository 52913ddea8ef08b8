"""What is packed comes out in JavaScript as it was."""

import numpy as np
import pytest

from fibattn.stage import packing
from tests.stage.engine import Engine

READ = """
function read(bytes, shift) {
  const room = new Uint8Array(bytes.length + shift);
  room.set(bytes, shift);
  const { stamp, words, arrays } = unpack(room.subarray(shift));
  const found = {};
  for (const [name, { values, shape }] of Object.entries(arrays)) {
    found[name] = [values.constructor.name, Array.from(values), shape];
  }
  return { stamp, title: words.title, arrays: found };
}
"""
ARRAYS = {"a": np.arange(3), "b": np.array([[0.5, -1.25]], np.float64)}


@pytest.fixture(scope="module")
def engine():
    engine = Engine()
    engine.v8.eval(READ)
    return engine


@pytest.mark.parametrize("shift", [0, 1, 3])
def test_what_is_packed_comes_out_as_it_was_wherever_the_bytes_begin(engine, shift):
    found = engine.v8.call("read", list(packing.pack(ARRAYS, {"title": "α <b>"})), shift)
    assert found["title"] == "α <b>"
    assert found["arrays"] == {
        "a": ["Int32Array", [0, 1, 2], [3]],
        "b": ["Float32Array", [0.5, -1.25], [1, 2]],
    }


def test_the_stamp_is_equal_for_equal_contents_alone(engine):
    def stamp(arrays, words):
        return engine.v8.call("read", list(packing.pack(arrays, words)), 0)["stamp"]

    first = stamp(ARRAYS, {"title": "one"})
    assert first == stamp(ARRAYS, {"title": "one"})
    assert first != stamp(ARRAYS, {"title": "another"})
    assert first != stamp(ARRAYS | {"a": np.arange(1, 4)}, {"title": "one"})
