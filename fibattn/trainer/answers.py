"""Questions about single runs that only a worker process can answer, and the latest answers."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from fibattn.experiment import Experiment
from fibattn.network.answers import NewStarts, Swapped
from fibattn.network.architecture import Architecture
from fibattn.network.choices import TrainingChoices
from fibattn.network.operations import Graph
from fibattn.run import Arrays, Run
from fibattn.trainer import jobs
from fibattn.trainer.process import Process, WorkerDied

# How many answers are kept.
MOST_ANSWERS = 64


class _Key(NamedTuple):
    """What makes two questions the same: what they are about, the function that answers, a number.

    about: an experiment; of a question about the network alone its architecture.
    number: of a random start, where it is about one.
    """

    about: Experiment | Architecture
    number: int
    function: str


@dataclass(eq=False)
class Question:
    """Work for a worker thread: one call of a function of `jobs`."""

    experiment: Experiment
    function: Callable[..., Any]
    arguments: tuple
    answer: Future = field(default_factory=Future)

    def run(self, process: Process) -> None:
        """Call the function."""
        self.answer.set_result(process.call(self.function, self.experiment, *self.arguments))

    def process_died(self, died: WorkerDied) -> None:
        """Leave the question without an answer: whoever asks again puts it again."""
        self.answer.set_exception(died)

    def failed(self, problem: Exception) -> None:
        """Hand the problem to whoever asked."""
        self.answer.set_exception(problem)


class Answers:
    """Puts questions to the thread that has the run's architecture compiled. Thread-safe.

    Each method returns None if there is no answer within `wait` seconds: ask again. It raises what
    the function raised in the process.

    Args:
        home_of: returns the thread for an architecture.
        lock: held while questions are put, and notified of each.
    """

    def __init__(
        self, home_of: Callable[[Architecture], Hashable], lock: threading.Condition
    ) -> None:
        self._home_of = home_of
        self._lock = lock
        self._answers: OrderedDict[_Key, Future] = OrderedDict()
        self._waiting: deque[Question] = deque()

    def swapped(self, run: Run, wait: float) -> Swapped | None:
        """Return the test errors with permuted and with uniform attention weights."""
        return self._ask(run.experiment, 0, jobs.swap_weights, (_final_weights(run),), wait)

    def graph(self, experiment: Experiment, wait: float) -> Graph | None:
        """Return how the experiment's network computes, for the stage.

        It needs no run, and is one for all experiments that train such a network, on whatever
        data. Raises UnknownOperation, with a sentence, for a network that the stage cannot run.
        """
        network = dataclasses.replace(
            experiment.architecture, training=TrainingChoices(), together=1
        )
        return self._ask(experiment, 0, jobs.graph, (), wait, about=network)

    def keras_file(self, run: Run, repeat: int, wait: float) -> bytes | None:
        """Return the `.keras` file of one random start. It is not kept: it is taken away."""
        weights = _final_weights(run)
        return self._take(run.experiment, repeat, jobs.keras_file, (weights, repeat), wait)

    def new_starts(self, experiment: Experiment, wait: float) -> NewStarts | None:
        """Return what trains the experiment's network from random starts that its run did not have.

        Raises UnknownOperation, with a sentence, if its gradient cannot be written. It is not kept
        either.
        """
        return self._take(experiment, 0, jobs.new_starts, (), wait)

    def next_question(self, home: Hashable) -> Question | None:
        """Return the oldest question to this thread, which is then its to answer."""
        with self._lock:
            question = next((each for each in self._waiting if self._is_at(each, home)), None)
            if question is not None:
                self._waiting.remove(question)
            return question

    def drop(self, unwanted: Callable[[Experiment], bool]) -> None:
        """Remove all questions and answers about unwanted experiments."""
        with self._lock:
            dropped = [each for each in self._waiting if unwanted(each.experiment)]
            for question in dropped:
                self._waiting.remove(question)
            never = {id(each.answer) for each in dropped}
            for key, answer in list(self._answers.items()):
                is_unwanted = isinstance(key.about, Experiment) and unwanted(key.about)
                if is_unwanted or id(answer) in never:
                    del self._answers[key]

    def _is_at(self, question: Question, home: Hashable) -> bool:
        """Return whether a question is put to this thread. One that has ended has none."""
        return self._home_of(question.experiment.architecture) is home

    def _take(
        self,
        experiment: Experiment,
        index: int,
        function: Callable[..., Any],
        arguments: tuple,
        wait: float,
    ) -> Any:
        """Ask, and forget the answer."""
        made = self._ask(experiment, index, function, arguments, wait)
        if made is not None:
            with self._lock:
                self._answers.pop(_Key(experiment, index, function.__name__), None)
        return made

    def _ask(
        self,
        experiment: Experiment,
        index: int,
        function: Callable[..., Any],
        arguments: tuple,
        wait: float,
        about: Architecture | None = None,
    ) -> Any:
        """Return an answer that is kept, or put the question; `about` what, if not the experiment.

        None after `wait` seconds without an answer.
        """
        key = _Key(about or experiment, index, function.__name__)
        with self._lock:
            answer = self._answers.get(key)
            if answer is None or (answer.done() and answer.exception()):
                question = Question(experiment, function, arguments)
                self._waiting.append(question)
                self._answers[key] = answer = question.answer
                while len(self._answers) > MOST_ANSWERS:
                    self._answers.popitem(last=False)
                self._lock.notify_all()
        with contextlib.suppress(TimeoutError, WorkerDied):
            return answer.result(timeout=wait)
        return None


def _final_weights(run: Run) -> Arrays:
    """Return the weights after the last epoch alone, in the shape of all epochs' weights."""
    return tuple(array[-1:] for array in run.weights)
