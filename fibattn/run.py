"""What a training run leaves: plain NumPy arrays for every epoch and every random start."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from dataclasses import dataclass
from os import PathLike
from typing import Any, BinaryIO

import numpy as np

from fibattn.experiment import Experiment
from fibattn.tasks import Dataset

Arrays = tuple[np.ndarray, ...]


def sample_order(experiment: Experiment, repeat: int, epoch: int) -> np.ndarray:
    """Return the order in which one random start goes through the training windows.

    (train windows,), int32. Epochs count from 0; each has an order of its own.
    """
    generator = np.random.default_rng((experiment.seed, repeat, epoch))
    return generator.permutation(experiment.train_windows).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some epochs of training: what a worker hands back, and can go on from.

    loss, val_loss: (epochs, repeats), MSE on the scaled values, over all steps of the horizon;
        `loss` is, as in Keras, the mean over the epoch while the weights change, `val_loss` that
        of the test windows after it.
    weights: for each variable of the model (epochs + 1, repeats, *its shape): before the first
        of these epochs, and after each.
    moments: Adam's two after the last epoch, each (repeats, all variables side by side).
    """

    loss: np.ndarray
    val_loss: np.ndarray
    weights: Arrays
    moments: Arrays

    @property
    def epochs(self) -> int:
        """How many epochs there are."""
        return len(self.loss)

    def then(self, later: Chunk) -> Chunk:
        """Return this chunk with the epochs of a later one after its own."""
        return Chunk(
            np.concatenate([self.loss, later.loss]),
            np.concatenate([self.val_loss, later.val_loss]),
            tuple(
                np.concatenate([mine, its[1:]])
                for mine, its in zip(self.weights, later.weights, strict=True)
            ),
            later.moments,
        )

    def last(self) -> Chunk:
        """Return its end alone, no epoch long: all that is needed to go on from here."""
        weights = tuple(array[-1:] for array in self.weights)
        return Chunk(self.loss[:0], self.val_loss[:0], weights, self.moments)

    @property
    def nbytes(self) -> int:
        """How many bytes the arrays take."""
        arrays = (self.loss, self.val_loss, *self.weights, *self.moments)
        return sum(array.nbytes for array in arrays)


def _read_arrays(file: BinaryIO) -> dict[str, Any]:
    """Return the arrays of an .npz file by name."""
    if not zipfile.is_zipfile(file):
        raise ValueError("it is no .npz file.")
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


