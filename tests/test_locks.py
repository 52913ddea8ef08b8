"""What `.ci/run` does not see of the requirement files: it has uv compile them again."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_file_holds_the_command_that_made_it_and_no_place(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.match(rf"#.*\n#    uv pip compile --universal .* -o {name}\n", text)
    assert re.findall(r"\w+://\S+|(?<![\w.])/\w+/\S+|--(?:extra-)?index-url[ =]\S+", text) == []


@pytest.mark.parametrize("name", ["uv.lock", "Pipfile", "Pipfile.lock", "environment.yml"])
def test_nothing_stands_before_requirements(name):
    """Community Cloud would read these files instead of requirements.txt."""
    assert not (ROOT / name).exists()
