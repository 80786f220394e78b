"""What `hpo doctor` finds."""

import json
import os
import platform
import sqlite3
from importlib.metadata import version
from pathlib import Path

from .conftest import Call


def found(call: Call, *options: str) -> tuple[int, dict[str, str], list[str]]:
    """The exit code, what was found by name, and the names of what is not good."""
    code, out, _ = call("doctor", "--json", *options)
    checks = json.loads(out)["checks"]
    return code, {check["name"]: check["value"] for check in checks}, [check["name"] for check in checks if not check["good"]]


def test_a_sound_machine(hpo: Call, cache: Path) -> None:
    """Versions, processors, SQLite's journal, storage and cache are named, and nothing is broken."""
    code, values, broken = found(hpo)
    assert (code, broken) == (0, [])
    assert values["python"].startswith(platform.python_version())
    assert values["torch"] == version("torch")
    assert values["SQLite"].startswith(sqlite3.sqlite_version)
    assert values["cores"].endswith(f"of {os.cpu_count()}")
    assert values["cache"] == str(cache)
    assert "no storage at sqlite:///hpo.db yet" in values["storage"]


def test_a_storage_is_counted(hpo: Call, cache: Path) -> None:
    """A storage that can be read is named with its number of studies."""
    assert hpo("study", "create", "cifar-bn").code == 0
    assert found(hpo)[1]["storage"] == "sqlite:///hpo.db, studies: 1"


def test_a_broken_storage_is_named(hpo: Call, cache: Path) -> None:
    """A file that is no database fails the check; everything else is looked at all the same."""
    Path("notes.txt").write_text("No database at all, but a text of some length.\n" * 9)
    code, values, broken = found(hpo, "--storage", "sqlite:///notes.txt")
    assert (code, broken) == (1, ["storage"])
    assert "a file of another kind" in values["storage"]
    assert "data" in values
    assert "broken: storage" in hpo("doctor", "--storage", "sqlite:///notes.txt").err


def test_a_damaged_cache_is_named(hpo: Call, cache: Path) -> None:
    """One changed bit among the cached images is found."""
    assert hpo("data", "fetch", "digits").code == 0
    (images,) = cache.rglob("images.npy")
    content = bytearray(images.read_bytes())
    content[-1] ^= 1
    images.write_bytes(content)
    code, values, broken = found(hpo)
    assert (code, broken) == (1, ["data"])
    assert values["data"] == f"{images.parent}: images.npy has changed; remove the folder"
