"""What runs inside a worker process: the only place where the app meets TensorFlow.

Each function imports TensorFlow when it is called, so that the server can name these functions
without importing it. Each answers with its result and the worker's memory in bytes.
"""

from __future__ import annotations

import gc
import os
import threading
import time
from typing import Any

import numpy as np
import psutil

from fibattn.experiment import Experiment
from fibattn.network.answers import Occlusion, Swapped
from fibattn.run import Arrays, Chunk, Run

# For the environment of the process, before it starts: one thread is best for models this small.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
    # Growing workers are replaced by the trainer, which warms the successor first.
    "LOKY_MAX_MEMORY_LEAK_SIZE": "1e12",
}

NICENESS = 5


def settle(server: int) -> None:
    """Give way to the server, and end this process when the server is gone, however it went.

    The first thing a worker does. `server` is the number of the server's process. Training takes
    whole seconds of a core; pages must not wait for them.
    """
    if hasattr(os, "nice"):  # not on Windows
        os.nice(NICENESS)
    threading.Thread(target=_leave_with, args=(server,), daemon=True).start()


def _leave_with(server: int) -> Any:
    while os.getppid() == server and psutil.pid_exists(server):
        time.sleep(2)
    os._exit(0)


def memory() -> int:
    """Return the memory of this process in bytes."""
    return int(psutil.Process().memory_info().rss)


def warm() -> tuple[None, int]:
    """Load TensorFlow, which takes some seconds.

    What it leaves stays for good, so the garbage collector need not look through it again: that
    took a quarter of a second each time, in the middle of compiling.
    """
    from fibattn.network import training  # noqa: F401

    gc.freeze()
    return None, memory()


def advance(experiment: Experiment, start: Chunk | None, epoch: int) -> tuple[Chunk, int]:
    """Train on for a moment; see `training.advance`."""
    from fibattn.network import training

    return training.advance(experiment, start, epoch), memory()


def finish(experiment: Experiment, trained: Chunk) -> tuple[Run, int]:
    """Make the run of what was trained; see `training.finish`."""
    from fibattn.network import training

    return training.finish(experiment, trained), memory()


def window(
    experiment: Experiment, weights: Arrays, values: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], int]:
    """Return predictions and attention for one window at every epoch."""
    from fibattn.network import probing

    return probing.window_at_every_epoch(experiment, weights, values), memory()


def occlude(experiment: Experiment, weights: Arrays, values: np.ndarray) -> tuple[Occlusion, int]:
    """Return what one window's predictions become without each of its steps."""
    from fibattn.network import probing

    return probing.occlude(experiment, weights, values), memory()


def swap_weights(experiment: Experiment, weights: Arrays) -> tuple[Swapped, int]:
    """Return the test errors with permuted and with uniform attention weights."""
    from fibattn.network import probing

    return probing.swap_weights(experiment, weights), memory()
