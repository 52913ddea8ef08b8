"""Pictures of runs: plotly figures, each with a sentence that says what it shows.

Every figure keeps its height and its axes when the runs are still missing, so that nothing jumps
when they arrive. Text colours and grids are left to the page's theme.
"""

from fibattn.figures.attention import (
    attention_windows,
    attention_windows_alt,
    weights_over_epochs,
    weights_over_epochs_alt,
    weights_over_horizon,
    weights_over_horizon_alt,
)
from fibattn.figures.loss import loss_curves, loss_curves_alt
from fibattn.figures.occlusion import (
    swapped_errors,
    swapped_errors_alt,
    weight_and_effect,
    weight_and_effect_alt,
)
from fibattn.figures.paired import paired_starts, paired_starts_alt
from fibattn.figures.predictions import predicted_against_true, predicted_against_true_alt
from fibattn.figures.scores import scores, scores_alt
from fibattn.figures.series import series, series_alt
from fibattn.figures.window import chosen_window, chosen_window_alt

__all__ = [
    "attention_windows",
    "attention_windows_alt",
    "chosen_window",
    "chosen_window_alt",
    "loss_curves",
    "loss_curves_alt",
    "paired_starts",
    "paired_starts_alt",
    "predicted_against_true",
    "predicted_against_true_alt",
    "scores",
    "scores_alt",
    "series",
    "series_alt",
    "swapped_errors",
    "swapped_errors_alt",
    "weight_and_effect",
    "weight_and_effect_alt",
    "weights_over_epochs",
    "weights_over_epochs_alt",
    "weights_over_horizon",
    "weights_over_horizon_alt",
]
