"""What is written on the stage: the names of its rows, and its sentences."""

from __future__ import annotations

from typing import Any

from fibattn.experiment import Experiment
from fibattn.network.catalogue import attention_layers
from fibattn.network.operations import Graph

WAITING = "The trained networks will stand here, to be tried by hand."
NO_SCRIPTS = (
    "This picture stands still, because the part of the page that moves it could not be started."
)
ONLY_WORDS = (
    "These are the story's words alone, because the part of the page that draws its pictures could "
    "not be started."
)
# The symbol of a row and what it is, by the title its layer gives it.
SYMBOLS = {
    "States": "h",
    "Cell states": "c",
    "Scores": "e",
    "Weights": "α, sum 1",
    "Attention": "of each head",
    "Attended": "a",
    "Weighted": "w",
}


def rows(experiment: Experiment, graph: Graph) -> dict[str, tuple[str, str]]:
    """Return title and explanation of each row, by the name of what is drawn."""
    outputs = {
        each.name: (each.title.lower(), SYMBOLS.get(each.title, "")) for each in graph.outputs
    }
    for each in graph.outputs:
        if each.axes == ("heads", "time", "time"):  # every step is a query
            outputs[each.name] = (each.title.lower(), "of chosen step")
    backward = [each for each in graph.outputs if each.name.startswith("backward")]
    outputs |= {
        each.name: (each.title.lower(), f"{SYMBOLS.get(each.title, '')}, from the end")
        for each in backward
    }
    return {
        "values": ("values", "x, drag them"),
        "ahead": ("weights", "steps ahead"),
        "effects": ("effect", "of hiding it"),
        "heatmap": ("test windows, a sample", "all test windows"),
        "pinned": ("pinned", ""),
        **outputs,
    }


def words(experiment: Experiment, graph: Graph, largest: float) -> dict[str, Any]:
    """Return the header's entries that are said of an experiment.

    largest: the largest weight in the heatmap, 1 if it is not known.
    """
    assert experiment.attention is not None
    layer = attention_layers()[experiment.attention]
    ceiling = layer.ceiling(experiment.time_steps)
    return {
        "rows": rows(experiment, graph),
        "source": layer.source,
        # Before the recurrent layer attention is paid to the inputs.
        "parts": layer.query_key_value.replace("states", "inputs")
        if experiment.placement == "before"
        else layer.query_key_value,
        "ceiling": ceiling,
        "weightsTo": ceiling if ceiling < 1 else largest,
    }
