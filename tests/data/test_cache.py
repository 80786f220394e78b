"""Entries of the cache: whole or absent, whatever happens."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hpo.data import load, prepare, trusting
from hpo.data.cache import Broken, read, trusted, verify
from hpo.errors import DataUnavailable
from hpo.spec import DataSpec

from .pictures import Make

DIGITS = DataSpec(name="digits")
PREPARE = (
    "import sys; from hpo.data import prepare; from hpo.spec import DataSpec; print(prepare(DataSpec(name=sys.argv[1])).sha256)"
)


@pytest.fixture
def pictures(make_folder: Make) -> str:
    """The path of a small folder of images, which another process reads faster than it loads scikit-learn."""
    return str(make_folder({"a": 20, "b": 20}))


@pytest.fixture
def entry(cache: Path) -> Path:
    """The folder of the cached digits."""
    prepare(DIGITS)
    return cache / "data" / "digits@1x8x8"


def _truncate(folder: Path) -> None:
    os.truncate(folder / "images.npy", 50_000)


def _lengthen(folder: Path) -> None:
    with (folder / "images.npy").open("ab") as file:
        file.write(b"more")


def _change_header(folder: Path) -> None:
    np.save(folder / "images.npy", np.zeros((1797, 1, 8, 8), dtype=np.int8))


def _change_shape(folder: Path) -> None:
    np.save(folder / "images.npy", np.zeros((1797, 8, 8), dtype=np.uint8))


def _transpose(folder: Path) -> None:
    np.save(folder / "images.npy", np.asfortranarray(np.zeros((1797, 1, 8, 8), dtype=np.uint8)))


def _put_a_pickle(folder: Path) -> None:
    np.save(folder / "images.npy", np.array([print], dtype=object), allow_pickle=True)


def _put_an_archive(folder: Path) -> None:
    with (folder / "images.npy").open("wb") as file:
        np.savez(file, images=np.zeros(3))


def _remove_images(folder: Path) -> None:
    (folder / "images.npy").unlink()


def _change_labels(folder: Path) -> None:
    labels = np.load(folder / "labels.npy")
    np.save(folder / "labels.npy", labels[::-1])


def _cut_meta(folder: Path) -> None:
    os.truncate(folder / "meta.json", 100)


def _remove_meta(folder: Path) -> None:
    (folder / "meta.json").unlink()


def _raise_format(folder: Path) -> None:
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "format": 2}))


def _swap_key(folder: Path) -> None:
    meta = json.loads((folder / "meta.json").read_text())
    (folder / "meta.json").write_text(json.dumps({**meta, "key": "mnist"}))


def _empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def _put_a_file(folder: Path) -> None:
    _empty(folder)
    folder.rmdir()
    folder.write_text("something else")


DAMAGES = (
    _truncate,
    _lengthen,
    _change_header,
    _change_shape,
    _transpose,
    _put_a_pickle,
    _put_an_archive,
    _remove_images,
    _change_labels,
    _cut_meta,
    _remove_meta,
    _raise_format,
    _swap_key,
    _empty,
    _put_a_file,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_a_damaged_entry_is_noticed_said_and_made_again(entry: Path, damage: Callable[[Path], None]) -> None:
    """The result is that of a fresh cache, and the next call finds nothing to mend."""
    expected = np.array(load(prepare(DIGITS)).images)
    damage(entry)
    said: list[str] = []
    prepared = prepare(DIGITS, say=said.append)
    assert said[0].startswith(f"the cached images in {entry} cannot be used: ")
    assert np.array_equal(load(prepared).images, expected)
    assert [path.name for path in entry.parent.iterdir()] == [entry.name]
    prepare(DIGITS, say=said.append)
    assert len(said) == 3


def _flip(file: Path, place: int = -1) -> None:
    """Change one bit and set the time of the last change back, as if nothing had been written."""
    times = file.stat()
    with file.open("r+b") as stream:
        stream.seek(place, os.SEEK_END)
        (byte,) = stream.read(1)
        stream.seek(place, os.SEEK_END)
        stream.write(bytes([byte ^ 1]))
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.mark.parametrize("place", [-1, -1000, -100_000])
def test_a_flipped_bit_is_noticed_said_and_made_again(entry: Path, place: int) -> None:
    """A bit of the images, with the file's size and time as before, never reaches a run."""
    expected = np.array(load(prepare(DIGITS)).images)
    _flip(entry / "images.npy", place)
    said: list[str] = []
    prepared = prepare(DIGITS, say=said.append)
    assert said[0] == f"the cached images in {entry} cannot be used: images.npy has changed"
    assert np.array_equal(load(prepared).images, expected)
    said.clear()
    prepare(DIGITS, say=said.append)
    assert said == []


