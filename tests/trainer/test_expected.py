"""What a flight is expected to take follows from what the last ones have taken."""

from __future__ import annotations

import pytest

from fibattn import Experiment
from fibattn.trainer.expected import COMPILING, LEAST, MOST_RATES, TRAINING, WEIGHT, Expected
from fibattn.trainer.schedule import Flight

SMALL = Experiment(series_length=60, time_steps=5, epochs=10)
# The windows it is trained on, of one start.
STEPS = 38


def flown(experiment=SMALL, compiling=0.0, training=0.0, per_epoch=None) -> Flight:
    flight = Flight(experiment)
    flight.took, flight.trained_for = compiling + training, training
    flight.seconds_per_epoch = per_epoch
    return flight


def test_before_anything_is_known_it_is_a_guess():
    expected = Expected()
    assert expected.compiling(Flight(SMALL)) == COMPILING
    assert expected.training(Flight(SMALL), 0) == TRAINING


def test_a_flight_that_was_measured_is_expected_to_go_on_like_that():
    expected = Expected()
    flight = flown(per_epoch=0.5, compiling=2.0, training=1.5)
    assert expected.compiling(flight) == 0
    assert expected.training(flight, 3) == pytest.approx(0.5 * 7)
    assert expected.training(flown(per_epoch=0.5), 10) == 0


def test_the_same_network_on_other_data_takes_as_long_for_a_step():
    expected = Expected()
    expected.learn(flown(per_epoch=0.5, compiling=2.0, training=1.5))
    longer = SMALL.replace(series_length=115, epochs=20, seed=9)
    assert longer.train_windows == 2 * STEPS + 1
    assert expected.compiling(Flight(longer)) == 0
    wanted = 0.5 / STEPS * longer.train_windows * 20
    assert expected.training(Flight(longer), 0) == pytest.approx(wanted)
    assert expected.training(Flight(longer), 5) == pytest.approx(wanted * 15 / 20)


def test_compiling_and_training_of_other_networks_are_learned_apart():
    expected = Expected()
    expected.learn(flown(compiling=COMPILING + 10, training=TRAINING + 1, per_epoch=0.1))
    other = Flight(SMALL.replace(units=7))
    assert expected.training(other, 0) == pytest.approx(TRAINING + WEIGHT)
    assert expected.compiling(other) == pytest.approx(COMPILING + 10 * WEIGHT)
    # One that found its program compiled says nothing of compiling.
    expected.learn(flown(training=TRAINING + WEIGHT, per_epoch=0.1))
    assert expected.compiling(other) == pytest.approx(COMPILING + 10 * WEIGHT)


def test_nothing_is_there_at_once():
    expected = Expected()
    expected.learn(flown(per_epoch=1e-6))
    assert expected.training(Flight(SMALL), 0) == LEAST


def test_the_networks_unused_for_longest_are_forgotten():
    expected = Expected()
    networks = [SMALL.replace(units=units) for units in range(2, 33)]
    networks = [each.replace(time_steps=steps) for each in networks for steps in range(4, 14)]
    assert len(networks) > MOST_RATES
    for each in networks:
        expected.learn(flown(each, per_epoch=0.1))
        expected.learn(flown(networks[0], per_epoch=0.1))
    known = [each for each in networks if not expected.compiling(Flight(each))]
    assert len(known) == MOST_RATES
    assert known == [networks[0], *networks[-MOST_RATES + 1 :]]
