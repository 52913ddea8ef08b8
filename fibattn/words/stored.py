"""What is said of runs that were not trained just now, but come from the servers' store."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def kept_since(made: Collection[datetime | None]) -> str:
    """Return in a sentence when networks were trained, '' if all of them were trained just now.

    `made`: for each network the time it was trained, None for one that this server has trained.
    """
    times = [each.astimezone(UTC) for each in made if each is not None]
    if not times:
        return ""
    if len(times) < len(made):
        return f"{_counted(len(times), len(made))} not trained just now, but {_span(times)}."
    return f"Not trained just now, but {_span(times)}, and kept since."


def _counted(some: int, all_of_them: int) -> str:
    return f"{some} of these {all_of_them} networks {'was' if some == 1 else 'were'}"


def _span(times: list[datetime]) -> str:
    """Return when the first was made, and the last if that was on another day or minute."""
    first, last = _in_words(min(times)), _in_words(max(times))
    return f"on {first}" if first == last else f"between {first} and {last}"


def _in_words(time: datetime) -> str:
    return f"{time.day} {MONTHS[time.month - 1]} {time.year} at {time:%H:%M} UTC"
