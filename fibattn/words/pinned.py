"""What is said of a pinned run: which settings differ, and how it compares with the one now."""

from __future__ import annotations

from dataclasses import dataclass

from fibattn.experiment import KNOBS, Experiment
from fibattn.judge.pinned import against_pinned, apart, common_starts
from fibattn.run import Run
from fibattn.tasks import TASKS
from fibattn.words.notation import counted
from fibattn.words.verdict import PINNED, verdict

# Of the places in the sidebar, from the top.
ORDER = ("top", "main", "task", "more")

PIN, UNPIN = "Pin", "Unpin"
HELP = (
    "Keep this run beside the next ones: the stage and the figures then show both, this one as an "
    "outline."
)
NOT_YET = "There is something to pin once both networks are trained."
IS_PINNED = "This run is pinned."
OWN_FILE = "A pin stands in the address, which cannot hold your file."

NOTHING_DIFFERS = (
    "**Pinned.** Change a setting: what differs, and how the two compare, will stand here."
)
WHEN_TRAINED = "How the two compare will stand here when both are trained."
TRAINED_AGAIN = "The pinned run is trained again:"


@dataclass(frozen=True)
class Difference:
    """A setting in which two runs differ, in the page's words."""

    label: str
    pinned: str
    now: str


def differences(now: Experiment, pinned: Experiment) -> list[Difference]:
    """Return the settings that differ, in the order of their controls.

    Of a choice that one of the two tasks does not have, nothing is said.
    """
    tasks, found = (TASKS[now.task], TASKS[pinned.task]), []
    for name, knob in sorted(KNOBS.items(), key=lambda item: ORDER.index(item[1].place)):
        before, after = getattr(pinned, name), getattr(now, name)
        unknown = knob.place == "task" and any(name not in task.knobs for task in tasks)
        if before != after and not unknown:
            label = tasks[0].length.label if name == "series_length" else knob.label
            found.append(Difference(label, knob.shown(before), knob.shown(after)))
    return found


def listed(now: Experiment, pinned: Experiment) -> str:
    """Return the settings that differ as Markdown: **Pinned:** Units 2 → **4**."""
    parts = [f"{d.label} {d.pinned} → **{d.now}**" for d in differences(now, pinned)]
    return f"**Pinned → now:** {' · '.join(parts)}"


def why_not(now: Experiment, pinned: Experiment) -> str:
    """Return in a sentence why the two cannot be compared start by start, '' if they can."""
    return {
        "": "",
        "data": "The two were tested on different data, so their errors cannot be compared.",
        "seed": "Another seed gives other random starts, so there are no pairs to compare.",
    }[apart(now, pinned)]


def compared(now: Run, pinned: Run) -> str:
    """Return the verdict over the starts that both runs have, or why there is none."""
    if reason := why_not(now.experiment, pinned.experiment):
        return reason
    count = common_starts(now.experiment, pinned.experiment)
    more = max(now.experiment.repeats, pinned.experiment.repeats) > count
    only = f" Compared by the first {counted(count, 'start')}, which both have." if more else ""
    return f"{verdict(against_pinned(now, pinned), PINNED)}{only}"
