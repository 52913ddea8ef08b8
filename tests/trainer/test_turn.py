"""One turn of a flight, with a process that answers at once."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from fibattn import Experiment
from fibattn.run import Chunk, Outcome
from fibattn.tasks.file import Table
from fibattn.trainer import jobs
from fibattn.trainer.kept import Kept
from fibattn.trainer.process import WorkerDied
from fibattn.trainer.schedule import Schedule
from fibattn.trainer.turn import DEATHS, Turn

SMALL = Experiment(series_length=60, time_steps=5, epochs=4)
MINE = Experiment(
    task="csv",
    table=Table("mine.csv", "a", (), np.arange(60.0).reshape(60, 1), owner="me"),
    series_length=60,
    time_steps=4,
    epochs=4,
)


class Process:
    """Trains two epochs a call; `before` is called first, and may raise."""

    def __init__(self, before=lambda: None) -> None:
        self.before = before
        self.compiled = set()
        self.calls = []

    def call(self, function, experiment, *arguments):
        self.calls.append((function, *arguments))
        self.before()
        if function is jobs.advance:
            return chunk(experiment, 2)
        none = np.zeros(0)
        return Outcome(none, none, none, ())


def chunk(experiment: Experiment, epochs: int) -> Chunk:
    loss = np.zeros((epochs, experiment.repeats))
    return Chunk(loss, loss, (np.zeros((epochs + 1, 1, 3)),), ())


class Trained:
    """A schedule of one thread and what is kept, with one experiment watched."""

    def __init__(self, experiment: Experiment) -> None:
        thread = type("Thread", (), {"ready": threading.Event(), "compiled": set()})()
        self.schedule = Schedule([thread])
        self.kept = Kept(10_000)
        self.schedule.watch("visitor", (experiment,), [experiment])
        self.flight = self.schedule.flight(experiment)

    def turn(self) -> Turn:
        return Turn(self.flight, self.schedule, self.kept, threading.Condition())


def test_turns_continue_from_the_last_epoch_until_the_run_is_there():
    trained, process = Trained(SMALL), Process()
    trained.turn().run(process)
    assert trained.kept.trained(SMALL).epochs == 2
    assert trained.kept.run(SMALL) is None
    assert trained.flight.stage == "training"
    assert trained.flight.seconds_per_epoch is None  # the turn was one of compiling
    trained.turn().run(process)
    assert process.calls[1][2] == 2
    assert trained.flight.seconds_per_epoch is not None
    assert trained.kept.run(SMALL).loss.shape == (4, 1)
    assert not trained.schedule.flying
    assert process.compiled == {SMALL.architecture}


def test_a_run_of_fewer_epochs_is_cut_from_what_is_trained():
    trained, process = Trained(SMALL.replace(epochs=3)), Process()
    trained.kept.keep_trained(SMALL, chunk(SMALL, 9))
    trained.turn().run(process)
    ((function, sent),) = process.calls
    assert function is jobs.outcome
    assert (sent.epochs, len(sent.weights[0])) == (0, 1), "no more than it needs"
    run = trained.kept.run(SMALL.replace(epochs=3))
    assert (len(run.loss), len(run.weights[0])) == (3, 4)
    whole = trained.kept.trained(SMALL).weights[0]
    assert np.shares_memory(run.weights[0], whole), "in memory once"


def test_a_flight_is_given_up_after_so_many_deaths_in_a_row():
    trained = Trained(SMALL)
    for _ in range(DEATHS - 1):
        trained.turn().process_died(WorkerDied())
    assert "restarted" in trained.flight.notice
    trained.turn().run(Process())  # a turn that succeeds
    for _ in range(DEATHS - 1):
        trained.turn().process_died(WorkerDied())
    assert trained.flight.stage != "failed"
    trained.turn().process_died(WorkerDied())
    assert trained.flight.stage == "failed"
    assert f"died {DEATHS} times" in trained.flight.error


def test_a_turn_that_raises_counts_as_served_and_fails_the_flight():
    def raise_it():
        raise ValueError("no such thing")

    trained = Trained(SMALL)
    with pytest.raises(ValueError, match="no such thing") as problem:
        trained.turn().run(Process(raise_it))
    assert trained.flight.served > 0
    trained.turn().failed(problem.value)
    assert trained.flight.error == "Training failed: no such thing"


def test_the_end_of_a_turn_is_kept_though_nobody_watches_any_more():
    trained = Trained(SMALL.replace(epochs=2))
    trained.turn().run(Process(lambda: trained.schedule.leave("visitor")))
    assert trained.kept.trained(SMALL).epochs == 2
    assert trained.kept.run(SMALL.replace(epochs=2)) is not None


def test_training_on_a_file_whose_owner_leaves_during_the_turn_is_not_kept():
    def forget():
        trained.schedule.drop(lambda experiment: experiment.table is not None)
        trained.kept.drop(lambda experiment: experiment.table is not None)

    trained = Trained(MINE)
    trained.kept.keep_trained(MINE, chunk(MINE, 2))
    trained.turn().run(Process(forget))
    assert trained.kept.trained(MINE) is None
    assert trained.kept.run(MINE) is None


class ByStarts(Process):
    """Trains two starts of an epoch in each call for some starts."""

    def call(self, function, experiment, *arguments):
        if function is not jobs.advance_starts:
            return super().call(function, experiment, *arguments)
        self.calls.append((function, *arguments))
        self.before()
        here = slice(arguments[2], arguments[2] + 2)
        loss = np.arange(float(experiment.repeats))[None, here]
        return Chunk(loss, loss, (np.zeros((2, loss.shape[1], 3)),), (loss.T,))


def test_an_epoch_that_may_be_long_is_trained_some_starts_at_a_time(monkeypatch):
    experiment = SMALL.replace(repeats=5, units=8, epochs=1)
    trained, process = Trained(experiment), ByStarts()
    for done in (2, 4):
        trained.turn().run(process)
        assert trained.kept.trained(experiment) is None
        assert trained.flight.starts_done == done
    process.before = _die
    with pytest.raises(WorkerDied):
        trained.turn().run(process)
    assert trained.flight.starts_done == 4, "one call is lost, and no more"
    process.before = lambda: None
    trained.turn().run(process)
    assert [call[3] for call in process.calls if call[0] is jobs.advance_starts] == [0, 2, 4, 4]
    assert trained.kept.trained(experiment).loss.tolist() == [[0.0, 1.0, 2.0, 3.0, 4.0]]
    assert trained.kept.run(experiment)


def _die():
    raise WorkerDied
