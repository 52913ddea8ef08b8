"""Whose turn it is, without a process."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from fibattn import Experiment
from fibattn.trainer.expected import COMPILING, TRAINING
from fibattn.trainer.schedule import STRETCH, Schedule

SMALL = Experiment(series_length=60, time_steps=5)


@dataclass(eq=False)
class Thread:
    """A worker thread as far as a schedule knows one."""

    ready: threading.Event = field(default_factory=threading.Event)
    compiled: set = field(default_factory=set)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def ready_thread() -> Thread:
    thread = Thread()
    thread.ready.set()
    return thread


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def thread():
    return ready_thread()


@pytest.fixture
def schedule(thread, clock):
    return Schedule([thread], patience=6.0, clock=clock)


def watch(schedule: Schedule, visitor: str, *experiments: Experiment, **options) -> None:
    schedule.watch(visitor, experiments, experiments, **options)


def seeds(count: int) -> list[Experiment]:
    return [SMALL.replace(seed=seed) for seed in range(count)]


def serve(schedule: Schedule, thread: Thread, clock: Clock, seconds: float) -> int:
    """Give the next flight a turn of so many seconds; return its seed."""
    flight = schedule.next_flight(thread)
    clock.now += seconds
    flight.served = clock.now
    flight.took += seconds
    flight.trained_for += seconds
    return flight.experiment.seed


def come(schedule: Schedule, clock: Clock, *experiments: Experiment) -> None:
    """Have a visitor come for each experiment, one after the other."""
    for experiment in experiments:
        watch(schedule, f"visitor {experiment.seed}", experiment, forever=True)
        clock.now += 0.001


def test_flights_take_turns_of_a_stretch_and_the_one_that_waited_longest_is_next(
    schedule, thread, clock
):
    come(schedule, clock, *seeds(3))
    moments = [serve(schedule, thread, clock, STRETCH / 2) for _ in range(8)]
    assert moments == [0, 0, 1, 1, 2, 2, 0, 0]


def test_a_moment_that_is_longer_than_a_stretch_ends_it(schedule, thread, clock):
    come(schedule, clock, *seeds(2))
    assert [serve(schedule, thread, clock, 2 * STRETCH) for _ in range(4)] == [0, 1, 0, 1]


def test_a_newcomer_comes_last_and_before_who_has_had_a_stretch_since(schedule, thread, clock):
    first, second, newcomer = seeds(3)
    come(schedule, clock, first, second)
    serve(schedule, thread, clock, STRETCH)
    come(schedule, clock, newcomer)
    assert [serve(schedule, thread, clock, STRETCH) for _ in range(4)] == [1, 0, 2, 1]


def test_the_wait_is_what_comes_before_in_stretches(schedule, thread, clock):
    come(schedule, clock, *seeds(3))
    flights = [schedule.flight(each) for each in seeds(3)]
    for flight, each in zip(flights, (1.0, 0.5, 0.25), strict=True):
        flight.seconds_per_epoch = each

    def none_trained(experiment: Experiment) -> int:
        return 0

    epochs = SMALL.epochs
    waits = [schedule.wait_for(flight, none_trained) for flight in flights]
    assert [place for place, _ in waits] == [0, 1, 2]
    # Told by playing it: who is finished when, if all goes as measured.
    clock.now, ends, left = 0.0, {}, {0: 1.0 * epochs, 1: 0.5 * epochs, 2: 0.25 * epochs}
    queue = [0, 1, 2]
    while queue:
        now = queue.pop(0)
        stretch = min(STRETCH, left[now])
        clock.now += stretch
        left[now] -= stretch
        if left[now] > 0:
            queue.append(now)
        else:
            ends[now] = clock.now
    for number, (_, seconds) in enumerate(waits):
        assert ends[number] / 1.5 <= seconds <= 1.5 * ends[number]


def test_a_thread_with_nothing_to_do_takes_over_what_waits_for_another(clock):
    threads = [ready_thread(), ready_thread()]
    schedule = Schedule(threads, clock=clock)
    networks = [SMALL.replace(units=units) for units in range(2, 8)]
    for network in networks:  # all of one thread
        schedule._home[network.architecture] = threads[0]
    watch(schedule, "one", *networks)
    assert schedule.next_flight(threads[0]).experiment == networks[0]
    assert schedule.next_flight(threads[1]).experiment == networks[1]
    assert schedule.home_of(networks[1].architecture) is threads[1]
    assert schedule.home_of(networks[0].architecture) is threads[0]


def test_homes_are_forgotten_when_there_are_too_many(schedule, thread, monkeypatch):
    monkeypatch.setattr("fibattn.trainer.schedule.MOST_HOMES", 3)
    watch(schedule, "one", SMALL)
    schedule.home_of(SMALL.architecture)
    for units in range(3, 10):
        schedule.home_of(SMALL.replace(units=units).architecture)
    assert len(schedule._home) == 3
    assert SMALL.architecture in schedule._home


def test_two_visitors_of_one_experiment_share_its_flight(schedule):
    watch(schedule, "one", SMALL)
    flight = schedule.flight(SMALL)
    watch(schedule, "other", SMALL)
    assert schedule.flight(SMALL) is flight
    schedule.leave("one")
    assert schedule.flight(SMALL) is flight
    schedule.leave("other")
    assert schedule.flight(SMALL) is None


def test_who_watches_something_else_no_longer_watches_what_they_did(schedule, thread):
    first, second = seeds(2)
    watch(schedule, "one", first)
    watch(schedule, "one", second)
    assert schedule.flying == {second}
    watch(schedule, "one")
    assert schedule.next_flight(thread) is None


def test_a_visitor_who_does_not_ask_again_has_left_after_their_patience(schedule, thread, clock):
    watch(schedule, "one", SMALL)
    clock.now = 6.0
    assert schedule.next_flight(thread) is not None
    clock.now = 6.1
    assert schedule.next_flight(thread) is None
    assert schedule.flying == schedule.watched == set()


def test_asking_again_renews_the_patience(schedule, thread, clock):
    for clock.now in (0.0, 5.0, 10.0):
        watch(schedule, "one", SMALL)
    clock.now = 15.0
    assert schedule.next_flight(thread).experiment == SMALL


def test_a_visitor_forever_never_leaves(schedule, thread, clock):
    watch(schedule, "the house", SMALL, forever=True)
    clock.now = 1e9
    assert schedule.next_flight(thread).experiment == SMALL


def test_what_is_trained_is_watched_but_gets_no_turn(schedule, thread):
    trained, wanted = seeds(2)
    schedule.watch("one", (trained, wanted), [wanted])
    assert schedule.flying == {wanted}
    assert schedule.watched == {trained, wanted}
    schedule.end(wanted)
    assert schedule.next_flight(thread) is None
    assert schedule.watched == {trained, wanted}
    schedule.end(wanted)  # a second time, as after `forget`


def test_a_failed_flight_stays_but_gets_no_turn_until_it_is_asked_for_anew(schedule, thread):
    watch(schedule, "one", SMALL)
    flight = schedule.flight(SMALL)
    flight.stage = "failed"
    watch(schedule, "one", SMALL)
    assert schedule.flight(SMALL) is flight
    assert schedule.next_flight(thread) is None
    schedule.leave("one")
    watch(schedule, "one", SMALL)
    assert schedule.next_flight(thread).stage == "waiting"


def test_dropped_flights_are_gone_though_somebody_watches(schedule, thread):
    first, second = seeds(2)
    watch(schedule, "one", first, second)
    schedule.drop(lambda experiment: experiment == first)
    assert schedule.flying == {second}
    assert schedule.next_flight(thread).experiment == second


def test_two_new_networks_have_two_homes_and_each_thread_gets_its_own():
    threads = [ready_thread(), ready_thread()]
    schedule = Schedule(threads)
    plain, attention = SMALL, SMALL.replace(attention="article")
    watch(schedule, "one", plain, attention)
    homes = [schedule.home_of(each.architecture) for each in (plain, attention)]
    assert set(homes) == set(threads)
    for home, experiment in zip(homes, (plain, attention), strict=True):
        assert schedule.next_flight(home).experiment == experiment


@pytest.fixture
def shared(clock):
    """A schedule, its two threads, and two networks of a page that one of them is home to."""
    first, second = ready_thread(), Thread()
    schedule = Schedule([first, second], clock=clock)
    page = SMALL, SMALL.replace(attention="article")
    watch(schedule, "one", *page, forever=True)
    assert schedule.next_flight(first).experiment == page[0]
    assert schedule.next_flight(second) is None  # it has not loaded TensorFlow
    first.compiled = {each.architecture for each in page}
    assert all(schedule.home_of(each.architecture) is first for each in page)
    return schedule, first, second, page


def test_a_network_that_shares_its_home_is_rehearsed_elsewhere_when_all_is_trained(shared):
    schedule, first, second, page = shared
    second.ready.set()
    assert schedule.next_flight(second) is None  # it would have to compile it first
    assert schedule.next_rehearsal(second) is None
    for each in page:
        schedule.end(each)
    assert schedule.next_rehearsal(first) is None
    rehearsed = schedule.next_rehearsal(second)
    assert rehearsed in page
    assert schedule.home_of(rehearsed.architecture) is first  # until it is rehearsed
    schedule.is_rehearsed(rehearsed.architecture, second)
    assert schedule.home_of(rehearsed.architecture) is second
    assert schedule.next_rehearsal(second) is None
    longer = [each.replace(seed=each.seed + 1) for each in page]
    watch(schedule, "one", *longer)
    assert {schedule.next_flight(each).experiment for each in (first, second)} == set(longer)


def test_nothing_is_rehearsed_in_a_thread_without_tensorflow(shared):
    schedule, _, second, page = shared
    for each in page:
        schedule.end(each)
    assert schedule.next_rehearsal(second) is None


def test_a_rehearsal_that_came_to_nothing_is_not_repeated(shared):
    schedule, _, second, page = shared
    second.ready.set()
    for each in page:
        schedule.end(each)
    asked = [schedule.next_rehearsal(second) for _ in range(4)]
    assert set(asked[:2]) == set(page)
    assert asked[2:] == [None, None]


def test_what_is_trained_during_its_rehearsal_stays_where_it_is_and_is_rehearsed_later(shared):
    schedule, first, second, page = shared
    second.ready.set()
    for each in page:
        schedule.end(each)
    rehearsed = schedule.next_rehearsal(second)
    watch(schedule, "one", *page, forever=True)
    schedule.is_rehearsed(rehearsed.architecture, second)
    assert schedule.home_of(rehearsed.architecture) is first
    for each in page:
        schedule.end(each)
    assert schedule.next_rehearsal(second) in page


def test_what_another_thread_has_compiled_is_not_taken_over(clock):
    threads = [ready_thread(), ready_thread()]
    schedule = Schedule(threads, clock=clock)
    networks = [SMALL.replace(units=units, seed=units) for units in (2, 3)]
    for network in networks:
        schedule._home[network.architecture] = threads[0]
    watch(schedule, "one", *networks)
    threads[0].compiled.add(networks[1].architecture)
    assert schedule.next_flight(threads[1]) is None
    threads[0].compiled.clear()
    assert schedule.next_flight(threads[1]).experiment == networks[1]


def test_a_new_network_is_not_given_to_the_home_of_the_one_beside_it():
    threads = [ready_thread(), ready_thread()]
    schedule = Schedule(threads)
    plain, attention = SMALL, SMALL.replace(attention="article")
    home = schedule.home_of(plain.architecture)
    other = next(each for each in threads if each is not home)
    for units in (3, 4):  # the other thread has been given more, of pages that are gone
        schedule._home[SMALL.replace(units=units).architecture] = other
    schedule.watch("one", (plain, attention), [attention])
    assert schedule.home_of(attention.architecture) is other


def test_an_architecture_stays_at_home_when_the_other_thread_has_nothing_to_do():
    threads = [ready_thread(), ready_thread()]
    schedule = Schedule(threads)
    home = schedule.home_of(SMALL.architecture)
    watch(schedule, "one", *seeds(5))
    assert schedule.home_of(SMALL.architecture) is home
    (other,) = (each for each in threads if each is not home)
    assert schedule.next_flight(other) is None


def test_a_new_architecture_goes_to_the_thread_with_fewer_flights():
    threads = [ready_thread(), ready_thread()]
    schedule = Schedule(threads)
    busy = schedule.home_of(SMALL.architecture)
    # The other thread is home to two architectures, but only this one has a flight.
    assert schedule.home_of(SMALL.replace(units=3).architecture) is not busy
    schedule._home[SMALL.replace(units=4).architecture] = next(t for t in threads if t is not busy)
    watch(schedule, "one", SMALL)
    assert schedule.home_of(SMALL.replace(units=5).architecture) is not busy


def test_only_threads_that_are_ready_are_given_architectures_and_the_first_if_none_is():
    first, second = Thread(), Thread()
    schedule = Schedule([first, second])
    assert schedule.home_of(SMALL.architecture) is first
    second.ready.set()
    assert schedule.home_of(SMALL.replace(units=3).architecture) is second
    assert schedule.home_of(SMALL.architecture) is first


def test_flights_of_one_network_wait_for_one_compiling(schedule, thread, clock):
    come(schedule, clock, *seeds(4))
    waits = [schedule.wait_for(schedule.flight(each), lambda _: 0)[1] for each in seeds(4)]
    assert waits == pytest.approx([COMPILING + TRAINING * count for count in (1, 2, 3, 4)])
    others = [SMALL.replace(units=units, seed=10 + units) for units in range(3, 6)]
    come(schedule, clock, *others)
    last = schedule.wait_for(schedule.flight(others[-1]), lambda _: 0)[1]
    assert last == pytest.approx(waits[-1] + 3 * (COMPILING + TRAINING))
