"""Which networks the atlas has: each task's plain one, and one with each layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fibattn.experiment import KNOBS, Experiment
from fibattn.network.catalogue import attention_layers
from fibattn.tasks import TASKS

# Random starts of each network, as "Does it help?" has at least.
STARTS = 20
# The tasks whose data come with the program.
TASK_NAMES = tuple(name for name, task in TASKS.items() if not task.own_file)
LAYER_NAMES = tuple(attention_layers())
CELLS = tuple(KNOBS["cell"].options or ())


def network(task: str, attention: str | None, cell: str = CELLS[0]) -> Experiment:
    """Return a network of the atlas: all else is as the page has it when the task is chosen.

    Args:
        task: one of TASK_NAMES.
        attention: one of LAYER_NAMES, or None for the plain network.
        cell: one of CELLS.
    """
    at_start = {name: knob.at_start for name, knob in KNOBS.items()}
    own = {"task": task, "attention": attention, "cell": cell, "repeats": STARTS}
    return Experiment(**at_start | TASKS[task].suggested | own)


def networks(tasks: Iterable[str], layers: Sequence[str], cells: Iterable[str]) -> list[Experiment]:
    """Return the networks of some tasks, layers and cells, those of one program in a row.

    The plain network and the control with uniform weights are among them, once for each task and
    cell.
    """
    columns = (None, *dict.fromkeys(("uniform", *layers)))
    every = [network(task, each, cell) for cell in cells for task in tasks for each in columns]
    programs: dict = {}
    for experiment in every:
        programs.setdefault(experiment.architecture, len(programs))
    return sorted(every, key=lambda experiment: programs[experiment.architecture])
