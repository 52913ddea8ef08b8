"""What was measured as a table: a line for each random start of each network."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator
from typing import Any

from fibattn.atlas.file import Atlas
from fibattn.judge.measured import Measured

# The columns of what `Measured` holds.
COLUMNS = {
    "errors": "test_mse",
    "weight": "weight_on_true_steps",
    "precision": "precision_at_k",
    "near": "precision_at_k_within_1",
}


def as_csv(atlas: Atlas) -> str:
    """Return what was measured as CSV; a field is empty where a start diverged, or has no such.

    Columns: cell, task, attention ("plain" without), start from 1, then those of COLUMNS.
    """
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(["cell", "task", "attention", "start", *COLUMNS.values()])
    for cell, tasks in atlas.measured.items():
        for task, networks in tasks.items():
            for attention, measured in networks.items():
                for start, values in enumerate(_starts(measured), 1):
                    lines.writerow([cell, task, attention or "plain", start, *values])
    return text.getvalue()


def _starts(measured: Measured) -> Iterator[list[Any]]:
    """Yield what was measured of each start, in the order of COLUMNS."""
    names = [each.name for each in dataclasses.fields(measured)]
    assert names == list(COLUMNS)
    for start in range(measured.errors.starts):
        found = [getattr(measured, name) for name in names]
        yield ["" if over is None or over.diverged[start] else over.values[start] for over in found]
