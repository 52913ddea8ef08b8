"""Numbers as people read them."""

from __future__ import annotations

import math
from typing import SupportsFloat

# Ratios of 0.9 to 1.1, as log10, are said in percent.
NEARLY_EQUAL = math.log10(1.1)
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


def times(log_ratio: float) -> str:
    """Return by how much a number differs from another, for log10 of their ratio.

    "43 times lower" for −1.63, "3.0 times higher" for 0.48, "7 % lower" where they are nearly
    equal, "infinitely lower" for −∞, "the same" for 0.
    """
    if log_ratio == 0:
        return "the same"
    direction = "lower" if log_ratio < 0 else "higher"
    if math.isinf(log_ratio):
        return f"infinitely {direction}"
    if abs(log_ratio) < NEARLY_EQUAL:
        return f"{readable(100 * abs(10**log_ratio - 1), 1)} % {direction}"
    return f"{factor(abs(log_ratio))} times {direction}"


def times_between(low: float, high: float) -> str:
    """Return the span between two such ratios, the nearer to 1 first where both point one way.

    "25 to 50 times lower", "1.3 times lower to 37 times higher".
    """
    nearer, further = sorted((low, high), key=abs) if low * high > 0 else (low, high)
    one, other = times(nearer), times(further)
    if one == other:
        return one
    unit = other.split(maxsplit=1)[1]  # "times lower", "% higher"; of "infinitely lower": "lower"
    return f"{one.removesuffix(f' {unit}')} to {other}"


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
