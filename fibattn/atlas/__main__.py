"""Trains the atlas and writes its file, from a shell.

    python -m fibattn.atlas atlas.json
    python -m fibattn.atlas atlas.json --tasks find-max two-lags --cells SimpleRNN GRU

Ctrl-C stops it; the same command continues with what the file lacks. With FIBATTN_CLUSTER it trains
on that Dask cluster.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from fibattn.atlas import file, plan
from fibattn.atlas.file import Atlas, Made
from fibattn.atlas.training import Clock, trained
from fibattn.experiment import Experiment
from fibattn.judge.measured import measure, row_of
from fibattn.trainer import Standing, Trainer
from fibattn.trainer.version import version_of_runs

# By how many bytes a process may grow before it is replaced. More than on a server: loading
# TensorFlow anew takes some seconds, and of the programs none is needed again.
GROWTH = 2**30

STOPPED = 130  # the exit code of what Ctrl-C has ended


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        atlas = _begun(options.out)
    except (ValueError, OSError) as problem:
        parser.error(str(problem))
    wanted = plan.networks(options.tasks, options.layers, options.cells)
    missing = [each for each in wanted if not atlas.has(each)]
    stopped = bool(missing) and _train(missing, atlas, options.out)
    atlas.compare()
    file.write(atlas, options.out)
    left = sum(not atlas.has(each) for each in wanted)
    print(f"{options.out}: {len(wanted) - left} of {len(wanted)} networks.")
    for failed in atlas.failed:
        print(f"{failed.task}, {failed.attention or 'plain'}, {failed.cell}: {failed.error}")
    if stopped:
        print("Stopped. The same command continues.")
    return STOPPED if stopped else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fibattn.atlas",
        description="Train every attention layer on every task, and write what came of it.",
    )
    parser.add_argument("out", type=Path, help="the file to write, such as atlas.json")
    for name, words, every, at_start in (
        ("tasks", "on which tasks; on all by default", plan.TASK_NAMES, plan.TASK_NAMES),
        ("layers", "with which layers; with all by default", plan.LAYER_NAMES, plan.LAYER_NAMES),
        ("cells", "of which recurrent layers; SimpleRNN by default", plan.CELLS, plan.CELLS[:1]),
    ):
        parser.add_argument(
            f"--{name}",
            nargs="+",
            choices=every,
            default=at_start,
            metavar="NAME",
            help=f"{words}: {', '.join(every)}",
        )
    return parser


def _begun(out: Path) -> Atlas:
    """Return what the file has already, or a new atlas.

    Raises ValueError if other programs have made it, or if it is no file of the atlas.
    """
    if not out.exists():
        return Atlas(Made.now())
    atlas = file.read(out)
    if atlas.made.program != version_of_runs():
        raise ValueError(
            f"{out} was made by another version of the programs, and its numbers would not fit "
            "beside new ones: name another file."
        )
    return atlas


def _train(missing: Sequence[Experiment], atlas: Atlas, out: Path) -> bool:
    """Train what is missing, and write the file after each network; return whether it was stopped.

    The processor's time is known when the processes have ended.
    """
    before, trainer = atlas.made, Trainer(worker_growth=GROWTH)
    clock = Clock(trainer)
    try:
        with _Bar(missing) as bar:
            for standing in trained(trainer, missing, clock, bar.move):
                if standing.run is None:
                    atlas.fail(standing.experiment, standing.error)
                else:
                    run = standing.run
                    atlas.add(run.experiment, row_of(run), measure(run))
                atlas.made = before.then(clock)
                file.write(atlas, out)
    except KeyboardInterrupt:
        return True
    finally:
        trainer.close()
        atlas.made = before.then(clock)
    return False


class _Bar:
    """The progress in the terminal: how many networks, and the time left."""

    def __init__(self, experiments: Sequence[Experiment]) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        self._bar = self._progress.add_task("starting TensorFlow", total=len(experiments))
        self._done = 0

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def move(self, standings: Sequence[Standing]) -> None:
        """Show where those stand that are asked for."""
        self._done += sum(bool(each.run or each.error) for each in standings)
        said = next((s.experiment for s in standings if s.stage in ("compiling", "training")), None)
        self._progress.update(
            self._bar,
            completed=self._done,
            description=f"{said.task}, {said.attention or 'plain'}, {said.cell}" if said else None,
        )


if __name__ == "__main__":
    raise SystemExit(main())
