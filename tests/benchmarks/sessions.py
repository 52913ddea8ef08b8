"""Visitors without a browser: Streamlit sessions over its websocket protocol.

A session asks for the page of an address and repeats its fragments as often as the page says, as a
browser does. It draws nothing, so hundreds fit beside the server they visit.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

# What stands on the page when all is trained, and when it failed.
DONE, FAILED = "Trained:", ("Training failed", "died", "impossible", "This page failed")
# What a page sends and nobody sees: places for what comes later, and styles.
UNSEEN = ("empty {", "<style>")


@dataclass
class Visitor:
    """What one visitor saw; times in seconds since they came.

    query: of the address.
    moved: when the page changed, each time.
    said: what stood at the progress, and when it first did.
    answered: when the answer was there, None if it never was; `result`: what stood there then.
    done: when the whole page was drawn with it, figures and all.
    runs: how often a fragment was drawn.
    lost: whether the connection broke. problem: what failed on the page.
    """

    query: str
    moved: list[float] = field(default_factory=list)
    said: list[tuple[float, str]] = field(default_factory=list)
    answered: float | None = None
    done: float | None = None
    result: str = ""
    runs: int = 0
    lost: bool = False
    problem: str = ""

    @property
    def longest_still(self) -> float:
        """The longest time in which the page did not move, until its result."""
        times = [0.0, *self.moved]
        return max((b - a for a, b in itertools.pairwise(times)), default=0.0)

    @property
    def estimates(self) -> list[float]:
        """How many times too high each estimate was of the seconds that were left.

        Of those above two seconds: below that a factor says little.
        """
        found = [(at, re.search(r"about (\d+) s left", words)) for at, words in self.said]
        return [
            float(estimate[1]) / (self.answered - at)
            for at, estimate in found
            if estimate and self.answered is not None and self.answered - at > 2
        ]


async def visit(url: str, query: str, seconds: float) -> Visitor:
    """Visit a page until its result is there, or for some seconds."""
    visitor = Visitor(query)
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    try:
        async with connect(address, subprotocols=["streamlit"], max_size=None) as socket:
            session = _Session(socket, visitor)
            await session.ask()
            try:
                async with asyncio.timeout(seconds):
                    while visitor.done is None and not visitor.problem:
                        session.hear(await socket.recv())
            except TimeoutError:
                pass
            finally:
                session.stop()
    except (OSError, WebSocketException):
        visitor.lost = True
    return visitor


class _Session:
    """The browser's side of one connection."""

    def __init__(self, socket: ClientConnection, visitor: Visitor) -> None:
        self._socket = socket
        self._visitor = visitor
        self._begun = time.monotonic()
        self._repeated: dict[str, asyncio.Task] = {}
        self._asked_for: set[str] = set()
        self._has_figures = False  # the present run of the page

    async def ask(self, fragment: str = "") -> None:
        """Ask for the whole page, or for one of its fragments."""
        message = BackMsg()
        message.rerun_script.query_string = self._visitor.query
        message.rerun_script.fragment_id = fragment
        message.rerun_script.is_auto_rerun = bool(fragment)
        await self._socket.send(message.SerializeToString())

    def hear(self, data: bytes) -> None:
        """Take in one message of the server."""
        message = ForwardMsg()
        message.ParseFromString(data)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._has_figures = False
        elif kind == "delta":
            self._see(str(message.delta))
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif (
            kind == "script_finished"
            and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY
        ):
            # After a whole run only the fragments it has drawn are repeated.
            for fragment in set(self._repeated) - self._asked_for:
                self._repeated.pop(fragment).cancel()
            self._asked_for.clear()
            if self._visitor.answered is not None and self._has_figures:
                self._visitor.done = time.monotonic() - self._begun
        elif kind == "script_finished":
            self._visitor.runs += 1

    def stop(self) -> None:
        """Repeat nothing any more."""
        for task in self._repeated.values():
            task.cancel()

    def _see(self, delta: str) -> None:
        now = time.monotonic() - self._begun
        if "new_element {" in delta and not any(each in delta for each in UNSEEN):
            self._visitor.moved.append(now)
        self._has_figures |= "plotly_chart {" in delta
        if "progress {" in delta:
            words = delta.split('text: "', 1)[-1].split('"', 1)[0]
            if not self._visitor.said or self._visitor.said[-1][1] != words:
                self._visitor.said.append((now, words))
        if DONE in delta and self._visitor.answered is None:
            self._visitor.answered = now
            self._visitor.result = delta[delta.index(DONE) :].split('"', 1)[0]
        if "exception {" in delta or any(words in delta for words in FAILED):
            self._visitor.problem = delta[-300:]

    def _repeat(self, fragment: str, interval: float) -> None:
        self._asked_for.add(fragment)
        if fragment in self._repeated:
            self._repeated.pop(fragment).cancel()
        self._repeated[fragment] = asyncio.create_task(self._repeating(fragment, interval))

    async def _repeating(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self.ask(fragment)
