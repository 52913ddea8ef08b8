"""A run is plain arrays: it goes to a file and back, and gives its models."""

import dataclasses
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from fibattn import Experiment, Run, at_every_epoch, model_of, train
from fibattn.run import Chunk, sample_order
from fibattn.tasks.file import Table

ROOT = Path(__file__).parents[1]
EXPERIMENT = Experiment(
    series_length=40, time_steps=5, scaling="log", attention="article", epochs=3, repeats=2
)
VARIABLES = [(1, 2), (2, 2), (2,), (2, 1), (5, 1), (2, 1), (1,)]


@pytest.fixture(scope="module")
def run() -> Run:
    return train(EXPERIMENT)


def test_the_arrays_have_the_shapes_they_promise(run):
    train_windows, test_windows = EXPERIMENT.train_windows, EXPERIMENT.test_windows
    assert run.loss.shape == run.val_loss.shape == (3, 2)
    assert [array.shape for array in run.weights] == [(4, 2, *shape) for shape in VARIABLES]
    assert run.train_predictions.shape == (2, train_windows)
    assert run.test_predictions.shape == (2, test_windows)
    assert run.test_attention.shape == (2, test_windows, 5)
    np.testing.assert_allclose(run.test_attention.sum(axis=-1), 1, rtol=1e-5)


def test_without_attention_there_are_no_weights_to_show():
    plain = train(EXPERIMENT.replace(attention=None, epochs=1, repeats=1))
    assert plain.test_attention.shape == (1, EXPERIMENT.test_windows, 0)
    predictions, attention = at_every_epoch(plain, plain.dataset().test_x[0])
    assert predictions.shape == (2, 1) and attention.shape == (2, 1, 0)


def test_the_layers_are_those_of_the_summary(run):
    rows = [(row.kind, row.output_shape, row.parameters) for row in run.layers]
    assert rows == [
        ("InputLayer", (None, 5, 1), 0),
        ("SimpleRNN", (None, 5, 2), 8),
        ("ArticleAttention", (None, 2), 7),
        ("Dense", (None, 1), 3),
    ]


@pytest.mark.parametrize("as_text", [str, lambda path: path])
def test_a_saved_run_comes_back_whole(run, tmp_path, as_text):
    path = as_text(tmp_path / "mine.run")
    run.save(path)
    again = Run.load(path)
    for field in dataclasses.fields(Run):
        mine, its = getattr(run, field.name), getattr(again, field.name)
        if field.name in ("experiment", "layers"):
            assert its == mine
            continue
        pairs = zip(mine, its, strict=True) if field.name == "weights" else [(mine, its)]
        for array, copy in pairs:
            assert copy.dtype == array.dtype
            np.testing.assert_array_equal(copy, array)
    assert again.nbytes == run.nbytes
    assert (again.sample_order(1) == run.sample_order(1)).all()


def test_a_file_of_an_earlier_version_with_the_training_windows_attention_is_read(run, tmp_path):
    run.save(tmp_path / "now.npz")
    with np.load(tmp_path / "now.npz") as saved:
        arrays = dict(saved)
    assert not [name for name in arrays if "train_attention" in name]
    earlier = np.zeros((2, EXPERIMENT.train_windows, 5), np.float32)
    np.savez(tmp_path / "earlier.npz", train_attention=earlier, **arrays)
    again = Run.load(tmp_path / "earlier.npz")
    assert again.experiment == run.experiment
    np.testing.assert_array_equal(again.test_attention, run.test_attention)
    assert again.nbytes == run.nbytes


def test_more_than_ten_variables_keep_their_order(tmp_path):
    one = np.zeros((1, 1))
    weights = tuple(np.full((2, 1), float(i)) for i in range(12))
    many = Run(Experiment(epochs=1), one, one, weights, one, one, one, ())
    many.save(tmp_path / "run.npz")
    again = Run.load(tmp_path / "run.npz")
    assert [array[0, 0] for array in again.weights] == list(range(12))


def test_the_file_holds_no_pickle(run, tmp_path):
    run.save(tmp_path / "run.npz")
    with zipfile.ZipFile(tmp_path / "run.npz") as file:
        for name in file.namelist():
            with file.open(name) as member:
                version = np.lib.format.read_magic(member)
                assert version <= (2, 0)
                _, _, dtype = np.lib.format.read_array_header_1_0(member)
                assert not dtype.hasobject, name


