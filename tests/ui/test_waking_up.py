"""A server that wakes up on a folder of runs: a real one, in which TensorFlow never loads."""

from __future__ import annotations

import asyncio
import json
import zipfile
from datetime import UTC, datetime

import pytest

from fibattn.trainer.store import RunStore
from fibattn.ui.sidebar import first_pair
from tests.benchmarks.sessions import visit
from tests.browser.server import running_app
from tests.trainer.test_store import a_run, files

# In seconds; how long it takes is measured by `tests.benchmarks.page`.
PATIENCE = 60.0


@pytest.mark.long
def test_the_first_visitor_sees_what_others_have_trained_and_when(tmp_path):
    store = RunStore(tmp_path / "store", 2**24)
    for experiment in first_pair():
        store.put(a_run(experiment))
    store.flush()
    for file in files(tmp_path / "store"):
        with zipfile.ZipFile(file, "a") as archive:
            made = datetime(2026, 3, 9, 12, 5, tzinfo=UTC).isoformat()
            archive.comment = json.dumps({"made": made}).encode()
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "tensorflow.py").write_text("import time\ntime.sleep(1000)")
    environment = {"FIBATTN_STORE": str(tmp_path / "store"), "PYTHONPATH": str(tmp_path / "path")}
    with running_app(**environment) as server:
        first = asyncio.run(visit(server.url, "", PATIENCE))
        other = asyncio.run(visit(server.url, "units=3", 5.0))
    assert first.done is not None, (first.problem, first.said)
    assert "Not trained just now, but on 9 March 2026 at 12:05 UTC" in first.result
    assert other.done is None, "what nobody has trained needs TensorFlow"
    assert "Starting TensorFlow" in other.said[-1][1]
