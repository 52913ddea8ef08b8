"""“Pin”: a run that stays beside those that come after it, by its settings in the address."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fibattn.experiment import Experiment
from fibattn.judge.pinned import Pinned, apart
from fibattn.trainer import Standing
from fibattn.ui import controls, live, page_state, pin_address, sidebar
from fibattn.ui.live import Standings
from fibattn.words import pinned as words


def chosen() -> Experiment | None:
    """Return the network with attention that is pinned, None if none is.

    A text in the address that means nothing pins nothing; `address` says why.
    """
    if (held := st.session_state.get("pin")) and pin_address.problem(held):
        controls.put("pin", "")
    text = controls.unseen_text(page_state.PAGE_KNOBS["pin"], pin_address.LONGEST)
    return None if not text or pin_address.problem(text) else pin_address.from_text(text)


def show(pinned: Experiment | None, standings: Standings) -> Pinned | None:
    """Say what is pinned and how it compares; return what is to be drawn beside the page's runs.

    Args:
        pinned: of `chosen`.
        standings: of the page's plain network and the one with attention.

    The pinned networks are trained when those of the page are at rest, so that nobody waits for
    them.
    """
    if pinned is None:
        return None
    now, pair = standings[1].experiment, sidebar.pair_of(pinned)
    place = _card("pin_card")
    if now == pinned:
        place.markdown(words.NOTHING_DIFFERS)
        return None
    found = live.look(pair) if live.at_rest(standings) else live.trainer().standings(pair)
    with place:
        st.markdown(f"{words.listed(now, pinned)}  \n{_compared(standings[1], found[1])}")
        if live.at_rest(standings) and any(each.run is None for each in found):
            _train_again(pair)
    plain, attention = (each.run for each in found)
    if plain is None or attention is None:
        return None
    is_the_same = pair[0] == standings[0].experiment
    return Pinned(None if is_the_same else plain, attention, apart(now, pinned) != "data")


def say_what_differs(pinned: Experiment, now: Experiment) -> None:
    """Say which settings differ from the pinned ones, and why the two cannot be compared, if so."""
    _card("pin_line").markdown(f"{words.listed(now, pinned)}  \n{words.why_not(now, pinned)}")


def _card(key: str) -> DeltaGenerator:
    """Return the place for what is said of the pin; “Unpin” stands beside it."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=key):
        place = st.container()
        st.button(words.UNPIN, icon=":material/keep_off:", key="unpin", on_click=_pin, args=("",))
    return place


def button(standings: Standings) -> None:
    """Show the button that pins the run of the page, or that says why it cannot."""
    experiment = standings[1].experiment
    ready = all(each.run is not None for each in standings)
    why_not = "" if ready else words.NOT_YET
    if experiment.table is not None:
        why_not = words.OWN_FILE
    elif pin_address.to_text(experiment) == st.session_state.get("pin"):
        why_not = words.IS_PINNED
    st.button(
        words.PIN,
        icon=":material/keep:",
        key="pin_this",
        help=why_not or words.HELP,
        disabled=bool(why_not),
        on_click=_pin,
        args=(pin_address.to_text(experiment),),
    )


def _pin(text: str) -> None:
    controls.put("pin", text)


def _compared(now: Standing, pinned: Standing) -> str:
    """Return how the network with attention compares with the pinned one; if it does not, why."""
    if now.run is not None and pinned.run is not None:
        return words.compared(now.run, pinned.run)
    return words.why_not(now.experiment, pinned.experiment) or words.WHEN_TRAINED


def _train_again(pair: tuple[Experiment, ...]) -> None:
    """Have the pinned networks trained, say how far they are, then run the whole page once more.

    A training that fails is not tried again by itself: only its reason stands there.
    """

    @st.fragment(run_every=live.look_every())
    def look_at_pinned() -> None:
        found = live.look(pair)
        if all(each.run is not None for each in found):
            st.rerun()
        failed = next((each.error for each in found if each.error), "")
        st.caption(f"{words.TRAINED_AGAIN} {failed or live.stage_in_words(found)}")

    look_at_pinned()
