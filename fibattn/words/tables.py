"""The pages' tables, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from fibattn.judge.baselines import Baseline
from fibattn.judge.comparison import Comparison, share_interval
from fibattn.judge.errors import (
    MagnitudeError,
    meaningful,
    measured,
    missed_magnitudes,
    test_mse,
    train_mse,
)
from fibattn.judge.heatmap import (
    normalised_entropy,
    precision_at_k,
    uniform_share,
    weight_on_true_steps,
)
from fibattn.judge.metrics import METRICS, Metric
from fibattn.judge.pinned import Pinned
from fibattn.judge.starts import OverStarts, over_starts
from fibattn.judge.starts import diverged as diverged_starts
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import readable, times, times_between
from fibattn.words.starts import diverged

# Shown where numbers will stand, in as many lines, so that the tables keep their size.
COMING = "…"
COMING_SPREAD = "…<br>… – …"
# The networks' names, in their colours.
PLAIN, ATTENTION = ":blue[**Plain**]", ":orange[**Attention**]"
# Of starts that all diverged there is no number.
NO_NUMBER = "–"


def scores(
    plain: Run | None,
    attention: Run | None,
    baselines: Sequence[Baseline],
    pinned: Pinned | None = None,
) -> str:
    """Return the table of errors: networks as median and range over the starts, then baselines.

    A pinned network stands below the one of its kind. The range stands on a line of its own, which
    in a Markdown table takes HTML's `<br>`.
    """
    rows = ["| | Test MSE | Training MSE |", "|:--|--:|--:|"]
    before = (pinned.plain, pinned.attention) if pinned else (None, None)
    for name, run, was in zip((PLAIN, ATTENTION), (plain, attention), before, strict=True):
        rows.append(_errors(name, run))
        if was is not None:
            rows.append(_errors(f"{name}, pinned", was))
    for baseline in baselines:
        label = baseline.label[0].upper() + baseline.label[1:]
        rows.append(f"| {label} | {readable(baseline.test_mse)} | {readable(baseline.train_mse)} |")
    return "\n".join(rows)


def _errors(name: str, run: Run | None) -> str:
    test = _spread(test_mse(run)) if run else COMING_SPREAD
    train = _spread(train_mse(run)) if run else COMING_SPREAD
    return f"| {name} | {test} | {train} |"


def metrics(runs: Mapping[str, Run | None]) -> str:
    """Return the table of all metrics that make sense for the targets: test, and training below.

    Runs may be of different data: of a metric that says nothing of one's targets, it has no number.

    Median over the starts that did not diverge, of scaled values unless a label says otherwise;
    the last row counts the starts that did. Names may hold Markdown.
    """
    rows = ["| | " + " | ".join(runs) + " |", "|:--" + "|--:" * len(runs) + "|"]
    known = [run for run in runs.values() if run is not None]
    if any(run.dataset().many_magnitudes for run in known):
        cells = [_magnitudes(run) for run in runs.values()]
        rows.append("| Powers of ten missed, test<br>training | " + " | ".join(cells) + " |")
    for metric in METRICS.values():
        if known and not any(meaningful(run, metric) for run in known):
            continue
        cells = [_medians(metric, run) for run in runs.values()]
        rows.append(f"| {metric.label}, test<br>training | " + " | ".join(cells) + " |")
    lost = ["" if run is None else diverged(test_mse(run)) for run in runs.values()]
    if any(lost):
        rows.append("| Left out | " + " | ".join(words or NO_NUMBER for words in lost) + " |")
    return "\n".join(rows)


def comparisons(compared: Mapping[str, Comparison | None]) -> str:
    """Return the table of what paired starts say of attention against each control."""
    rows = [
        "| Attention against | Test error (95 % interval) | Lower in (95 % interval) "
        "| Wilcoxon p |",
        "|:--|--:|--:|--:|",
    ]
    for name, found in compared.items():
        if found is None:
            rows.append(f"| {name} | {COMING} | {COMING} | {COMING} |")
            continue
        p = NO_NUMBER if found.p_value is None else readable(found.p_value)
        low, high = share_interval(found.wins, found.starts)
        rows.append(
            f"| {name} | {_effect(found)} | **{found.wins} of {found.starts}**<br>"
            f"{100 * low:.0f} to {100 * high:.0f} % | {p} |"
        )
    return "\n".join(rows)


def heatmap(run: Run | None, data: Dataset) -> str:
    """Return the table of how good the attention heatmap is, median and range over the starts.

    Compared with uniform weights. Without known steps only the entropy can be said.
    """
    rows = ["| | Attention | Uniform weights |", "|:--|--:|--:|"]
    truth = data.test_steps
    measures: list[tuple[str, Callable[[np.ndarray], np.ndarray], str]] = []
    if truth is not None and truth.any():
        chance = readable(uniform_share(truth))
        near = readable(uniform_share(truth, within=1))
        measures += [
            ("Weight on the true steps", lambda w: weight_on_true_steps(w, truth), chance),
            ("Highest weights on true steps", lambda w: precision_at_k(w, truth), chance),
            ("… or one step beside", lambda w: precision_at_k(w, truth, within=1), near),
        ]
    measures.append(("Entropy (1: uniform)", normalised_entropy, "1"))
    for label, measure, uniform in measures:
        cell = COMING_SPREAD
        if run is not None:
            cell = _spread(over_starts(measure(run.test_attention), diverged_starts(run)))
        rows.append(f"| {label} | {cell} | {uniform} |")
    return "\n".join(rows)


def layers(run: Run | None) -> str:
    """Return the table of a model's layers, with their output shapes and parameter counts."""
    rows = ["| Layer | Output shape | Parameters |", "|:--|:--|--:|"]
    if run is None:
        return "\n".join([*rows, *[f"| {COMING} | {COMING} | {COMING} |"] * 3])
    for layer in run.layers:
        shape = ", ".join("None" if size is None else str(size) for size in layer.output_shape)
        rows.append(f"| {layer.kind} | ({shape}) | {layer.parameters} |")
    total = sum(layer.parameters for layer in run.layers)
    return "\n".join([*rows, f"| **Total** | | **{total}** |"])


