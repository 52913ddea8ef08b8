"""The page "Atlas": every layer on every task, as it was trained before, and a row of it live."""

from __future__ import annotations

import html

import streamlit as st

from fibattn import figures
from fibattn.atlas import plan
from fibattn.atlas.file import SHIPPED, Atlas, shipped
from fibattn.atlas.numbers import as_csv
from fibattn.experiment import KNOBS, Experiment
from fibattn.judge import matrix
from fibattn.judge.matrix import Entry, View
from fibattn.network.catalogue import attention_layers
from fibattn.tasks import TASKS
from fibattn.ui import address, atlas_row, controls, first_run, links, page_state, sidebar, style
from fibattn.ui.chart import chart
from fibattn.words import atlas as words

INTRO = (
    "Every attention layer on every task, each against the :blue[**plain**] network and a control "
    f"that gives every step the same weight, from {plan.STARTS} random starts."
)


def page(choice: sidebar.Pair | str) -> None:
    """The page, from top to bottom."""
    st.title("Atlas", help=INTRO)
    style.hide_settings()
    address.say_problems(None if isinstance(choice, str) else choice[1])
    atlas = shipped()
    kind = _kind(atlas)
    entries = atlas.entries.get(kind, [])
    _made(atlas)
    st.markdown("  \n".join(words.summary(entries)))
    view = _matrix(entries)
    _chance(entries, view)
    for each in atlas.failed:
        if each.cell == kind:
            st.caption(words.failed(each.attention, each.task, each.error))
    _files(atlas)
    atlas_row.show(atlas, kind)


def _kind(atlas: Atlas) -> str:
    """Return which recurrent layer's matrix is shown; ask where there are several."""
    if len(atlas.entries) < 2:
        return plan.CELLS[0]
    return str(controls.draw(page_state.PAGE_KNOBS["kind"]))


def _matrix(entries: list[Entry]) -> View:
    """Draw the matrix, and below it the same as a table; return what the marks show."""
    with st.container(horizontal=True, key="atlas_choices"):
        view: View = controls.draw(page_state.PAGE_KNOBS["mark"])
        order = controls.draw(page_state.PAGE_KNOBS["order"])
    tasks, layers = _in_order(entries, view, order)
    rows = {TASKS[task].label: [each for each in entries if each.task == task] for task in tasks}
    first_run.ends_here()
    with st.container(key="atlas"):
        chart(
            figures.atlas(rows, layers, view),
            key="atlas_marks",
            on_click=lambda point: _open(*point["customdata"]),
        )
    st.caption(words.LEGEND[view])
    with st.expander("The same as a table", icon=":material/table:"):
        st.markdown(_table(rows, layers, view), unsafe_allow_html=True)
    return view


def _in_order(entries: list[Entry], view: View, order: str) -> tuple[list[str], list[str]]:
    """Return the tasks, and the layers that have a mark in this view."""
    marked = [each for each in entries if each.clearly(view) is not None]
    if order == "best":
        tasks, layers = matrix.order(entries, view)
    else:
        tasks, layers = ([getattr(e, name) for e in entries] for name in ("task", "attention"))
    has_mark = {each.attention for each in marked}
    return list(dict.fromkeys(tasks)), [n for n in dict.fromkeys(layers) if n in has_mark]


def _open(task: str, attention: str) -> None:
    """Set the playground to a cell, which trains it there, and go there. For callbacks."""
    network = _network(task, attention)
    changes = {name: getattr(network, name) for name in KNOBS}
    sidebar.open_playground(changes, {"view": page_state.VIEWS[1]})


def _table(rows: dict[str, list[Entry]], layers: list[str], view: View) -> str:
    """Return the matrix as an HTML table; each cell is a link, whose name says all of the cell."""
    names = [attention_layers()[name].short for name in layers]
    heads = "".join(f"<th scope='col'>{name}</th>" for name in names)
    lines = [f"<tr><td></td>{heads}</tr>"]
    for task, entries in rows.items():
        cells = {each.attention: each for each in entries}
        row = "".join(f"<td>{_link(cells[n], view) if n in cells else ''}</td>" for n in layers)
        lines.append(f"<tr><th scope='row'>{task}</th>{row}</tr>")
    return f"<div class='wide'><table>{''.join(lines)}</table></div>"


def _link(entry: Entry, view: View) -> str:
    """Return the link to a cell in the playground; its name, and what it shows, say all of it."""
    effect = words.effect(entry, view)
    if not effect:
        return ""
    shown = f"<strong>{effect}</strong>" if entry.clearly(view) else f"({effect})"
    said = html.escape(". ".join(words.cell(entry)), quote=True)
    address = html.escape(links.address(_network(entry.task, entry.attention)), quote=True)
    numbers = f"<span class='numbers' aria-hidden='true'>{said}.</span>"
    return f"<a href='{address}' target='_self' aria-label='{said}'>{shown}{numbers}</a>"


def _network(task: str, attention: str) -> Experiment:
    """Return the network of a cell of the matrix that is shown."""
    return plan.network(task, attention, st.session_state.get("kind", plan.CELLS[0]))


def _made(atlas: Atlas) -> None:
    """Say when, by what and in how many minutes all this was computed."""
    made = atlas.made
    how = made.seconds, made.processor_seconds, made.share_of_compiling
    st.caption(words.made(made.date, made.machine, *how))


def _chance(entries: list[Entry], view: View) -> None:
    """Say how many marks would look clear by chance."""
    if view != "weight":
        compared = [found for each in entries if (found := each.against(view)) is not None]
        st.caption(words.by_chance(matrix.counts(compared)))


def _files(atlas: Atlas) -> None:
    """Offer all numbers as files."""
    with st.container(horizontal=True):
        st.download_button(
            "Every start as CSV",
            data=lambda: as_csv(atlas),
            file_name="fibattn-atlas.csv",
            icon=":material/table:",
            on_click="ignore",
            key="atlas_csv",
        )
        st.download_button(
            "All of it as JSON",
            data=SHIPPED.read_bytes,
            file_name="fibattn-atlas.json",
            icon=":material/data_object:",
            on_click="ignore",
            key="atlas_json",
        )
