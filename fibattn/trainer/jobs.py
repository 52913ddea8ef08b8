"""The functions that run inside a worker process.

Each imports TensorFlow when it is called, so that the server can name these functions without
importing it.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

import psutil

from fibattn.experiment import Experiment
from fibattn.network.answers import NewStarts, Swapped
from fibattn.network.operations import Graph
from fibattn.run import Arrays, Chunk, Outcome

Result = TypeVar("Result")


def measured(function: Callable[..., Result], *arguments: Any) -> tuple[Result | Exception, int]:
    """Call a function; return its result or failure, and the memory of this process, in bytes.

    A failure is returned, not raised, and as `_plain` makes it: whoever asked reads it without
    TensorFlow, and Dask does not put the arguments of a call that raises into its log.
    """
    result: Result | Exception
    try:
        result = function(*arguments)
    except Exception as problem:
        result = _plain(problem)
    memory = psutil.Process().memory_info()
    # Pages of files and those shared with the process it was forked from are nobody's growth.
    return result, int(memory.rss - getattr(memory, "shared", 0))


def _plain(problem: Exception) -> Exception:
    """Return an exception that is unpickled without importing anything but Python and fibattn.

    TensorFlow loads tblib where it is installed, and what an exception came of and where it was
    raised is pickled with it from then on. To unpickle it the server would import TensorFlow, for
    some seconds and 300 MB. What it came of stays as text, a note.
    """
    story = "".join(traceback.format_exception(problem))
    is_known = type(problem).__module__.partition(".")[0] in ("builtins", "fibattn")
    if not is_known or not all(isinstance(each, str | int | float) for each in problem.args):
        problem = RuntimeError(f"{type(problem).__name__}: {problem}")
    problem.__cause__ = problem.__context__ = problem.__traceback__ = None
    problem.add_note(story)
    return problem


def warm() -> None:
    """Load TensorFlow, which takes some seconds.

    The objects that loading leaves are never freed, so they are exempted from garbage collection:
    looking through them took a quarter of a second each time, in the middle of compiling.
    """
    from fibattn.network import training  # noqa: F401

    gc.freeze()


def keep_nothing() -> None:
    """Let no compiled program be kept from now on, in a process that has compiled none."""
    from fibattn.network import runtime

    runtime.keep_nothing()


class CacheUnusable(Exception):
    """Nothing can be kept in the folder of compiled programs any more.

    TensorFlow fails then, and it reads once only where that folder is: another process must go on
    without.
    """


def without_damage(function: Callable[..., Result], *arguments: Any) -> Result:
    """Call a function that may compile; discard the compiled programs if they are damaged.

    Raises CacheUnusable if it fails all the same, and nothing can be kept in their folder.
    """
    from fibattn.network import runtime

    try:
        return function(*arguments)
    except Exception as problem:
        folder = runtime.compile_cache()
        if folder is None or not _is_tensorflow_s(problem):
            raise
        runtime.discard(folder)
        _forget_programs()  # one that could not be compiled is never tried again
        try:
            return function(*arguments)
        except Exception as again:
            if not runtime.is_usable(folder):
                raise CacheUnusable(str(again)) from again
            raise


def _forget_programs() -> None:
    from fibattn.network.program import program_of

    program_of.cache_clear()


def _is_tensorflow_s(problem: Exception) -> bool:
    return type(problem).__module__.partition(".")[0] == "tensorflow"


def advance(experiment: Experiment, start: Chunk | None, epoch: int) -> Chunk:
    """Train for a moment from `start`, the state after `epoch` epochs; see `training.advance`."""
    from fibattn.network import training

    return without_damage(training.advance, experiment, start, epoch)


def advance_starts(experiment: Experiment, start: Chunk | None, epoch: int, first: int) -> Chunk:
    """Train one epoch of some starts for a moment; see `training.advance_starts`."""
    from fibattn.network import training

    return without_damage(training.advance_starts, experiment, start, epoch, first)


def outcome(experiment: Experiment, last: Chunk) -> Outcome:
    """Return what the networks answer after their last epoch; see `training.outcome`."""
    from fibattn.network import training

    return without_damage(training.outcome, experiment, last)


def rehearse(experiment: Experiment) -> None:
    """Compile what `advance` and `outcome` need, with one epoch of as few starts as can be."""
    from fibattn.network import training

    small = experiment.replace(repeats=experiment.architecture.together, epochs=1)
    chunk = without_damage(training.advance, small, None, 0)
    without_damage(training.outcome, small, chunk)


def swap_weights(experiment: Experiment, weights: Arrays) -> Swapped:
    """Return the test errors with permuted and with uniform attention weights."""
    from fibattn.network import probing

    return without_damage(probing.swap_weights, experiment, weights)


def graph(experiment: Experiment) -> Graph:
    """Return how the experiment's network computes; see `graph.graph_of`."""
    from fibattn.network.graph import graph_of

    return graph_of(experiment.architecture)


def new_starts(experiment: Experiment) -> NewStarts:
    """Return what trains the network elsewhere; see `training_graph.new_starts`."""
    from fibattn.network import training_graph

    return training_graph.new_starts(experiment)


def keras_file(experiment: Experiment, weights: Arrays, repeat: int) -> bytes:
    """Return the `.keras` file of one random start."""
    from fibattn.network import saved

    return saved.keras_file(experiment, weights, repeat)
