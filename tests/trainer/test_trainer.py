"""The trainer, with real worker processes."""

from __future__ import annotations

import os
import signal
import sys
import time

import numpy as np
import psutil
import pytest

from fibattn import Experiment
from fibattn.tasks.file import Table
from fibattn.trainer import jobs
from fibattn.trainer.answers import Question
from fibattn.trainer.fork_server import CAN_FORK
from fibattn.trainer.trainer import DEATHS, Standing, Trainer

SMALL = Experiment(series_length=120, time_steps=5, scaling="log", epochs=4, attention="article")
# Hundreds of short chunks: long enough to be interrupted.
LONG = SMALL.replace(series_length=1400, epochs=100, repeats=15)


@pytest.fixture(scope="module")
def trainer():
    trainer = Trainer(workers=1)
    yield trainer
    trainer.close()


def wait_for(trainer: Trainer, experiment: Experiment, until, visitor="visitor") -> Standing:
    for _ in range(1800):  # a loaded machine takes a minute to start TensorFlow
        (standing,) = trainer.watch(visitor, [experiment])
        if until(standing):
            return standing
        trainer.wait(0.1)
    raise AssertionError(f"still {standing.stage} at epoch {standing.epoch}")


def finish(trainer: Trainer, experiment: Experiment, visitor="visitor"):
    standing = wait_for(trainer, experiment, lambda s: s.run or s.error, visitor)
    assert not standing.error, standing.error
    return standing.run


def same_bits(one, other) -> bool:
    pairs = [(one.loss, other.loss), (one.val_loss, other.val_loss)]
    pairs += [(one.test_predictions, other.test_predictions)]
    pairs += [(one.test_attention, other.test_attention)]
    pairs += list(zip(one.weights, other.weights, strict=True))
    return all(np.array_equal(a, b) for a, b in pairs)


def train_here(experiment: Experiment):
    from fibattn import train

    return train(experiment)


def test_a_worker_trains_the_same_run_as_this_process(trainer):
    assert same_bits(finish(trainer, SMALL), train_here(SMALL))


def test_what_is_rehearsed_is_compiled_when_it_is_trained(monkeypatch):
    """The rehearsed network is that of the experiment, with any number of starts."""
    from fibattn.network.program import Program, program_of

    traced: list[Program] = []
    trains = Program._train

    def noted(program, *arguments):
        traced.append(program)
        return trains(program, *arguments)

    monkeypatch.setattr(Program, "_train", noted)
    for repeats in (1, 5, 40):
        experiment = SMALL.replace(units=4, repeats=repeats)
        program_of.cache_clear()
        jobs.rehearse(experiment)
        jobs.advance(experiment, None, 0)
        info = program_of.cache_info()
        assert (info.currsize, info.misses) == (1, 1)
        assert len(traced) == 1
        traced.clear()


def test_a_prepared_graph_is_written_when_the_training_is_done(trainer, monkeypatch):
    asked = SMALL.replace(units=5, attention="dot")
    trained_then: list[bool] = []
    run = Question.run

    def noted(question, process):
        trained_then.append(trainer.standings([asked])[0].run is not None)
        run(question, process)

    monkeypatch.setattr(Question, "run", noted)
    trainer.watch("visitor", [asked])
    trainer.prepare_graph(asked)
    finish(trainer, asked)
    assert trainer.graph(asked, wait=60.0).outputs
    assert trained_then == [True]


def test_two_networks_of_a_page_are_trained_side_by_side_once_there_are_two_processes(monkeypatch):
    """Where processes are forked there are two from the beginning."""
    monkeypatch.setattr("fibattn.trainer.fork_server.CAN_FORK", False)
    page = [SMALL.replace(attention=None), SMALL]
    trainer = Trainer(workers=2)
    try:
        first, second = trainer.workers
        for _ in range(1800):
            trainer.watch("visitor", page)
            if second.compiled:  # rehearsed, after both were compiled in the first
                break
            trainer.wait(0.1)
        assert second.compiled < first.compiled == {each.architecture for each in page}
        trainer.wait(0.1)
        homes = {trainer._schedule.home_of(each.architecture) for each in page}
        assert homes == {first, second}
        for experiment in page:
            longer = experiment.replace(epochs=6)
            assert same_bits(finish(trainer, longer), train_here(longer))
    finally:
        trainer.close()


@pytest.mark.skipif(not CAN_FORK, reason="The second process comes later.")
def test_two_networks_of_a_page_are_trained_side_by_side_from_the_beginning():
    page = [SMALL.replace(attention=None), SMALL]
    trainer = Trainer(workers=2)
    try:
        while any(standing.run is None for standing in trainer.watch("visitor", page)):
            trainer.wait(0.1)
        assert [len(thread.compiled) for thread in trainer.workers] == [1, 1]
    finally:
        trainer.close()


def test_equal_requests_at_the_same_time_are_one_flight(trainer):
    wish = SMALL.replace(seed=1)
    trainer.watch("one", [wish])
    trainer.watch("other", [wish])
    assert list(trainer._schedule.flying) == [wish]
    assert finish(trainer, wish, "one") is finish(trainer, wish, "other")


def test_a_finished_run_comes_back_at_once(trainer):
    run = finish(trainer, SMALL)
    (standing,) = trainer.watch("newcomer", [SMALL])
    assert standing.run is run


def test_more_epochs_continue_from_what_is_there(trainer):
    short = finish(trainer, SMALL.replace(seed=2))
    longer = SMALL.replace(seed=2, epochs=9)
    (standing,) = trainer.watch("visitor", [longer])
    assert standing.epoch == 4
    run = finish(trainer, longer)
    assert np.array_equal(run.loss[:4], short.loss)
    assert same_bits(run, train_here(longer))


