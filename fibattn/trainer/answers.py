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
from fibattn.trainer.graph_store import GraphStore
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
    """Work for a worker thread: one call of a function of `jobs`.

    is_urgent: whether somebody waits for the answer already.
    """

    experiment: Experiment
    function: Callable[..., Any]
    arguments: tuple
    answer: Future = field(default_factory=Future)
    is_urgent: bool = True

    @property
    def architecture(self) -> Architecture | None:
        """The experiment's, where the function calls what was compiled to train it."""
        return self.experiment.architecture if self.function is jobs.swap_weights else None

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
        graphs: where graphs are kept beyond this server, None for nowhere.
    """

    def __init__(
        self,
        home_of: Callable[[Architecture], Hashable],
        lock: threading.Condition,
        graphs: GraphStore | None = None,
    ) -> None:
        self._home_of = home_of
        self._lock = lock
        self._graphs = graphs
        self._answers: OrderedDict[_Key, Future] = OrderedDict()
        self._waiting: deque[Question] = deque()

    def swapped(self, run: Run, wait: float) -> Swapped | None:
        """Return the test errors with permuted and with uniform attention weights."""
        question = Question(run.experiment, jobs.swap_weights, (_final_weights(run),))
        return self._ask(_key(question), question, wait)

    def graph(self, experiment: Experiment, wait: float) -> Graph | None:
        """Return how the experiment's network computes, for the stage.

        It needs no run, and is one for all experiments that train such a network, on whatever
        data. Raises UnknownOperation, with a sentence, for a network that the stage cannot run.
        """
        network = network_of(experiment)
        self._fetch_graph(network)
        return self._ask(_graph_key(network), self._asking_graph(experiment), wait)

    def prepare_graph(self, experiment: Experiment) -> None:
        """Have `graph` answered as soon as a process has nothing to train.

        Whoever asks for it later may then find it answered. No thread is woken for it: what is to
        be trained may be asked for a moment later.
        """
        network = network_of(experiment)
        self._fetch_graph(network)
        with self._lock:
            if _graph_key(network) not in self._answers:
                question = self._asking_graph(experiment)
                question.is_urgent = False
                self._put(_graph_key(network), question)

    def keras_file(self, run: Run, repeat: int, wait: float) -> bytes | None:
        """Return the `.keras` file of one random start. It is not kept: it is taken away."""
        arguments = _final_weights(run), repeat
        return self._take(Question(run.experiment, jobs.keras_file, arguments), repeat, wait)

    def new_starts(self, experiment: Experiment, wait: float) -> NewStarts | None:
        """Return what trains the experiment's network from random starts that its run did not have.

        Raises UnknownOperation, with a sentence, if its gradient cannot be written. It is not kept
        either.
        """
        return self._take(Question(experiment, jobs.new_starts, ()), 0, wait)

    def next_question(self, home: Hashable) -> Question | None:
        """Return the oldest urgent question to this thread, which is then its to answer."""
        return self._next(lambda each: each.is_urgent and self._is_at(each, home))

    def next_for_anyone(self) -> Question | None:
        """Return the oldest question that needs no compiled program, for a thread without work."""
        return self._next(lambda each: each.function is jobs.graph)

    def _next(self, fits: Callable[[Question], bool]) -> Question | None:
        with self._lock:
            question = next(filter(fits, self._waiting), None)
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

    def _asking_graph(self, experiment: Experiment) -> Question:
        """Return the question for a graph, whose answer is stored."""
        question, store = Question(experiment, jobs.graph, ()), self._graphs
        if store is not None:
            # An answer is kept with what it calls: nothing there may hold a visitor's own file.
            network = network_of(experiment)

            def keep(answer: Future) -> None:
                if not answer.exception():
                    store.put(network, answer.result())

            question.answer.add_done_callback(keep)
        return question

    def _fetch_graph(self, network: Architecture) -> None:
        """Take a graph that has not been asked for yet from the store, if it is there.

        The lock is not held while the file is read.
        """
        key = _graph_key(network)
        if self._graphs is None or key in self._answers:
            return
        if graph := self._graphs.get(network):
            answer: Future = Future()
            answer.set_result(graph)
            with self._lock:
                if key not in self._answers:
                    self._keep(key, answer)

    def _take(self, question: Question, number: int, wait: float) -> Any:
        """Ask, and forget the answer."""
        key = _key(question, number)
        made = self._ask(key, question, wait)
        if made is not None:
            with self._lock:
                self._answers.pop(key, None)
        return made

    def _ask(self, key: _Key, question: Question, wait: float) -> Any:
        """Return an answer that is kept, or put the question.

        None after `wait` seconds without an answer.
        """
        with self._lock:
            answer = self._answers.get(key)
            if answer is None or (answer.done() and answer.exception()):
                answer = self._put(key, question)
                self._lock.notify_all()
            for each in self._waiting:
                if each.answer is answer and not each.is_urgent:
                    each.is_urgent = True
                    self._lock.notify_all()
        with contextlib.suppress(TimeoutError, WorkerDied):
            return answer.result(timeout=wait)
        return None

    def _put(self, key: _Key, question: Question) -> Future:
        """Have a question answered."""
        self._waiting.append(question)
        self._keep(key, question.answer)
        return question.answer

    def _keep(self, key: _Key, answer: Future) -> None:
        """Keep an answer, or the place for one; the oldest go, with what nobody waits for yet."""
        self._answers[key] = answer
        while len(self._answers) > MOST_ANSWERS:
            _, forgotten = self._answers.popitem(last=False)
            idle = [q for q in self._waiting if q.answer is forgotten and not q.is_urgent]
            for each in idle:
                self._waiting.remove(each)


def _key(question: Question, number: int = 0) -> _Key:
    return _Key(question.experiment, number, question.function.__name__)


def network_of(experiment: Experiment) -> Architecture:
    """Return the network of an experiment, the same on whatever data and however it is trained."""
    return dataclasses.replace(experiment.architecture, training=TrainingChoices(), together=1)


def _graph_key(network: Architecture) -> _Key:
    return _Key(network, 0, jobs.graph.__name__)


def _final_weights(run: Run) -> Arrays:
    """Return the weights after the last epoch alone, in the shape of all epochs' weights."""
    return tuple(array[-1:] for array in run.weights)
