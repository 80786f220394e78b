"""Checkpoints that are not as they were written: the run says so, trains their networks again, and ends as if all were well."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors import safe_open
from safetensors.numpy import load, save

from hpo.data import Prepared
from hpo.engines import make
from hpo.runner import StoredStudy, run, trial_table_hash
from hpo.runner.events import Event, Noted

from .conftest import interrupted, real_study

Make = Callable[..., StoredStudy]
Damage = Callable[[Path, random.Random], None]


def paused(stored: Make, images: Prepared, name: str) -> StoredStudy:
    """The study as an interrupt after its first rung leaves it."""
    found = real_study(stored, name, 6)
    with make("serial") as engine, pytest.raises(KeyboardInterrupt):
        run(found, images, engine, display=interrupted)
    return found


def resumed(found: StoredStudy, images: Prepared) -> list[str]:
    """Run a study to its end; what it notes of its checkpoints."""
    events: list[Event] = []
    with make("serial") as engine:
        run(found, images, engine, display=events.append)
    return [event.note for event in events if isinstance(event, Noted) and "checkpoint" in event.note]


@pytest.fixture
def whole(stored: Make, digits: Prepared) -> str:
    """The trial table of a run that nothing happens to."""
    found = real_study(stored, "whole", 6)
    assert resumed(found, digits) == []
    return trial_table_hash(found.optuna)


def flipped(file: Path, chance: random.Random) -> None:
    """One bit, anywhere."""
    content = bytearray(file.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)


def payload(file: Path, chance: random.Random) -> None:
    """Random bytes in the weights, in a file that is whole otherwise."""
    content = file.read_bytes()
    file.write_bytes(content[:-500] + chance.randbytes(400) + content[-100:])


def metrics(file: Path, chance: random.Random) -> None:
    """Another accuracy in a file that says of itself what it said before."""
    with safe_open(file, "numpy") as content:
        metadata = content.metadata()
    told = json.loads(metadata["lane"])
    told["epochs"][0][4] = 1.0
    file.write_bytes(save(load(file.read_bytes()), {**metadata, "lane": json.dumps(told)}))


def truncated(file: Path, chance: random.Random) -> None:
    """The end is missing."""
    file.write_bytes(file.read_bytes()[: -chance.randrange(1, 2000)])


def swapped(file: Path, chance: random.Random) -> None:
    """The file of another lane."""
    other = chance.choice([each for each in sorted(file.parent.iterdir()) if each != file])
    file.write_bytes(other.read_bytes())


def of_an_earlier_version(file: Path, chance: random.Random) -> None:
    """The same content without a sum."""
    with safe_open(file, "numpy") as content:
        metadata = content.metadata()
    del metadata["sha256"]
    file.write_bytes(save(load(file.read_bytes()), metadata))


@pytest.mark.parametrize("damage", [payload, metrics, truncated, swapped, of_an_earlier_version], ids=lambda one: one.__name__)
def test_a_damaged_checkpoint_is_a_missing_one(damage: Damage, stored: Make, digits: Prepared, whole: str) -> None:
    """The network is trained again, one line says so, and the trial table is that of an undisturbed run."""
    found = paused(stored, digits, "damaged")
    file = sorted(found.folder.iterdir())[1]
    damage(file, random.Random(3))
    (note,) = resumed(found, digits)
    assert note.startswith(f"1 checkpoint of trial {int(file.name.split('-')[1])} in {found.folder} cannot be trusted")
    assert trial_table_hash(found.optuna) == whole


def test_any_flipped_bit(stored: Make, digits: Prepared, whole: str) -> None:
    """Bits flipped at random in the checkpoints of paused studies: each ends with the table of an undisturbed run."""
    chance = random.Random(19)
    for number in range(8):
        found = paused(stored, digits, f"flipped {number}")
        flipped(chance.choice(sorted(found.folder.iterdir())), chance)
        assert len(resumed(found, digits)) == 1
        assert trial_table_hash(found.optuna) == whole


def test_all_of_them(stored: Make, digits: Prepared, whole: str) -> None:
    """A disk that has damaged every file of a study costs time and one line."""
    found = paused(stored, digits, "damaged")
    files = sorted(found.folder.iterdir())
    for file in files:
        payload(file, random.Random(1))
    (note,) = resumed(found, digits)
    assert note.startswith(f"{len(files)} checkpoints of trials ")
    assert note.endswith("their networks are trained again")
    assert trial_table_hash(found.optuna) == whole