@dataclass(frozen=True)
class LayerRow:
    """One layer as `model.summary()` shows it."""

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run of an experiment.

    loss, val_loss: (epochs, repeats), see `Chunk`.
    weights: for each variable of the model (epochs + 1, repeats, *its shape); row 0 is before
        the first epoch.
    train_predictions, test_predictions: (repeats, windows), scaled, after the last epoch; with a
        horizon of several steps (repeats, windows, horizon).
    train_attention, test_attention: (repeats, windows, time_steps), the weights over the states,
        with attention before the recurrent layer over the inputs; of a recurrent decoder
        (repeats, windows, horizon, time_steps); without attention (repeats, windows, 0).
    layers: the model's layers, as `model.summary()` shows them.
    """

    experiment: Experiment
    loss: np.ndarray
    val_loss: np.ndarray
    weights: Arrays
    train_predictions: np.ndarray
    test_predictions: np.ndarray
    train_attention: np.ndarray
    test_attention: np.ndarray
    layers: tuple[LayerRow, ...]

    def sample_order(self, repeat: int) -> np.ndarray:
        """Return the order of the training windows in each epoch: (epochs, train windows)."""
        self._check_repeat(repeat)
        epochs = range(self.experiment.epochs)
        return np.stack([sample_order(self.experiment, repeat, epoch) for epoch in epochs])

    def dataset(self) -> Dataset:
        """Return the windows this run was trained and tested on."""
        return self.experiment.dataset()

    def at_step(self, ahead: int) -> Run:
        """Return the run as if it had predicted one step only, `ahead` steps after the first.

        Its predictions are (repeats, windows), its attention (repeats, windows, time_steps).
        """
        if self.experiment.horizon == 1:
            return self

        def cut(array: np.ndarray, axes: int) -> np.ndarray:
            return array[:, :, ahead] if array.ndim == axes else array

        return dataclasses.replace(
            self,
            train_predictions=cut(self.train_predictions, 3),
            test_predictions=cut(self.test_predictions, 3),
            train_attention=cut(self.train_attention, 4),
            test_attention=cut(self.test_attention, 4),
        )

    def model(self, repeat: int = 0, epoch: int | None = None) -> Any:
        """Return the Keras model of one random start after `epoch` epochs (0: before the first).

        Needs TensorFlow. Raises ValueError for a repeat or an epoch that the run does not have.
        """
        from fibattn.network import models

        epoch = self.experiment.epochs if epoch is None else epoch
        self._check_repeat(repeat)
        if not 0 <= epoch <= self.experiment.epochs:
            raise ValueError(
                f"epoch is {epoch}, but this run has 0 (before training) to "
                f"{self.experiment.epochs}."
            )
        model = models.build(self.experiment.architecture)
        model.set_weights([array[epoch, repeat] for array in self.weights])
        return models.compile_as_article(model, self.experiment.learning_rate)

    def at_every_epoch(self, window: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the network made of one window before training and after each epoch.

        Args:
            window: (time_steps, features), scaled; (time_steps,) will do for one feature.

        Returns: predictions (epochs + 1, repeats) and attention (epochs + 1, repeats, time_steps);
        the further axes are those of `test_predictions` and `test_attention`. Needs TensorFlow.
        """
        from fibattn.network import training

        return training.window_at_every_epoch(self.experiment, self.weights, window)

    @property
    def nbytes(self) -> int:
        """How many bytes the arrays take."""
        return sum(array.nbytes for array in self._arrays().values())

    def save(self, path: str | PathLike[str]) -> None:
        """Write the run to a file (NumPy's .npz, no pickle).

        Raises ValueError for a run on a table of the user's own: the file would hold its numbers.
        """
        if self.experiment.table is not None:
            raise ValueError(
                "A run on a table of your own is not saved, as its numbers would go into the file: "
                "keep the table, and train again from the same seed."
            )
        words = {
            "experiment": dataclasses.asdict(self.experiment),
            "layers": [dataclasses.asdict(layer) for layer in self.layers],
        }
        with open(path, "wb") as file:
            np.savez_compressed(
                file, allow_pickle=False, words=np.array(json.dumps(words)), **self._arrays()
            )

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Run:
        """Read a run written by `save`.

        Raises OSError if the file cannot be opened, ValueError if it holds no run or is damaged.
        """
        with open(path, "rb") as file:
            try:
                arrays = _read_arrays(file)
            except Exception as error:  # NumPy, zipfile and zlib each have errors of their own
                raise ValueError(
                    f"{path} is damaged or no file that Run.save has written: {error}"
                ) from error
        if "words" not in arrays:
            raise ValueError(f"{path} holds no run: it was not written by Run.save.")
        try:
            return cls._from_arrays(arrays)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} holds no run that this version can read: {error}") from error

    @classmethod
    def _from_arrays(cls, arrays: dict[str, Any]) -> Run:
        words = json.loads(str(arrays.pop("words")))
        layers = tuple(
            LayerRow(**row | {"output_shape": tuple(row["output_shape"])})
            for row in words["layers"]
        )
        names = sorted((n for n in arrays if n.startswith("weights_")), key=lambda n: int(n[8:]))
        weights = tuple(arrays.pop(name) for name in names)
        return cls(
            experiment=Experiment(**words["experiment"]), weights=weights, layers=layers, **arrays
        )

    def _arrays(self) -> dict[str, np.ndarray]:
        plain = {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)
            if field.name not in ("experiment", "weights", "layers")
        }
        return plain | {f"weights_{i}": array for i, array in enumerate(self.weights)}

    def _check_repeat(self, repeat: int) -> None:
        if not 0 <= repeat < self.experiment.repeats:
            raise ValueError(
                f"repeat is {repeat}, but this run has 0 to {self.experiment.repeats - 1}."
            )
