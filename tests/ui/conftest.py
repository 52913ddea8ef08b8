"""Spares the tests of pages what `AppTest` does beside running them, and what it leaves behind."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from fibattn.ui import first_run, live


@pytest.fixture(scope="session", autouse=True)
def _no_search_for_components() -> Iterator[None]:
    """At its first run each page would read the metadata of every package that is installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("streamlit.components.v2.manifest_scanner.scan_component_manifests", list)
        yield


@pytest.fixture(scope="module", autouse=True)
def _little_to_collect() -> None:
    """Streamlit collects garbage after each run: a second, with all that the suite has loaded."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_crowd(monkeypatch) -> None:
    """A test's visitors come one after the other, but their pages are not seen to leave."""
    monkeypatch.setattr(live, "MANY", 1000)


@pytest.fixture(autouse=True)
def _no_first_run(monkeypatch) -> None:
    """There is no browser that would ask for the next run."""
    monkeypatch.setattr(first_run, "ends_here", lambda: None)
