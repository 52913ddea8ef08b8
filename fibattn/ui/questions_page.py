"""The page "Questions": what readers of the tutorial ask, each with what shows the answer."""

from __future__ import annotations

import streamlit as st

from fibattn.lessons.questions import Question, found, questions
from fibattn.quoting import quoted
from fibattn.ui import address, controls, page_state, sidebar, style

# Longer texts in the address are no question's id, and no search.
LONGEST = 200


def page(choice: sidebar.Pair | str) -> None:
    """The page, from top to bottom."""
    st.title("Questions")
    st.markdown(
        "What readers of the tutorial asked. Tests train the networks and run the code that the "
        "answers speak of. “Show” sets the playground to what an answer speaks of."
    )
    style.hide_settings()
    address.say_problems(None if isinstance(choice, str) else choice[1])
    asked = _asked()
    query = _search()
    for each in _listed(query, asked):
        _question(each)


def _asked() -> str:
    """Return the question in the address, "" without one; open it when it is a new one."""
    asked = controls.unseen_text(page_state.PAGE_KNOBS["ask"], LONGEST)
    state = st.session_state
    if asked and asked not in questions():
        st.warning(f"There is no question {quoted(asked)}. All of them stand below.")
    elif asked and (asked != state.get("opened") or _key(asked) not in state):
        # By the address or a link, not by hand.
        state[_key(asked)] = True
        state["opened"] = state["first"] = asked
    return asked


def _search() -> str:
    """Draw the field to search in; return what is in it."""
    knob = page_state.PAGE_KNOBS["q"]
    query = st.text_input(
        knob.label,
        key=knob.name,
        max_chars=LONGEST,
        type="search",
        live=True,
        icon=":material/search:",
        placeholder=knob.help,
        bind="query-params",
    )
    controls.kept()[knob.name] = query
    return str(query)


def _listed(query: str, asked: str) -> list[Question]:
    """Return the questions that a search finds, all if none; one that was linked to stands first.

    Whoever comes by a link need not look for the question; opened by hand it stays in its place.
    """
    listed = found(query)
    if not listed:
        st.info(f"No question has the words {quoted(query)}. All of them stand below.")
        listed = list(questions().values())
    first = questions().get(st.session_state.get("first", ""))
    if first is None or (query and first.id != asked):
        return listed
    return [first, *(each for each in listed if each != first)]


def _key(id: str) -> str:
    return f"question_{id}"


def _question(each: Question) -> None:
    """Draw one question; what stands in it only when it is open."""
    place = st.expander(each.question, key=_key(each.id), on_change=_turned, args=(each.id,))
    if not place.open:
        return
    with place:
        st.markdown(each.answer)
        if each.snippet:
            st.code(each.snippet, language="python")
        if each.prints:
            st.caption("It prints")
            st.code(each.prints, language=None)
        if each.show:
            st.button(
                each.show,
                key=f"show_{each.id}",
                icon=":material/visibility:",
                on_click=_show,
                args=(each,),
            )


def _show(each: Question) -> None:
    """Set the playground to what a question speaks of, and go there."""
    sidebar.open_playground(each.changes, {"view": each.view, "stage": each.stage})


def _turned(id: str) -> None:
    """Let the address follow the question that was opened or closed by hand."""
    state = st.session_state
    if state[_key(id)]:
        state["ask"] = state["opened"] = id
    elif state.get("ask") == id:
        state["ask"] = state["opened"] = ""
