"""How many processes and how many bytes a trainer may use: environment variables and defaults."""

from __future__ import annotations

import os
from pathlib import Path

import loky
import psutil

MEGABYTE = 2**20


def worker_count() -> int:
    """Return how many worker processes to run: FIBATTN_WORKERS, or `sensible_workers`."""
    return int(os.environ.get("FIBATTN_WORKERS", 0)) or sensible_workers()


def sensible_workers() -> int:
    """Return how many worker processes this machine has room for: one or two.

    The server with one process takes some 800 MB at the worst, so a small host gets one.
    """
    roomy = psutil.virtual_memory().total > 2000 * MEGABYTE
    return 2 if roomy and loky.cpu_count() >= 2 else 1


def cache_bytes() -> int:
    """Return how many bytes of runs and unfinished training are kept: FIBATTN_CACHE_MB."""
    return _megabytes("FIBATTN_CACHE_MB", 96)


def store_folder() -> Path | None:
    """Return the folder in which servers share finished runs, None if none: FIBATTN_STORE."""
    chosen = os.environ.get("FIBATTN_STORE")
    return Path(chosen) if chosen else None


def store_bytes() -> int:
    """Return how many bytes of runs that folder may hold: FIBATTN_STORE_MB."""
    return _megabytes("FIBATTN_STORE_MB", 256)


def cluster_address() -> str:
    """Return the address of the Dask scheduler whose workers train, if any: FIBATTN_CLUSTER."""
    return os.environ.get("FIBATTN_CLUSTER", "").strip()


def worker_growth(is_forked: bool) -> int:
    """Return by how many bytes a process may grow: FIBATTN_WORKER_GROWTH_MB.

    Another one is forked in no time, and only what it has compiled is lost. One that must load
    TensorFlow should be needed less often.
    """
    return _megabytes("FIBATTN_WORKER_GROWTH_MB", 96 if is_forked else 256)


def _megabytes(variable: str, default: int) -> int:
    return int(os.environ.get(variable, default)) * MEGABYTE
