"""The requirement files say what pyproject.toml says.

Needs no network: `uv pip compile` wrote the files (its command is in their first lines), these
tests read them.
"""

import itertools
import re
import tomllib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
DEV = [Requirement(line) for line in PYPROJECT["dependency-groups"]["dev"]]
RUNTIME_LOCK = "requirements.txt"
DEV_LOCK = "requirements-dev.txt"

COMPILE = "uv pip compile --universal --python-version 3.11 --fork-strategy fewest"
COMMANDS = {
    RUNTIME_LOCK: f"{COMPILE} --no-emit-index-url pyproject.toml -o {RUNTIME_LOCK}",
    DEV_LOCK: (
        f"{COMPILE} --no-emit-index-url pyproject.toml --group dev -c {RUNTIME_LOCK} -o {DEV_LOCK}"
    ),
}

MACHINES = [
    ("linux", "Linux", "posix", "x86_64"),
    ("linux", "Linux", "posix", "aarch64"),
    ("darwin", "Darwin", "posix", "arm64"),
    ("win32", "Windows", "nt", "AMD64"),
]
PYTHONS = ["3.11", "3.12", "3.13"]
ENVIRONMENTS = [
    {
        "sys_platform": sys_platform,
        "platform_system": system,
        "os_name": os_name,
        "platform_machine": machine,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for (sys_platform, system, os_name, machine), python in itertools.product(MACHINES, PYTHONS)
]


def lines(name: str) -> list[str]:
    """Return the lines of a requirement file that are not comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]


def pins(name: str, environment: Mapping[str, str]) -> dict[str, Version]:
    """Return package -> version as `pip` would read the file in this environment."""
    found: dict[str, Version] = {}
    for requirement in map(Requirement, lines(name)):
        if holds(requirement.marker, environment):
            package = canonicalize_name(requirement.name)
            assert package not in found, f"{name} pins {package} twice for {environment}"
            (specifier,) = requirement.specifier
            found[package] = Version(specifier.version)
    return found


def holds(marker: Marker | None, environment: Mapping[str, str]) -> bool:
    return marker is None or marker.evaluate({"extra": "", **environment})


def unmet(wanted: list[Requirement], name: str) -> list[str]:
    """Return a sentence for each requirement that the file does not meet in some environment."""
    complaints = []
    for environment in ENVIRONMENTS:
        pinned = pins(name, environment)
        where = "{sys_platform} {platform_machine}, Python {python_version}".format(**environment)
        for requirement in wanted:
            package = canonicalize_name(requirement.name)
            if not holds(requirement.marker, environment):
                if requirement.marker is not None and package in pinned:
                    complaints.append(f"{package} should not be in {name} on {where}")
            elif package not in pinned:
                complaints.append(f"{package} is missing from {name} on {where}")
            elif not requirement.specifier.contains(pinned[package], prereleases=True):
                complaints.append(f"{name} pins {package} {pinned[package]}, not {requirement}")
    return sorted(set(complaints))


@pytest.mark.parametrize("name", [RUNTIME_LOCK, DEV_LOCK])
def test_every_line_pins_one_version(name):
    pattern = re.compile(r"[A-Za-z0-9._-]+==[^\s;*,]+( ; .+)?")
    assert lines(name)
    assert [line for line in lines(name) if not pattern.fullmatch(line)] == []


@pytest.mark.parametrize("name", [RUNTIME_LOCK, DEV_LOCK])
def test_the_file_names_the_command_that_made_it_and_no_place(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.splitlines()[1] == f"#    {COMMANDS[name]}"
    assert re.findall(r"\w+://\S+|(?<![\w.])/\w+/\S+|--(?:extra-)?index-url[ =]\S+", text) == []


def test_requirements_meet_what_the_project_needs():
    assert unmet(RUNTIME, RUNTIME_LOCK) == [], f"compile again: {COMMANDS[RUNTIME_LOCK]}"


def test_dev_requirements_meet_what_the_project_and_its_tests_need():
    assert unmet(RUNTIME + DEV, DEV_LOCK) == [], f"compile again: {COMMANDS[DEV_LOCK]}"


def test_no_line_of_requirements_is_a_leftover():
    """A direct dependency taken out of pyproject.toml may stay only if another package wants it."""
    text = (ROOT / RUNTIME_LOCK).read_text(encoding="utf-8")
    direct = re.findall(
        r"^(\S+)==.*\n(?:    # .*\n)*?    # (?:  |via )fibattn \(pyproject\.toml\)",
        text,
        re.MULTILINE,
    )
    assert sorted(direct) == sorted(canonicalize_name(requirement.name) for requirement in RUNTIME)


@pytest.mark.parametrize(
    "environment", ENVIRONMENTS, ids="{sys_platform}-{platform_machine}-{python_version}".format_map
)
def test_dev_requirements_hold_the_same_versions(environment):
    runtime, dev = pins(RUNTIME_LOCK, environment), pins(DEV_LOCK, environment)
    assert {package: dev.get(package) for package in runtime} == runtime


@pytest.mark.parametrize(
    ("name", "direct"),
    [(RUNTIME_LOCK, RUNTIME), (DEV_LOCK, RUNTIME + DEV)],
    ids=[RUNTIME_LOCK, DEV_LOCK],
)
def test_what_installed_packages_ask_for_is_pinned_too(name, direct):
    """Read from the packages' own metadata, so for this system and this Python only."""
    pinned = pins(name, default_environment())
    complaints, seen = set(), set()
    waiting = [(r, "pyproject.toml") for r in direct if holds(r.marker, default_environment())]
    while waiting:
        requirement, asker = waiting.pop()
        package = canonicalize_name(requirement.name)
        if package not in pinned:
            complaints.add(f"{asker} wants {requirement}, which {name} lacks")
        elif not requirement.specifier.contains(pinned[package], prereleases=True):
            complaints.add(f"{asker} wants {requirement}, but {name} has {pinned[package]}")
        if (package, frozenset(requirement.extras)) in seen:
            continue
        seen.add((package, frozenset(requirement.extras)))
        try:
            asked = metadata.requires(package) or []
        except metadata.PackageNotFoundError:
            complaints.add(f"{package} is not installed: pip install -r {DEV_LOCK}")
            continue
        environments = [{"extra": extra} for extra in ("", *requirement.extras)]
        waiting += [
            (wanted, package)
            for wanted in map(Requirement, asked)
            if wanted.marker is None or any(map(wanted.marker.evaluate, environments))
        ]
    assert complaints == set()


def test_exactly_one_tensorflow_everywhere():
    for environment in ENVIRONMENTS:
        found = {"tensorflow", "tensorflow-cpu"} & set(pins(RUNTIME_LOCK, environment))
        light = environment["sys_platform"] == "linux" and (
            environment["platform_machine"] == "x86_64"
        )
        assert found == ({"tensorflow-cpu"} if light else {"tensorflow"})


def test_the_pythons_tested_here_are_those_of_the_project():
    allowed = SpecifierSet(PYPROJECT["project"]["requires-python"])
    assert [f"3.{minor}" for minor in range(8, 30) if f"3.{minor}" in allowed] == PYTHONS


@pytest.mark.parametrize("name", ["uv.lock", "Pipfile", "Pipfile.lock", "environment.yml"])
def test_nothing_stands_before_requirements(name):
    """Community Cloud would read these files instead of requirements.txt."""
    assert not (ROOT / name).exists()
