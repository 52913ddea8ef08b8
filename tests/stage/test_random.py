"""The order of windows in the browser is NumPy's."""

import numpy as np
import pytest
from py_mini_racer import MiniRacer

from fibattn import Experiment
from fibattn.run import sample_order
from fibattn.stage.modules import script


@pytest.fixture(scope="module")
def v8() -> MiniRacer:
    engine = MiniRacer()
    engine.eval(script("random.js"))
    return engine


def permutation(v8: MiniRacer, seed: tuple[int, ...], count: int) -> list[int]:
    text = v8.eval(f"permutation([{','.join(map(str, seed))}], {count}).join()")
    return [int(each) for each in text.split(",")]


@pytest.mark.parametrize("seed", [(0, 0, 0), (7,), (5, 107, 29), (9999, 3, 299), (2**32 - 1,) * 4])
@pytest.mark.parametrize("count", [1, 2, 3, 64, 65, 5000])
def test_a_permutation_is_numpys(v8, seed, count):
    wanted = np.random.default_rng(seed).permutation(count)
    assert permutation(v8, seed, count) == wanted.tolist()


def test_it_is_the_order_of_a_runs_start_and_epoch(v8):
    experiment = Experiment(seed=11)
    found = permutation(v8, (11, 4, 2), experiment.train_windows)
    assert found == sample_order(experiment, 4, 2).tolist()