def _medians(metric: Metric, run: Run | None) -> str:
    """Return the median of a metric over the starts, of the test and of the training below."""
    if run is None:
        return f"{COMING}<br>{COMING}"
    if not meaningful(run, metric):
        return NO_NUMBER
    test, train = measured(run, metric, "test"), measured(run, metric, "train")
    return f"**{_median(test)}**<br>{_median(train)}"


def _magnitudes(run: Run | None) -> str:
    """Return by how many powers of ten half of the predictions miss, on the original scale."""
    if run is None:
        return f"{COMING}<br>{COMING}"
    if not run.dataset().many_magnitudes:
        return NO_NUMBER
    test, train = missed_magnitudes(run, "test"), missed_magnitudes(run, "train")
    return f"**{_missed(test)}**<br>{_missed(train)}"


def _missed(error: MagnitudeError) -> str:
    return readable(error.median) if error.count else NO_NUMBER


def _median(values: OverStarts) -> str:
    return NO_NUMBER if values.all_diverged else readable(values.median)


def _spread(values: OverStarts) -> str:
    """Return the median, and below it the range and how many starts diverged."""
    lost = diverged(values)
    if len(values.kept) < 2:
        return f"**{_median(values)}**<br>{lost or 'one start'}"
    # On one line: on a phone there is no room for spaces around the dash, nor for a break.
    span = f"{readable(values.low)}–\u2060{readable(values.high)}"
    return f"**{_median(values)}**<br>{span}" + (f", {lost}" if lost else "")


def _effect(found: Comparison) -> str:
    """Return how many times lower the error is, and below it the interval and pairs left out."""
    if not found.pairs:
        return f"**{NO_NUMBER}**<br>at least one of each pair diverged"
    interval = (
        times_between(found.low, found.high) if found.has_interval else "too few for an interval"
    )
    left_out = found.starts - found.pairs
    lost = f", {left_out} of {found.starts} pairs left out: diverged" if left_out else ""
    return f"**{times(found.median)}**<br>{interval}{lost}"
