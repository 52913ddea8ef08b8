"""Runs in a folder: shared, bounded, never half written, and never worse than none."""

from __future__ import annotations

import logging
import os
import shutil
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from fibattn import Experiment
from fibattn.run import LayerRow, Run
from fibattn.tasks.file import Table
from fibattn.trainer import store as store_module
from fibattn.trainer import trainer as trainer_module
from fibattn.trainer import version
from fibattn.trainer.answers import network_of
from fibattn.trainer.files import UNFINISHED
from fibattn.trainer.graph_store import GraphStore
from fibattn.trainer.store import RunStore
from fibattn.trainer.trainer import Trainer
from tests.trainer.test_graph_store import A_GRAPH

SMALL = Experiment(series_length=60, time_steps=5, epochs=2, repeats=3, attention="article")
MINE = Experiment(
    task="csv",
    table=Table("mine.csv", "a", (), np.arange(60.0).reshape(60, 1), owner="me"),
    series_length=60,
    time_steps=4,
    epochs=2,
)


def a_run(experiment: Experiment) -> Run:
    """Return a run of random numbers."""
    random = np.random.default_rng(experiment.seed)
    starts, windows = experiment.repeats, (experiment.train_windows, experiment.test_windows)

    def numbers(*shape: int) -> np.ndarray:
        return random.normal(size=shape).astype(np.float32)

    return Run(
        experiment,
        loss=numbers(experiment.epochs, starts),
        val_loss=numbers(experiment.epochs, starts),
        weights=(numbers(experiment.epochs + 1, starts, 2, 2),),
        train_predictions=numbers(starts, windows[0]),
        test_predictions=numbers(starts, windows[1]),
        test_attention=numbers(
            starts, windows[1], experiment.time_steps if experiment.attention else 0
        ),
        layers=(LayerRow("in", "InputLayer", (None, 5, 1), 0),),
    )


def a_store(folder: Path, most_bytes: int = 2**20) -> RunStore:
    return RunStore(folder, most_bytes)


def put(folder: Path, *experiments: Experiment, most_bytes: int = 2**20) -> None:
    """Store runs, as a server does that then ends."""
    store = a_store(folder, most_bytes)
    for experiment in experiments:
        store.put(a_run(experiment))
        store.flush()


def files(folder: Path) -> list[Path]:
    return sorted((folder / "runs").iterdir())


def test_another_server_gets_the_run_whole_with_the_time_it_was_made(tmp_path):
    before = datetime.now(UTC)
    put(tmp_path, SMALL)
    store, run = a_store(tmp_path), a_run(SMALL)
    again = store.get(SMALL)
    assert again.experiment == SMALL and again.layers == run.layers
    np.testing.assert_array_equal(again.weights[0], run.weights[0])
    np.testing.assert_array_equal(again.test_attention, run.test_attention)
    assert before <= store.made(again) <= datetime.now(UTC)
    assert store.made(run) is None, "it was not read from the folder"
    assert store.get(SMALL.replace(seed=1)) is None


def test_reading_a_run_does_not_make_it_younger(tmp_path):
    put(tmp_path, SMALL)
    first, second = a_store(tmp_path), a_store(tmp_path)
    time.sleep(0.01)
    assert first.made(first.get(SMALL)) == second.made(second.get(SMALL))


def test_a_run_on_a_visitor_s_own_file_is_neither_written_nor_looked_for(tmp_path):
    store = a_store(tmp_path)
    store.put(a_run(MINE))
    store.flush()
    assert not (tmp_path / "runs").exists()
    assert store.get(MINE) is None


def test_a_run_that_other_code_computed_is_not_found(tmp_path, monkeypatch):
    put(tmp_path, SMALL)
    monkeypatch.setattr(version, "version_of_runs", lambda: "another")
    assert a_store(tmp_path).get(SMALL) is None
    assert len(files(tmp_path)) == 1, "a server of that version may still want it"


def _without_time(file: Path) -> None:
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = b""


def _with_pickle(file: Path) -> None:
    with zipfile.ZipFile(file) as archive:
        time_made = archive.comment
    with np.load(file) as saved:
        arrays = dict(saved) | {"loss": np.array([{"an": "object"}], dtype=object)}
    with open(file, "wb") as out:
        np.savez(out, **arrays)
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = time_made


def _of_another_experiment(file: Path) -> None:
    other = file.parent.parent / "other"
    put(other, SMALL.replace(seed=9))
    shutil.copy(files(other)[0], file)


