"""Runs Python files in a fresh process in which nothing but Keras, NumPy and scikit-learn is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# What this project needs beside those three, and what people often have.
BLOCKED = ("fibattn", "streamlit", "plotly", "loky", "platformdirs", "pandas", "matplotlib")
PROGRAM = """
import json, runpy, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"{{name}} is not there", name=name)

sys.meta_path.insert(0, Blocked())
for file, *arguments in json.loads(sys.argv[1]):
    sys.argv[:] = [file, *arguments]
    print("FILE", file, flush=True)
    runpy.run_path(file, run_name="__main__")
"""


def run(folder: Path, *calls: Sequence[str]) -> dict[str, str]:
    """Run files with their arguments, one after the other; return what each has printed."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAM.format(blocked=BLOCKED), json.dumps(calls)],
        cwd=folder,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, str] = {}
    for part in done.stdout.split("FILE ")[1:]:
        file, _, text = part.partition("\n")
        found[file] = text
    return found
