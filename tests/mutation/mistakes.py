"""Plausible mistakes in the judging code, made by hand. The tests must notice each of them.

`old` occurs exactly once in `file`; when the code changes, change the entry with it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A text in a file, what it is replaced with, and what the mistake is."""

    file: str
    old: str
    new: str
    why: str


RUN = (
    ("array[:, :, ahead]", "array[:, :, 0]", "a run's first step for whichever was asked"),
    ("cut(self.test_attention, 4)", "cut(self.test_attention, 3)", "time steps cut as the horizon"),
    ("cut(self.test_predictions, 3)", "self.test_predictions", "predictions of all steps"),
)

DATASET = (
    ("train_y=self.train_y[:, ahead]", "train_y=self.train_y[:, 0]", "the first training target"),
    ("test_y=self.test_y[:, ahead]", "test_y=self.test_y[:, 0]", "the first test target"),
    ("int(train_fraction * rows)", "round(train_fraction * rows)", "another number of windows"),
    (
        "return order[:cut], order[cut:]",
        "return order[cut:], order[:cut]",
        "train and test swapped",
    ),
    ("return order[:cut], order[cut:]", "return order[:cut], order[cut - 1:]", "a window in both"),
    ("SPLIT_SEED = 13", "SPLIT_SEED = 31", "another order than the article's"),
    ("series[time_steps:], horizon", "series[time_steps - 1:], horizon", "targets in the window"),
    ("low, high = float(plain.min())", "low, high = 0.0 * float(plain.min())", "scaled from 0"),
)

# What gets lost from the key under which datasets are shared.
SHARED = (
    ("replace(choices, table=None)", "replace(choices, table=None, horizon=1)", "horizon"),
    ("replace(choices, table=None)", 'replace(choices, table=None, split="shuffled")', "split"),
    ("replace(choices, table=None)", "replace(choices, table=None, train_fraction=0.7)", "share"),
    ("replace(choices, table=None)", "replace(choices, table=None, time_steps=5)", "time steps"),
    (
        "_public(task, choices)\n    key",
        "_public(task, dataclasses.replace(choices, horizon=1))\n    key",
        "horizon, in tasks without a file",
    ),
    (
        "_public(task, choices)\n    key",
        '_public(task, dataclasses.replace(choices, split="shuffled"))\n    key',
        "split, in tasks without a file",
    ),
    (
        "_public(task, choices)\n    key",
        "_public(task, dataclasses.replace(choices, train_fraction=0.7))\n    key",
        "the training share, in tasks without a file",
    ),
)

REGISTRY = (
    ("data.train_y.mean()", "data.test_y.mean()", "the mean of the targets to be predicted"),
    ('"always the mean"', '"always the median"', "a label of something else"),
    (
        '"the last value", lambda x, data: x[:, -1, 0]',
        '"the last value", lambda x, data: x[:, 0, 0]',
        "the first value under the label of the last",
    ),
    ("np.zeros(len(x))", "np.ones(len(x))", "always 1"),
)

SERIES = (
    ("CYCLE = 11", "CYCLE = 10", "a sunspot cycle of ten years"),
    ("-min(CYCLE, x.shape[1])", "-min(CYCLE + 1, x.shape[1])", "the value twelve years before"),
    ("the value 11 years before", "the value 10 years before", "a label of another rule"),
    ("series if fit_on_all else series[seen]", "series", "scaling fitted on all numbers"),
    ("series if fit_on_all else series[seen]", "series[seen]", "linear scaling on training alone"),
    ("seen[row : row + span]", "seen[row : row + span - 1]", "the last target not counted as seen"),
    ("seen[row : row + span]", "seen[row : row + span + 1]", "one number too many counted as seen"),
    ("for row in train:", "for row in test:", "scaling fitted on the test windows"),
    (
        "MinMax.of(column[seen], log=False)",
        "MinMax.of(column, log=False)",
        "a file's test rows seen",
    ),
    ("scaled_on_test=fit_on_all", "scaled_on_test=False", "a leak that is not said"),
    (
        'fit_on_all=choices.scaling == "linear"',
        'fit_on_all=choices.scaling != "log"',
        "linear-train fitted on all numbers",
    ),
    (
        "test_positions=steps + test,\n        series=series",
        "test_positions=steps + test - 1,\n        series=series",
        "positions of a series off by one",
    ),
    (
        "test_positions=steps + test,\n        series=rows",
        "test_positions=steps + test + 1,\n        series=rows",
        "positions of a file off by one",
    ),
    ("return before + last + low / width", "return before + last", "the scale's low end forgotten"),
    (
        "sunspot_numbers()[-choices.series_length :]",
        "sunspot_numbers()[: choices.series_length]",
        "the first years for the last",
    ),
    (
        "table.values[-choices.series_length :]",
        "table.values[: choices.series_length]",
        "the first rows for the last",
    ),
    (
        "choices.time_steps - choices.horizon + 1",
        "choices.time_steps",
        "windows without the horizon",
    ),
    ("longest=1475", "longest=1476", "one number more than float64 holds"),
    ("longest=309", "longest=310", "one year more than there is"),
    (
        "for row in range(len(y))",
        "for row in range(1, len(y) + 1)",
        "a file's windows one row late",
    ),
)

