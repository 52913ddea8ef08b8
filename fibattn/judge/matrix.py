"""Every layer on every task: what the random starts of each say, and how much is by chance.

A cell of the matrix is one layer on one task. The more cells there are, the more of them look clear
by chance alone, so p-values are corrected for their number: see `corrected`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from fibattn.judge.comparison import CONFIDENCE, Comparison, paired
from fibattn.judge.measured import Measured, Row

# An answer is right if its median error is at most this share of the best trivial predictor's.
RIGHT = 0.1

# Weights that differ from k/T by less, of 1, are equal but for the rounding of float32.
EQUAL = 1e-6

Control = Literal["plain", "uniform"]
# What a mark may show: the error against a control, or where the weight lies.
View = Literal["plain", "uniform", "weight"]


@dataclass(frozen=True)
class Against:
    """A layer compared with a control.

    corrected: the p-value of the comparison, corrected for the number of cells.
    """

    comparison: Comparison
    corrected: float

    @property
    def clear(self) -> bool:
        """Whether one has the lower error, by the paired starts and after the correction."""
        return self.comparison.clear and self.corrected < 1 - CONFIDENCE

    @property
    def helps(self) -> bool:
        """Whether the layer clearly has the lower error."""
        return self.clear and self.comparison.second_leads

    @property
    def hurts(self) -> bool:
        """Whether the layer clearly has the higher error."""
        return self.clear and not self.comparison.second_leads


@dataclass(frozen=True)
class Pointing:
    """Where the weight lies: on the true steps, or elsewhere.

    above: in how many of `starts` more weight lies on the true steps than k/T. Starts with as much
        are left out, as the sign test does.
    corrected: the p-value of the two-sided sign test, corrected for the number of cells.
    """

    above: int
    starts: int
    corrected: float

    @property
    def clear(self) -> bool:
        """Whether more starts than by chance lie on one side of k/T."""
        return self.corrected < 1 - CONFIDENCE

    @property
    def wrong(self) -> bool:
        """Whether clearly less weight lies on the true steps than uniform weights put there."""
        return self.clear and 2 * self.above < self.starts


@dataclass(frozen=True, eq=False)
class Entry:
    """One cell of the matrix.

    plain, uniform: against these controls; `uniform` is None where the layer is that control.
    pointing: None where the true steps are unknown, or the weights are the control's.
    """

    task: str
    attention: str
    row: Row
    measured: Measured
    plain: Against
    uniform: Against | None
    pointing: Pointing | None

    @property
    def right(self) -> bool:
        """Whether the answer is right, as RIGHT says."""
        return bool(self.measured.errors.median <= RIGHT * self.row.trivial)

    @property
    def misleads(self) -> bool:
        """Whether the answer is right and the weight clearly lies elsewhere."""
        return self.right and self.pointing is not None and self.pointing.wrong

    def against(self, control: Control) -> Against | None:
        """Return the comparison with a control."""
        return self.plain if control == "plain" else self.uniform

    def clearly(self, view: View) -> int | None:
        """Return 1 where the layer is clearly better than the control, -1 where clearly worse.

        In the view "weight": where clearly more, or less, weight than k/T lies on the true steps. 0
        where nobody can tell, None where there is nothing to compare.
        """
        if view == "weight":
            found = self.pointing
            return None if found is None else found.clear - 2 * found.wrong
        against = self.against(view)
        return None if against is None else against.helps - against.hurts


@dataclass(frozen=True)
class Counts:
    """How many comparisons look clear, and how many would by chance.

    cells: how many are compared.
    by_chance: how many would look clear on average, did no layer make any difference.
    uncorrected: how many look clear one by one.
    clear: how many still do after the correction.
    """

    cells: int
    by_chance: float
    uncorrected: int
    clear: int


def matrix(
    measured: Mapping[str, Mapping[str | None, Measured]],
    rows: Mapping[str, Row],
    known: Sequence[Entry] = (),
) -> list[Entry]:
    """Return the cells of all tasks and layers, task by task.

    Args:
        measured: for each task its networks by their attention layer; the plain one is None, and
            the control "uniform". A task that lacks either has no cells.
        rows: for each task what is known of it.
        known: cells whose comparisons are taken from here, and not made again.
    """
    whole = {task: each for task, each in measured.items() if {None, "uniform"} <= each.keys()}
    places = [(task, name) for task, each in whole.items() for name in each if name is not None]
    plain = _against(whole, places, "plain", known)
    uniform = _against(
        whole, [place for place in places if place[1] != "uniform"], "uniform", known
    )
    pointing = _pointing(whole, [place for place in places if place in uniform], rows)
    return [
        Entry(
            task,
            name,
            rows[task],
            whole[task][name],
            plain[task, name],
            uniform.get((task, name)),
            pointing.get((task, name)),
        )
        for task, name in places
    ]


def order(entries: Iterable[Entry], view: View) -> tuple[list[str], list[str]]:
    """Return the tasks and the layers, those first for which most cells speak clearly.

    A cell that clearly speaks against attention counts against them. Otherwise they keep their
    order.
    """
    tasks: dict[str, int] = {}
    layers: dict[str, int] = {}
    for each in entries:
        said = each.clearly(view) or 0
        tasks[each.task] = tasks.get(each.task, 0) - said
        layers[each.attention] = layers.get(each.attention, 0) - said
    return sorted(tasks, key=tasks.__getitem__), sorted(layers, key=layers.__getitem__)


def corrected(p_values: Sequence[float | None]) -> list[float]:
    """Return p-values corrected for how many they are.

    By Benjamini & Yekutieli (2001), in SciPy's `false_discovery_control`: of the cells that are
    clear at 5 % after it, at most 5 % are so by chance, on average. It allows that cells depend on
    each other in any way: those of a row share their control.

    Args:
        p_values: None where both networks had the same error in every start.
    """
    if not p_values:
        return []
    from scipy import stats

    known = [1.0 if value is None else value for value in p_values]
    return [float(value) for value in stats.false_discovery_control(known, method="by")]


def counts(compared: Iterable[Against]) -> Counts:
    """Return how many of these comparisons look clear, and how many would by chance."""
    every = list(compared)
    return Counts(
        cells=len(every),
        by_chance=(1 - CONFIDENCE) * len(every),
        uncorrected=sum(each.comparison.clear for each in every),
        clear=sum(each.clear for each in every),
    )


Place = tuple[str, str]


def _against(
    measured: Mapping[str, Mapping[str | None, Measured]],
    places: Sequence[Place],
    control: Control,
    known: Sequence[Entry],
) -> dict[Place, Against]:
    """Compare each place's layer with the control of its task."""
    found = {
        (each.task, each.attention): against.comparison
        for each in known
        if (against := each.against(control)) is not None
    }
    for task, name in places:
        if (task, name) not in found:
            first = measured[task][None if control == "plain" else control]
            found[task, name] = paired(first.errors, measured[task][name].errors)
    p_values = corrected([found[place].p_value for place in places])
    return {place: Against(found[place], p) for place, p in zip(places, p_values, strict=True)}


def _pointing(
    measured: Mapping[str, Mapping[str | None, Measured]],
    places: Sequence[Place],
    rows: Mapping[str, Row],
) -> dict[Place, Pointing]:
    """Say of each place whose true steps are known on which side of k/T its weights lie."""
    from scipy import stats

    counted: dict[Place, tuple[int, int]] = {}
    for task, name in places:
        weight, chance = measured[task][name].weight, rows[task].chance
        if weight is not None and chance is not None:
            elsewhere = weight.kept[~np.isclose(weight.kept, chance, rtol=EQUAL)]
            counted[task, name] = int(np.sum(elsewhere > chance)), len(elsewhere)
    p_values = [stats.binomtest(above, n).pvalue if n else None for above, n in counted.values()]
    return {
        place: Pointing(above, n, p)
        for (place, (above, n)), p in zip(counted.items(), corrected(p_values), strict=True)
    }
