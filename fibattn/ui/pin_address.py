"""A pinned run in the address: the settings that differ from the page's first: units-4~cell-GRU."""

from __future__ import annotations

from typing import Any

from fibattn.experiment import KNOBS, Experiment
from fibattn.quoting import quoted
from fibattn.tasks import TASKS
from fibattn.ui import sidebar

# A run with all the settings that the page starts from.
AS_AT_FIRST = "as-at-first"
# Of a text that names every setting; the address as a whole has to stay short.
LONGEST = 400


def to_text(experiment: Experiment) -> str:
    """Return the settings of a network with attention as text."""
    parts = [
        f"{name}-{_written(getattr(experiment, name))}"
        for name, at_first in sidebar.DEFAULTS.items()
        if getattr(experiment, name) != at_first
    ]
    return "~".join(parts) or AS_AT_FIRST


def from_text(text: str) -> Experiment:
    """Return the network with attention that a text stands for.

    Raises ValueError with a sentence, in which the text is quoted, if it stands for none.
    """
    if len(text) > LONGEST:
        raise ValueError(f"{quoted(text)} is longer than {LONGEST} characters.")
    values = dict(sidebar.DEFAULTS)
    for part in [] if text == AS_AT_FIRST else text.split("~"):
        name, _, said = part.partition("-")
        values[name] = _read(name, said)
    if TASKS[values["task"]].own_file:
        raise ValueError("a run on a file cannot be pinned in an address, which holds no file.")
    return Experiment(**values)


def problem(text: str) -> str:
    """Return in a sentence why a text pins nothing, '' if it does or is empty."""
    try:
        if text:
            from_text(text)
    except ValueError as reason:
        return f"Nothing is pinned: {reason}"
    return ""


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(name: str, text: str) -> Any:
    """Return the value of a setting. Raises ValueError if its control does not offer it."""
    if name not in KNOBS:
        raise ValueError(f"there is no setting {quoted(name)}.")
    knob = sidebar.offered(KNOBS[name])
    value = knob.read(text)
    if offers := knob.not_offered(value):
        raise ValueError(f"“{knob.label}” cannot be {quoted(text)}: it {offers}.")
    return value