SYNTHETIC = (
    ("SHRINK = 0.9", "SHRINK = 0.8", "another factor"),
    ("LAGS = (3, 11)", "LAGS = (3, 10)", "another lag"),
    ("LAGS = (3, 11)", "LAGS = (2, 11)", "another lag"),
    ("generator().uniform(-0.5, 0.5, (", "generator().uniform(-0.4, 0.4, (", "another range"),
    (
        "generator().uniform(-0.5, 0.5, size)",
        "generator().uniform(-0.4, 0.4, size)",
        "another range",
    ),
    ("values = random.uniform(-0.5, 0.5,", "values = random.uniform(0, 0.5,", "another range"),
    ("random.uniform(0.0, 0.5, (", "random.uniform(0.0, 1.0, (", "another range"),
    ("random.uniform(-1.0, 1.0, (", "random.uniform(-1.0, 0.9, (", "another range"),
    ("beta(1 / choices.time_steps, 1,", "beta(1, 1,", "the maximum is hardly ever small"),
    (
        'x[:, -1, 0] + x[:, -2, 0])\n\n\n@task(\n    "sum',
        'x[:, -1, 0] + x[:, -3, 0])\n\n\n@task(\n    "sum',
        "the last and the last but two",
    ),
    ("steps[:, -2:] = True", "steps[:, -1:] = True", "one of two needed steps marked"),
    ("0.5 + _flagged(x) / 4", "0.5 + _flagged(x) / 2", "half of the sum"),
    ("0.5 + _flagged(x) / 4", "_flagged(x) / 4", "without the 0.5"),
    (
        "random.integers(0, length, (count, 1))",
        "random.integers(0, length - 1, (count, 1))",
        "a flag that never stands at the last step",
    ),
    (
        "random.integers(0, length // 2, (count, 1))",
        "random.integers(0, max(length // 2 - 1, 1), (count, 1))",
        "half of the places but one",
    ),
    (
        "random.integers(length // 2, length,",
        "random.integers(length // 2 - 1, length,",
        "the second mark in the first half",
    ),
    (
        "length % 2 * random.integers(0, 2, (count, 1))",
        "0 * random.integers(0, 2, (count, 1))",
        "delimiters that never stand at odd steps",
    ),
    ("min(2, pairs)", "min(1, pairs)", "one delimiter for two"),
    ("places + 1, True", "places, True", "the delimiter marked for the number after it"),
    (
        "generator().permutation(m * m)[: _pairs(choices)]",
        "generator().integers(0, m * m, _pairs(choices))",
        "windows that share a final pair",
    ),
    ("choices.modulus**2", "choices.modulus", "as many windows as remainders, not pairs"),
    (
        '0.9 times the sum of the last two", _last',
        '0.8 times the sum of the last two", _last',
        "a label of another rule",
    ),
    ("test_positions=test,", "test_positions=test + 1,", "numbers of windows off by one"),
    ("shortest_window=max(LAGS) + 1", "shortest_window=max(LAGS)", "a window the lag leaves"),
)

# The judging of runs.
BASELINES = (
    (
        "following[:, 0, 0] = found[-1]",
        "following[:, 0, 0] = x[:, -1, 0]",
        "a baseline that does not go on from its own answers",
    ),
    (
        "x = np.concatenate([x[:, 1:], following], axis=1)",
        "pass",
        "a baseline that answers each step from the same window",
    ),
    (
        "found.append(predictor.predict(x, dataset))",
        "found.append(predictor.predict(x, dataset) * 1.01)",
        "answers that drift",
    ),
    ("predictor.label, train, test,", "predictor.label, test, train,", "train and test swapped"),
    ("key=lambda b: b.test_mse", "key=lambda b: b.train_mse", "the best in training, not in test"),
    ("trivial = min((b", "trivial = max((b", "the worst trivial predictor"),
    (
        "(b for b in baselines if not b.exact)",
        "(b for b in baselines)",
        "the rule counted as trivial",
    ),
    (
        "math.log10(network) - math.log10(rule)",
        "math.log10(network) + math.log10(rule)",
        "multiplied instead of divided",
    ),
    ("min(medians, key=_nan_last)", "max(medians, key=_nan_last)", "the worse network's lead"),
)

