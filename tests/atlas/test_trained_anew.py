"""Three cells of the atlas that ships, trained anew by the same programs: the same comes out."""

from __future__ import annotations

import numpy as np
import pytest

from fibattn.atlas import file, plan
from fibattn.atlas.file import Made, kind_of_machine
from fibattn.judge import matrix
from fibattn.judge.measured import measure

# Three programs: all starts at once, one at a time on one feature, and on two.
CELLS = [
    ("sum-of-last-two", "article"),
    ("sunspots", "dot"),
    ("flagged-recall", "additive-content"),
]


@pytest.mark.long
@pytest.mark.parametrize(("task", "attention"), CELLS)
def test_a_cell_trained_anew_is_the_stored_one(task, attention):
    from fibattn.network.training import train

    shipped = file.shipped()
    cell = plan.CELLS[0]
    stored = shipped.measured[cell][task]
    live = {each: measure(train(plan.network(task, each))) for each in (None, "uniform", attention)}
    if shipped.made.kind == kind_of_machine() and shipped.made.versions == Made.now().versions:
        for name, measured in live.items():
            now, then = measured.errors.values, stored[name].errors.values
            np.testing.assert_allclose(now, then, rtol=2e-6, err_msg=f"{task}, {name}")
    others = [each for each in shipped.entries[cell] if each.task != task]
    again = matrix.matrix(
        shipped.measured[cell] | {task: stored | live}, shipped.rows, known=others
    )
    (entry,) = (e for e in again if (e.task, e.attention) == (task, attention))
    before = shipped.entry(task, attention, cell)
    for view in ("plain", "uniform", "weight"):
        assert entry.clearly(view) == before.clearly(view)
    assert entry.right == before.right
