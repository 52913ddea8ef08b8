"""What a worker process answers: its failures are read without TensorFlow."""

from __future__ import annotations

import subprocess
import sys

import cloudpickle
import pytest
import tblib.pickling_support

from fibattn.trainer import jobs

READ = """
import pickle, sys
answer, memory = pickle.load(sys.stdin.buffer)
assert memory > 0
loaded = [name for name in ("tensorflow", "keras") if name in sys.modules]
print(type(answer).__name__, "|", answer, "|", loaded, "|", *answer.__notes__)
"""


def tensorflow_s():
    import tensorflow as tf

    raise tf.errors.FailedPreconditionError(None, None, "is not a directory")


def what_came_of_it():
    try:
        tensorflow_s()
    except Exception as problem:
        raise jobs.CacheUnusable("it cannot be kept") from problem


def something_raised_beside_it():
    try:
        tensorflow_s()
    except Exception:
        raise OSError(28, "No space left", "a file")  # noqa: B904  (its context is the point)


def with_an_object_of_its_own():
    import tensorflow as tf

    raise ValueError("odd", tf.float32)


@pytest.mark.parametrize(
    ("function", "kind", "text"),
    [
        (tensorflow_s, "RuntimeError", "FailedPreconditionError: is not a directory"),
        (what_came_of_it, "CacheUnusable", "it cannot be kept"),
        (something_raised_beside_it, "OSError", "[Errno 28] No space left: 'a file'"),
        (with_an_object_of_its_own, "RuntimeError", "ValueError: ('odd', tf.float32)"),
    ],
)
def test_a_failure_of_a_worker_is_read_without_tensorflow(function, kind, text):
    tblib.pickling_support.install()  # as in a worker: TensorFlow loads it
    answer = cloudpickle.dumps(jobs.measured(function))
    read = subprocess.run(
        [sys.executable, "-c", READ], input=answer, capture_output=True, check=True
    )
    kind_read, text_read, loaded, story = read.stdout.decode().split(" | ", 3)
    assert (kind_read, text_read, loaded) == (kind, text, "[]")
    assert f"in {function.__name__}" in story


def test_a_result_is_returned_with_the_memory_of_the_process():
    result, memory = jobs.measured(divmod, 7, 2)
    assert (result, memory > 0) == ((3, 1), True)
