"""Trains both networks and writes the page to keep, from a shell.

    python -m fibattn.take_away out.html --task find-max --attention additive-content

Every choice of the app is an option; the rest is as the task suggests, or as on the app's first
page. A file of one's own is named with --file, and its columns with --target and --features.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fibattn.experiment import KNOBS, Experiment
from fibattn.take_away.pair import Pair
from fibattn.tasks import TASKS
from fibattn.tasks.file import Table, choose, likely_target, read


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    parser = _parser()
    options = vars(parser.parse_args(arguments))
    out = Path(options.pop("out"))
    try:
        table = _table(*(options.pop(name) for name in ("file", "target", "features")))
        whole = {"series_length": table.rows} if table else {}
        experiment = Experiment(**whole | _choices(options), table=table)
        plain = experiment.replace(attention=None, placement="after")
        if experiment.attention is None:
            raise ValueError("attention is None, but there must be a layer to compare.")
    except (ValueError, OSError) as problem:
        parser.error(str(problem))
    out.write_bytes(_page(plain, experiment))
    print(f"{out}: {out.stat().st_size // 1000} kB")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fibattn.take_away",
        description="Train both networks and write the page to keep.",
    )
    parser.add_argument("out", help="the file to write, such as out.html")
    for name, knob in KNOBS.items():
        parser.add_argument(f"--{name}", metavar="VALUE", help=knob.help.replace("%", "%%"))
    parser.add_argument("--file", metavar="PATH", help="a CSV file, for the task csv")
    parser.add_argument("--target", metavar="COLUMN", help="of the file; the likeliest by default")
    parser.add_argument("--features", metavar="COLUMN", nargs="*", default=[], help="of the file")
    return parser


def _table(path: str | None, target: str | None, features: Sequence[str]) -> Table | None:
    """Return the chosen columns of a file, gaps filled along straight lines."""
    if path is None:
        return None
    raw = read(Path(path).read_bytes(), Path(path).name)
    return choose(raw, target or likely_target(raw), features, "interpolate")


def _choices(options: dict[str, Any]) -> dict[str, Any]:
    """Return the choices: those given, then what the task suggests, then the app's first page's."""
    given = {name: KNOBS[name].read(text) for name, text in options.items() if text is not None}
    task = TASKS.get(given.get("task", KNOBS["task"].at_start))
    first = {name: knob.at_start for name, knob in KNOBS.items()}
    if task and task.own_file:  # as long as the file
        first.pop("series_length")
    return first | (task.suggested if task else {}) | given


def _page(plain: Experiment, attention: Experiment) -> bytes:
    # These load TensorFlow: only after the options have been read.
    from fibattn.network.graph import graph_of
    from fibattn.network.training import train
    from fibattn.network.training_graph import new_starts
    from fibattn.take_away.page import page

    graphs = graph_of(plain.architecture), graph_of(attention.architecture)
    new = new_starts(plain), new_starts(attention)
    return page(Pair(train(plain), train(attention)), graphs, new)


if __name__ == "__main__":
    main()
