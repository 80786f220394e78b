"""The wheel: what is in it, what it is called, and what it needs."""

import configparser
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg")

#: Folders of the checkout, and where they are in the wheel.
FOLDERS = {"hpo": "hpo", "models": "hpo/models", "studies": "hpo/studies"}
EXTRAS = set(SETUP["options.extras_require"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """A wheel built from a copy of the checkout, so that nothing is left in it."""
    source = tmp_path_factory.mktemp("source")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, source / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", source / "dist", source]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return ZipFile(next((source / "dist").glob("*.whl")))


def test_wheel_holds_hpo_alone(wheel: ZipFile) -> None:
    """Nothing called models, studies or tests lands in site-packages."""
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"hpo"}


def test_wheel_holds_every_file(wheel: ZipFile) -> None:
    """Every module, study file and marker on disk is in the wheel: a package that setup.cfg forgets is found here."""
    on_disk = {
        f"{home}/{file.relative_to(ROOT / folder).as_posix()}"
        for folder, home in FOLDERS.items()
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert on_disk - set(wheel.namelist()) == set()


def test_wheel_offers_the_command(wheel: ZipFile) -> None:
    """Installing the wheel puts `hpo` on the PATH."""
    (file,) = (name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "hpo = hpo.cli:main" in wheel.read(file).decode()


@pytest.mark.parametrize("folder", ["models", "studies"])
def test_no_second_copy(folder: str) -> None:
    """A test sees hpo.models and hpo.studies under that one name, never beside themselves as models and studies."""
    assert importlib.util.find_spec(folder) is None
    assert importlib.util.find_spec(f"hpo.{folder}") is not None


def test_imports_from_any_directory(tmp_path: Path) -> None:
    """Another process, elsewhere, finds the same files as this one."""
    code = "import hpo.models, hpo.studies; print(hpo.models.__file__, hpo.studies.__file__, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [importlib.import_module(name).__file__ for name in ("hpo.models", "hpo.studies")]


def test_every_dependency_has_its_reason() -> None:
    """A comment stands above each requirement of setup.cfg."""
    lines = [line.strip() for line in (ROOT / "setup.cfg").read_text().splitlines()]
    lists = (SETUP["options"]["install_requires"], *SETUP["options.extras_require"].values())
    required = "\n".join(lists).split()
    assert [line for above, line in pairwise(lines) if line in required and not above.startswith("#")] == []


def pins() -> dict[str, str]:
    """constraints.txt: canonical name to version."""
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def needed(requirement: Requirement, seen: set[str]) -> Iterator[str]:
    """Names of the packages that a requirement brings in here, itself included; those that are not installed bring nothing."""
    name = canonicalize_name(requirement.name)
    key = f"{name}[{','.join(sorted(requirement.extras))}]"
    if key in seen:
        return
    seen.add(key)
    yield name
    try:
        children = [Requirement(text) for text in requires(requirement.name) or []]
    except PackageNotFoundError:
        return
    for child in children:
        if child.marker is None or any(child.marker.evaluate({"extra": extra}) for extra in {"", *requirement.extras}):
            yield from needed(child, seen)


def test_constraints_pin_all_that_is_installed() -> None:
    """Every package that hpo-lanes brings in, with any extra, has one exact version in constraints.txt."""
    wanted = set(needed(Requirement(f"hpo-lanes[{','.join(sorted(EXTRAS))}]"), set())) - {"hpo-lanes"}
    assert wanted - set(pins()) == set()


def test_constraints_name_no_build() -> None:
    """A version carries no suffix such as +cpu, which only one index has."""
    assert [version for version in pins().values() if not re.fullmatch(r"[0-9a-z.]+", version)] == []
