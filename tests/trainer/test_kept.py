"""What is kept of runs and of training, without a process."""

from __future__ import annotations

import numpy as np

from fibattn import Experiment
from fibattn.run import Chunk, Run
from fibattn.trainer.kept import BoundedCache, Kept

SMALL = Experiment(series_length=60, time_steps=5, epochs=4)


def chunk(epochs: int = 5) -> Chunk:
    """Return a chunk of 16 bytes an epoch."""
    return Chunk(np.zeros((epochs, 1)), np.zeros((epochs, 1)), (), ())


def run(experiment: Experiment) -> Run:
    """Return a run of 80 bytes."""
    one, none = np.zeros((5, 1)), np.zeros(0)
    return Run(experiment, one, one, (), none, none, none, ())


def test_the_cache_keeps_what_was_used_last_within_its_bytes():
    cache = BoundedCache(250)
    for key in "abc":
        cache.put(key, chunk())
    cache.get("a")
    cache.put("d", chunk())
    assert cache.get("b") is None
    assert all(cache.get(key) is not None for key in "acd")
    assert cache.nbytes == 240


def test_the_cache_evicts_nothing_that_is_needed():
    cache = BoundedCache(100)
    for key in "abc":
        cache.put(key, chunk(), needed="ab")
    assert all(cache.get(key) is not None for key in "abc")
    cache.put("d", chunk())
    assert cache.get("d") is not None
    assert len(cache) == 1


def test_the_cache_keeps_one_value_that_is_larger_than_its_bytes():
    cache = BoundedCache(10)
    cache.put("a", chunk())
    assert cache.get("a") is not None


def test_a_value_put_again_takes_its_bytes_once():
    cache = BoundedCache(1000)
    cache.put("a", chunk(5))
    cache.put("a", chunk(6))
    assert (len(cache), cache.nbytes) == (1, 96)


def test_training_is_shared_by_experiments_that_differ_in_epochs_alone():
    kept, trained = Kept(1000), chunk()
    kept.keep_trained(SMALL, trained)
    assert kept.trained(SMALL.replace(epochs=100)) is trained
    assert kept.trained(SMALL.replace(seed=1)) is None


def test_a_run_belongs_to_its_own_number_of_epochs():
    kept, done = Kept(1000), run(SMALL)
    kept.keep_run(done)
    assert kept.run(SMALL) is done
    assert kept.run(SMALL.replace(epochs=5)) is None


def test_training_in_flight_is_not_evicted_whatever_its_epochs():
    kept = Kept(200)  # 100 for training: one chunk
    first, second, third = (SMALL.replace(seed=seed) for seed in range(3))
    kept.keep_trained(first, chunk())
    kept.keep_trained(second, chunk(), needed=[first.replace(epochs=9)])
    assert kept.trained(first) is not None
    kept.keep_trained(third, chunk(), needed=[second])
    assert kept.trained(first) is None
    assert kept.trained(second) is not None


def test_a_run_that_is_watched_is_not_evicted():
    kept = Kept(200)  # 100 for runs: one
    first, second, third = (SMALL.replace(seed=seed) for seed in range(3))
    kept.keep_run(run(first))
    kept.keep_run(run(second), needed={first})
    assert kept.run(first) is not None
    kept.keep_run(run(third))
    assert (kept.run(first), kept.run(second)) == (None, None)


def test_runs_and_training_of_unwanted_experiments_are_dropped():
    kept, other = Kept(1000), SMALL.replace(seed=1)
    for experiment in (SMALL, other):
        kept.keep_run(run(experiment))
        kept.keep_trained(experiment, chunk())
    kept.drop(lambda experiment: experiment.seed == 1)
    assert (kept.run(other), kept.trained(other)) == (None, None)
    assert kept.run(SMALL) is not None
    assert kept.trained(SMALL) is not None
