"""What one choice is: its words, the values it may take, and the control that shows it.

A choice is declared once, as a field of a dataclass whose default is `knob(…)`. Validation, the
controls on the page, the address and the cache keys are read from these declarations.
"""

from __future__ import annotations

import contextlib
import dataclasses
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

# How a choice is shown. "steps" is a slider over options, "buttons" shows all options side by side.
# What is "unseen" is set by something else than a control of its own.
Control = Literal["slider", "steps", "buttons", "list", "switch", "number", "tabs", "unseen"]
# Where it stands in the sidebar; "task" knobs are shown where the task has them.
Place = Literal["top", "main", "task", "more"]

# A number in the address has at most so many characters; with hundreds of digits it can neither be
# compared with nor shown.
LONGEST_NUMBER = 40


@dataclass(frozen=True)
class Knob:
    """One choice: its words, and the values it may take.

    name: the field's, and the key of the control and in the address.
    label, help: what stands beside the control.
    default: in code.
    at_start: what the page starts from.
    low, high, step: of a number. With `options` too, any number between them is valid in code,
        and the options are those that the page offers.
    options: each value and its label for people.
    control, place: how and where it is shown.
    given: whether a compiled training program is given the value with each call, so that another
        value compiles nothing anew.
    in_address: whether the control stands in the address.
    """

    name: str
    label: str
    help: str
    default: Any
    at_start: Any = None
    low: float | None = None
    high: float | None = None
    step: float | None = None
    options: Mapping[Any, str] | None = dataclasses.field(default=None, hash=False)
    control: Control = "slider"
    place: Place = "more"
    given: bool = False
    in_address: bool = True

    def __post_init__(self) -> None:
        if self.at_start is None:
            object.__setattr__(self, "at_start", self.default)

    def check(self, value: Any) -> None:
        """Raise ValueError with a sentence if an experiment may not have this value."""
        if self.low is not None and self.high is not None:
            self._check_number(value, self.low, self.high)
        else:
            self._check_option(value)

    def not_offered(self, value: Any) -> str:
        """Return what the page's control offers instead of this value; '' if it offers this too.

        The end of a sentence: “is a whole number from 1 to 32”.
        """
        try:
            if self.options is not None:
                self._check_option(value)
            else:
                self.check(value)
        except ValueError:
            return self._offers()
        return ""

    def shown(self, value: Any) -> str:
        """Return a value as people read it."""
        if isinstance(value, float):
            return f"{value:.12g}"
        try:
            return str((self.options or {}).get(value, value))
        except TypeError:  # a value without a hash
            return str(value)

    def _offers(self) -> str:
        if self.options is not None:
            labels = ", ".join(f"“{label}”" for label in self.options.values())
            return f"is one of {labels}"
        whole = "a whole number" if isinstance(self.default, int) else "a number"
        return f"is {whole} from {self.low:g} to {self.high:g}"

    def read(self, text: str) -> Any:
        """Return the value that a text in the address stands for; the text itself if for none."""
        if isinstance(self.default, bool):
            return {"true": True, "false": False}.get(text, text)
        for kind in (int, float):
            if isinstance(self.default, kind) and len(text) <= LONGEST_NUMBER:
                with contextlib.suppress(ValueError):
                    return kind(text)
        return text

    def _check_option(self, value: Any) -> None:
        options = self.options or {}
        # Not `in options`: 1 equals True, and a list has no hash.
        if not any(
            value == option and isinstance(value, bool) == isinstance(option, bool)
            for option in options
        ):
            choices = ", ".join(repr(option) for option in options)
            raise ValueError(f"{self.name} is {value!r}, but it must be one of {choices}.")

    def _check_number(self, value: Any, low: float, high: float) -> None:
        whole = isinstance(self.default, int)
        kind = numbers.Integral if whole else numbers.Real
        if isinstance(value, bool) or not isinstance(value, kind):
            wanted = "a whole number" if whole else "a number"
            raise ValueError(f"{self.name} is {value!r}, but it must be {wanted}.")
        if not low <= value <= high:  # type: ignore[operator]  # NaN is caught here too
            raise ValueError(
                f"{self.name} is {value}, but it must lie between {low:g} and {high:g}."
            )


def knob(default: Any, label: str, help: str, **more: Any) -> Any:
    """Declare a field of a dataclass as a choice; the arguments are those of `Knob`."""
    return dataclasses.field(
        default=default, metadata={"knob": {"label": label, "help": help, **more}}
    )


def knobs_of(declared: type) -> dict[str, Knob]:
    """Return the choices that a dataclass declares, by name, in the order of its fields."""
    return {
        field.name: Knob(field.name, default=field.default, **field.metadata["knob"])
        for field in dataclasses.fields(declared)
        if "knob" in field.metadata
    }


def part_of(whole: Any, part: type) -> Any:
    """Return the fields of `whole`, a dataclass built upon `part`, that `part` declares."""
    return part(**{field.name: getattr(whole, field.name) for field in dataclasses.fields(part)})
