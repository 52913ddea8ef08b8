"""The file of the atlas: what is written is read again, and what ships holds together."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math

import numpy as np
import pytest

from fibattn.atlas import file, plan
from fibattn.atlas.file import Atlas, Made
from fibattn.atlas.numbers import as_csv
from fibattn.experiment import KNOBS
from fibattn.judge.measured import Measured, Row
from fibattn.judge.starts import over_starts

ANEW = "Make it anew: python -m fibattn.atlas new.json; see docs/atlas.md."
MADE = Made("2026-01-31", "digest", {"keras": "3"}, "2 cores", "kind", 60.0, 90.0, 30.0, 60.0)


def an_atlas():
    """Two layers and the controls on one task; a start that diverged, and one without error."""
    random = np.random.default_rng(0)
    atlas = Atlas(MADE)
    for name in ("dot", "uniform", None, "article"):
        errors = random.uniform(0.01, 0.2, 20)
        weight = None if name is None else over_starts(random.uniform(0, 1, 20))
        if name == "dot":
            errors[:2] = math.nan, 0.0
        measured = Measured(over_starts(errors), weight, weight, weight)
        atlas.add(plan.network("find-max", name), Row(0.05, 0.14, 0.03), measured)
    atlas.compare()
    return atlas


def as_words(path):
    return json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)


def test_what_is_written_is_read_again(tmp_path):
    atlas, path = an_atlas(), tmp_path / "atlas.json"
    file.write(atlas, path)
    again = file.read(path)
    assert again.made == atlas.made
    assert again.rows == atlas.rows
    for name, measured in atlas.measured["SimpleRNN"]["find-max"].items():
        read = again.measured["SimpleRNN"]["find-max"][name]
        assert np.array_equal(read.errors.values, measured.errors.values, equal_nan=True)
        assert read.errors.diverged.tolist() == measured.errors.diverged.tolist()
    for one, other in zip(atlas.entries["SimpleRNN"], again.entries["SimpleRNN"], strict=True):
        assert (one.task, one.attention, one.pointing) == (
            other.task,
            other.attention,
            other.pointing,
        )
        assert (one.plain, one.uniform) == (other.plain, other.uniform)
    file.write(again, tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
    assert [each.name for each in tmp_path.iterdir() if each.suffix == ".part"] == []


def test_tasks_and_layers_stand_in_the_pages_order_however_they_were_trained():
    assert [e.attention for e in an_atlas().entries["SimpleRNN"]] == ["article", "dot", "uniform"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"made": 1}', "no JSON"])
def test_another_file_is_refused_with_a_sentence(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"other\.json is no file of the atlas"):
        file.read(path)


def test_the_table_has_a_line_for_each_start():
    lines = list(csv.DictReader(io.StringIO(as_csv(an_atlas()))))
    assert len(lines) == 4 * 20
    first = lines[0]
    assert (first["cell"], first["task"], first["attention"], first["start"]) == (
        "SimpleRNN",
        "find-max",
        "dot",
        "1",
    )
    assert first["test_mse"] == ""
    assert float(lines[1]["test_mse"]) == 0
    plain = [each for each in lines if each["attention"] == "plain"]
    assert {each["weight_on_true_steps"] for each in plain} == {""}


# --- the file that ships


@pytest.fixture(scope="module")
def shipped():
    return file.shipped()


def test_it_has_every_layer_on_every_task(shipped):
    tasks = shipped.measured[plan.CELLS[0]]
    assert set(tasks) == set(plan.TASK_NAMES), f"The atlas that ships lacks a task. {ANEW}"
    for task, networks in tasks.items():
        failed = {each.attention for each in shipped.failed if each.task == task}
        lacks = {None, *plan.LAYER_NAMES} ^ set(networks) ^ failed
        assert not lacks, f"The atlas that ships lacks {lacks}. {ANEW}"
        assert {each.errors.starts for each in networks.values()} == {plan.STARTS}
    for entries in shipped.entries.values():
        every = len(plan.TASK_NAMES) * len(plan.LAYER_NAMES)
        assert len(entries) == every - len(shipped.failed)


def test_its_settings_are_those_its_tasks_still_have():
    for task, words in as_words(file.SHIPPED)["tasks"].items():
        experiment = plan.network(task, None)
        own = {"task", "cell", "attention"}
        assert set(words["settings"]) == set(KNOBS) - own
        for name, value in words["settings"].items():
            assert getattr(experiment, name) == value, f"{task} is now trained otherwise. {ANEW}"


def test_its_comparisons_follow_from_its_errors(shipped):
    again = Atlas(shipped.made, shipped.rows, shipped.measured)
    again.compare()
    for cell, entries in shipped.entries.items():
        for stored, computed in zip(entries, again.entries[cell], strict=True):
            assert (stored.task, stored.attention) == (computed.task, computed.attention)
            assert stored.pointing == computed.pointing
            for one, other in (
                (stored.plain, computed.plain),
                (stored.uniform, computed.uniform),
            ):
                assert (one is None) == (other is None)
                if one and other:
                    assert one.comparison.doubt == other.comparison.doubt
                    assert one.corrected == pytest.approx(other.corrected, rel=1e-9)
                    assert one.comparison.median == pytest.approx(other.comparison.median)


def test_it_says_when_where_and_in_what_time_it_was_made(shipped):
    made = dataclasses.asdict(shipped.made)
    assert all(made.values()), made
    assert 0 < shipped.made.share_of_compiling < 1


def test_it_is_small():
    assert file.SHIPPED.stat().st_size < 1_000_000
