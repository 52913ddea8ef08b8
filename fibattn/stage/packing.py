"""What the browser needs of a run, as one row of bytes: its graph, its weights, its windows.

    4 bytes   the length of the header, little-endian
    header    JSON in ASCII, filled up with spaces to a multiple of 4
    arrays    float32 or int32, little-endian, one after the other

The header says of each array its kind, its shape and where it begins, counted from the first
array. `unpacking.js` makes typed arrays of them without copying.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from fibattn.network.operations import Graph
from fibattn.run import Arrays

# What all starts' weights may take for all of them to be sent at once.
MOST_BYTES = 600_000


def pack(arrays: Mapping[str, np.ndarray], words: Mapping[str, Any]) -> bytes:
    """Return arrays and what is said about them as bytes.

    Args:
        arrays: by name; whole numbers become int32, others float32.
        words: what JSON can hold; beside its own, the header has a `stamp`: equal for equal
            contents alone, so that who receives it need not look further.
    """
    places: dict[str, Any] = {}
    parts: list[bytes] = []
    start = 0
    for name, array in arrays.items():
        whole = np.issubdtype(array.dtype, np.integer)
        part = np.ascontiguousarray(array, "<i4" if whole else "<f4").tobytes()
        places[name] = {"kind": "int32" if whole else "float32", "shape": array.shape}
        places[name]["start"] = start
        parts.append(part)
        start += len(part)
    body = b"".join(parts)
    said = json.dumps({**words, "arrays": places}, separators=(",", ":"))
    stamp = hashlib.blake2b(said.encode() + body, digest_size=8).hexdigest()
    header = f'{{"stamp":"{stamp}",{said[1:]}'.encode()
    header += b" " * (-len(header) % 4)
    return len(header).to_bytes(4, "little") + header + body


def flat_weights(weights: Arrays, starts: list[int]) -> np.ndarray:
    """Return the weights of some random starts, (starts, epochs + 1, size), float32."""
    parts = [array[:, starts].reshape(len(array), len(starts), -1) for array in weights]
    return np.concatenate(parts, axis=-1).swapaxes(0, 1).astype(np.float32)


def graph_words(graph: Graph) -> dict[str, Any]:
    """Return all of a graph that is not an array, for JSON.

    A node is a row: operation, inputs, size, attributes.
    """
    return {
        "nodes": [
            [node.operation, node.inputs, node.size, dict(node.attributes)] for node in graph.nodes
        ],
        "weights": [dataclasses.asdict(weight) for weight in graph.weights],
        "outputs": [dataclasses.asdict(output) for output in graph.outputs],
    }
