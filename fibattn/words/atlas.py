"""What the atlas says: on how many tasks attention helps, where it hurts, where it misleads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from fibattn.judge.matrix import Against, Control, Counts, Entry, View
from fibattn.network.catalogue import attention_layers
from fibattn.tasks import TASKS
from fibattn.words.notation import counted, readable, times
from fibattn.words.starts import share
from fibattn.words.stored import MONTHS
from fibattn.words.verdict import PLAIN, UNIFORM

# What colours, full marks and rings mean, under the picture.
ERRORS = (
    ":orange[Orange]: the test error is lower with attention, :blue[blue]: higher. Full: clear. "
    "Hollow: nobody can tell. A click on a mark trains its networks in the playground."
)
LEGEND: dict[View, str] = {
    "plain": ERRORS,
    "uniform": ERRORS,
    "weight": (
        "k/T is what uniform weights put on the k true steps of T. :orange[Orange]: more, "
        ":blue[blue]: less. Full: clear. Hollow: nobody can tell. A ring: the answer is right. A "
        "click on a mark trains its networks in the playground."
    ),
}
LIVE = (
    "All networks of one task are trained now, one after the other, beside the stored marks. You "
    "can stop it."
)

CONTROLS: dict[Control, str] = {"plain": PLAIN, "uniform": UNIFORM}


def summary(entries: Sequence[Entry]) -> list[str]:
    """Return what follows from the matrix, in a sentence each.

    On how many tasks attention clearly helps, where it clearly hurts, and where its heatmap is
    wrong although the answer is right. The control's own column, uniform weights, is no attention.
    """
    attention = [each for each in entries if each.attention != "uniform"]
    return [_helps(attention), _hurts(attention), _misleads(attention)]


def by_chance(found: Counts) -> str:
    """Return how many comparisons look clear, how many would by chance, and how many remain."""
    return (
        f"{counted(found.cells, 'cell')} are compared. If no layer made any difference, about "
        f"{found.by_chance:.0f} of them would look clear by chance; {found.uncorrected} do. "
        f"Corrected for their number {found.clear} are clear, of which at most 5 % by chance."
    )


def compared(entry: Entry, control: Control) -> str:
    """Return how a layer's test error stands to a control's, in how many starts, and if clear.

    "43 times lower than without, lower in 20 of 20 starts: clear".
    """
    against = entry.against(control)
    if against is None:
        return "the control itself"
    found = against.comparison
    than = CONTROLS[control].removesuffix(" attention")
    if not found.pairs:
        return f"at least one of each pair diverged{_lost(against)}"
    lower = found.median < 0 if found.median else found.second_leads
    count = found.wins if lower else found.losses
    return (
        f"{times(found.median)} {'than' if found.median else 'as'} {than}, "
        f"{'lower' if lower else 'higher'} in {share(count, found.starts)}: "
        f"{'clear' if against.clear else 'nobody can tell'}{_lost(against)}"
    )


def pointed(entry: Entry) -> str:
    """Return where a layer's weight lies, and whether the answer is right.

    "0.45 on the true steps, uniform weights 0.050; above in 20 of 20 starts: clear".
    """
    weight, pointing, chance = entry.measured.weight, entry.pointing, entry.row.chance
    if weight is None or chance is None:
        return "the true steps are not known"
    of_all = f"{readable(weight.median)} of the weight on the true steps"
    if pointing is None or weight.all_diverged:
        return of_all
    above = 2 * pointing.above >= pointing.starts
    count = pointing.above if above else pointing.starts - pointing.above
    return (
        f"{of_all}, uniform weights put {readable(chance)} there; "
        f"{'more' if above else 'less'} in {share(count, pointing.starts)}: "
        f"{'clear' if pointing.clear else 'nobody can tell'}"
    )


def answer(entry: Entry) -> str:
    """Return whether the answer is right, and the error it is judged by."""
    if entry.measured.errors.all_diverged:
        return "every start diverged"
    error = readable(entry.measured.errors.median)
    if entry.right:
        return f"the answer is right: test error {error}"
    return f"test error {error}; the best trivial predictor’s is {readable(entry.row.trivial)}"


def cell(entry: Entry) -> list[str]:
    """Return all that is said of one cell: its title, and a line for each subject."""
    lines = [title(entry), f"Test error {compared(entry, 'plain')}"]
    if entry.uniform is not None:
        lines.append(f"Test error {compared(entry, 'uniform')}")
    if entry.pointing is not None:
        lines.append(f"{_capital(pointed(entry))}")
    return [*lines, _capital(answer(entry))]


def title(entry: Entry) -> str:
    """Return the names of a cell's task and layer."""
    return f"{TASKS[entry.task].label}: {attention_layers()[entry.attention].label}"


# What the marks of a view say where they are clear.
CLEARLY: dict[View, tuple[str, str]] = {
    "plain": ("lower", "higher"),
    "uniform": ("lower", "higher"),
    "weight": ("more", "less"),
}


