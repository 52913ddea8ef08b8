"""How much memory many settings take: `python -m tests.benchmarks.memory [--workers 1]`.

One visitor goes through SETTINGS different settings, of every cell and layer and of many lengths,
while others come and go. It prints the private memory of the server and of its workers: before, at
the worst, and afterwards. What processes share (TensorFlow, loaded once) is in none of these; with
it, counted once, files they have mapped included, it is `in all`. What of a file one process alone
has mapped counts as private to it, though the system may drop it at any time: with one worker that
is most of TensorFlow's code. It is said besides, as `of it files`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import random
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from fibattn.knobs import knobs_of
from fibattn.network.catalogue import attention_layers
from fibattn.network.choices import NetworkChoices
from tests.benchmarks.sessions import visit
from tests.browser.server import Server, running_app

MEGABYTE = 2**20
SETTINGS, OTHERS = 300, 20
# How long a visitor waits for one result, and how long the others are away at most, in seconds.
STAY, AWAY = 120, 40


class Taken(NamedTuple):
    """Memory in MB: that of the server alone, of its processes, and of all with what they share.

    files: what of the first two are unchanged pages of files.
    """

    server: float
    workers: float
    in_all: float
    files: float

    @property
    def together(self) -> float:
        """What is private to one of them."""
        return self.server + self.workers

    def __str__(self) -> str:
        """Return it for a line of a benchmark."""
        private = f"server {self.server:.0f} + workers {self.workers:.0f} = {self.together:.0f}"
        return f"{private}, of it files {self.files:.0f}; in all {self.in_all:.0f}"


class Memory:
    """The memory that a server and all its processes take."""

    def __init__(self, server: Server) -> None:
        self._server = psutil.Process(server.process.pid)
        self.base = self.now()
        self.peak = self.base

    def now(self) -> Taken:
        """Return what is taken now."""
        server = self._server.memory_full_info()
        workers, in_all, files = 0.0, server.pss, _clean(self._server.pid)
        for child in self._server.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                info = child.memory_full_info()
                workers += info.uss
                in_all += info.pss
                files += _clean(child.pid)
        return Taken(*(each / MEGABYTE for each in (server.uss, workers, in_all, files)))

    async def watch(self) -> None:
        """Look once a second, for the peak of all together."""
        while True:
            now = await asyncio.to_thread(self.now)
            self.peak = max(self.peak, now, key=lambda taken: taken.together)
            await asyncio.sleep(1)


def _clean(pid: int) -> float:
    """Return how many bytes private to a process it has not changed: pages of files."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, *amount = line.split()
            if name == "Private_Clean:":
                return 1024.0 * int(amount[0])
    return 0.0


def queries() -> list[str]:
    """Return the addresses of SETTINGS settings."""
    cells = list(knobs_of(NetworkChoices)["cell"].options)
    layers = list(attention_layers())
    ways = itertools.cycle(itertools.product(cells, layers))
    return [
        f"cell={cell}&attention={layer}&units={2 + n % 7}&time_steps={6 + n % 23}"
        f"&series_length={200 + 10 * (n % 40)}&epochs=5&repeats=4"
        for n, (cell, layer) in zip(range(SETTINGS), ways, strict=False)
    ]


async def go_through(server: Server) -> None:
    """Go through all settings, and print the memory."""
    await visit(server.url, "", STAY)
    await asyncio.sleep(5)
    memory = Memory(server)
    watching = asyncio.create_task(memory.watch())
    everything = queries()
    others = [asyncio.create_task(_come_and_go(server, everything, n)) for n in range(OTHERS)]
    failed, begun = [], time.monotonic()
    for number, query in enumerate(everything):
        visitor = await visit(server.url, query, STAY)
        if visitor.done is None:
            failed.append((query, visitor.problem))
        if number % 50 == 49:
            print(f"  after {number + 1}: {memory.now()}", flush=True)
    took = time.monotonic() - begun
    for other in others:
        other.cancel()
    watching.cancel()
    await asyncio.sleep(20)
    print(
        f"{len(everything)} settings in {took:.0f} s, {len(failed)} without a result {failed[:3]}"
    )
    for name, found in (("base", memory.base), ("peak", memory.peak), ("after", memory.now())):
        print(f"  private MB, {name:6} {found}")


async def _come_and_go(server: Server, everything: list[str], number: int) -> None:
    """Visit now and then what the others look at too: the first page, or one of ten settings."""
    dice = random.Random(number)
    while True:
        await asyncio.sleep(dice.uniform(0, AWAY))
        await visit(server.url, dice.choice(["", *everything[:10]]), STAY)


def main() -> None:
    """Run it with a server of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("--workers", default="1")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as cache,
        running_app(FIBATTN_COMPILE_CACHE=cache, FIBATTN_WORKERS=given.workers) as server,
    ):
        asyncio.run(go_through(server))


if __name__ == "__main__":
    main()
