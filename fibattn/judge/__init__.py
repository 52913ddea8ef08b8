"""Numbers about runs: errors, baselines, comparisons, and how good a heatmap is."""
