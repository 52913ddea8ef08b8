"""Files that several servers write and read, and that none of them ever sees half written."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

# A file that is being written has this ending; one this old, in seconds, was left by a server that
# ended meanwhile.
UNFINISHED = ".part"
ABANDONED_AFTER = 600.0


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Have a file written beside its place, then move it there.

    Raises OSError, and leaves nothing behind, if that fails.
    """
    part = path.with_name(f"{path.stem}-{os.getpid()}{UNFINISHED}")
    try:
        write(part)
        os.replace(part, path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def remove_abandoned(folder: Path) -> None:
    """Remove what servers that have ended left half written."""
    for path in folder.glob(f"*{UNFINISHED}"):
        with contextlib.suppress(OSError):  # another server may be doing the same
            if path.stat().st_mtime < time.time() - ABANDONED_AFTER:
                path.unlink()