DAMAGES = {
    "cut": lambda file: file.write_bytes(file.read_bytes()[:200]),
    "empty": lambda file: file.write_bytes(b""),
    "other bytes": lambda file: file.write_bytes(os.urandom(5000)),
    "a byte changed": lambda file: file.write_bytes(
        file.read_bytes()[:300] + b"?" + file.read_bytes()[301:]
    ),
    "no time": _without_time,
    "pickle": _with_pickle,
    "of another experiment": _of_another_experiment,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_deleted_and_as_good_as_none(tmp_path, damage):
    put(tmp_path, SMALL)
    (file,) = files(tmp_path)
    DAMAGES[damage](file)
    assert a_store(tmp_path).get(SMALL) is None
    assert files(tmp_path) == []
    put(tmp_path, SMALL)
    assert a_store(tmp_path).get(SMALL)


def test_a_run_of_other_shapes_than_its_experiment_says_is_damage(tmp_path):
    store = a_store(tmp_path)
    odd = a_run(SMALL)
    object.__setattr__(odd, "test_predictions", odd.test_predictions[:, 1:])
    store.put(odd)
    store.flush()
    assert store.get(SMALL) is None


def test_runs_unused_for_longest_make_room_for_new_ones(tmp_path):
    experiments = [SMALL.replace(seed=seed) for seed in range(4)]
    put(tmp_path, experiments[0])
    size = files(tmp_path)[0].stat().st_size
    put(tmp_path, *experiments[1:3])
    for age, file in enumerate(sorted(files(tmp_path), key=lambda file: file.stat().st_mtime)):
        os.utime(file, (1e9 + age, 1e9 + age))
    store = a_store(tmp_path)
    assert store.get(experiments[0]), "which is now the one used last"
    put(tmp_path, experiments[3], most_bytes=3 * size + size // 2)
    assert [store.get(each) is not None for each in experiments] == [True, False, True, True]


def test_a_large_run_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "LARGEST_RUN", a_run(SMALL).nbytes - 1)
    put(tmp_path, SMALL)
    assert not (tmp_path / "runs").exists()


def test_nothing_half_written_is_left_or_found(tmp_path, monkeypatch):
    put(tmp_path, SMALL)
    left = tmp_path / "runs" / f"half{UNFINISHED}"
    left.write_bytes(b"half")
    put(tmp_path, SMALL.replace(seed=1))
    assert left.exists(), "another server may be writing it"
    os.utime(left, (1e9, 1e9))
    put(tmp_path, SMALL.replace(seed=2))
    assert not left.exists()

    def fail(self, path):
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Run, "save", fail)
    put(tmp_path, SMALL.replace(seed=3))
    assert {file.suffix for file in files(tmp_path)} == {".npz"}
    assert len(files(tmp_path)) == 3


def test_a_folder_that_cannot_be_used_is_said_once_and_done_without(tmp_path, caplog):
    (tmp_path / "runs").write_text("a file where the folder should be")
    store = a_store(tmp_path)
    with caplog.at_level(logging.WARNING, logger="fibattn"):
        for seed in range(3):
            assert store.get(SMALL.replace(seed=seed)) is None
            store.put(a_run(SMALL.replace(seed=seed)))
            store.flush()
    assert 1 <= len(caplog.records) <= 2, "reading and writing may fail in different ways"
    assert "Runs are not shared at the moment" in caplog.text
    assert str(tmp_path) not in caplog.text
    (tmp_path / "runs").unlink()
    store.put(a_run(SMALL))
    store.flush()
    assert store.get(SMALL), "as soon as the folder can be used, it is"


def test_a_folder_that_vanishes_is_made_again(tmp_path):
    store = a_store(tmp_path / "shared")
    for _ in range(2):
        store.put(a_run(SMALL))
        store.flush()
        assert store.get(SMALL)
        shutil.rmtree(tmp_path / "shared")
        assert store.get(SMALL) is None


def test_a_server_that_wakes_up_has_stored_runs_before_tensorflow_is_even_loading(tmp_path):
    put(tmp_path, SMALL)
    GraphStore(tmp_path).put(network_of(SMALL), A_GRAPH)
    trainer = Trainer(workers=1, store=a_store(tmp_path))
    try:
        (standing,) = trainer.watch("visitor", [SMALL])
        assert standing.stage == "done"
        assert datetime.now(UTC) - standing.made < timedelta(minutes=1)
        np.testing.assert_array_equal(standing.run.loss, a_run(SMALL).loss)
        assert not trainer._schedule.flying
        assert trainer.graph(SMALL, wait=0.0).nodes == A_GRAPH.nodes
        assert trainer.workers[0].process.pid is None
        (again,) = trainer.watch("another", [SMALL])
        assert again.run is standing.run, "it is read once"
    finally:
        trainer.close()


def test_tensorflow_loads_all_the_same_and_at_once_when_there_is_something_to_train(
    tmp_path, monkeypatch
):
    for leisure, watched in ((0.5, ()), (60.0, (SMALL,))):
        monkeypatch.setattr(trainer_module, "LEISURE", leisure)
        trainer = Trainer(workers=1, store=a_store(tmp_path))
        try:
            trainer.watch("visitor", watched)
            for _ in range(300):
                if trainer.workers[0].process.pid is not None:
                    break
                time.sleep(0.1)
            assert trainer.workers[0].process.pid is not None
        finally:
            trainer.close()


@pytest.mark.long
def test_what_one_server_trains_another_has_and_only_the_other_says_when_it_was_made(tmp_path):
    from tests.trainer.test_trainer import finish, same_bits

    one = Trainer(workers=1, store=a_store(tmp_path))
    other = Trainer(workers=1, store=a_store(tmp_path))
    try:
        run = finish(one, SMALL)
        (mine,) = one.standings([SMALL])
        assert mine.made is None
        one._store.flush()
        (its,) = other.watch("visitor", [SMALL])
        assert same_bits(its.run, run)
        assert its.made is not None
        longer = finish(other, SMALL.replace(epochs=4))
        assert np.array_equal(longer.loss[:2], run.loss), "more epochs are trained as ever"
        assert len(other.swapped(its.run, wait=100).trained) == SMALL.repeats
    finally:
        one.close()
        other.close()
