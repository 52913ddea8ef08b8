"""One HTML file of a run: the stage, live, the answer, errors, losses, settings, versions.

It needs no network and no server. No text in it is trusted: each goes through `html.escape`, and
the file's own security policy lets no script run but the one whose hash it names.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from fibattn.figures import colours
from fibattn.judge.baselines import baselines
from fibattn.judge.comparison import paired
from fibattn.judge.errors import test_mse
from fibattn.judge.pinned import Pinned
from fibattn.network.answers import NewStarts
from fibattn.network.operations import Graph
from fibattn.run import Run
from fibattn.stage import modules, still
from fibattn.stage.scene import Trained, pack_scene
from fibattn.take_away import drawings
from fibattn.take_away.pair import Pair, settings, versions
from fibattn.take_away.training import pack_training
from fibattn.tasks import TASKS
from fibattn.words import pinned as words_of_pinned
from fibattn.words import stage as stage_words
from fibattn.words.notation import readable, times
from fibattn.words.verdict import against_baselines, verdict

FOLDER = Path(__file__).parent
OWN_NUMBERS = "This page holds the numbers of a file of the visitor who made it."

# What a graph is where the stage cannot run a network: why, in a sentence.
Graphs = tuple[Graph | str, Graph | str]
# What trains each network from new random starts, or why there is nothing.
New = tuple[NewStarts | str, NewStarts | str]


def page(
    pair: Pair, graphs: Graphs, new: New, pinned: Pinned | None = None, outline: Graph | None = None
) -> bytes:
    """Return the file.

    Args:
        pair: the finished runs.
        graphs: of the plain network and of the one with attention, or why there is none; then a
            picture stands in the stage's place.
        new: of both networks, for “Train again”; without it the reason stands in its place.
        pinned: what is drawn beside them.
        outline: the graph of the pinned network with attention; without it the stage does not
            show it.
    """
    script = modules.script("kept.js") + "\nstart();\n"
    title = f"{TASKS[pair.attention.experiment.task].label}: does attention help?"
    parts = [
        f"<h1>{escape(title)}</h1>",
        *_answer(pair, pinned),
        _stage(pair, graphs, (pinned.attention, outline) if pinned and outline else None),
        _again(pair, graphs, new),
        *_errors(pair, pinned),
        *_made_from(pair),
    ]
    return document(title, parts, script).encode("utf-8")


def scene(
    plain: Trained,
    attention: Trained,
    graphs: tuple[Graph, Graph],
    start: int = 0,
    pinned: tuple[Run, Graph] | None = None,
) -> bytes:
    """Return what the stage needs of two networks, one start's at least, with words and colours.

    pinned: a network that is drawn beside them; see `pack_scene`.
    """
    said = stage_words.words(attention.experiment, graphs[1], _largest(attention))
    if pinned:
        run, graph = pinned
        its = stage_words.words(run.experiment, graph, _largest(run))["weightsTo"]
        said["weightsTo"] = max(said["weightsTo"], its)
    said["colours"] = colours.for_scripts()
    return pack_scene(plain, attention, graphs, said, start, pinned)


def _largest(attention: Trained) -> float:
    """Return the largest weight of all test windows, 1 before training has ended."""
    if not isinstance(attention, Run):
        return 1.0
    uniform = 1 / attention.experiment.time_steps
    return float(np.nanmax(attention.test_attention, initial=uniform))


def document(title: str, parts: Sequence[str], script: str, styles: Sequence[str] = ()) -> str:
    """Return a whole page whose only script is this one.

    Args:
        title: plain text.
        parts: HTML, in which every text is escaped.
        script: without imports and exports.
        styles: style sheets of `fibattn.stage` beside the stage's own.
    """
    # Else a text of the script could end it.
    assert "</script" not in script.lower() and "<!--" not in script
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; "
        "worker-src blob:"
    )
    sheet = modules.styles(*styles) + (FOLDER / "page.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{sheet}</style>\n</head>\n<body>\n<main>",
            *parts,
            f"</main>\n<script>{script}</script>\n</body>\n</html>\n",
        ]
    )


def _answer(pair: Pair, pinned: Pinned | None) -> list[str]:
    """Return the sentences that stand above the stage."""
    errors = test_mse(pair.plain), test_mse(pair.attention)
    beside = against_baselines(*errors, baselines(pair.plain.experiment))
    task = TASKS[pair.attention.experiment.task]
    parts = [_paragraph(verdict(paired(*errors)), "answer"), _paragraph(beside)]
    if pinned is not None:
        now, was = pair.attention, pinned.attention
        listed = words_of_pinned.listed(now.experiment, was.experiment).replace("**", "")
        parts.append(_paragraph(f"{listed}. {words_of_pinned.compared(now, was)}"))
    parts.append(_paragraph(f"{task.shape} {task.teaches}"))
    if pair.has_own_file:
        parts.append(_paragraph(OWN_NUMBERS))
    return parts


def _stage(pair: Pair, graphs: Graphs, pinned: tuple[Run, Graph] | None) -> str:
    plain, attention = graphs
    if isinstance(plain, str) or isinstance(attention, str):
        trouble = next(each for each in graphs if isinstance(each, str))
        return _still(pair) + _paragraph(trouble)
    run = scene(pair.plain, pair.attention, (plain, attention), pinned=pinned)
    packed = base64.b64encode(run)
    view = {**pair.view, "window": pair.window}
    return (
        f'<div id="stage">{_still(pair)}{_paragraph(stage_words.NO_SCRIPTS)}</div>'
        f'<script type="text/plain" id="run">{packed.decode("ascii")}</script>'
        f'<script type="application/json" id="view">{json_text(view)}</script>'
    )


def _again(pair: Pair, graphs: Graphs, new: New) -> str:
    """Return the place of “Train again”, or why it cannot be had. Its data are compressed."""
    if any(isinstance(each, str) for each in graphs):
        return ""  # no stage to show it, and a reason stands there already
    plain, attention = new
    if isinstance(plain, str) or isinstance(attention, str):
        return _paragraph(next(each for each in new if isinstance(each, str)))
    packed = zlib.compress(pack_training(pair, (plain, attention)), 9)
    held = base64.b64encode(packed).decode("ascii")
    return f'<section id="again"></section><script type="text/plain" id="training">{held}</script>'


def _still(pair: Pair) -> str:
    """Return one window as a picture: its values, and the median weights."""
    run = pair.attention
    data = run.dataset()
    weights = np.median(run.test_attention[:, pair.window], axis=0)
    return still.picture(
        data.test_x[pair.window, :, 0], weights if weights.ndim == 1 else weights[0]
    )


def _errors(pair: Pair, pinned: Pinned | None) -> list[str]:
    """Return the pictures of losses and errors, and every number of the second."""
    beside = baselines(pair.plain.experiment)
    legend = "".join(
        f'<span class="sample" style="color:{colour}"></span>{name}'
        for name, colour in colours.NETWORKS
    )
    dotted = f'<span class="sample dotted"></span>{colours.PINNED}' if pinned else ""
    return [
        '<div class="columns"><div><h2>Test error of every random start</h2>',
        drawings.starts_errors(pair.plain, pair.attention, beside, pinned),
        "</div><div><h2>Loss</h2>",
        f'<p>{legend}<span class="sample"></span>training'
        f'<span class="sample dashed"></span>test{dotted}</p>',
        drawings.loss_curves(pair.plain, pair.attention, pinned),
        "</div></div>",
        '<div class="columns"><div><h2>The errors in numbers</h2>',
        _table(("Start", "Plain", "Attention", "With attention"), _of_starts(pair), 1),
        "</div><div><h2>What learns nothing</h2>",
        _table(("Predictor", "Test error"), [(b.label, readable(b.test_mse)) for b in beside], 1),
        "<p>All errors are mean squared errors on the scaled values.</p></div></div>",
    ]


def _of_starts(pair: Pair) -> list[tuple[str, ...]]:
    """Return a row for each start: its test errors, and how they compare."""
    errors = [test_mse(run) for run in (pair.plain, pair.attention)]
    ratios = paired(*errors).log_ratios
    rows = []
    for start, ratio in enumerate(ratios):
        cells = [
            "diverged" if over.diverged[start] else readable(over.values[start]) for over in errors
        ]
        rows.append((str(start + 1), *cells, times(ratio)))
    return rows


def _made_from(pair: Pair) -> list[str]:
    """Return the settings, the versions and the day."""
    made = {"Made on": pair.day} | versions()
    parts = [
        '<div class="columns"><div><h2>Settings</h2>',
        _table(("Choice", "Value"), settings(pair).items()),
        "</div><div><h2>Versions</h2>",
        _table(("What", "Version"), made.items()),
    ]
    return [*parts, "</div></div>"]


def _table(names: Sequence[str], rows: Any, numbers_from: int | None = None) -> str:
    """Return a table whose first column names its rows.

    numbers_from: from this column on, counted from 1, cells stand at the right.
    """

    def cell(column: int, text: str, tag: str = "td", scope: str = "") -> str:
        right = numbers_from is not None and column >= numbers_from
        kind = ' class="right"' * right
        return f"<{tag}{scope}{kind}>{escape(text)}</{tag}>"

    head = "".join(cell(k, name, "th", ' scope="col"') for k, name in enumerate(names))
    body = "".join(
        "<tr>"
        + cell(0, row[0], "th", ' scope="row"')
        + "".join(cell(k, text) for k, text in enumerate(row[1:], 1))
        + "</tr>"
        for row in rows
    )
    # What may be scrolled can be reached by keyboard.
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(names[0])}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _paragraph(text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f"<p{named}>{escape(text)}</p>" if text else ""


def json_text(value: Mapping[str, Any]) -> str:
    """Return JSON that can stand in an element: no text in it can end the element."""
    return json.dumps(value).replace("<", "\\u003c")
