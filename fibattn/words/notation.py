"""Numbers as people read them."""

from __future__ import annotations

import math
from typing import SupportsFloat

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def superscript(exponent: int) -> str:
    """Return an exponent in raised digits: −37 gives ⁻³⁷."""
    return str(exponent).translate(RAISED)


def power_of_ten(exponent: int) -> str:
    """Return a power of ten as it is written: 10⁻³⁷."""
    return f"10{superscript(exponent)}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: 1 start, 5 starts."""
    return f"{number} {noun}{'s' * (number != 1)}"


def factor(powers: float) -> str:
    """Return the number 10**powers, of any size from 1 on: 2.0, 144, 10³⁰⁰⁰."""
    if powers < 1:
        return f"{10**powers:.1f}"
    return f"{10**powers:.0f}" if powers < 3 else power_of_ten(round(powers))


def readable(number: SupportsFloat, digits: int = 2) -> str:
    """Return a number for people: 0.050, 144, 2.3·10⁻⁵, −0.0012, "not a number"."""
    value = float(number)
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    sign = "−" if value < 0 else ""
    mantissa, exponent = f"{abs(value):.{digits - 1}e}".split("e")
    power = int(exponent)
    if -3 <= power < 5:
        decimals = max(digits - 1 - power, 0)
        return sign + f"{abs(value):.{decimals}f}"
    return f"{sign}{mantissa}·{power_of_ten(power)}"