def row(entries: Sequence[Entry], view: View) -> str:
    """Return for one task with which layers a mark is clear, and of how many nobody can tell.

    "clearly lower with Dot and Self; nobody can tell with 7 of 9 layers".
    """
    said = {each.attention: found for each in entries if (found := each.clearly(view)) is not None}
    if not said:
        return "the true steps are not known"
    parts = [
        f"clearly {word} with {_listed(layers)}"
        for word, sign in zip(CLEARLY[view], (1, -1), strict=True)
        if (layers := [_short(name) for name, found in said.items() if found == sign])
    ]
    if unknown := sum(found == 0 for found in said.values()):
        parts.append(f"nobody can tell with {unknown} of {counted(len(said), 'layer')}")
    return "; ".join(parts)


def effect(entry: Entry, view: View) -> str:
    """Return the size of a cell's effect alone: "43 times lower"; "" without one."""
    if view == "weight":
        weight, known = entry.measured.weight, entry.pointing is not None
        return readable(weight.median) if known and weight and not weight.all_diverged else ""
    against = entry.against(view)
    if against is None:
        return ""
    return times(against.comparison.median) if against.comparison.pairs else "diverged"


def same(live: Sequence[Entry], stored: Sequence[Entry]) -> str:
    """Return in how many cells what was trained now says the same as what is stored."""
    said = {each.attention: each.clearly("plain") for each in stored}
    agree = sum(each.clearly("plain") == said.get(each.attention) for each in live)
    if not live:
        return "The first mark comes with the third network: the plain one and the control first."
    return f"{agree} of {counted(len(live), 'cell')} trained now say the same as the stored ones."


def made(
    day: str, machine: str, seconds: float, processor_seconds: float, share_of_compiling: float
) -> str:
    """Return when, by what, where and in how many minutes an atlas was made.

    Args:
        day: as 2026-01-31.
        machine: in words.
        seconds: from beginning to end.
        processor_seconds: the processor's; 0 where it is not known.
        share_of_compiling: from 0 to 1.
    """
    work = (
        f"{processor_seconds / 60:.0f} minutes of work for one core, " if processor_seconds else ""
    )
    return (
        f"Not trained just now: computed on {_day(day)}, by "
        f"`python -m fibattn.atlas` on {machine}, in {seconds / 60:.0f} minutes ({work}"
        f"{100 * share_of_compiling:.0f} % of it compiling)."
    )


def failed(attention: str | None, task: str, error: str) -> str:
    """Return which network could not be trained, and why; `error` is the trainer's sentence."""
    network = attention_layers()[attention].label if attention else "the plain network"
    return f"A mark is missing: {network} on “{TASKS[task].label}” could not be trained. {error}"


def stored(entry: Entry, day: str) -> str:
    """Return what the atlas says of the networks that are trained beside it.

    day: on which it was made, as 2026-01-31.
    """
    return (
        f"The atlas has the same networks, computed on {_day(day)}: test error "
        f"{compared(entry, 'plain')}."
    )


def _day(day: str) -> str:
    on = date.fromisoformat(day)
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def _helps(attention: Sequence[Entry]) -> str:
    tasks = _tasks(attention)
    helped = [each for each in attention if each.plain.helps]
    also = _tasks(each for each in helped if each.uniform and each.uniform.helps)
    if not helped:
        return f"**On none of {counted(len(tasks), 'task')} attention clearly lowers the error.**"
    return (
        f"**On {len(_tasks(helped))} of {counted(len(tasks), 'task')} attention clearly lowers the "
        f"test error**: {_layers_of(helped, attention)}. On {len(also)} of them a layer is "
        "clearly better than uniform weights too, which learn nothing."
    )


def _hurts(attention: Sequence[Entry]) -> str:
    hurt = [each for each in attention if each.plain.hurts]
    if not hurt:
        return "**It clearly raises the error nowhere.**"
    tasks = counted(len(_tasks(hurt)), "task")
    return f"**It clearly raises it on {tasks}**: {_layers_of(hurt, attention)}."


def _misleads(attention: Sequence[Entry]) -> str:
    wrong = [each for each in attention if each.misleads]
    if not wrong:
        return "**No right answer has a heatmap that is clearly wrong**, where the steps are known."
    tasks = counted(len(_tasks(wrong)), "task")
    return (
        f"**Its heatmap is wrong although the answer is right on {tasks}**: "
        f"{_layers_of(wrong, attention)}."
    )


def _layers_of(found: Sequence[Entry], every: Sequence[Entry]) -> str:
    """Return the tasks of some cells, each with the layers it is true of.

    "Find the maximum (7 of 8 layers), Two lags (Self)".
    """
    said = []
    for task in _tasks(found):
        layers = [each.attention for each in found if each.task == task]
        of = sum(each.task == task for each in every)
        many = f"{len(layers)} of {of} layers" if len(layers) < of else f"all {of} layers"
        label = TASKS[task].label
        said.append(f"{label} ({_short(layers[0])})" if len(layers) == 1 else f"{label} ({many})")
    return _listed(said)


def _tasks(entries: Iterable[Entry]) -> list[str]:
    return list(dict.fromkeys(entry.task for entry in entries))


def _lost(against: Against) -> str:
    lost = against.comparison.second_diverged
    return f"; {counted(lost, 'start')} diverged" if lost else ""


def _short(attention: str) -> str:
    return attention_layers()[attention].short


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _capital(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
