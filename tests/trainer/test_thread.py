"""A worker's thread goes on whatever fails beside its work, and bounds what its process takes."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from fibattn.trainer.thread import WorkerThread
from tests.trainer.test_trainer import SMALL

A, B = (SMALL.replace(units=units).architecture for units in (2, 3))


class Grows:
    """A process that grows by one byte with each architecture and question."""

    memory, memory_when_warm, is_warm = 0, 0, False

    def __init__(self, may_be_warm: threading.Event) -> None:
        self.compiled: set[Any] = set()
        self.closed = False
        self._may_be_warm = may_be_warm

    def warm(self) -> None:
        assert self._may_be_warm.wait(10)
        self.is_warm = True

    def close(self) -> None:
        self.closed = True


@dataclasses.dataclass
class Done:
    """A piece of work that notes by whom it was done."""

    architecture: Any
    by: Grows | None = None

    def run(self, process: Any) -> None:
        self.by = process
        if self.architecture is None or self.architecture not in process.compiled:
            process.compiled.add(self.architecture)
            process.memory += 1


ALWAYS = threading.Event()
ALWAYS.set()

REST = "a moment without work, in which a successor is warm"


def done_by(architectures: Sequence[Any], most_growth: int, at_once: bool = True) -> list[int]:
    """Have one thread do some work; return for each piece the number of the process that did it.

    Successors are warm at once, or only with the next REST.
    """
    made: list[Grows] = []
    ended, rested = threading.Event(), threading.Event()
    waiting: list[Any] = [each if each is REST else Done(each) for each in architectures]
    work = [each for each in waiting if each is not REST]

    def new_process(keeps_compiled: bool) -> Any:
        made.append(Grows(rested if made and not at_once else ALWAYS))
        return made[-1]

    def next_work(thread: WorkerThread) -> Any:
        if not waiting:
            return thread.end()
        if (work := waiting.pop(0)) is not REST:
            return work
        rested.set()
        while not made[-1].is_warm:
            time.sleep(0.01)
        return None

    worker = WorkerThread(
        number=0,
        most_growth=most_growth,
        may_start=lambda _: True,
        next_work=next_work,
        ended=lambda _: ended.set(),
        new_process=new_process,
    )
    worker.start()
    assert ended.wait(10)
    assert not worker.ready.is_set()
    assert all(each.closed for each in made)
    return [[each is one.by for each in made].index(True) for one in work]


@pytest.mark.parametrize(
    ("architectures", "most_growth", "processes"),
    [
        pytest.param([A, A, A, B, B], 0, [0, 1, 2, 3, 4], id="nothing is allowed"),
        pytest.param([A, A, B, B, A], 1, [0, 0, 0, 0, 0], id="as much as is allowed"),
        pytest.param([A, B, B, A, 3, 3], 1, [0, 0, 0, 0, 1, 1], id="before it compiles more"),
        pytest.param([A, B, None, A, B], 1, [0, 0, 0, 1, 1], id="twice that in any case"),
        pytest.param([None, None, None, None], 1, [0, 0, 0, 1], id="by questions alone"),
    ],
)
def test_a_process_that_has_grown_is_replaced_before_it_compiles_more(
    architectures, most_growth, processes
):
    assert done_by(architectures, most_growth) == processes


@pytest.mark.parametrize(
    ("architectures", "processes"),
    [
        pytest.param([A, B, 3, 3, B, REST, B], [0, 0, 0, 0, 0, 1], id="at rest"),
        pytest.param([A, B, 3, REST, 3, B], [0, 0, 0, 1, 1], id="and compiled again"),
    ],
)
def test_a_successor_that_loads_is_not_waited_for(architectures, processes):
    assert done_by(architectures, most_growth=1, at_once=False) == processes


def test_where_no_thread_can_be_started_a_successor_is_tried_again_before_the_next_work(
    monkeypatch,
):
    start = threading.Thread.start
    refused = []

    def refuse_once(thread: threading.Thread) -> None:
        if not thread.name.startswith("fibattn-worker") and not refused:
            refused.append(thread)
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_once)
    # Number 1 was the one that could not be started.
    assert done_by([A, B, 3], most_growth=0) == [0, 0, 2]
    assert refused
