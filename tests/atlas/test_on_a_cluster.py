"""The same command trains on a Dask cluster: what comes out is what is trained here."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import psutil
import pytest

from fibattn.atlas import file, plan
from fibattn.judge.measured import measure
from tests.trainer.real_cluster import ROOT, RealCluster


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_command_trains_on_the_cluster(tmp_path):
    from fibattn.network.training import train

    out = tmp_path / "atlas.json"
    cluster = RealCluster(tmp_path)
    try:
        cluster.start_scheduler()
        for _ in range(2):
            cluster.start_worker()
        options = ["--tasks", "find-max", "--layers", "dot"]
        command = [sys.executable, "-m", "fibattn.atlas", str(out), *options]
        environment = os.environ | {"FIBATTN_CLUSTER": cluster.address}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        worked = [psutil.Process(worker.pid).cpu_times().user for worker in cluster.workers]
    finally:
        cluster.end()
    assert done.returncode == 0, done.stderr
    assert "3 of 3 networks." in done.stdout
    assert min(worked) > 5  # s: loading TensorFlow and compiling alone take as long
    atlas = file.read(out)
    assert (atlas.made.machine, atlas.made.processor_seconds) == ("a Dask cluster", 0)
    (cell,) = atlas.measured
    found = atlas.measured[cell]["find-max"]
    assert set(found) == {None, "uniform", "dot"}
    here = measure(train(plan.network("find-max", "dot")))
    np.testing.assert_allclose(here.errors.values, found["dot"].errors.values, rtol=2e-6)