def test_another_file_is_refused_with_a_sentence(tmp_path):
    np.savez(tmp_path / "other.npz", loss=np.zeros(3))
    with pytest.raises(ValueError, match=r"other\.npz holds no run"):
        Run.load(tmp_path / "other.npz")


@pytest.mark.parametrize("kept", [0, 10, 0.3, 0.9])
def test_half_a_file_is_refused_with_a_sentence(run, tmp_path, kept):
    path = tmp_path / "half.npz"
    run.save(path)
    whole = path.read_bytes()
    path.write_bytes(whole[: kept if isinstance(kept, int) else int(kept * len(whole))])
    with pytest.raises(ValueError, match=r"half\.npz is damaged"):
        Run.load(path)


def test_a_file_with_a_changed_byte_is_refused_or_whole(run, tmp_path):
    path = tmp_path / "bytes.npz"
    run.save(path)
    whole = path.read_bytes()
    said = []
    for place in range(0, len(whole), max(1, len(whole) // 150)):
        changed = bytearray(whole)
        changed[place] ^= 0x55
        path.write_bytes(changed)
        try:
            Run.load(path)
        except ValueError as error:
            said.append(str(error))
    assert len(said) > 100
    assert all("bytes.npz" in sentence for sentence in said)


@pytest.mark.parametrize("text", ["", "no numbers here", "{}"])
def test_a_text_is_refused_with_a_sentence(tmp_path, text):
    (tmp_path / "text.npz").write_text(text)
    with pytest.raises(ValueError, match=r"text\.npz is damaged or no file that Run.save"):
        Run.load(tmp_path / "text.npz")


def test_a_bare_array_is_refused_with_a_sentence(tmp_path):
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(ValueError, match=r"one\.npy is damaged or no file that Run.save"):
        Run.load(tmp_path / "one.npy")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("[", "Expecting value"),
        ("{}", "layers"),
        ('{"layers": [], "experiment": {"colour": 1}}', "colour"),
        ('{"layers": [], "experiment": {"units": 99}}', "units is 99"),
        ('{"layers": [], "experiment": {}}', "loss"),
    ],
)
def test_words_that_make_no_run_are_refused_with_a_sentence(tmp_path, words, why):
    np.savez(tmp_path / "other.npz", words=np.array(words))
    with pytest.raises(ValueError, match=rf"other\.npz holds no run that.*{why}"):
        Run.load(tmp_path / "other.npz")


def test_a_file_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        Run.load(tmp_path / "none.npz")


@pytest.mark.slow
def test_a_run_of_several_steps_ahead_is_saved_whole(tmp_path):
    run = train(
        EXPERIMENT.replace(attention="dot", horizon=2, decoder="recurrent", epochs=1, repeats=1)
    )
    run.save(tmp_path / "mine.npz")
    again = Run.load(tmp_path / "mine.npz")
    assert again.experiment == run.experiment and again.layers == run.layers
    np.testing.assert_array_equal(again.test_predictions, run.test_predictions)
    np.testing.assert_array_equal(again.test_attention, run.test_attention)
    assert again.test_attention.shape == (1, run.experiment.test_windows, 2, 5)
    assert [row.output_shape for row in run.layers if row.name == "encoder"] == [(None, 5, 2)]