def test_fewer_epochs_need_no_training(trainer):
    finish(trainer, SMALL.replace(seed=3, epochs=6))
    fewer = SMALL.replace(seed=3, epochs=2)
    assert same_bits(finish(trainer, fewer), train_here(fewer))


def test_what_nobody_watches_is_abandoned_within_one_chunk(trainer):
    wait_for(trainer, LONG, lambda s: s.epoch > 0)
    finish(trainer, SMALL.replace(seed=4))  # the same visitor, looking at something else
    left_at = trainer._kept.trained(LONG).epochs
    time.sleep(1)
    assert trainer._kept.trained(LONG).epochs == left_at < LONG.epochs


@pytest.fixture
def _short_stretches(monkeypatch):
    """Stretches so short that LONG takes many."""
    monkeypatch.setattr("fibattn.trainer.schedule.STRETCH", 0.3)


@pytest.mark.usefixtures("_short_stretches")
def test_what_somebody_else_watches_is_trained_further(trainer):
    wish = LONG.replace(seed=5)
    wait_for(trainer, wish, lambda s: s.epoch > 0, "stays")
    finish(trainer, SMALL.replace(seed=5), "goes")
    now = trainer._kept.trained(wish).epochs
    wait_for(trainer, wish, lambda s: s.epoch > now, "stays")
    trainer.leave("stays")


@pytest.mark.usefixtures("_short_stretches")
def test_two_visitors_take_turns(trainer):
    """A short experiment asked for second does not wait for the end of a long one."""
    wish = LONG.replace(seed=6)
    wait_for(trainer, wish, lambda s: s.epoch > 0, "first")
    finish(trainer, SMALL.replace(seed=6), "second")
    assert trainer._kept.trained(wish).epochs < wish.epochs
    trainer.leave("first")


def test_a_visitor_who_stopped_asking_no_longer_counts():
    trainer = Trainer(workers=1, patience=0.3)
    try:
        wait_for(trainer, LONG, lambda s: s.epoch > 0)
        time.sleep(1)
        (standing,) = trainer.standings([LONG])
        time.sleep(0.5)
        assert trainer.standings([LONG])[0].epoch == standing.epoch < LONG.epochs
    finally:
        trainer.close()


@pytest.mark.slow
def test_a_killed_process_is_replaced_and_the_run_continues(trainer):
    wish = LONG.replace(seed=7, epochs=60, repeats=5)
    at_death = wait_for(trainer, wish, lambda s: s.epoch >= 1).epoch
    victim = trainer.workers[0].process.pid
    os.kill(victim, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    epochs = []
    standing = wait_for(trainer, wish, lambda s: epochs.append(s.epoch) or s.run or s.error)
    assert standing.run
    assert min(epochs) >= at_death
    assert trainer.workers[0].process.pid != victim
    assert same_bits(standing.run, train_here(wish))


@pytest.mark.long
@pytest.mark.slow
def test_a_process_that_grew_is_replaced_by_one_that_is_warm():
    trainer = Trainer(workers=1, worker_growth=1)
    try:
        finish(trainer, SMALL)
        first = trainer.workers[0].process
        for seed in range(100, 400):
            finish(trainer, SMALL.replace(seed=seed))  # served all the while
            if trainer.workers[0].process is not first:
                break
        second = trainer.workers[0].process
        assert second is not first
        assert second.is_warm
        for _ in range(100):
            if first.pid is None or not psutil.pid_exists(first.pid):
                break
            time.sleep(0.1)
        assert first.pid is None or not psutil.pid_exists(first.pid)
    finally:
        trainer.close()


def _die(*_):
    os._exit(1)


@pytest.mark.long
def test_an_experiment_that_kills_every_process_is_given_up_with_a_sentence(monkeypatch):
    trainer = Trainer(workers=1)
    try:
        finish(trainer, SMALL)
        monkeypatch.setattr("fibattn.trainer.jobs.advance", _die)
        deadly = SMALL.replace(seed=8)
        standing = wait_for(trainer, deadly, lambda s: s.error)
        assert f"died {DEATHS} times" in standing.error
        monkeypatch.undo()
        finish(trainer, SMALL.replace(seed=9))  # and the next one is served
    finally:
        trainer.close()


def test_a_worker_writes_the_graph_of_a_network_that_is_not_yet_trained(trainer):
    graph = trainer.graph(SMALL.replace(units=3), wait=60)
    assert graph.output("recurrent.states").shape == (5, 3)
    assert graph.outputs[-1].name == "prediction"
    assert trainer.graph(SMALL.replace(units=3, seed=8), wait=0) is graph


def test_what_was_trained_on_a_visitor_s_file_goes_with_them(trainer):
    random = np.random.default_rng(1)
    table = Table("mine.csv", "a", ("b",), random.normal(size=(60, 2)), owner="me")
    mine = Experiment(task="csv", table=table, series_length=60, time_steps=4, epochs=2)
    run = finish(trainer, mine)
    assert run.test_predictions.shape == (1, mine.test_windows)
    assert trainer.graph(mine, wait=60).weights, "an answer about it is kept too"
    trainer.leave("visitor")
    trainer.forget("somebody else")
    assert trainer.standings([mine])[0].run is run
    trainer.forget("me")
    (standing,) = trainer.standings([mine])
    assert (standing.run, standing.epoch) == (None, 0)


def test_asking_where_something_stands_does_not_start_it(trainer):
    idle = SMALL.replace(seed=4321)
    (standing,) = trainer.standings([idle])
    assert standing.run is None
    assert idle not in trainer._schedule.flying
