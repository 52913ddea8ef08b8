"""What `pip install .` installs is the library, with the files it reads beside its modules."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.long
def test_a_wheel_has_every_file_of_the_package_and_no_other(tmp_path):
    copied = subprocess.run(
        ["git", "ls-files", "fibattn"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if copied.returncode:
        pytest.skip("This is no checkout, so nobody knows which files belong to the package.")
    # A copy, since building leaves files.
    source = tmp_path / "source"
    files = copied.stdout.split()
    for name in [*files, "pyproject.toml", "README.md", "LICENSE"]:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "-w", str(tmp_path), "."],
        cwd=source,
        check=True,
        timeout=200,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == set(files)
