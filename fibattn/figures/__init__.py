"""Pictures of runs: plotly figures, each with sentences that say what it shows.

Each public function returns a `Picture`: the figure and its `alt`. Every figure keeps its height
and its axes when the runs are still missing, so that nothing jumps when they arrive. Text colours
and grids are left to the page's theme. A random start that diverged is left out of medians and
ranges, and counted in the figure and in its alt.
"""

from fibattn.figures.atlas import atlas
from fibattn.figures.losses import loss_curves
from fibattn.figures.paired import paired_starts
from fibattn.figures.picture import Picture
from fibattn.figures.predictions import predicted_against_true
from fibattn.figures.scores import scores
from fibattn.figures.series import series
from fibattn.figures.swapped_weights import swapped_errors

__all__ = [
    "Picture",
    "atlas",
    "loss_curves",
    "paired_starts",
    "predicted_against_true",
    "scores",
    "series",
    "swapped_errors",
]
