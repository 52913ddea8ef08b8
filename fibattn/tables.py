"""The page's tables, as Markdown: scores beside the baselines, and layers as in a summary."""

from __future__ import annotations

from collections.abc import Sequence

from fibattn import evaluation
from fibattn.evaluation import Baseline, Spread, readable
from fibattn.run import Run

# Shown where a number will stand; the tables keep their size.
COMING = "…"


def scores(plain: Run | None, attention: Run | None, baselines: Sequence[Baseline]) -> str:
    """Return the table of errors: networks as median and range over the starts, then baselines."""
    rows = ["| | Test MSE | Training MSE |", "|:--|--:|--:|"]
    for name, run in ((":blue[**Plain**]", plain), (":orange[**Attention**]", attention)):
        test = _spread(evaluation.test_mse(run)) if run else COMING
        train = _spread(evaluation.train_mse(run)) if run else COMING
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
    """Return the median, and the range if there is one."""
    if len(spread.values) == 1:
        return readable(spread.median)
    return f"**{readable(spread.median)}**  ({readable(spread.low)} – {readable(spread.high)})"