def test_a_pickle_is_not_opened(tmp_path):
    np.savez(tmp_path / "evil.npz", words=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        Run.load(tmp_path / "evil.npz")


@pytest.mark.parametrize("epoch", range(4))
@pytest.mark.parametrize("repeat", range(2))
def test_a_model_has_the_weights_of_its_epoch_and_start(run, repeat, epoch):
    for mine, saved in zip(model_of(run, repeat, epoch).get_weights(), run.weights, strict=True):
        np.testing.assert_array_equal(mine, saved[epoch, repeat])


def test_a_model_is_of_the_last_epoch_unless_told_otherwise(run):
    for mine, last in zip(
        model_of(run, 1).get_weights(), model_of(run, 1, 3).get_weights(), strict=True
    ):
        np.testing.assert_array_equal(mine, last)


def test_a_model_is_compiled_with_the_experiments_rate(run):
    faster = dataclasses.replace(run, experiment=EXPERIMENT.replace(learning_rate=0.02))
    assert float(model_of(faster).optimizer.learning_rate) == pytest.approx(0.02)
    assert model_of(faster).loss == "mean_squared_error"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"repeat": 2}, r"repeat is 2, but this run has 0 to 1\."),
        ({"repeat": -1}, r"repeat is -1, but this run has 0 to 1\."),
        ({"epoch": 4}, r"epoch is 4, but this run has 0 \(before training\) to 3\."),
        ({"epoch": -1}, r"epoch is -1, but"),
    ],
)
def test_a_model_the_run_does_not_have_is_a_sentence(run, wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        model_of(run, **wrong)


def test_the_order_of_a_repeat_that_is_not_there_is_a_sentence(run):
    with pytest.raises(ValueError, match="repeat is 2"):
        run.sample_order(2)


def test_each_epoch_goes_through_all_windows_once_in_an_order_of_its_own(run):
    orders = [tuple(order) for repeat in range(2) for order in run.sample_order(repeat)]
    assert len(orders) == 6 == len(set(orders))
    for order in orders:
        assert sorted(order) == list(range(EXPERIMENT.train_windows))


def test_the_order_does_not_depend_on_how_many_epochs_or_starts_there_are():
    more = EXPERIMENT.replace(epochs=9, repeats=7, units=5, attention=None)
    for epoch in range(3):
        np.testing.assert_array_equal(
            sample_order(EXPERIMENT, 1, epoch), sample_order(more, 1, epoch)
        )
    other = sample_order(EXPERIMENT.replace(seed=1), 1, 0)
    assert (other != sample_order(EXPERIMENT, 1, 0)).any()


def test_a_runs_dataset_is_its_experiments(run):
    np.testing.assert_array_equal(run.dataset().train_x, EXPERIMENT.dataset().train_x)


def test_chunks_join_end_to_end():
    def chunk(first, epochs):
        epochs_of = np.arange(first, first + epochs, dtype=np.float32)[:, None]
        weights = np.arange(first, first + epochs + 1, dtype=np.float32)[:, None, None]
        return Chunk(epochs_of, epochs_of + 100, (weights,), (np.array([[first + epochs]]),))

    joined = chunk(0, 3).then(chunk(3, 2))
    assert joined.epochs == 5
    assert joined.loss[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert joined.val_loss[:, 0].tolist() == [100, 101, 102, 103, 104]
    assert joined.weights[0][:, 0, 0].tolist() == [0, 1, 2, 3, 4, 5]
    assert joined.moments[0].tolist() == [[5]]
    end = joined.last()
    assert end.epochs == 0 and end.weights[0][:, 0, 0].tolist() == [5]
    assert end.then(chunk(5, 1)).weights[0][:, 0, 0].tolist() == [5, 6]


@pytest.mark.slow
@pytest.mark.long
def test_readmes_notebook_runs_as_it_stands_and_its_model_loads(tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    cells = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(cells) == 3
    assert "epochs=30, batch_size=1" in cells[2]
    # The tutorial's way takes half a minute for its 30 epochs; one is enough to see it run.
    cells[2] = cells[2].replace("epochs=30", "epochs=1")
    for cell in cells:  # each in a process of its own, as on another day
        done = subprocess.run(
            [sys.executable, "-c", cell],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
    assert Run.load(tmp_path / "run.npz").experiment.attention == "article"


def test_a_chunk_falls_into_its_starts_and_joins_again():
    random = np.random.default_rng(0)
    loss, val_loss, weights, moments = (
        random.normal(size=shape) for shape in ((3, 4), (3, 4), (4, 4, 5, 2), (4, 10))
    )
    whole = Chunk(loss, val_loss, (weights,), (moments,))
    second = whole.of_starts(2, 2)
    np.testing.assert_array_equal(second.loss, loss[:, 2:])
    np.testing.assert_array_equal(second.val_loss, val_loss[:, 2:])
    np.testing.assert_array_equal(second.weights[0], weights[:, 2:])
    np.testing.assert_array_equal(second.moments[0], moments[2:])
    joined = Chunk.of_all_starts([whole.of_starts(0, 2), second])
    for mine, its in (
        (joined.loss, loss),
        (joined.val_loss, val_loss),
        (joined.weights[0], weights),
        (joined.moments[0], moments),
    ):
        np.testing.assert_array_equal(mine, its)


def test_a_run_on_a_table_of_ones_own_is_not_saved(tmp_path):
    table = Table("mine.csv", "a", (), np.arange(40.0)[:, None] % 7)
    experiment = EXPERIMENT.replace(task="csv", table=table, scaling="linear", epochs=1)
    with pytest.raises(ValueError, match="its numbers would go into the file"):
        train(experiment).save(tmp_path / "mine.npz")
    assert not (tmp_path / "mine.npz").exists()
