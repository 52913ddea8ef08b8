"""Parameters of which some run in the quick round, and the others only when asked for."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any

import pytest


def mostly_long(values: Iterable[Any], quick: Container[Any]) -> list[Any]:
    """Return parameters for `pytest.mark.parametrize`; those not in `quick` are marked long."""
    return [
        value if value in quick else pytest.param(value, marks=pytest.mark.long) for value in values
    ]
