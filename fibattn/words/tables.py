"""The pages' tables, as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from fibattn.judge import evaluation
from fibattn.judge.evaluation import Baseline, Spread
from fibattn.judge.evidence import Comparison
from fibattn.judge.heatmap import (
    normalised_entropy,
    precision_at_k,
    uniform_share,
    weight_on_true_steps,
)
from fibattn.judge.metrics import METRICS, Metric
from fibattn.run import Run
from fibattn.tasks import Dataset
from fibattn.words.notation import readable

# Shown where numbers will stand, in as many lines, so that the tables keep their size.
COMING = "…"
COMING_SPREAD = "…<br>… – …"


def scores(plain: Run | None, attention: Run | None, baselines: Sequence[Baseline]) -> str:
    """Return the table of errors: networks as median and range over the starts, then baselines.

    The range stands on a line of its own, which in a Markdown table takes HTML's `<br>`.
    """
    rows = ["| | Test MSE | Training MSE |", "|:--|--:|--:|"]
    for name, run in ((":blue[**Plain**]", plain), (":orange[**Attention**]", attention)):
        test = _spread(evaluation.test_mse(run)) if run else COMING_SPREAD
        train = _spread(evaluation.train_mse(run)) if run else COMING_SPREAD
        rows.append(f"| {name} | {test} | {train} |")
    for baseline in baselines:
        label = baseline.label[0].upper() + baseline.label[1:]
        rows.append(f"| {label} | {readable(baseline.test_mse)} | {readable(baseline.train_mse)} |")
    return "\n".join(rows)


def metrics(runs: Mapping[str, Run | None]) -> str:
    """Return the table of all metrics that make sense for the targets: test, and training below.

    Median over the starts, of scaled values unless a label says otherwise. Names may hold
    Markdown.
    """
    rows = ["| | " + " | ".join(runs) + " |", "|:--" + "|--:" * len(runs) + "|"]
    known = next((run for run in runs.values() if run is not None), None)
    if known and known.dataset().many_magnitudes:
        cells = [_magnitudes(run) for run in runs.values()]
        rows.append("| Powers of ten missed, test<br>training | " + " | ".join(cells) + " |")
    for metric in METRICS.values():
        if known and not all(metric.meaningful(truth) for _, truth in _both(metric, known)):
            continue
        cells = []
        for run in runs.values():
            if run is None:
                cells.append("…<br>…")
                continue
            test, train = (_median(metric.compute(*pair)) for pair in _both(metric, run))
            cells.append(f"**{test}**<br>{train}")
        rows.append(f"| {metric.label}, test<br>training | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def comparisons(compared: Mapping[str, Comparison | None]) -> str:
    """Return the table of what paired starts say of attention against each control."""
    rows = [
        "| Attention against | Median difference (95 % interval) | Lower in (95 % interval) "
        "| Wilcoxon p |",
        "|:--|--:|--:|--:|",
    ]
    for name, found in compared.items():
        if found is None:
            rows.append(f"| {name} | {COMING} | {COMING} | {COMING} |")
            continue
        p = "–" if found.p_value is None else readable(found.p_value)
        rows.append(
            f"| {name} | **{readable(found.median)}**<br>{readable(found.low)} to "
            f"{readable(found.high)} | **{found.wins} of {found.starts}**<br>"
            f"{100 * found.wins_low:.0f} to {100 * found.wins_high:.0f} % | {p} |"
        )
    return "\n".join(rows)


def heatmap(run: Run | None, data: Dataset) -> str:
    """Return the table of how good the attention heatmap is, median and range over the starts.

    Compared with uniform weights. Without known steps only the entropy can be said.
    """
    rows = ["| | Attention | Uniform weights |", "|:--|--:|--:|"]
    truth = data.test_steps
    measures: list[tuple[str, Callable[[np.ndarray], np.ndarray], str]] = []
    if truth is not None:
        chance = readable(uniform_share(truth))
        near = readable(uniform_share(truth, within=1))
        measures += [
            ("Weight on the true steps", lambda w: weight_on_true_steps(w, truth), chance),
            ("Highest weights on true steps", lambda w: precision_at_k(w, truth), chance),
            ("… or one step beside", lambda w: precision_at_k(w, truth, within=1), near),
        ]
    measures.append(("Entropy (1: uniform)", normalised_entropy, "1"))
    for label, measure, uniform in measures:
        cell = COMING_SPREAD if run is None else _plain_spread(measure(run.test_attention))
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


def _both(metric: Metric, run: Run) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Return predictions and truth of the test and of the training, on the metric's scale."""
    data = run.dataset()
    pairs = (run.test_predictions, data.test_y), (run.train_predictions, data.train_y)
    if not metric.on_original_scale:
        return pairs
    return tuple((data.unscale(predictions), data.unscale(truth)) for predictions, truth in pairs)


def _magnitudes(run: Run | None) -> str:
    """Return by how many powers of ten half of the predictions miss, on the original scale."""
    if run is None:
        return "…<br>…"
    data, found = run.dataset(), []
    for predictions, truth in (
        (run.test_predictions, data.test_y),
        (run.train_predictions, data.train_y),
    ):
        missed = evaluation.magnitude_error(data.unscale(predictions), data.unscale(truth))
        found.append(readable(missed.median))
    return f"**{found[0]}**<br>{found[1]}"


def _median(values: Sequence[float] | np.ndarray) -> str:
    return readable(float(np.median(values)))


def _plain_spread(values: np.ndarray) -> str:
    """Return the median over the starts that did not diverge, and below it the range."""
    values = values[np.isfinite(values)]
    if not len(values):
        return "not a number"
    low, high = readable(float(values.min())), readable(float(values.max()))
    return f"**{_median(values)}**<br>{low}–\u2060{high}"


def _spread(spread: Spread) -> str:
    """Return the median, and below it the range."""
    if len(spread.values) == 1:
        return f"**{readable(spread.median)}**<br>one start"
    # On one line: on a phone there is no room for spaces around the dash, nor for a break.
    low, high = readable(spread.low), readable(spread.high)
    return f"**{readable(spread.median)}**<br>{low}–\u2060{high}"
