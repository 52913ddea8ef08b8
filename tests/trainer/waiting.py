"""Waiting for what happens in other processes."""

from __future__ import annotations

import time
from collections.abc import Callable

import psutil

LONGEST_WAIT = 180.0  # seconds; a loaded machine takes its time


def until(condition: Callable[[], object], seconds: float = LONGEST_WAIT) -> None:
    """Return as soon as the condition holds; fail after some time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_gone(process: psutil.Process) -> bool:
    """Return whether a process has ended, also when nobody has asked for its exit code yet."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
