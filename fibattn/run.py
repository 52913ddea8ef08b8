"""What a training run leaves: plain NumPy arrays for every epoch and every random start."""

from __future__ import annotations

import dataclasses
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, BinaryIO

import numpy as np

from fibattn.experiment import Experiment
from fibattn.tasks import Dataset

Arrays = tuple[np.ndarray, ...]


def sample_order(experiment: Experiment, repeat: int, epoch: int) -> np.ndarray:
    """Return the order in which one random start is trained on the windows in one epoch.

    A permutation of the indices of the training windows, (train windows,), int32. Epochs count
    from 0; each has an order of its own.
    """
    generator = np.random.default_rng((experiment.seed, repeat, epoch))
    return generator.permutation(experiment.train_windows).astype(np.int32)


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some consecutive epochs of training: a worker returns it, and can continue from it.

    loss, val_loss: (epochs, repeats), MSE on the scaled values, over all steps of the horizon.
        As in Keras, `loss` is the mean over the training windows while the weights change, and
        `val_loss` the mean over the test windows at the end of the epoch.
    weights: for each variable of the model (epochs + 1, repeats, *its shape): before the first
        of these epochs, and after each.
    moments: Adam's first and second moments after the last epoch, each (repeats, size), where
        size is the number of elements of all variables together.
    """

    loss: np.ndarray
    val_loss: np.ndarray
    weights: Arrays
    moments: Arrays

    @property
    def epochs(self) -> int:
        """The number of epochs."""
        return len(self.loss)

    def then(self, later: Chunk) -> Chunk:
        """Return one chunk of this one's epochs followed by those of `later`."""
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
        """Return a chunk of no epochs at the end of this one: all that training continues from."""
        weights = tuple(array[-1:] for array in self.weights)
        return Chunk(self.loss[:0], self.val_loss[:0], weights, self.moments)

    def until(self, epochs: int) -> Chunk:
        """Return the chunk of the first epochs alone, of one that begins before the first.

        The moments stay those at its end: training goes on from there, not from here.
        """
        weights = tuple(array[: epochs + 1] for array in self.weights)
        return Chunk(self.loss[:epochs], self.val_loss[:epochs], weights, self.moments)

    def of_starts(self, first: int, count: int) -> Chunk:
        """Return the chunk of `count` random starts alone, from number `first` on."""
        here = slice(first, first + count)
        return Chunk(
            self.loss[:, here],
            self.val_loss[:, here],
            tuple(array[:, here] for array in self.weights),
            tuple(array[here] for array in self.moments),
        )

    @classmethod
    def of_all_starts(cls, parts: Sequence[Chunk]) -> Chunk:
        """Join chunks of the same epochs, each of some random starts, along the starts."""
        weights = zip(*(part.weights for part in parts), strict=True)
        moments = zip(*(part.moments for part in parts), strict=True)
        return cls(
            np.concatenate([part.loss for part in parts], axis=1),
            np.concatenate([part.val_loss for part in parts], axis=1),
            tuple(np.concatenate(arrays, axis=1) for arrays in weights),
            tuple(np.concatenate(arrays) for arrays in moments),
        )

    @property
    def nbytes(self) -> int:
        """The size of the arrays in bytes."""
        arrays = (self.loss, self.val_loss, *self.weights, *self.moments)
        return sum(array.nbytes for array in arrays)


def _read_arrays(file: BinaryIO) -> dict[str, Any]:
    """Return the arrays of an .npz file by name. Raises ValueError if it is no .npz file."""
    if not zipfile.is_zipfile(file):
        raise ValueError("it is no .npz file.")
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


@dataclass(frozen=True)
class LayerRow:
    """One layer of a model, with what `model.summary()` shows of it."""

    name: str
    kind: str
    output_shape: tuple[int | None, ...]
    parameters: int


@dataclass(frozen=True, eq=False)
class Outcome:
    """What trained networks answer, and their layers; see `Run`."""

    train_predictions: np.ndarray
    test_predictions: np.ndarray
    test_attention: np.ndarray
    layers: tuple[LayerRow, ...]


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run of an experiment: plain arrays, to be read without Keras.

    `fibattn.model_of` makes a Keras model of it.

    loss, val_loss: (epochs, repeats), see `Chunk`.
    weights: for each variable of the model (epochs + 1, repeats, *its shape); row 0 is before
        the first epoch.
    train_predictions, test_predictions: (repeats, windows), scaled, after the last epoch; with a
        horizon of several steps (repeats, windows, horizon).
    test_attention: (repeats, windows, time_steps), the weights of the test windows' states, or
        of their inputs where attention stands before the recurrent layer; of a recurrent decoder
        (repeats, windows, horizon, time_steps); without attention (repeats, windows, 0).
    layers: the model's layers, as `model.summary()` shows them.
    """

    experiment: Experiment
    loss: np.ndarray
    val_loss: np.ndarray
    weights: Arrays
    train_predictions: np.ndarray
    test_predictions: np.ndarray
    test_attention: np.ndarray
    layers: tuple[LayerRow, ...]

    @classmethod
    def of(cls, trained: Chunk, experiment: Experiment, outcome: Outcome) -> Run:
        """Return the run of an experiment.

        Args:
            trained: all its epochs, perhaps more, from before the first. The run shares its arrays.
            experiment: what was trained.
            outcome: after the last epoch of the experiment.
        """
        own = trained.until(experiment.epochs)
        answers = {f.name: getattr(outcome, f.name) for f in dataclasses.fields(outcome)}
        return cls(experiment, own.loss, own.val_loss, own.weights, **answers)

    def sample_order(self, repeat: int) -> np.ndarray:
        """Return the order of the training windows in each epoch: (epochs, train windows)."""
        self.check_repeat(repeat)
        epochs = range(self.experiment.epochs)
        return np.stack([sample_order(self.experiment, repeat, epoch) for epoch in epochs])

    def dataset(self) -> Dataset:
        """Return the windows this run was trained and tested on."""
        return self.experiment.dataset()

    def at_step(self, ahead: int) -> Run:
        """Return the run of one predicted step alone, `ahead` steps after the first.

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
            test_attention=cut(self.test_attention, 4),
        )

    @property
    def nbytes(self) -> int:
        """The size of the arrays in bytes."""
        return sum(array.nbytes for array in self._arrays().values())

    def save(self, path: str | PathLike[str]) -> None:
        """Write the run to `path` as an .npz file without pickled objects.

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
        """Read a run that `save` has written.

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
        arrays.pop("train_attention", None)  # in files of earlier versions; nothing reads it
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

    def check_repeat(self, repeat: int) -> None:
        """Raise ValueError if the run has no random start of that number."""
        if not 0 <= repeat < self.experiment.repeats:
            raise ValueError(
                f"repeat is {repeat}, but this run has 0 to {self.experiment.repeats - 1}."
            )
