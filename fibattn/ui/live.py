"""Waiting for training: where the networks of a page stand, and the answer that depends on them."""

from __future__ import annotations

import dataclasses
import math
import time
import uuid
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fibattn.experiment import Experiment
from fibattn.trainer.trainer import Standing, Trainer, shared_trainer
from fibattn.ui import first_run, progress
from fibattn.ui.turns import Turns
from fibattn.words.stored import kept_since

# How often a page looks at networks that are being trained, in seconds; and while TensorFlow is
# starting, when there is less to see.
LOOK_EVERY = 0.4
LOOK_EVERY_AT_START = 1.0
# Drawing a figure again costs the browser and the server more than looking.
DRAW_EVERY = 1.0
# In a crowd pages look less often, by so many seconds for each visitor, but every MOST_PATIENT
# seconds: what the pages take, the workers lack.
FOR_EACH_VISITOR = 0.06
MOST_PATIENT = 1.5
# More visitors than MANY are a crowd. Their pages wait in place, without figures: to run a fragment
# again for each look takes the server 10 to 25 ms, to move a progress two. And they are drawn one
# after the other: when fifty were drawn at once, none moved for twelve seconds.
MANY = 5
# A page just opened in a crowd has only short runs for QUIET seconds, in which a phone can draw the
# controls; then it waits in place for at most STRETCH seconds, and so on.
QUIET, STRETCH = 5.0, 6.0
# Most runs are finished after this many seconds. Until then the figures of the last one stay,
# faded, and only the progress moves: drawing figures costs the browser more than anything else.
WAIT_IN_PLACE = 6.0
# What is finished sooner needs no button to stop it, in seconds.
BUTTON_AFTER = 1.0

# Whose page is drawn next, of all visitors.
TURNS = Turns()

SETTINGS_BEFORE = "What stands below is still of the settings before."
FIGURES_LATER = "With so many visitors, the figures come with the result."
TRAINED_IN_CROWD = "Trained. With so many visitors, pages are drawn one after the other."

Standings = tuple[Standing, ...]


@dataclass(frozen=True)
class Answer:
    """What is said of standings: in the heading, and in smaller words below it."""

    heading: str
    beside: str = ""


Words = Callable[[Standings], Answer]


def trainer() -> Trainer:
    """Return the server's trainer."""
    return shared_trainer()


def look(experiments: tuple[Experiment, ...], wait: float = 0.0) -> Standings:
    """Return where some experiments stand, and have them trained unless the visitor has stopped it.

    Training ends when a page has not looked for some seconds. With `wait` it returns after so many
    seconds, or as soon as all are finished.
    """
    if is_stopped(experiments):
        trainer().watch(_visitor(), ())
        return tuple(trainer().standings(experiments))
    return tuple(trainer().watch(_visitor(), experiments, wait=wait))


def look_every() -> float:
    """Return after how many seconds a page looks again."""
    return min(MOST_PATIENT, max(LOOK_EVERY, FOR_EACH_VISITOR * trainer().visitors))


def is_crowded() -> bool:
    """Return whether there are so many visitors that pages wait in place; see MANY."""
    return trainer().visitors > MANY


def answer_place(key: str = "answer") -> DeltaGenerator:
    """Return the place of the answer: a card whose height `style` keeps, by its key."""
    return st.container(border=True, key=key).empty()


def answer(
    place: DeltaGenerator, experiments: tuple[Experiment, ...], words: Words, figures: str
) -> Standings:
    """Draw the answer at `place`, and return where the experiments stand for the rest of the page.

    If the `figures` of the last runs are still on the page, these wait for a short training before
    they are drawn anew. In a longer one the page draws empty figures, and only the answer's place
    looks again by itself; when training is finished or stopped, the whole page is run once more.
    In a crowd nothing is drawn below the answer until the result is there.

    Args:
        place: of `answer_place`.
        experiments: the networks the page shows.
        words: says the answer, or what is being done to get it.
        figures: names what the page draws below; it calls `figures_are_drawn` with that name.
    """
    standings = look(experiments)
    are_below = st.session_state.pop("drawn", None) == figures
    if are_below and not at_rest(standings):
        standings = _wait_in_place(place, standings, words)
    if is_crowded() and not TURNS.is_late:
        if not (are_below or at_rest(standings)):
            _come_again(place, standings, _with_line(words, FIGURES_LATER))
        standings = _wait_in_crowd(place, standings, _with_line(words, SETTINGS_BEFORE))
    if at_rest(standings):
        with _frame(place):
            _draw(standings, words, button="continue")
    else:
        with place.container():
            _look_again(standings, words)
    return standings