ERRORS = (
    ('if part == "train":', 'if part == "test":', "train and test swapped"),
    (
        "return run.test_predictions, data.test_y",
        "return run.test_predictions, data.test_y[::-1]",
        "targets in another order",
    ),
    (
        "over_starts(metric.compute(predictions, truth), diverged(run))",
        "over_starts(metric.compute(predictions, truth))",
        "a diverged start that slips in",
    ),
)

COMPARISON = (
    ("FEWEST_STARTS = 6", "FEWEST_STARTS = 5", "sure with five starts"),
    ("self.p_value < 1 - CONFIDENCE", "self.p_value < CONFIDENCE", "a test that never doubts"),
    (
        "np.log10(candidate) - np.log10(control)",
        "np.log10(control) - np.log10(candidate)",
        "the sign turned around",
    ),
    ("np.log10(candidate) - np.log10(control)", "candidate - control", "differences, not ratios"),
    ("return self.wins > self.losses", "return self.wins >= self.losses", "a tie is a win"),
    ("median=_median(log_ratios[both])", "median=_median(log_ratios)", "diverged starts in it"),
    (
        "both = ~(first.diverged | second.diverged)",
        "both = ~(first.diverged & second.diverged)",
        "pairs with one diverged start in the medians",
    ),
    ("(self.wins - self.losses) > 0", "(self.losses - self.wins) > 0", "the other"),
    ("q=0, p=0.5", "q=0, p=0.4", "the interval of another quantile"),
)

OVERFITTING = (
    ("test.values / train.values", "train.values / test.values", "upside down"),
    ("train.diverged | test.diverged", "train.diverged", "a diverged test error counts"),
    ("gaps.median >= NOTABLE_GAP", "gaps.median > NOTABLE_GAP", "twice is not yet notable"),
)

NOTATION = (
    (
        'f"{10**powers:.0f}" if powers < 3',
        'f"{powers:.0f}" if powers < 3',
        "the power for the factor",
    ),
    ('f"{10**powers:.0f}" if powers < 3', 'f"{10**powers:.0f}" if powers < 2', "10² for 144"),
    ('"lower" if log_ratio < 0', '"lower" if log_ratio > 0', "higher for lower"),
    ("abs(10**log_ratio - 1)", "abs(10**-log_ratio - 1)", "percent of the other number"),
)

TABLES = (
    (
        "test = _spread(test_mse(run)) if run",
        "test = _spread(train_mse(run)) if run",
        "training errors under Test MSE",
    ),
    (
        "{readable(baseline.test_mse)} | {readable(baseline.train_mse)}",
        "{readable(baseline.train_mse)} | {readable(baseline.test_mse)}",
        "swapped in the table",
    ),
    (
        'f"**{_median(test)}**<br>{_median(train)}"',
        'f"**{_median(train)}**<br>{_median(test)}"',
        "swapped in the table",
    ),
    (
        'f"**{_missed(test)}**<br>{_missed(train)}"',
        'f"**{_missed(train)}**<br>{_missed(test)}"',
        "swapped in the table",
    ),
)

VERDICT = (
    (
        'loser = "attention" if beside.first_beats else "the plain network"',
        'loser = "the plain network" if beside.first_beats else "attention"',
        "the wrong network does not beat it",
    ),
    ("{factor(beside.lead)}", "{factor(-beside.lead)}", "multiplied instead of divided"),
    (
        'comparison.wins if direction == "lower" else comparison.losses',
        'comparison.losses if direction == "lower" else comparison.wins',
        "the starts of the other network",
    ),
    (
        "times_between(comparison.low, comparison.high)",
        "times_between(0, comparison.high)",
        "from 1",
    ),
)

FILES = {
    "fibattn/run.py": RUN,
    "fibattn/tasks/dataset.py": DATASET,
    "fibattn/tasks/shared.py": SHARED,
    "fibattn/tasks/registry.py": REGISTRY,
    "fibattn/tasks/series.py": SERIES,
    "fibattn/tasks/synthetic.py": SYNTHETIC,
    "fibattn/judge/baselines.py": BASELINES,
    "fibattn/judge/errors.py": ERRORS,
    "fibattn/judge/comparison.py": COMPARISON,
    "fibattn/judge/overfitting.py": OVERFITTING,
    "fibattn/words/notation.py": NOTATION,
    "fibattn/words/tables.py": TABLES,
    "fibattn/words/verdict.py": VERDICT,
}

MISTAKES = tuple(Mistake(file, *each) for file, entries in FILES.items() for each in entries)
