"""A run as Python to read: plain Keras, NumPy and scikit-learn, as a script or a notebook.

Both have the same parts, each with a sentence. Run again they train one random start of both
networks from the page's initial weights, in its order, and print every loss beside the page's.
"""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np

from fibattn.experiment import Experiment
from fibattn.network.catalogue import attention_layers
from fibattn.run import Run
from fibattn.take_away import templates
from fibattn.take_away.network_code import attention_code, plain_code
from fibattn.take_away.pair import Pair, versions
from fibattn.take_away.source import sliced
from fibattn.tasks import TASKS
from fibattn.tasks.file import Table

# Where this package is left out, these lines of the layers' base mean nothing.
OF_THE_PACKAGE = '"to_load"'
# So many test windows are shown as a heatmap.
ROWS = 40
# Lines of text are no longer.
WIDTH = 88


@dataclass(frozen=True)
class Part:
    """One part of a script, one cell of a notebook: a sentence, and code."""

    sentence: str
    code: str


def script(pair: Pair) -> bytes:
    """Return one Python file."""
    parts = [*_parts(pair), _one_window()]
    body = [f"# {part.sentence}\n\n{part.code}" for part in parts]
    return "\n\n\n".join([f'"""{_about(pair)}\n"""\n\n{_imports(pair)}', *body, ""]).encode()


def notebook(pair: Pair) -> bytes:
    """Return the same as a notebook (nbformat 4.5), with the weights as a heatmap."""
    first = Part(_about(pair), _imports(pair))
    cells: list[dict[str, Any]] = []
    for part in [first, *_parts(pair), _heatmap(pair)]:
        cells.append({"cell_type": "markdown", "source": part.sentence})
        cells.append(
            {"cell_type": "code", "source": part.code, "execution_count": None, "outputs": []}
        )
    held = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [{"id": f"cell-{k}", "metadata": {}, **cell} for k, cell in enumerate(cells)],
    }
    return json.dumps(held, indent=1, ensure_ascii=False).encode("utf-8")


def is_article(experiment: Experiment) -> bool:
    """Return whether the article's own five functions make this data and these networks."""
    own = Experiment()
    same = ("task", "scaling", "split", "horizon", "cell", "bidirectional", "placement", "head")
    return (
        all(getattr(experiment, name) == getattr(own, name) for name in same)
        and experiment.attention == "article"
        and experiment.activation == experiment.output_activation
    )


def _about(pair: Pair) -> str:
    """Return what the file is, for its first lines. Nothing in it is a visitor's text."""
    made = [f"{name} {each}" for name, each in versions().items() if name != "fibattn"]
    task = TASKS[pair.attention.experiment.task]
    of = "" if pair.starts == 1 else f" of {pair.starts}"
    paragraphs = (
        f"{task.label}: a recurrent network without and with attention.",
        task.shape,
        f"Trains random start {pair.start + 1}{of} of both networks from the page's initial "
        "weights, in the page's order, and prints every loss beside the page's.",
        f"The page trained on {pair.day} with {', '.join(made)}. Needs Keras with TensorFlow, "
        "NumPy and scikit-learn.",
    )
    return "\n\n".join(textwrap.fill(each, WIDTH) for each in paragraphs)


def _imports(pair: Pair) -> str:
    """Return the imports of everything, in the usual order; Keras last, which starts TensorFlow."""
    experiment = pair.attention.experiment
    lines = {f"import {name}" for name in ("os", "random")}
    packages = {"import numpy as np"}
    if is_article(experiment):
        packages.add("from sklearn.preprocessing import MinMaxScaler")
        keras = "import keras\nfrom keras import ops"
    else:
        keras = _layer(experiment)[0]
        read = ["from typing import NamedTuple"] if experiment.table else []
        lines |= {*sliced(TASKS[experiment.task].make).imports, *read} - packages
        lines |= {line for line in keras.splitlines() if "keras" not in line and line}
        keras = "\n".join(line for line in keras.splitlines() if "keras" in line)
    plain = sorted(lines, key=lambda line: (line.startswith("from"), line))
    start = 'os.environ.setdefault("KERAS_BACKEND", "tensorflow")'
    if "import keras" not in keras.splitlines():
        keras = f"import keras\n{keras}".strip()
    own = [] if is_article(experiment) else ["from __future__ import annotations\n"]
    return "\n".join([*own, *plain, "", *sorted(packages, reverse=True), "", start, keras])


def _parts(pair: Pair) -> list[Part]:
    """Return the parts that script and notebook share."""
    experiment = pair.attention.experiment
    article = is_article(experiment)
    data = _article_data(experiment) if article else _data(experiment)
    layer = templates.ARTICLE_LAYER if article else _layer(experiment)[1]
    return [
        Part("How it is trained, and the losses on the page: training, test.", _constants(pair)),
        *data,
        Part("The attention layer.", layer),
        Part("The two networks.", _networks(experiment)),
        Part("The training: each epoch has an order of its own.", templates.TRAINING),
        Part("Keras draws its initial weights from Python's random numbers.", _train(pair)),
    ]


