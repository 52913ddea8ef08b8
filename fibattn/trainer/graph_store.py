"""The graphs of networks in a folder, beside the runs that servers share.

A server that wakes up has runs to show at once; with their graphs the stage shows them too, while
TensorFlow still loads. A file's name follows from the network and from `version_of_runs`, so that
no other code's graph is found. What cannot be read is absent, what cannot be written is not kept.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from fibattn.network.architecture import Architecture
from fibattn.network.operations import Graph, Node, Output, Weight
from fibattn.trainer.files import remove_abandoned, write_whole
from fibattn.trainer.version import name_of_file

# So many are kept, those used last; each has some ten to a hundred kilobytes.
MOST_GRAPHS = 200


class GraphStore:
    """Graphs in a folder. Safe to call from any thread.

    Args:
        folder: is made if it is missing. Whoever can write there can show visitors any figure.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "graphs"

    def get(self, network: Architecture) -> Graph | None:
        """Return the graph of a network, None if there is none; count it as used.

        A damaged file is deleted.
        """
        path = self._path(network)
        try:
            graph = _read(path)
            os.utime(path)
        except OSError:
            return None
        except Exception:  # zipfile, zlib, json and NumPy each have errors of their own
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        return graph

    def put(self, network: Architecture, graph: Graph) -> None:
        """Keep the graph of a network."""
        with contextlib.suppress(OSError):  # the folder is full, read-only or gone: see `RunStore`
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(self._path(network), lambda part: _write(part, graph))
            remove_abandoned(self._folder)
            files = sorted(self._folder.glob("*.npz"), key=lambda file: file.stat().st_mtime)
            for file in files[:-MOST_GRAPHS]:
                file.unlink()

    def _path(self, network: Architecture) -> Path:
        return self._folder / name_of_file(network)


def _write(path: Path, graph: Graph) -> None:
    words = {
        "nodes": [dataclasses.astuple(node) for node in graph.nodes],
        "weights": [dataclasses.astuple(weight) for weight in graph.weights],
        "outputs": [dataclasses.astuple(output) for output in graph.outputs],
    }
    arrays = {str(number): array for number, array in enumerate(graph.arrays)}
    with open(path, "wb") as file:
        np.savez_compressed(file, allow_pickle=False, words=np.array(json.dumps(words)), **arrays)


def _read(path: Path) -> Graph:
    with np.load(path, allow_pickle=False) as file:
        words = json.loads(str(file["words"]))
        arrays = tuple(file[str(number)] for number in range(len(file.files) - 1))
    return Graph(
        tuple(Node(*_with_tuples(each, 1)) for each in words["nodes"]),
        arrays,
        tuple(Weight(*_with_tuples(each, 1)) for each in words["weights"]),
        tuple(Output(*_with_tuples(each, 2, 3, 8)) for each in words["outputs"]),
    )


def _with_tuples(values: list[Any], *places: int) -> list[Any]:
    """Return the values with tuples at some places, where JSON has lists."""
    return [tuple(value) if i in places else value for i, value in enumerate(values)]
