"""Questions about single runs, without a process."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from fibattn import Experiment
from fibattn.run import Run
from fibattn.tasks.file import Table
from fibattn.trainer.answers import MOST_ANSWERS, Answers
from fibattn.trainer.process import WorkerDied

SMALL = Experiment(series_length=60, time_steps=5, epochs=4)
MINE = Experiment(
    task="csv",
    table=Table("mine.csv", "a", (), np.arange(60.0).reshape(60, 1), owner="me"),
    series_length=60,
    time_steps=4,
    epochs=4,
)


def a_run(experiment: Experiment) -> Run:
    none = np.zeros(0)
    return Run(experiment, none, none, (np.arange(10),), none, none, none, ())


def answers_from_home() -> Answers:
    return Answers(lambda architecture: "home", threading.Condition())


def ask(answers: Answers, run: Run):
    return answers.swapped(run, wait=0.0)


def test_a_question_goes_to_its_home_once_and_its_answer_is_kept():
    answers = answers_from_home()
    run = a_run(SMALL)
    assert ask(answers, run) is None
    assert ask(answers, run) is None
    assert answers.next_question("elsewhere") is None
    question = answers.next_question("home")
    assert answers.next_question("home") is None
    question.answer.set_result("the answer")
    assert ask(answers, run) == "the answer"
    assert ask(answers, a_run(SMALL.replace(seed=1))) is None


def test_only_the_last_epoch_s_weights_are_sent_where_the_others_do_not_count():
    answers = answers_from_home()
    answers.swapped(a_run(SMALL), wait=0.0)
    answers.keras_file(a_run(SMALL), 0, wait=0.0)
    for _ in range(2):
        ((weights,), *_) = answers.next_question("home").arguments
        assert weights.tolist() == [9]


def test_a_question_whose_process_died_can_be_asked_again():
    answers = answers_from_home()
    run = a_run(SMALL)
    ask(answers, run)
    answers.next_question("home").process_died(WorkerDied())
    assert ask(answers, run) is None
    assert answers.next_question("home") is not None


def test_questions_and_answers_about_a_visitor_s_file_go_with_it():
    answers = answers_from_home()
    for experiment in (SMALL, MINE):
        ask(answers, a_run(experiment))
        ask(answers, a_run(experiment.replace(seed=1)))
    answers.next_question("home").answer.set_result("ours")
    answers.drop(lambda experiment: experiment.table is not None)
    left = answers.next_question("home")
    assert (left.experiment, answers.next_question("home")) == (SMALL.replace(seed=1), None)
    assert ask(answers, a_run(SMALL)) == "ours"
    assert ask(answers, a_run(MINE)) is None
    assert answers.next_question("home").experiment == MINE


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 7, "seed": 3, "repeats": 20, "batch_size": 4, "learning_rate": 0.01},
        {"series_length": 65, "scaling": "log", "split": "chronological", "train_fraction": 0.5},
        {"task": "find-max"},
    ],
)
def test_a_network_s_graph_is_one_however_and_on_whatever_it_is_trained(changes):
    answers = answers_from_home()
    assert answers.graph(SMALL, wait=0.0) is None
    answers.next_question("home").answer.set_result("the graph")
    assert answers.graph(SMALL.replace(**changes), wait=0.0) == "the graph"


@pytest.mark.parametrize(
    "changes", [{"units": 3}, {"time_steps": 6}, {"attention": "dot"}, {"horizon": 2}]
)
def test_another_network_has_a_graph_of_its_own(changes):
    answers = answers_from_home()
    assert answers.graph(SMALL, wait=0.0) is None
    answers.next_question("home").answer.set_result("the graph")
    other = SMALL.replace(**changes)
    assert answers.graph(other, wait=0.0) is None
    assert answers.next_question("home").experiment == other


def test_the_graph_asked_for_by_who_leaves_is_asked_for_again_by_who_stays():
    answers = answers_from_home()
    same = MINE.architecture
    assert answers.graph(MINE, wait=0.0) is None
    answers.drop(lambda experiment: experiment.table is not None)
    assert answers.next_question("home") is None
    stays = SMALL.replace(time_steps=MINE.time_steps)
    assert stays.architecture == same
    assert answers.graph(stays, wait=0.0) is None
    answers.next_question("home").answer.set_result("the graph")
    assert answers.graph(stays, wait=0.0) == "the graph"


def test_a_prepared_graph_waits_for_a_thread_without_work_whichever_it_is():
    answers = answers_from_home()
    answers.prepare_graph(SMALL)
    answers.prepare_graph(SMALL.replace(seed=1))  # the same network
    assert answers.next_question("home") is None
    answers.next_for_anyone().answer.set_result("the graph")
    assert answers.next_for_anyone() is None
    assert answers.graph(SMALL, wait=0.0) == "the graph"
    answers.prepare_graph(SMALL)
    assert answers.next_for_anyone() is None


def test_a_prepared_graph_that_is_asked_for_comes_before_training():
    answers = answers_from_home()
    answers.prepare_graph(SMALL)
    assert answers.graph(SMALL, wait=0.0) is None
    assert answers.next_question("elsewhere") is None
    assert answers.next_question("home").experiment == SMALL
    assert answers.next_for_anyone() is None


def test_a_graph_is_given_by_whoever_has_nothing_to_do_other_answers_by_their_home():
    answers = answers_from_home()
    ask(answers, a_run(SMALL))
    assert answers.next_for_anyone() is None
    assert answers.graph(SMALL, wait=0.0) is None
    assert answers.next_for_anyone().experiment == SMALL


def test_graphs_that_are_prepared_for_nobody_do_not_pile_up():
    answers = answers_from_home()
    assert answers.graph(SMALL, wait=0.0) is None
    others = [
        SMALL.replace(units=units, time_steps=steps)
        for steps in (6, 7, 8, 9)
        for units in range(1, 33)
    ]
    for each in others:
        answers.prepare_graph(each)
    left = [each.experiment for each in iter(answers.next_for_anyone, None)]
    assert left == [SMALL, *others[-MOST_ANSWERS:]]
