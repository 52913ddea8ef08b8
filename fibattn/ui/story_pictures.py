"""The pictures of the story's scenes: made once for all visitors, of runs the trainer has.

The settings of a scene are ours, so what was made for one visitor is every visitor's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fibattn.atlas.file import shipped
from fibattn.atlas.plan import CELLS, LAYER_NAMES, TASK_NAMES
from fibattn.judge.baselines import baselines
from fibattn.judge.windows import window_order
from fibattn.lessons.story import Scene, story
from fibattn.network.operations import UnknownOperation
from fibattn.run import Run
from fibattn.take_away import drawings
from fibattn.take_away.page import scene as packed_scene
from fibattn.tasks import TASKS
from fibattn.ui import live, sidebar, stage_address
from fibattn.ui.live import Standings, trainer

# So many scenes are prepared at once: the one that is shown, and the next.
AT_ONCE = 2


@dataclass(frozen=True)
class Made:
    """A scene's picture, as the story in the browser takes it.

    content: a drawing, or which run is on the stage and what is done there.
    run: the packed run, "" bytes for a drawing.
    """

    content: dict[str, Any]
    run: bytes = b""


_made: dict[str, Made] = {}
_making = threading.Lock()  # each visitor's page runs in a thread of its own


def made() -> dict[str, Made]:
    """Return the pictures that are ready, by the ids of their scenes."""
    return dict(_made)


def run_of(scene: Scene) -> str:
    """Return what a scene's run is called: as the first scene on the stage with its settings."""
    return next(
        each.id
        for each in story().values()
        if each.picture == "stage" and each.changes == scene.changes
    )


def prepare(scenes: Sequence[Scene]) -> str:
    """Have pictures made, the first of these scenes that have none; say how far the first one is.

    "" if there is nothing to wait for. To be called again until then.
    """
    for scene in scenes:
        if scene.id not in _made and scene.picture in _OF_DATA:
            data = sidebar.first_pair(scene.changes)[1].dataset()
            _made[scene.id] = Made({"svg": _OF_DATA[scene.picture](data)})
    waiting = [scene for scene in scenes if scene.id not in _made][:AT_ONCE]
    pairs = [sidebar.first_pair(scene.changes) for scene in waiting]
    experiments = tuple(dict.fromkeys(each for pair in pairs for each in pair))
    found = {each.experiment: each for each in live.look(experiments)} if experiments else {}
    said = []
    for scene, pair in zip(waiting, pairs, strict=True):
        standings = tuple(found[each] for each in pair)
        with _making:
            _make(scene, standings)
        if scene.id not in _made:
            said.append(_how_far(standings))
    return next(iter(said), "")


def _how_far(standings: Standings) -> str:
    failed = next((each.error for each in standings if each.error), "")
    return failed or live.stage_in_words(standings)


def _make(scene: Scene, standings: Standings) -> None:
    """Make a scene's picture if both runs are finished, and a worker has written the networks."""
    plain, attention = (each.run for each in standings)
    if plain is None or attention is None or scene.id in _made:
        return
    if scene.picture != "stage":
        _made[scene.id] = Made({"svg": _OF_RUNS[scene.picture](plain, attention)})
        return
    try:
        of_plain, of_attention = (
            trainer().graph(run.experiment, 0.1) for run in (plain, attention)
        )
    except UnknownOperation as unknown:
        _made[scene.id] = Made({"svg": f"<p>{unknown}</p>"})
        return
    if of_plain and of_attention:
        content = {"run": run_of(scene), "view": _view(scene, attention)}
        _made[scene.id] = Made(content, packed_scene(plain, attention, (of_plain, of_attention)))


def _view(scene: Scene, attention: Run) -> dict[str, Any]:
    order = window_order(attention.dataset().at_step(0))
    rank = scene.window or len(order)
    return {**stage_address.from_text(scene.stage), "window": int(order[rank - 1]), "ahead": 0}


def _losses(plain: Run, attention: Run) -> str:
    return drawings.loss_curves(plain, attention) + drawings.legend("training", "test")


def _errors(plain: Run, attention: Run) -> str:
    return drawings.starts_errors(plain, attention, baselines(plain.experiment))


def _predictions(plain: Run, attention: Run) -> str:
    return drawings.predicted(plain, attention) + drawings.legend()


def _atlas() -> str:
    entries = shipped().entries[CELLS[0]]
    rows = {TASKS[task].label: [e for e in entries if e.task == task] for task in TASK_NAMES}
    return drawings.atlas(rows, LAYER_NAMES)


# Of what needs no training.
_OF_DATA: dict[str, Callable[..., str]] = {
    "numbers": lambda data: drawings.numbers(data, scaled=False),
    "scaled": lambda data: drawings.numbers(data, scaled=True),
    "atlas": lambda data: _atlas(),
}
_OF_RUNS: dict[str, Callable[[Run, Run], str]] = {
    "losses": _losses,
    "errors": _errors,
    "predictions": _predictions,
}
