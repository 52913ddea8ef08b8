"""Compiled programs on disk: damaged, full or gone, training goes on."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from fibattn.experiment import Experiment
from fibattn.network import runtime
from fibattn.run import Run
from fibattn.trainer.trainer import Trainer
from tests.trainer.test_trainer import SMALL, finish, same_bits

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("FIBATTN_COMPILE_CACHE", str(tmp_path / "programs"))
    folder = runtime.compile_cache()
    assert folder is not None
    return folder


def trained_by_a_new_worker(*experiments: Experiment) -> list[Run]:
    trainer = Trainer(workers=1)
    try:
        return [finish(trainer, each) for each in experiments]
    finally:
        trainer.close()


def _with(files: list[Path], content) -> None:
    for file in files:
        file.write_bytes(content(file.read_bytes()))


DAMAGES = {
    "other bytes": lambda files: _with(files, lambda old: os.urandom(len(old))),
    "cut": lambda files: _with(files, lambda old: old[:100]),
    "empty": lambda files: _with(files, lambda old: b""),
    "gone": lambda files: shutil.rmtree(files[0].parent.parent),
}


@pytest.mark.long
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_programs_are_discarded_and_compiled_again(folder, damage):
    (whole,) = trained_by_a_new_worker(SMALL)
    files = list(folder.iterdir())
    assert files
    DAMAGES[damage](files)
    (again,) = trained_by_a_new_worker(SMALL)
    assert same_bits(again, whole)
    assert list(folder.iterdir())


@pytest.mark.parametrize(
    "others",
    [
        [SMALL.replace(units=3)],
        [SMALL.replace(attention="article", repeats=20), SMALL.replace(cell="GRU", batch_size=4)],
    ],
    ids=["one", "two"],
)
def test_programs_are_found_whatever_was_compiled_before(folder, others):
    """By a worker that takes another's place, and by other servers: their visitors came otherwise.

    Each worker forked from one that has compiled nothing, as here, compiles in its own order.
    """
    runs = trained_by_a_new_worker(*others, SMALL)
    files = {file.name for file in folder.iterdir()}
    assert len(files) == len(others) + 1
    again = trained_by_a_new_worker(SMALL, *reversed(others))
    assert {file.name for file in folder.iterdir()} == files, "nothing was compiled anew"
    for run in runs:
        (same,) = [each for each in again if each.experiment == run.experiment]
        assert same_bits(same, run)


@pytest.mark.long
def test_where_nothing_can_be_kept_any_more_training_goes_on_without(folder):
    trainer = Trainer(workers=1)
    try:
        finish(trainer, SMALL)
        shutil.rmtree(folder)
        folder.write_text("a file where the folder was")
        finish(trainer, SMALL.replace(units=3))
        assert not trainer.workers[0]._keeps_compiled
        finish(trainer, SMALL.replace(units=4))
    finally:
        trainer.close()


def test_a_folder_that_cannot_be_made_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "programs").write_text("a file")
    monkeypatch.setenv("FIBATTN_COMPILE_CACHE", str(tmp_path / "programs"))
    monkeypatch.delenv("TF_XLA_FLAGS", raising=False)
    runtime.prepare()
    assert "persistent_cache" not in os.environ.get("TF_XLA_FLAGS", "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions.")
def test_the_folder_is_private_and_bounded(folder, monkeypatch):
    folder.mkdir(parents=True, mode=0o755)
    for age, name in enumerate(("new", "old", "oldest")):
        file = folder / f"fibattn-{name}"
        file.write_bytes(bytes(100))
        os.utime(file, (1e9 - age, 1e9 - age))
    monkeypatch.setattr(runtime, "MOST_BYTES", 250)
    monkeypatch.setenv("TF_XLA_FLAGS", "")
    runtime.prepare()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(file.name for file in folder.iterdir()) == ["fibattn-new", "fibattn-old"]
    assert str(folder) in os.environ["TF_XLA_FLAGS"]


def test_servers_that_share_runs_share_programs_unless_told_where_else(tmp_path, monkeypatch):
    monkeypatch.setenv("FIBATTN_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("FIBATTN_COMPILE_CACHE", raising=False)
    assert runtime.compile_cache().parent == tmp_path / "store" / "programs"
    monkeypatch.setenv("FIBATTN_COMPILE_CACHE", str(tmp_path / "programs"))
    assert runtime.compile_cache().parent == tmp_path / "programs"
    monkeypatch.setenv("FIBATTN_COMPILE_CACHE", "")
    assert runtime.compile_cache() is None