def _constants(pair: Pair) -> str:
    experiment = pair.attention.experiment
    lines = [
        f"SEED, START = {experiment.seed}, {pair.start}",
        f"EPOCHS, BATCH_SIZE = {experiment.epochs}, {experiment.batch_size}",
        f"LEARNING_RATE = {experiment.learning_rate!r}",
        "PAGE = {",
    ]
    for name, run in pair.runs.items():
        both = [_literal(losses[:, pair.start]) for losses in (run.loss, run.val_loss)]
        lines += [f'    "{name}": (', *(f"        {each}," for each in both), "    ),"]
    return "\n".join([*lines, "}"])


def _literal(values: np.ndarray) -> str:
    """Return float32 values as a list in Python; what diverged is np.nan or np.inf."""
    words = (f"{v:.9g}" if np.isfinite(v) else f"np.{v}".replace("np.-", "-np.") for v in values)
    return f"[{', '.join(words)}]"


def _article_data(experiment: Experiment) -> list[Part]:
    call = (
        "train_x, train_y, test_x, test_y, scaler = get_fib_XY("
        f"{experiment.series_length}, {experiment.time_steps}, {experiment.train_fraction!r})"
    )
    return [
        Part("The tutorial's data.", templates.ARTICLE_DATA),
        Part("The windows, scaled, and the number after each.", call),
    ]


def _table(table: Table) -> str:
    """Return a file's columns as numbers: to read its cells is more than a script can hold."""
    rows = "\n".join(f"    {row!r}," for row in table.values.tolist())
    return f"{templates.TABLE}\n\n\ntable = Table(np.array([\n{rows}\n]), {table.columns!r})"


def _data(experiment: Experiment) -> list[Part]:
    """Return the choices, the source of the task, and its call."""
    task = TASKS[experiment.task]
    source = sliced(task.make)
    own = [f"{name} = {getattr(experiment, name)!r}" for name in source.choices if name != "table"]
    parts = []
    if table := experiment.table:
        parts.append(Part("The file, as the page has read it.", _table(table)))
        own = ["table = table", *own]
    choices = ["class DataChoices:", '"""What the windows are made from."""\n', *own]
    names = ("train_x", "train_y", "test_x", "test_y")
    call = (
        f"data = {task.make.__name__}(DataChoices())\n"
        f"{', '.join(names)} = {', '.join(f'data.{name}' for name in names)}"
    )
    return [
        *parts,
        Part("What the data depends on.", "\n    ".join(choices)),
        Part(f"The data: {task.label}.", source.text),
        Part("The windows, scaled, and their targets.", call),
    ]


def _layer(experiment: Experiment) -> tuple[str, str]:
    """Return the imports of the attention layer, and its classes."""
    source = attention_layers()[experiment.attention or ""].source
    kept = "\n".join(line for line in source.splitlines() if OF_THE_PACKAGE not in line)
    imports, _, classes = kept.partition("\n\n\n")
    return imports, classes


def _networks(experiment: Experiment) -> str:
    if is_article(experiment):
        words = {
            "{units}": experiment.units,
            "{steps}": experiment.time_steps,
            "{activation}": experiment.activation,
            "{output_activation}": experiment.output_activation,
        }
        text = templates.ARTICLE_NETWORKS
        for name, value in words.items():
            text = text.replace(name, str(value))
        return text
    shape = experiment.time_steps, experiment.features
    parts = [
        make(experiment.network, shape, experiment.horizon) for make in (plain_code, attention_code)
    ]
    return "\n\n\n".join(parts)


def _train(pair: Pair) -> str:
    """Return the calls that draw the initial weights and train."""
    plain, attention = (_sizes(run, pair.start) for run in pair.runs.values())
    seed = "random.seed(repr((SEED, START)))"
    return "\n".join(
        [
            seed,
            "plain = plain_network()",
            seed,
            "attending, weights_of = attention_network()",
            f'train("plain", plain, [{plain}])',
            f'train("attention", attending, [{attention}])',
        ]
    )


def _sizes(run: Run, start: int) -> str:
    """Return the sum of the sizes of each variable's initial weights, which tells them from others.

    Six digits are enough for that.
    """
    initial = [array[0, start].astype(np.float64) for array in run.weights]
    return ", ".join(f"{np.abs(each).sum():.6g}" for each in initial)


def _one_window() -> Part:
    return Part(
        "The weights of the first test window, oldest step first.",
        'print(*(f"{weight:.4f}" for weight in np.ravel(weights_of(test_x[:1]))))',
    )


def _heatmap(pair: Pair) -> Part:
    run = pair.attention
    step = "[:, 0]" if run.test_attention.ndim == 4 else ""
    shown = f"Heatmap(np.asarray(weights_of(test_x[:{ROWS}])){step})"
    return Part(
        "The weights as a heatmap: a row for each test window, a column for each step.",
        f"{templates.HEATMAP}\n\n\n{shown}",
    )