def test_what_the_system_has_not_seen_is_found_after_a_start(
    entry: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bit that a disk has changed by itself is found by the full check at once, and by a run after the machine's next start."""
    _flip(entry / "images.npy")
    with pytest.raises(Broken, match=r"images\.npy has changed"):
        verify(read(entry))
    _flip(entry / "images.npy")
    verify(read(entry))
    (stamp := entry / "images.checked").write_bytes((known := json.dumps(json.loads(stamp.read_bytes()))).encode())
    _flip(entry / "images.npy")
    found = (entry / "images.npy").stat()
    stamp.write_text(json.dumps({**json.loads(known), "st_ctime_ns": found.st_ctime_ns}))
    trusted(entry)
    (tmp_path / "boot").write_text("another start")
    monkeypatch.setattr(trusting, "BOOT", tmp_path / "boot")
    with pytest.raises(Broken, match=r"images\.npy has changed"):
        trusted(entry)


def test_images_are_read_whole_once_a_start(entry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read whole is not read again until the system says that it has changed; where nothing can be kept, it is."""
    taken: list[Path] = []

    def total(file: Path) -> str:
        taken.append(file)
        return "as expected"

    file = entry / "images.npy"
    for _ in range(3):
        assert trusting.unchanged(file, "as expected", total)
    assert len(taken) == 1
    os.utime(file)
    assert trusting.unchanged(file, "as expected", total)
    assert not trusting.unchanged(file, "of other images", total)
    assert len(taken) == 3
    monkeypatch.setattr(trusting, "BOOT", entry / "none")
    for _ in range(2):
        assert trusting.unchanged(file, "as expected", total)
    assert len(taken) == 5


@pytest.mark.usefixtures("entry")
def test_a_warm_cache_needs_no_libraries() -> None:
    """A later call loads numpy, but not torch, torchvision, scikit-learn, Pillow or Optuna."""
    program = """
import sys
from hpo.data import prepare
from hpo.spec import DataSpec
prepare(DataSpec(name="digits"))
print(*[name for name in ("torch", "torchvision", "sklearn", "scipy", "PIL", "optuna") if name in sys.modules])
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (result.stdout.strip(), result.stderr) == ("", "")


def test_two_processes_at_once_agree(cache: Path, pictures: str) -> None:
    """Both end well with the same data, and one entry is left, without a trace of the other."""
    command = [sys.executable, "-c", PREPARE, pictures]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [run.communicate()[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    prepared = prepare(DataSpec(name=pictures))
    assert outputs == [f"{prepared.sha256}\n"] * 2
    assert list((cache / "data").iterdir()) == [prepared.images.parent]


def test_the_second_of_two_writers_keeps_the_entry_of_the_first(
    cache: Path, pictures: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process ends in between: its entry stays, as a reader may have it open."""
    from hpo.data import storing

    written = storing._write

    def write_while_another_ends(path: Path, content: bytes) -> None:
        monkeypatch.undo()
        monkeypatch.setenv("HPO_CACHE_DIR", str(cache))
        subprocess.run([sys.executable, "-c", PREPARE, pictures], check=True, capture_output=True)
        inodes.extend(file.stat().st_ino for file in (cache / "data").glob("[!.]*/images.npy"))
        written(path, content)

    inodes: list[int] = []
    # The only way to have the other process end at exactly this moment.
    monkeypatch.setattr(storing, "_write", write_while_another_ends)
    images = prepare(DataSpec(name=pictures)).images
    assert [images.stat().st_ino] == inodes
    assert list((cache / "data").iterdir()) == [images.parent]


@pytest.mark.parametrize("function", ["_write_array", "_write", "_sync_folder", "_publish"])
def test_a_process_killed_while_it_writes_leaves_no_entry(cache: Path, pictures: str, function: str) -> None:
    """The next call makes the entry as if nothing had been."""
    killed = f"""
import os, signal, sys
from hpo.data import prepare, storing
from hpo.spec import DataSpec
whole = storing.{function}
def kill(*arguments):
    if "{function}" != "_publish":
        whole(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
storing.{function} = kill
prepare(DataSpec(name=sys.argv[1]))
"""
    assert subprocess.run([sys.executable, "-c", killed, pictures], check=False).returncode == -signal.SIGKILL
    (left_over,) = (cache / "data").iterdir()
    assert left_over.name.startswith(".building-")
    said: list[str] = []
    verify(read(prepare(DataSpec(name=pictures), say=said.append).images.parent))
    assert "cannot be used" not in said[0]


def test_what_killed_processes_left_is_tidied_after_a_day(cache: Path) -> None:
    """A younger one may still be at work."""
    for name, age in ((".building-old", 90_000), (".building-young", 60)):
        (cache / "data" / name).mkdir(parents=True)
        os.utime(cache / "data" / name, (time.time() - age,) * 2)
    prepare(DIGITS)
    assert sorted(path.name for path in (cache / "data").iterdir()) == [".building-young", "digits@1x8x8"]


def test_a_full_disk_gives_a_message_and_leaves_nothing(cache: Path, pictures: str) -> None:
    """A limit on the size of files stands for the disk."""
    program = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000)); {PREPARE}"
    result = subprocess.run([sys.executable, "-c", program, pictures], capture_output=True, text=True, check=False)
    assert f"DataUnavailable: the cache {cache / 'data'} must take the decoded images, got: File too large" in result.stderr
    assert "set HPO_CACHE_DIR to another folder" in result.stderr
    assert list((cache / "data").iterdir()) == []


def test_more_pixels_than_the_disk_holds_are_refused_before_decoding(make_folder: Make, cache: Path) -> None:
    """A shape of 10^13 bytes is taken for a mistake, in no time."""
    with pytest.raises(DataUnavailable, match=r"must fit on the disk.*choose a smaller data.shape"):
        prepare(DataSpec(name=str(make_folder({"a": 5, "b": 5})), shape=(3, 1_000_000, 1_000_000)))
    assert list((cache / "data").iterdir()) == []


def test_a_cache_that_cannot_be_a_folder_gives_a_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HPO_CACHE_DIR names a file."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HPO_CACHE_DIR", str(tmp_path / "file"))
    with pytest.raises(DataUnavailable, match=r"the cache .*/file/data must take the decoded images, got: Not a directory"):
        prepare(DIGITS)


def test_without_a_setting_the_cache_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As platformdirs says."""
    monkeypatch.delenv("HPO_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert prepare(DIGITS).images.is_relative_to(tmp_path)


def test_the_arrays_of_an_entry_cannot_be_written(entry: Path) -> None:
    """A worker's mistake must not reach the other workers."""
    images = load(prepare(DIGITS)).images
    assert isinstance(images, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        images[0] = 0
    assert entry.exists()
