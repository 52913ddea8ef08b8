"""Graphs in a folder: as they were, found for their network alone, and never worse than none."""

from __future__ import annotations

import gc
import os
import threading
import weakref

import numpy as np
import pytest

from fibattn import Experiment
from fibattn.network.operations import Graph, Node, Output, UnknownOperation, Weight
from fibattn.tasks.file import Table
from fibattn.trainer import answers as answers_module
from fibattn.trainer import graph_store, jobs, version
from fibattn.trainer.answers import Answers, network_of
from fibattn.trainer.files import UNFINISHED
from fibattn.trainer.graph_store import GraphStore

SMALL = Experiment(series_length=60, time_steps=5, epochs=2, attention="article")
OTHER = SMALL.replace(units=3)
A_GRAPH = Graph(
    nodes=(
        Node("window", (), 5, {}),
        Node("weight", (), 5, {"offset": 2}),
        Node("multiply", (0, 1), 5, {"loops": [[5, 1, 1]]}),
        Node("gather", (2,), 2, {"array": 1}),
    ),
    arrays=(np.float32([0.5, np.pi]), np.int32([4, -1])),
    weights=(Weight("recurrent/kernel", (5, 1), 0),),
    outputs=(Output("prediction", 3, (2,), ("time",), "output", "Prediction", "a·b", 7, (0, 1)),),
)


def same(one: Graph, other: Graph) -> bool:
    pairs = list(zip(one.arrays, other.arrays, strict=True))
    words = [(each.nodes, each.weights, each.outputs) for each in (one, other)]
    equal = all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in pairs)
    return words[0] == words[1] and equal


def files(folder):
    return sorted((folder / "graphs").iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"cell": "LSTM", "attention": "additive"},
        {"horizon": 2, "decoder": "recurrent", "attention": "dot"},
    ],
)
def test_a_network_s_graph_comes_back_as_it_was(tmp_path, changes):
    experiment = SMALL.replace(**changes)
    graph = jobs.graph(experiment)
    GraphStore(tmp_path).put(network_of(experiment), graph)
    assert same(GraphStore(tmp_path).get(network_of(experiment)), graph)


def test_it_is_found_for_its_network_and_by_the_same_code_alone(tmp_path, monkeypatch):
    store = GraphStore(tmp_path)
    assert store.get(network_of(SMALL)) is None
    store.put(network_of(SMALL), A_GRAPH)
    assert same(store.get(network_of(SMALL.replace(seed=3, epochs=9, task="find-max"))), A_GRAPH)
    assert store.get(network_of(OTHER)) is None
    monkeypatch.setattr(version, "version_of_runs", lambda: "other code")
    assert store.get(network_of(SMALL)) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda old: b"",
        lambda old: old[:-40],
        lambda old: os.urandom(len(old)),
        lambda old: old[:90] + bytes([old[90] ^ 1]) + old[91:],
    ],
)
def test_a_damaged_one_is_discarded(tmp_path, damage):
    store = GraphStore(tmp_path)
    store.put(network_of(SMALL), A_GRAPH)
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))
    assert store.get(network_of(SMALL)) is None
    assert not files(tmp_path)


def test_those_used_last_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(graph_store, "MOST_GRAPHS", 2)
    store = GraphStore(tmp_path)
    for age, experiment in enumerate((SMALL, OTHER)):
        store.put(network_of(experiment), A_GRAPH)
        for file in files(tmp_path):
            os.utime(file, (1e9 + age, 1e9 + age))
    assert store.get(network_of(SMALL))
    (tmp_path / "graphs" / f"half{UNFINISHED}").write_bytes(b"")
    os.utime(tmp_path / "graphs" / f"half{UNFINISHED}", (1e9, 1e9))
    store.put(network_of(SMALL.replace(units=5)), A_GRAPH)
    assert len(files(tmp_path)) == 2
    assert store.get(network_of(SMALL))
    assert store.get(network_of(OTHER)) is None


def test_where_nothing_can_be_kept_there_is_none(tmp_path):
    (tmp_path / "graphs").write_text("a file where the folder should be")
    store = GraphStore(tmp_path)
    store.put(network_of(SMALL), A_GRAPH)
    assert store.get(network_of(SMALL)) is None


def answers(folder) -> Answers:
    return Answers(lambda architecture: "home", threading.Condition(), GraphStore(folder))


def test_what_one_server_has_written_down_another_need_not_ask_for(tmp_path):
    first, second = answers(tmp_path), answers(tmp_path)
    first.prepare_graph(SMALL)
    first.next_for_anyone().answer.set_result(A_GRAPH)
    second.prepare_graph(SMALL)
    assert second.next_for_anyone() is None
    assert same(second.graph(SMALL, wait=0.0), A_GRAPH)
    assert same(answers(tmp_path).graph(SMALL, wait=0.0), A_GRAPH)


def test_those_that_are_read_are_bounded_as_those_that_are_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(answers_module, "MOST_ANSWERS", 2)
    every = [SMALL.replace(units=units) for units in range(1, 6)]
    for each in every:
        GraphStore(tmp_path).put(network_of(each), A_GRAPH)
    asked = answers(tmp_path)
    assert all(asked.graph(each, wait=0.0) for each in every)
    assert len(asked._answers) == 2
    assert asked.graph(every[0], wait=0.0), "it is read again"


def test_a_graph_asked_for_a_visitor_s_file_keeps_nothing_of_the_file(tmp_path):
    table = Table("mine.csv", "a", (), np.arange(60.0).reshape(60, 1), owner="me")
    mine = SMALL.replace(task="csv", table=table)
    of_file, asked = weakref.ref(table), answers(tmp_path)
    assert asked.graph(mine, wait=0.0) is None
    asked.next_question("home").answer.set_result(A_GRAPH)
    assert same(asked.graph(SMALL, wait=0.0), A_GRAPH)
    del mine, table
    gc.collect()
    assert of_file() is None


def test_a_network_that_has_no_graph_is_asked_about_again(tmp_path):
    first, second = answers(tmp_path), answers(tmp_path)
    assert first.graph(SMALL, wait=0.0) is None
    first.next_question("home").failed(UnknownOperation("It has none."))
    assert second.graph(SMALL, wait=0.0) is None
    assert second.next_question("home").experiment == SMALL
