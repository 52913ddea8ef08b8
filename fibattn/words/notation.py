"""Numbers as people read them."""

from __future__ import annotations

import math

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def superscript(exponent: int) -> str:
    """Return an exponent in raised digits: −37 gives ⁻³⁷."""
    return str(exponent).translate(RAISED)


def power_of_ten(exponent: int) -> str:
    """Return a power of ten as it is written: 10⁻³⁷."""
    return f"10{superscript(exponent)}"


def readable(value: float, digits: int = 2) -> str:
    """Return a number for people: 0.05, 144, 2.3·10⁻⁵, −0.0012, "not a number"."""
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
