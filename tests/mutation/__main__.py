"""Which small mistakes in the judging code do the tests not notice?

    python -m tests.mutation [ROOM…] [--count N] [--seed S]

For each room (by default tasks, judge and words; `ROOMS` says which tests judge it) N random
changes are made (see `operators`), one at a time, in a copy of the tree; the room's own tests must
fail, or hang. So must they for every mistake made by hand in `mistakes`. What survives is reported
as file:line, before → after.

Exit code 1 if fewer than 95 % of a room's random changes were caught, if a mistake survived, or if
an entry of `mistakes` no longer fits its file. The checkout itself is not touched.

It takes some 6 s a change on each of two cores, as much as the room's tests where none notices:
with the default of 150 changes five to ten minutes a room.

Why not a kept tool: mutmut 3 changes function bodies only, while here constants and the arguments
of decorators (a cycle of 11 years, a label) matter as much. cosmic-ray starts Python, NumPy and
Hypothesis anew for each change, and has no operators for swapped names, swapped arguments or words.
Neither takes mistakes made by hand into its report.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutation import mistakes as by_hand
from tests.mutation.mistakes import Mistake
from tests.mutation.operators import Change, changes
from tests.mutation.trials import WORKERS, Copy, Trial, copy_tree, run_all, warm_up

ROOT = Path(__file__).parents[2]
SHARE = 0.95
DEFAULT = ("tasks", "judge", "words")


@dataclass(frozen=True)
class Room:
    """Some modules (files, or folders with all their modules), and the tests that judge them."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


# Only tests that need no training, and nothing that imports TensorFlow: each change takes one run.
STEPS = "tests/test_several_steps.py"
ROOMS = {
    "tasks": Room(
        ("fibattn/tasks",),
        ("tests/tasks/test_oracles.py", "tests/tasks", "tests/test_shared_data.py", STEPS),
    ),
    "judge": Room(("fibattn/judge",), ("tests/judge", "tests/words", STEPS)),
    "words": Room(("fibattn/words",), ("tests/words", "tests/judge")),
    "run": Room(("fibattn/run.py",), (STEPS,)),
}


@dataclass(frozen=True)
class Case:
    """One change to be tried: where it is, what it is, and the file's text with it."""

    file: str
    line: int
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}\n    - {self.before}\n    + {self.after}"


def main(
    arguments: Sequence[str] | None = None,
    root: Path = ROOT,
    mistakes: Sequence[Mistake] = by_hand.MISTAKES,
) -> int:
    """Run the command on the tree at `root` and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("rooms", nargs="*", metavar="ROOM", help=", ".join(ROOMS))
    parser.add_argument("--count", type=int, default=150, help="random changes to a room")
    parser.add_argument("--seed", type=int, default=0, help="which changes are drawn")
    chosen = parser.parse_args(arguments)
    unknown = [name for name in chosen.rooms if name not in ROOMS]
    if unknown:
        parser.error(f"no room {', '.join(unknown)}: there are {', '.join(ROOMS)}")
    plan, stale = {}, []
    for name, room in ROOMS.items():
        drawn, planned = [], []
        if name in (chosen.rooms or DEFAULT):
            drawn = sample(root, room, chosen.count, chosen.seed)
        if name in chosen.rooms or not chosen.rooms:
            mine = [each for each in mistakes if _belongs(each.file, room)]
            stale += [problem for each in mine if (problem := fault(root, each))]
            planned = [case_of(root, each) for each in mine if not fault(root, each)]
        if drawn or planned:
            plan[name] = drawn, planned
    warm_up()
    passed = True
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copies = [Copy(copy_tree(root, Path(folder) / str(k))) for k in range(WORKERS)]
        for name, (drawn, planned) in plan.items():
            passed &= try_room(copies, name, drawn, planned)
    for problem in stale:
        print(problem)
    return 0 if passed and not stale else 1


def modules(root: Path, room: Room) -> list[str]:
    """Return the files of a room, as paths below `root`."""
    found = []
    for name in room.modules:
        path = root / name
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [path.relative_to(root).as_posix() for path in found]


def sample(root: Path, room: Room, count: int, seed: int) -> list[Case]:
    """Return `count` of the room's possible changes, each as likely as any other."""
    possible: list[tuple[str, str, Change]] = []
    for file in modules(root, room):
        source = (root / file).read_text()
        possible += [(file, source, change) for change in changes(source)]
    drawn = random.Random(seed).sample(possible, min(count, len(possible)))
    return [Case(file, *change.shown(text), change.made(text)) for file, text, change in drawn]


