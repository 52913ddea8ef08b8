"""A Dask cluster on this machine: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class RealCluster:
    """A scheduler and workers, which talk over TCP.

    folder: for their logs and temporary files.
    address: of the scheduler, on a free port unless given.
    """

    folder: Path
    address: str = ""
    scheduler: subprocess.Popen | None = None
    workers: list[subprocess.Popen] = field(default_factory=list)

    def start_scheduler(self) -> None:
        if not self.address:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        port = self.address.rpartition(":")[2]
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", port)

    def start_worker(self, **environment: str) -> subprocess.Popen:
        options = ("--nthreads", "1", "--no-nanny", "--host", "127.0.0.1", "--no-dashboard")
        self.workers.append(self._start("worker", self.address, *options, **environment))
        return self.workers[-1]

    def _start(self, *command: str, **environment: str) -> subprocess.Popen:
        log = open(self.folder / f"{command[0]}-{len(self.workers)}.log", "w")  # noqa: SIM115
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            cwd=self.folder,
            # Without a directory of its own Dask clears up after other clusters of this machine.
            env=os.environ
            | {"PYTHONPATH": path, "DASK_TEMPORARY_DIRECTORY": str(self.folder)}
            | environment,
            stdout=log,
            stderr=log,
        )

    def logs(self) -> str:
        return "\n".join(file.read_text() for file in sorted(self.folder.glob("*.log")))

    def end(self) -> None:
        for process in filter(None, (*self.workers, self.scheduler)):
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
