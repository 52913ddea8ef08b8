"""The command: it trains what the file lacks, can be stopped, and continues."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import pytest

from fibattn.atlas import __main__ as command
from fibattn.atlas import file, plan
from tests.figures.made import a_run, changed

OPTIONS = ["--tasks", "find-max", "--layers", "dot", "self"]


class NoTrainer:
    """Stands in for the trainer: nothing is trained."""

    spent = SimpleNamespace(compiling=2.0, training=6.0)
    closed = 0

    def __init__(self, worker_growth):
        assert worker_growth == command.GROWTH

    def close(self):
        NoTrainer.closed += 1


@pytest.fixture
def asked(monkeypatch):
    """Return what was asked to be trained, call by call; Ctrl-C is pressed after two networks."""
    calls = []

    def trained(trainer, experiments, clock, looked):
        calls.append([each.attention for each in experiments])
        for number, experiment in enumerate(experiments):
            if number == 2:
                raise KeyboardInterrupt
            small = a_run(experiment.attention, task="find-max", series_length=40, repeats=20)
            settings = dataclasses.replace(experiment, series_length=40)
            run = changed(small, experiment=settings)
            lost = experiment.attention == "article"
            yield SimpleNamespace(
                experiment=settings, run=None if lost else run, error="No memory." * lost
            )

    monkeypatch.setattr(command, "trained", trained)
    monkeypatch.setattr(command, "Trainer", NoTrainer)
    return calls


def test_it_is_stopped_and_continued_until_all_is_there(asked, tmp_path, capsys):
    out = tmp_path / "atlas.json"
    before = NoTrainer.closed
    assert command.main([str(out), *OPTIONS]) == command.STOPPED
    assert "2 of 4 networks.\nStopped. The same command continues." in capsys.readouterr().out
    assert list(file.read(out).measured["SimpleRNN"]["find-max"]) == [None, "uniform"]
    assert command.main([str(out), *OPTIONS]) == 0
    assert command.main([str(out), *OPTIONS]) == 0
    assert asked == [[None, "uniform", "dot", "self"], ["dot", "self"]]
    assert NoTrainer.closed == before + 2
    done = file.read(out)
    assert [each.attention for each in done.entries["SimpleRNN"]] == ["dot", "self", "uniform"]
    # What both parts took, together.
    assert (done.made.compiling, done.made.training) == (4.0, 12.0)
    assert done.made.share_of_compiling == pytest.approx(1 / 4)


def test_a_network_that_cannot_be_trained_is_left_out_and_said(asked, tmp_path, capsys):
    out = tmp_path / "atlas.json"
    options = [str(out), "--tasks", "find-max", "--layers", "article"]
    assert command.main(options) == command.STOPPED
    assert command.main(options) == 0
    said = capsys.readouterr().out
    assert "2 of 3 networks.\nfind-max, article, SimpleRNN: No memory." in said
    found = file.read(out).failed
    assert [(each.task, each.attention, each.error) for each in found] == [
        ("find-max", "article", "No memory.")
    ]


def test_what_another_version_has_made_is_not_continued(asked, tmp_path, capsys, monkeypatch):
    out = tmp_path / "atlas.json"
    command.main([str(out), *OPTIONS])
    monkeypatch.setattr(command, "version_of_runs", lambda: "another")
    with pytest.raises(SystemExit):
        command.main([str(out), *OPTIONS])
    assert "was made by another version of the programs" in capsys.readouterr().err
    assert len(asked) == 1


@pytest.mark.parametrize("wrong", [["--tasks", "csv"], ["--layers", "none"], ["--cells", "RNN"]])
def test_what_does_not_exist_is_refused(wrong, tmp_path, capsys):
    with pytest.raises(SystemExit):
        command.main([str(tmp_path / "atlas.json"), *wrong])
    assert "invalid choice" in capsys.readouterr().err


def test_all_by_default_of_one_recurrent_layer():
    options = command._parser().parse_args(["atlas.json"])
    assert len(plan.networks(options.tasks, options.layers, options.cells)) == 90
