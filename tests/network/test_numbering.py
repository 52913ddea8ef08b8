"""Equal content has equal names in every process, and names stay unique in one."""

from __future__ import annotations

import pytest
import tensorflow as tf
from tensorflow.python.framework import ops

from fibattn.network.numbering import NUMBERS, numbered


def number_of(content: str) -> int:
    """Return the number in the name of a function of that content, with a loop in it."""

    @tf.function(autograph=False)
    def looped(x):
        return tf.while_loop(lambda i: i < 3, lambda i: (i + 1,), (x,))[0]

    zero = tf.constant(0)
    assert numbered(looped, content)(zero).numpy() == 3
    name = looped.get_concrete_function(zero).name.decode()
    return max(int(part) for part in name.split("_") if part.isdigit())


def test_numbers_follow_from_the_content_and_names_stay_unique():
    first, other, second = (number_of(content) // NUMBERS for content in ("a", "b", "a"))
    # The first five bytes of the SHA-256 of "a" and of "b".
    assert (first, other) == (0xCA978112CA, 0x3E23E81600)
    assert second == first + 1


def test_tensorflow_has_its_own_counter_back_even_after_a_failure():
    own = ops.uid
    with pytest.raises(ZeroDivisionError):
        numbered(lambda: 1 / 0, "fails")()
    assert ops.uid is own
    assert ops.uid() < ops.uid()
