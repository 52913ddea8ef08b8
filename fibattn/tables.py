"""The page's tables, as Markdown: scores beside the baselines, and layers as in a summary."""

from __future__ import annotations

from collections.abc import Sequence

from fibattn import evaluation
from fibattn.evaluation import Baseline, Spread, readable
from fibattn.run import Run

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


def _spread(spread: Spread) -> str:
    """Return the median, and below it the range."""
    if len(spread.values) == 1:
        return f"**{readable(spread.median)}**<br>one start"
    # On one line: no break at the spaces, nor after the dash.
    low, high = readable(spread.low), readable(spread.high)
    return f"**{readable(spread.median)}**<br>{low}\u00a0–\u2060\u00a0{high}"
