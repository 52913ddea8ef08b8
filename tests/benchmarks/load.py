"""How the app bears many visitors at once: `python -m tests.benchmarks.load [scene …]`.

A real server; visitors are Streamlit sessions over its own protocol (`sessions.py`), who all come
within two seconds; in some scenes one more comes with a real browser. For each scene it prints who
got a result and when, how still their pages stood, by which factor the estimates were off, and the
private memory of the server and its workers. The compile cache on disk is empty at first.
With `--cluster` a Dask cluster trains: that at an address, or one of so many workers on this
machine, whose memory is then not counted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import TimeoutError, async_playwright

from tests.benchmarks.memory import Memory
from tests.benchmarks.sessions import Visitor, visit
from tests.browser.server import SWITCHES, Server, chromium, running_app
from tests.trainer.real_cluster import RealCluster

# They come within so many seconds.
COMING = 2.0


def _same(count: int) -> list[str]:
    return ["units=3&seed=11"] * count


def _distinct(count: int) -> list[str]:
    return [f"units={2 + n % 8}&time_steps={10 + 2 * (n // 8)}&seed={n}" for n in range(count)]


def _light(count: int) -> list[str]:
    return [
        f"task=find-max&windows=400&time_steps=10&units=2&epochs=20&batch_size=8&seed={n}"
        for n in range(count)
    ]


HEAVIEST = "cell=LSTM&units=32&time_steps=40&epochs=100&repeats=100&series_length=1400&batch_size=1"


@dataclass(frozen=True)
class Scene:
    """Some visitors, how long they stay, and how many seconds it may take until all are served."""

    title: str
    queries: Callable[[], list[str]]
    stay: float
    asked: float | None = None
    browser: bool = False


SCENES = {
    "one-link": Scene("50 visitors with one link", lambda: _same(50), 120, browser=True),
    "16": Scene("16 visitors with settings of their own", lambda: _distinct(16), 180, 60, True),
    "50": Scene("50 visitors with settings of their own", lambda: _distinct(50), 360, 180),
    "alone": Scene("10 light visitors alone", lambda: _light(10), 60),
    "heavy": Scene(
        "the heaviest settings, beside 10 light visitors", lambda: [HEAVIEST, *_light(10)], 120
    ),
}


def main() -> None:
    """Run the scenes, each with a server of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":")[0])
    parser.add_argument("scenes", nargs="*", choices=[*SCENES, []], help="all of them by default")
    parser.add_argument("--cluster", help="an address such as tcp://host:8786, or how many workers")
    given = parser.parse_args()
    for name in given.scenes or SCENES:
        with (
            tempfile.TemporaryDirectory() as cache,
            _cluster(given.cluster, cache) as environment,
            running_app(FIBATTN_COMPILE_CACHE=cache, **environment) as server,
        ):
            asyncio.run(_play(SCENES[name], server))


@contextlib.contextmanager
def _cluster(given: str | None, cache: str) -> Iterator[dict[str, str]]:
    """Return the environment of a server that uses the cluster, or the workers it asks for."""
    if given is None or not given.isdecimal():
        yield {"FIBATTN_CLUSTER": given or ""}
        return
    with tempfile.TemporaryDirectory() as logs:
        cluster = RealCluster(Path(logs))
        try:
            cluster.start_scheduler()
            for _ in range(int(given)):
                cluster.start_worker(FIBATTN_COMPILE_CACHE=cache)
            yield {"FIBATTN_CLUSTER": cluster.address}
        finally:
            cluster.end()


async def _play(scene: Scene, server: Server) -> None:
    # The house trains the first experiment; a server that has just started is not what is asked.
    await visit(server.url, "", 120)
    await asyncio.sleep(3)
    memory = Memory(server)
    watching = asyncio.create_task(memory.watch())
    queries = scene.queries()

    async def come(number: int, query: str) -> Visitor:
        await asyncio.sleep(COMING * number / len(queries))
        return await visit(server.url, query, scene.stay)

    browser = asyncio.create_task(_in_a_browser(server.url, queries[-1], scene))
    visitors = await asyncio.gather(*[come(*each) for each in enumerate(queries)])
    in_browser = await browser
    await asyncio.sleep(15)
    watching.cancel()
    _print(scene, visitors, memory)
    if scene.browser:
        print(f"  one more, in a browser: {in_browser}")


async def _in_a_browser(url: str, query: str, scene: Scene) -> str:
    """Visit the page in a real browser, if the scene has one; return what came of it, in words."""
    if not scene.browser:
        return ""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=SWITCHES)
        page = await browser.new_page()
        begun = time.monotonic()
        await page.goto(f"{url}/?{query}")
        try:
            await page.get_by_text("Trained:").first.wait_for(timeout=scene.stay * 1000)
            return f"done after {time.monotonic() - begun:.1f} s"
        except TimeoutError:
            words = await page.get_by_test_id("stMain").inner_text()
            return f"not done; it shows {words[:800]!r}"
        finally:
            await browser.close()


def _print(scene: Scene, visitors: list[Visitor], memory: Memory) -> None:
    answered = [each.answered for each in visitors if each.answered is not None]
    done = sorted(each.done for each in visitors if each.done is not None)
    first = [each.moved[0] for each in visitors if each.moved]
    still = [each.longest_still for each in visitors]
    print(f"\n{scene.title}" + (f" (asked: all within {scene.asked:g} s)" if scene.asked else ""))
    problems = [each.problem for each in visitors if each.problem]
    print(
        f"  finished {len(done)} of {len(visitors)}, lost {sum(v.lost for v in visitors)}", end=""
    )
    print(f", errors {len(problems)}")
    for problem in set(problems):
        print(f"    {problem!r}")
    print(f"  first movement, s     {_spread(first)}")
    print(f"  longest stillness, s  {_spread(still)}")
    print(f"  time to answer, s     {_spread(answered)}")
    print(f"  time to result, s     {_spread(done)}")
    print(f"  estimates, times too high  {_range([e for v in visitors for e in v.estimates])}")
    print(f"  fragment runs each    {_spread([each.runs for each in visitors])}")
    for name, taken in (("base", memory.base), ("peak", memory.peak), ("after", memory.now())):
        print(f"  private MB, {name:6}    {taken}")
    if len({each.query for each in visitors}) > 1 and "LSTM" in visitors[0].query:
        heaviest = visitors[0]
        said = heaviest.said[-1][1] if heaviest.said else "nothing"
        print(f"  the heaviest: done {heaviest.done}, last words: {said}")


def _range(numbers: list[float]) -> str:
    if not numbers:
        return "none"
    low, middle, high = (sorted(numbers)[round(q * (len(numbers) - 1))] for q in (0.05, 0.5, 0.95))
    return f"median {middle:.1f}, 5th {low:.1f}, 95th {high:.1f}"


def _spread(numbers: list[float]) -> str:
    if not numbers:
        return "none"
    ordered = sorted(numbers)
    high = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    return f"median {statistics.median(ordered):.1f}, 95th {high:.1f}, worst {ordered[-1]:.1f}"


if __name__ == "__main__":
    begun = time.monotonic()
    main()
    print(f"\nAll of this took {time.monotonic() - begun:.0f} s.")
