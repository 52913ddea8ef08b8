"""How much faster the fused program trains than the article's `model.fit`, on the same work.

    python -m tests.benchmarks.training

The work is the article's two networks, 826 windows, batch 1. The ways to train them take turns
in two processes, so that a busy moment of the machine hits them all alike. `fit` runs as a reader
of the article would have it: in an environment without this program's XLA settings. The program
is timed with all it does in an epoch beyond `fit`'s work: it draws the order, measures the test
loss, and keeps the weights.

Then three larger networks, against the article's way to call `fit` alone, and that over part of
an epoch.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from fibattn import Experiment, Run

ROOT = Path(__file__).parents[2]
NETWORKS = {"plain": None, "attention": "article"}
STEPS = Experiment().steps_per_epoch

# What `fit` is given; None stands for the steps of a whole epoch.
FITS = {
    "the article's fit": {},
    "fit, jit_compile": {"jit_compile": True},
    "fit, jit_compile, steps_per_execution": {"jit_compile": True, "steps_per_execution": STEPS},
}
PROGRAMS = {"this program, 1 start": 1, "this program, 20 starts": 20}
ARTICLES = next(iter(FITS))
ALONE, TWENTY = PROGRAMS

FIT_EPOCHS = 3  # the first is the warm-up
ROUNDS = FIT_EPOCHS - 1
CALLS = 4  # of the program in each round
COLD_RUNS = 3

SHAPES = {
    "sum of last two, LSTM 8, additive": Experiment(
        task="sum-of-last-two", cell="LSTM", units=8, attention="additive"
    ),
    "find max, GRU 16, additive-content": Experiment(
        task="find-max", cell="GRU", units=16, attention="additive-content"
    ),
    "3 steps ahead, LSTM 8, decoder attends": Experiment(
        scaling="log",
        cell="LSTM",
        units=8,
        attention="additive-query",
        horizon=3,
        decoder="recurrent",
    ),
}
SHAPE_FIT_STEPS = 300  # of `fit` in each round
SHAPE_SECONDS = 1  # of the program in each round, one epoch at least
SHAPE_ROUNDS = 4

ASKED_ALONE, ASKED_TWENTY = 200, 2000
ASKED_EMPTY, ASKED_FILLED = 6, 3


def main() -> None:
    begun = time.monotonic()
    show_machine()
    with tempfile.TemporaryDirectory() as folder:
        first, warm, fit_loss, program_loss = measure(Path(folder))
        show_speed(first, warm)
        show_agreement(fit_loss, program_loss)
        show_shapes(*measure_shapes(Path(folder)))
        empty, filled = cold_starts(Path(folder))
    show_answers(warm, empty, filled)
    print(f"\nThe benchmark took {time.monotonic() - begun:.0f} s.")


def measure(folder: Path) -> tuple[dict, dict, dict, dict]:
    """Time all ways in turns.

    Returns the seconds of each way's first call, the seconds per step and start of the warm ones
    as a list, the losses of the article's `fit` and those of the program from equal weights.
    """
    keys = [(way, network) for way in (*FITS, *PROGRAMS) for network in NETWORKS]
    first: dict = {}
    warm: dict = {key: [] for key in keys}
    fit_loss: dict = {}
    program_loss: dict = {}
    with Child("programs", FIBATTN_COMPILE_CACHE="") as programs:
        for network in NETWORKS:
            for way in PROGRAMS:
                answer = programs.ask(way=way, network=network, first=str(folder))
                first[way, network] = answer["seconds"]
                program_loss[way, network] = answer["loss"]
        with Child("fits") as fits:
            for key in keys:
                if key[0] in FITS:
                    answer = fits.ask(way=key[0], network=key[1], first=str(folder))
                    first[key] = answer["seconds"]
                    fit_loss[key] = [answer["loss"]]
            for _ in range(ROUNDS):
                for way, network in keys:
                    if way in FITS:
                        answer = fits.ask(way=way, network=network)
                        fit_loss[way, network].append(answer["loss"])
                        warm[way, network].append(answer["seconds"])
                    else:
                        for _ in range(CALLS):
                            answer = programs.ask(way=way, network=network)
                            warm[way, network].append(answer["seconds"])
    return first, warm, fit_loss, program_loss


def measure_shapes(folder: Path) -> tuple[dict, dict]:
    """Time `fit` and this program in turns on each of `SHAPES`.

    Returns the seconds of each one's first call, and the seconds per step of the warm ones as a
    list.
    """
    first: dict = {}
    warm: dict = {(way, shape): [] for shape in SHAPES for way in (ARTICLES, ALONE)}
    with (
        Child("shape_programs", FIBATTN_COMPILE_CACHE="") as programs,
        Child("shape_fits") as fits,
    ):
        for shape in SHAPES:
            for number in range(SHAPE_ROUNDS + 1):
                # The program first: it saves the model that `fit` begins from.
                for way, child in ((ALONE, programs), (ARTICLES, fits)):
                    if number == 0:
                        answer = child.ask(shape=shape, first=str(folder))
                        first[way, shape] = answer["seconds"]
                    else:
                        warm[way, shape].append(child.ask(shape=shape)["seconds"])
    return first, warm


class Child:
    """A process of this module that answers one question at a time."""

    def __init__(self, role: str, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", __spec__.name, role],
            cwd=ROOT,
            env=clean_environment() | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **question: Any) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        print(json.dumps(question), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"The measuring process ended with code {self.process.wait()}.")
        return json.loads(answer)

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def clean_environment() -> dict[str, str]:
    """Return this environment without settings of TensorFlow: fibattn adds its own later."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("XLA_", "TF_", "FIBATTN_"))
    }
    return kept | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}


