"""What a compiled training program depends on."""

from __future__ import annotations

from dataclasses import dataclass

from fibattn.network.choices import NetworkChoices, TrainingChoices

# How many random starts are trained at once, where any are. One number, so that 20 and 100 starts
# share a compiled program.
TOGETHER = 20


@dataclass(frozen=True)
class Architecture:
    """What a compiled training program depends on: equal architectures share one.

    training: what the program is given with each call is at its default here.
    features: how many numbers there are at each step.
    together: how many random starts the program trains at once.
    """

    network: NetworkChoices
    training: TrainingChoices
    time_steps: int
    features: int
    horizon: int
    together: int


def starts_together(network: NetworkChoices, time_steps: int, repeats: int) -> int:
    """Return how many random starts one program trains at once: one, or twenty.

    Training twenty at once (vectorised, unrolled in time) takes a third of the time for each start,
    but the program takes two to three seconds longer to trace and compile, and far longer for
    gated cells and many units. It pays only for many starts of a tiny SimpleRNN.
    """
    small = (
        network.cell == "SimpleRNN"
        and network.units <= 4
        and time_steps <= 30
        and not network.bidirectional
        and network.head == "dense"
        and network.decoder == "direct"
    )
    return TOGETHER if small and repeats % TOGETHER == 0 else 1