def _belongs(file: str, room: Room) -> bool:
    return any(file == module or file.startswith(f"{module}/") for module in room.modules)


def fault(root: Path, mistake: Mistake) -> str | None:
    """Return a sentence if a mistake made by hand no longer fits its file."""
    path = root / mistake.file
    found = path.read_text().count(mistake.old) if path.exists() else 0
    if found == 1:
        return None
    return (
        f"tests/mutation/mistakes.py is stale: “{mistake.why}” changes a text that occurs {found} "
        f"times in {mistake.file}, but it must occur once: {mistake.old!r}"
    )


def case_of(root: Path, mistake: Mistake) -> Case:
    """Return a mistake made by hand as a change to be tried."""
    source = (root / mistake.file).read_text()
    start = source.index(mistake.old)
    change = Change("by hand", start, start + len(mistake.old), mistake.new)
    line, before, after = change.shown(source)
    return Case(mistake.file, line, before, f"{after}   ({mistake.why})", change.made(source))


def try_room(
    copies: Sequence[Copy], name: str, drawn: Sequence[Case], planned: Sequence[Case]
) -> bool:
    """Try a room's changes, print the report, and return whether enough were caught."""
    cases, tests = (*drawn, *planned), ROOMS[name].tests
    # Once for each copy: the tests must pass there, and what Python compiles is kept there.
    unchanged = Trial(cases[0].file, None, tests)
    for copy in copies:
        ((_, code, took),) = run_all([copy], [unchanged], limit=600)
        if code:
            print(f"{name}: the tests fail on the unchanged code:\n{copy.output()}")
            return False
    print(f"{name}: {len(cases)} changes; the tests alone take {took:.0f} s", flush=True)
    root = copies[0].folder
    trials = [Trial(case.file, case.text, tests, own_tests(root, case.file)) for case in cases]
    survivors, limit = set(), 3 * took + 10
    for index, code, _ in run_all(copies, trials, limit):
        if code < 0:
            print(f"  takes longer than {limit:.0f} s, and counts as caught: {cases[index]}")
        if code == 0:
            survivors.add(index)
            print(f"  survives: {cases[index]}", flush=True)
    return report(name, drawn, planned, survivors)


def own_tests(root: Path, file: str) -> tuple[str, ...]:
    """Return the tests named after a module, as they are likely to be the first to fail."""
    path = Path("tests", *Path(file).parts[1:-1], f"test_{Path(file).name}")
    return (path.as_posix(),) if (root / path).exists() else ()


def report(name: str, drawn: Sequence[Case], planned: Sequence[Case], survivors: set[int]) -> bool:
    """Print the counts of a room, and return whether they suffice."""
    enough = True
    for kind, first, cases, share in (
        ("random changes", 0, drawn, SHARE),
        ("mistakes made by hand", len(drawn), planned, 1.0),
    ):
        if cases:
            caught = sum(first + k not in survivors for k in range(len(cases)))
            percent = 100 * caught / len(cases)
            print(f"{name}: {caught} of {len(cases)} {kind} caught, {percent:.1f} %", flush=True)
            enough &= caught >= share * len(cases)
    return enough


if __name__ == "__main__":
    sys.exit(main())
