"""The functions that run inside a worker process.

Each imports TensorFlow when it is called, so that the server can name these functions without
importing it.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import psutil

from fibattn.experiment import Experiment
from fibattn.network.answers import Occlusion, Swapped
from fibattn.run import Arrays, Chunk, Run

Result = TypeVar("Result")

NICENESS = 5


def settle(server: int) -> None:
    """Lower this process's priority, and end it when the server ends, for whatever reason.

    Runs first in every worker process. Training takes whole seconds of a core, and pages must not
    wait for it. `server` is the process id of the server.
    """
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    threading.Thread(target=_exit_with, args=(server,), daemon=True).start()


def _exit_with(server: int) -> Any:
    while os.getppid() == server and psutil.pid_exists(server):
        time.sleep(2)
    os._exit(0)


def measured(function: Callable[..., Result], *arguments: Any) -> tuple[Result, int]:
    """Call a function; return its result and the memory of this process afterwards, in bytes."""
    result = function(*arguments)
    return result, int(psutil.Process().memory_info().rss)


def warm() -> None:
    """Load TensorFlow, which takes some seconds.

    The objects that loading leaves are never freed, so they are exempted from garbage collection:
    looking through them took a quarter of a second each time, in the middle of compiling.
    """
    from fibattn.network import training  # noqa: F401

    gc.freeze()


def advance(experiment: Experiment, start: Chunk | None, epoch: int) -> Chunk:
    """Train for a moment from `start`, the state after `epoch` epochs; see `training.advance`."""
    from fibattn.network import training

    return training.advance(experiment, start, epoch)


def finish(experiment: Experiment, trained: Chunk) -> Run:
    """Return the run of an experiment all of whose epochs are trained; see `training.finish`."""
    from fibattn.network import training

    return training.finish(experiment, trained)


def window(
    experiment: Experiment, weights: Arrays, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions and attention for one window at every epoch."""
    from fibattn.network import probing

    return probing.window_at_every_epoch(experiment, weights, values)


def occlude(experiment: Experiment, weights: Arrays, values: np.ndarray) -> Occlusion:
    """Return the predictions for one window with each of its steps hidden in turn."""
    from fibattn.network import probing

    return probing.occlude(experiment, weights, values)


def swap_weights(experiment: Experiment, weights: Arrays) -> Swapped:
    """Return the test errors with permuted and with uniform attention weights."""
    from fibattn.network import probing

    return probing.swap_weights(experiment, weights)
