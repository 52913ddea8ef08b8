"""Numbers in the names of what TensorFlow traces, the same in every process.

A compiled program is found again on disk by all that is in it, the names of functions and loops
too. TensorFlow numbers these from the start of the process, so that a program would only be found
by a process that has traced the same before it, and in the same order.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from fibattn.network import runtime  # noqa: F401  (before TensorFlow starts)

# isort: split
# TensorFlow's own counter. There is no public way to it.
from tensorflow.python.framework import ops

_OF_TENSORFLOW = ops.uid
# No function needs more of them.
NUMBERS = 2**20

_given: Counter[str] = Counter()


def numbered(function: Callable[..., Any], content: str) -> Callable[..., Any]:
    """Return what calls a `tf.function` and has it number what it traces by its content.

    Args:
        function: the `tf.function`.
        content: tells it from all others that are traced differently. The second one of equal
            content in a process has other numbers: names must be unique there.
    """
    digest = int.from_bytes(hashlib.sha256(content.encode()).digest()[:5])
    numbers = itertools.count((digest + _given[content]) * NUMBERS)
    _given[content] += 1

    def call(*arguments: Any) -> Any:
        with _numbers_from(numbers):
            return function(*arguments)

    return call


@contextlib.contextmanager
def _numbers_from(numbers: Iterator[int]) -> Iterator[None]:
    ops.uid = numbers.__next__
    try:
        yield
    finally:
        ops.uid = _OF_TENSORFLOW