def figures_are_drawn(standings: Standings, figures: str) -> None:
    """Register that all figures are on the page, so that the next answer may wait in place."""
    if finished(standings):
        st.session_state["drawn"] = figures


def _wait_in_place(place: DeltaGenerator, standings: Standings, words: Words) -> Standings:
    """Move the progress at `place` until all are finished, for WAIT_IN_PLACE seconds at most."""
    experiments = _experiments(standings)
    begun = time.monotonic()
    TURNS.give_back()
    with _frame(place):
        bar, beside = _draw(standings, _with_line(words, SETTINGS_BEFORE))
    has_button = False
    while not at_rest(standings) and not starting(standings):
        waited = time.monotonic() - begun
        if waited > WAIT_IN_PLACE:
            break
        if waited > BUTTON_AFTER and not has_button:
            stop_button(beside, experiments, key="stop_in_place")
            has_button = True
        show_progress(bar, standings)
        standings = look(experiments, wait=LOOK_EVERY)
    _go_on()
    return standings


def _come_again(place: DeltaGenerator, standings: Standings, words: Words) -> NoReturn:
    """End this run of a page that has just been opened in a crowd; run it again with the result.

    Meanwhile a fragment moves the progress at `place`. It waits in its place as well, but leaves
    the browser the time to draw the controls: as long as a run lasts, Streamlit's sign for it
    changes five times a second, and each time a browser that needs longer begins anew.
    """
    experiments, quiet_until = _experiments(standings), time.monotonic() + QUIET

    @st.fragment(run_every=MOST_PATIENT)
    def move() -> None:
        nonlocal quiet_until
        bar, standings = st.empty(), look(experiments)
        show_progress(bar, standings)
        if time.monotonic() > quiet_until:
            standings = _move_in_crowd(bar, standings, STRETCH)
            quiet_until = time.monotonic() + QUIET
        if all(standing.run for standing in standings):
            _take_late_turn(lambda words: bar.progress(0.95, text=words))
        if at_rest(standings) or not is_crowded():
            first_run.is_over()
            st.rerun()

    with _frame(place):
        bar, _ = _draw(standings, words, button="stop_in_crowd")
        with bar.container():
            move()
    st.stop()


def _wait_in_crowd(place: DeltaGenerator, standings: Standings, words: Words) -> Standings:
    """Move the progress at `place` while there is a crowd, until all are finished.

    Then it waits for this page's turn to be drawn.
    """
    TURNS.give_back()
    if not at_rest(standings):
        with _frame(place):
            bar, _ = _draw(standings, words, button="stop_in_crowd")
        standings = _move_in_crowd(bar, standings)
    if all(standing.run for standing in standings):
        _wait_for_turn(place)
    else:
        _go_on()
    return standings


def _move_in_crowd(
    bar: DeltaGenerator, standings: Standings, longest: float = math.inf
) -> Standings:
    until = time.monotonic() + longest
    while is_crowded() and not at_rest(standings) and time.monotonic() < until:
        show_progress(bar, standings)
        time.sleep(look_every())
        standings = look(_experiments(standings))
    return standings


def _wait_for_turn(place: DeltaGenerator) -> None:
    """Wait until this page is drawn, and say at `place` how many are drawn before it."""

    def say(words: str) -> None:
        with _frame(place):
            st.markdown(f"#### {TRAINED_IN_CROWD}")
            st.progress(0.95, text=words)

    _take_late_turn(say)


def _take_late_turn(say: Callable[[str], object]) -> None:
    TURNS.take(lambda wait: say(progress.turn_in_words(wait)), look_every(), late=True)


def pause(seconds: float) -> None:
    """Let others be drawn for so many seconds, then go on before those that have not begun."""
    TURNS.give_back()
    time.sleep(seconds)
    _go_on()


def _go_on() -> None:
    """Wait for a turn before all that are late: a moment, so nothing is said."""
    TURNS.take(lambda _: None, LOOK_EVERY)


def _with_line(words: Words, line: str) -> Words:
    """Return the words with a line about what stands below."""

    def with_line(standings: Standings) -> Answer:
        return dataclasses.replace(words(standings), beside=line)

    return with_line