def answer_questions(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer the parent, line by line. Whatever else is printed goes to stderr."""
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


def run_file(folder: str, network: str) -> Path:
    return Path(folder) / f"{network}.npz"


def programs() -> None:
    """Child: this program, with the settings fibattn makes."""
    from fibattn.network import training

    trained: dict[tuple[str, str], Any] = {}

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        way, network = question["way"], question["network"]
        starts = PROGRAMS[way]
        experiment = Experiment(attention=NETWORKS[network], repeats=starts)
        begun = time.perf_counter()
        if "first" in question:
            chunk = training.advance(experiment, None, 0, seconds=0)
            seconds = time.perf_counter() - begun
            trained[way, network] = chunk
            same = experiment.replace(epochs=FIT_EPOCHS)
            run = training.train(same)
            if starts == 1:
                run.save(run_file(question["first"], network))
            return {"seconds": seconds, "loss": run.loss[:, 0].tolist()}
        chunk = training.advance(experiment, trained[way, network], 1, seconds=60)
        seconds = time.perf_counter() - begun
        return {"seconds": seconds / (chunk.epochs * STEPS * starts)}

    answer_questions(answer)


def fits() -> None:
    """Child: Keras's `fit`, from the program's weights and in its order, without its settings."""
    import keras

    from fibattn.network.layers import ArticleAttention

    assert "fibattn.network.runtime" not in sys.modules and "XLA_FLAGS" not in os.environ

    def article_model(attention: bool) -> keras.Model:
        window = keras.Input((20, 1))
        states = keras.layers.SimpleRNN(2, activation="tanh", return_sequences=attention)(window)
        if attention:
            states = ArticleAttention()(states)
        return keras.Model(window, keras.layers.Dense(1, activation="tanh")(states))

    models: dict[tuple[str, str], Any] = {}
    runs: dict[str, Run] = {}
    epochs: dict[tuple[str, str], int] = {}
    data = Experiment().dataset()

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        way, network = key = question["way"], question["network"]
        if "first" in question:
            runs[network] = Run.load(run_file(question["first"], network))
            models[key] = article_model(NETWORKS[network] is not None)
            models[key].set_weights([array[0, 0] for array in runs[network].weights])
            models[key].compile(loss="mse", optimizer="adam", **FITS[way])
        epoch = epochs.get(key, 0)
        epochs[key] = epoch + 1
        order = runs[network].sample_order(0)[epoch]
        x, y = data.train_x[order], data.train_y[order]
        begun = time.perf_counter()
        history = models[key].fit(x, y, batch_size=1, shuffle=False, verbose=0).history
        seconds = time.perf_counter() - begun
        per = 1 if "first" in question else STEPS
        return {"seconds": seconds / per, "loss": history["loss"][0]}

    answer_questions(answer)


def shape_programs() -> None:
    """Child: this program on `SHAPES`."""
    from fibattn.network import models, training

    trained: dict[str, Any] = {}

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        shape = question["shape"]
        experiment = SHAPES[shape]
        begun = time.perf_counter()
        if "first" in question:
            trained[shape] = training.advance(experiment, None, 0, seconds=0)
            seconds = time.perf_counter() - begun
            run = training.finish(experiment.replace(epochs=1), trained[shape])
            models.model_of(run, 0, 0).save(shape_file(question["first"], shape))
            return {"seconds": seconds}
        chunk = training.advance(experiment, trained[shape], 1, seconds=SHAPE_SECONDS)
        seconds = time.perf_counter() - begun
        return {"seconds": seconds / (chunk.epochs * experiment.steps_per_epoch)}

    answer_questions(answer)


def shape_fits() -> None:
    """Child: Keras's `fit` on `SHAPES`, from the program's models, without its settings."""
    import keras

    import fibattn.network.layers  # noqa: F401  (it registers the layers)

    assert "fibattn.network.runtime" not in sys.modules and "XLA_FLAGS" not in os.environ
    models: dict[str, Any] = {}

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        shape = question["shape"]
        experiment = SHAPES[shape]
        if "first" in question:
            models[shape] = keras.models.load_model(
                shape_file(question["first"], shape), compile=False
            )
            models[shape].compile(loss="mse", optimizer="adam", **FITS[ARTICLES])
        data, batch = experiment.dataset(), experiment.batch_size
        steps = min(SHAPE_FIT_STEPS, experiment.train_windows // batch)
        x, y = data.train_x[: steps * batch], data.train_y[: steps * batch]
        begun = time.perf_counter()
        models[shape].fit(x, y, batch_size=batch, shuffle=False, verbose=0)
        seconds = time.perf_counter() - begun
        return {"seconds": seconds / (1 if "first" in question else steps)}

    answer_questions(answer)


def shape_file(folder: str, shape: str) -> Path:
    return Path(folder) / f"{list(SHAPES).index(shape)}.keras"


def cold() -> None:
    """Child: both networks, 30 epochs, 5 starts, with TensorFlow loaded but nothing compiled.

    It is loaded as the app's workers do it.
    """
    import fibattn.network.training
    from fibattn.trainer import jobs

    jobs.warm()
    begun, worked = time.perf_counter(), time.process_time()
    for attention in NETWORKS.values():
        fibattn.network.training.train(Experiment(attention=attention, repeats=5))
    print(time.perf_counter() - begun, time.process_time() - worked)


def cold_starts(folder: Path) -> tuple[list[list[float]], list[list[float]]]:
    """Return the times of `cold` with an empty compile cache, and with the one it filled.

    For each run the seconds that passed and the seconds the processor worked for it.
    """
    empty, filled = [], []
    for number in range(COLD_RUNS):
        environment = clean_environment() | {"FIBATTN_COMPILE_CACHE": str(folder / str(number))}
        for times in (empty, filled):
            done = subprocess.run(
                [sys.executable, "-m", __spec__.name, "cold"],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            times.append([float(word) for word in done.stdout.split()])
    return empty, filled


def show_machine() -> None:
    for name in ("tensorflow-cpu", "tensorflow"):
        try:
            tensorflow = f"{name} {version(name)}"
            break
        except ModuleNotFoundError:
            continue
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(
        f"{os.cpu_count()} cores, {platform.machine()}{load}; Python {platform.python_version()}, "
        f"{tensorflow}, Keras {version('keras')}\n"
        f"The article's two networks: {STEPS} windows, batch 1. `fit` runs in a process without "
        f"fibattn's XLA settings,\nthis program with them and with nothing in its compile cache. "
        f"All take turns."
    )


def show_speed(first: dict, warm: dict) -> None:
    print(
        f"\n{'':<38} {'':<10} {'first call':>10}   µs per step of one start   times the article's"
    )
    print(f"{'way':<38} {'network':<10} {'s':>10}   {'best':>11} {'median':>12}   {'median':>19}")
    for (way, network), seconds in warm.items():
        print(
            f"{way:<38} {network:<10} {first[way, network]:>10.2f}   {min(seconds) * 1e6:>11.2f} "
            f"{median(seconds) * 1e6:>12.2f}   {ratio(warm, way, network):>19.0f}"
        )
    print(
        f"The first call of `fit` is one epoch; that of this program is the initial models and one "
        f"epoch. {ROUNDS} warm epochs of `fit`, {ROUNDS * CALLS} warm calls of 29 epochs."
    )


def ratio(warm: dict, way: str, network: str) -> float:
    return median(warm[ARTICLES, network]) / median(warm[way, network])


def show_shapes(first: dict, warm: dict) -> None:
    print("\nLarger networks, batch 1, one start: this program and the article's way to call `fit`")
    print(
        f"{'network':<40} {'first call, s':>14}   {'µs per step, median':>20}   {'times fit':>9}\n"
        f"{'':<40} {'ours':>7}{'fit':>7}   {'ours':>10}{'fit':>10}"
    )
    for shape in SHAPES:
        ours, fits = (median(warm[way, shape]) * 1e6 for way in (ALONE, ARTICLES))
        print(
            f"{shape:<40} {first[ALONE, shape]:>7.2f}{first[ARTICLES, shape]:>7.2f}   "
            f"{ours:>10.1f}{fits:>10.0f}   {fits / ours:>9.0f}"
        )


def show_agreement(fit_loss: dict, program_loss: dict) -> None:
    print(
        f"\nFrom equal weights, in equal order, {FIT_EPOCHS} epochs: the largest relative "
        f"difference of an epoch's loss from the article's fit"
    )
    for ways, losses in ((list(FITS)[1:], fit_loss), (PROGRAMS, program_loss)):
        for way in ways:
            apart = [
                np.max(
                    np.abs(np.divide(losses[way, network], fit_loss[ARTICLES, network]) - 1)
                ).item()
                for network in NETWORKS
            ]
            print(f"{way:<38} " + ", ".join(f"{n} {a:.1e}" for n, a in zip(NETWORKS, apart)))  # noqa: B905


def show_answers(warm: dict, empty: list[list[float]], filled: list[list[float]]) -> None:
    print("\nAsked, by the median (the cold starts: both networks, 30 epochs, 5 starts)")
    for network in NETWORKS:
        for way, asked in ((ALONE, ASKED_ALONE), (TWENTY, ASKED_TWENTY)):
            times = ratio(warm, way, network)
            answer = "yes" if times >= asked else "NO"
            print(f"{way}, {network}: at least {asked} ×".ljust(62) + f"{times:>8.0f} ×  {answer}")
    for words, runs, asked in (
        ("nothing compiled, the cache on disk empty", empty, ASKED_EMPTY),
        ("nothing compiled, the cache on disk filled", filled, ASKED_FILLED),
    ):
        passed, worked = (list(times) for times in zip(*runs, strict=True))
        answer = "yes" if median(passed) < asked else "NO"
        print(
            f"{words}: under {asked} s".ljust(62) + f"{median(passed):>8.2f} s  {answer}  "
            f"(best {min(passed):.2f} s; processor time {min(worked):.2f} s)"
        )
    if hasattr(os, "getloadavg"):
        print(f"Load of the machine over the last five minutes: {os.getloadavg()[1]:.1f}.")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        {role.__name__: role for role in (fits, programs, shape_fits, shape_programs, cold)}[
            sys.argv[1]
        ]()
