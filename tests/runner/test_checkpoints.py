"""Lane records on disk."""

import math
import os
import pickle
import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo.errors import StorageError
from hpo.runner.checkpoints import Checkpoints, LaneRecord
from hpo.training.job import Divergence, EpochMetrics

number = st.floats(allow_nan=False)
epochs = st.lists(st.builds(EpochMetrics, st.integers(1, 99), *[number] * 8, st.none() | number), max_size=5).map(tuple)
divergences = st.none() | st.builds(
    Divergence, st.sampled_from(["non-finite", "exploded"]), st.integers(1), st.integers(1), st.none() | number, number
)
records = st.builds(
    LaneRecord,
    st.tuples(st.integers(0, 10**7), st.integers(0, 50)),
    st.integers(1, 500),
    epochs,
    divergences,
    st.none() | st.binary(min_size=1),
)


@given(record=records)
def test_a_record_reads_back_equal(record: LaneRecord, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every figure comes back to the last bit, infinities included."""
    checkpoints = Checkpoints(tmp_path_factory.mktemp("records"))
    checkpoints.write([record])
    assert checkpoints.read(record.lane, record.end) == record


def record(trial: int, end: int = 1, content: bytes | None = b"state") -> LaneRecord:
    """A small record."""
    return LaneRecord((trial, 0), end, (EpochMetrics(1, 0.1, 2.0, 2.0, 0.5, 2.0, 2.0, math.inf, 0.1),), None, content)


@pytest.mark.parametrize("damage", [b"", b"not safetensors", pickle.dumps(["a", "pickle"]), None])
def test_a_damaged_record_is_none(damage: bytes | None, tmp_path: Path) -> None:
    """A record that is empty, of another kind or cut short counts as missing, so that its lane is trained again."""
    checkpoints = Checkpoints(tmp_path)
    checkpoints.write([record(3)])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1] if damage is None else damage)
    assert checkpoints.read((3, 0), 1) is None
    assert checkpoints.read((4, 0), 1) is None


@given(written=records, place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(written: LaneRecord, place: float, bit: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever bit of a record is flipped, header and padding included, nothing else is read from it than what was written."""
    folder = tmp_path_factory.mktemp("records")
    checkpoints = Checkpoints(folder, "a study")
    checkpoints.write([written])
    (file,) = folder.iterdir()
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    file.write_bytes(content)
    assert checkpoints.read(written.lane, written.end) is None
    assert str(written.lane[0]) in str(checkpoints.damage())
    assert checkpoints.damage() is None


def test_a_record_counts_in_its_own_place_only(tmp_path: Path) -> None:
    """A record under the name of another trial, replicate, epoch or study is none of theirs."""
    mine, other = Checkpoints(tmp_path / "mine", "mine"), Checkpoints(tmp_path / "other", "other")
    mine.write([record(3)])
    (file,) = (tmp_path / "mine").iterdir()
    places = {((4, 0), 1): "trial-000004-replicate-0-epoch-1", ((3, 1), 1): "trial-000003-replicate-1-epoch-1"}
    for (lane, end), name in {**places, ((3, 0), 2): "trial-000003-replicate-0-epoch-2"}.items():
        (tmp_path / "mine" / f"{name}.safetensors").write_bytes(file.read_bytes())
        assert mine.read(lane, end) is None
    other.write([record(3)])
    (tmp_path / "other" / file.name).write_bytes(file.read_bytes())
    assert other.read((3, 0), 1) is None
    assert mine.read((3, 0), 1) == record(3)
    assert str(mine.damage()).startswith("3 checkpoints of trials 3, 4 in ")


def test_what_changes_after_it_was_found_ends_the_run(tmp_path: Path) -> None:
    """Nothing goes on from a record that was there when the work was planned and is not when it is done."""
    checkpoints = Checkpoints(tmp_path)
    checkpoints.write([record(3)])
    assert checkpoints.kept((3, 0), 1) == record(3)
    (file,) = tmp_path.iterdir()
    file.unlink()
    with pytest.raises(StorageError, match="is gone or has changed: run the same command again"):
        checkpoints.kept((3, 0), 1)


def test_forgetting(tmp_path: Path) -> None:
    """Records go by trial and by epoch, drafts with them, and the folder with the last one."""
    checkpoints = Checkpoints(tmp_path / "files" / "study")
    checkpoints.write([record(trial, end) for trial in (1, 2, 3) for end in (1, 3)])
    (tmp_path / "files" / "study" / "trial-000002-replicate-0-epoch-9.part").touch()
    checkpoints.forget([1, 2], before=3)
    assert checkpoints.read((1, 0), 1) is None
    assert checkpoints.read((1, 0), 3) is not None
    assert checkpoints.read((3, 0), 1) is not None
    checkpoints.keep_only([1])
    assert os.listdir(tmp_path / "files" / "study") == ["trial-000001-replicate-0-epoch-3.safetensors"]
    checkpoints.forget([1])
    assert os.listdir(tmp_path) == []


def test_nothing_there_is_nothing_to_forget(tmp_path: Path) -> None:
    """A study without files can be tidied."""
    Checkpoints(tmp_path / "none").forget([1])
    Checkpoints(tmp_path / "none").keep_only([])


def test_a_full_disk_is_explained(tmp_path: Path) -> None:
    """A checkpoint that the disk does not take ends in a message; no half of it is left, and the one before stays."""
    checkpoints = Checkpoints(tmp_path)
    checkpoints.write([record(1, 1)])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(StorageError, match="cannot be written: File too large; make room"):
            checkpoints.write([record(1, 3, b"x" * 20_000)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path) == ["trial-000001-replicate-0-epoch-1.safetensors"]


def test_a_file_in_the_way_is_explained(tmp_path: Path) -> None:
    """Where the folder cannot be made, the message names it."""
    (tmp_path / "files").touch()
    with pytest.raises(StorageError, match="files/study' cannot be written"):
        Checkpoints(tmp_path / "files" / "study").write([record(1)])