def _look_again(standings: Standings, words: Words) -> None:
    """Draw the answer again and again, then run the whole page once more.

    The fragment writes in its own place only: one that writes to places outside loses messages
    under load. In a crowd that came later it does not end before all are finished.
    """
    experiments, was_starting = _experiments(standings), starting(standings)

    @st.fragment(run_every=LOOK_EVERY_AT_START if was_starting else look_every())
    def look_at_answer() -> None:
        standings = look(experiments)
        if not at_rest(standings) and starting(standings) == was_starting:
            bar, _ = _draw(standings, words, button="stop")
            standings = _move_in_crowd(bar, standings)
        if at_rest(standings) or starting(standings) != was_starting:
            st.rerun()

    look_at_answer()


def _frame(place: DeltaGenerator) -> DeltaGenerator:
    """Return what the answer is drawn in at `place`, with as many containers as a fragment has.

    What is drawn twice in one run of a page replaces the first only in the same containers.
    """
    return place.container().container()


def _draw(
    standings: Standings, words: Words, button: str = ""
) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Draw the words, under them how far training is, and the button with the key `button`.

    Return the places of the progress and of the button, which stand beside each other so that
    nothing jumps. Nothing that is finished has a button.
    """
    said = words(standings)
    st.markdown("  \n".join(filter(None, (f"#### {said.heading}\n", said.beside))))
    with st.container(horizontal=True, vertical_alignment="center", key=f"progress_{button}"):
        bar, beside = st.container().empty(), st.container(width="content").empty()
    show_progress(bar, standings)
    failed = any(standing.error for standing in standings)
    if button and (failed or not finished(standings)):
        stop_button(beside, _experiments(standings), button, failed)
    return bar, beside


def stop_button(
    place: DeltaGenerator, experiments: tuple[Experiment, ...], key: str, failed: bool = False
) -> None:
    """Show the button that stops training, or the one that continues it or tries it again.

    In one run of a page each `key` may be used once.
    """
    if failed:
        place.button("Try again", icon=":material/refresh:", key=key, on_click=_try_again)
        return
    if is_stopped(experiments):
        label, icon, stopped = "Continue", ":material/play_arrow:", None
    else:
        label, icon, stopped = "Stop training", ":material/stop:", experiments
    place.button(label, icon=icon, key=key, on_click=_set_stopped, args=(stopped,))


def _set_stopped(experiments: tuple[Experiment, ...] | None) -> None:
    st.session_state["stopped"] = experiments


def _try_again() -> None:
    """Leave, so that the page's next run comes anew: then what failed is tried again."""
    trainer().leave(_visitor())


def is_stopped(experiments: tuple[Experiment, ...]) -> bool:
    """Return whether the visitor has stopped the training of these experiments."""
    return st.session_state.get("stopped") == experiments


def starting(standings: Standings) -> bool:
    """Return whether TensorFlow is still being loaded."""
    return any(standing.stage == "starting" for standing in standings)


def finished(standings: Standings) -> bool:
    """Return whether there is nothing more to wait for."""
    return all(standing.run is not None or standing.error for standing in standings)


def at_rest(standings: Standings) -> bool:
    """Return whether nothing is being trained: all is finished, or the visitor has stopped it."""
    return finished(standings) or is_stopped(_experiments(standings))


def show_progress(place: DeltaGenerator, standings: Standings) -> None:
    """Show at `place` how far training is, whether a process had to be restarted, and what is old.

    Of what is finished only the words stay: a full bar says nothing.
    """
    notices = {standing.notice for standing in standings if standing.notice}
    kept = kept_since([standing.made for standing in standings])
    words = " ".join(filter(None, [stage_in_words(standings), kept, *sorted(notices)]))
    if finished(standings):
        place.caption(words)
    else:
        place.progress(progress.share_done(standings), text=words)


def stage_in_words(standings: Standings) -> str:
    """Return how far training is, or that the visitor has stopped it."""
    return progress.stage_in_words(standings, is_stopped(_experiments(standings)))


def _visitor() -> Hashable:
    return st.session_state.setdefault("visitor", uuid.uuid4().hex)


def _experiments(standings: Standings) -> tuple[Experiment, ...]:
    return tuple(standing.experiment for standing in standings)
