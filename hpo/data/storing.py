"""Writing an entry of the cache: whole or not at all."""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from errno import EEXIST, ENOTDIR, ENOTEMPTY
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import DataUnavailable
from .cache import FORMAT, Broken, Entry, Meta, Sums, as_json, folder_of, trusted
from .collection import Collection, Pixels, Say
from .decode import RULE
from .text import counted, dimensions, megabytes, shown

_BUILDING = ".building-"
_DAY = 86_400


def store(key: str, name: str, kind: Literal["named", "imported", "files"], images: Collection, say: Say) -> Entry:
    """Write a data set into the cache and give the entry.

    Raises DataUnavailable when the cache cannot be written or has too little room; then nothing is left behind.
    """
    folder = folder_of(key, images.shape)
    number = len(images.labels)
    _tell_damage(folder, say)
    say(f"{name}: preparing {counted(number, 'image')} of {dimensions(images.shape)}, once")
    begin = time.perf_counter()
    with _writable(folder.parent), _building(folder.parent) as building:
        _check_room(folder.parent, number * int(np.prod(images.shape)))
        sums = Sums(
            images=_write_array(building / "images.npy", "|u1", (number, *images.shape), images.batches),
            labels=_write_array(building / "labels.npy", "<i8", (number,), [images.labels]),
        )
        meta = Meta(
            format=FORMAT, key=key, name=name, kind=kind, source=images.source, classes=images.classes, shape=images.shape,
            own_shape=images.own_shape, **images.counts._asdict(), ordered=images.ordered, notes=images.notes(), sha256=sums,
            rule=RULE,
        )  # fmt: skip
        _write(building / "meta.json", as_json(meta))
        _sync_folder(building)
        _publish(building, folder)
        _sync_folder(folder.parent)
    entry = _read_back(folder)
    say(f"{name}: {megabytes(entry.size)} kept in {shown(folder)} after {time.perf_counter() - begin:.1f} s")
    return entry


def _read_back(folder: Path) -> Entry:
    try:
        return trusted(folder)
    except (Broken, OSError) as reason:  # Too few file descriptors, a disk that fails, or somebody else tidied.
        raise DataUnavailable(f"the images just written must be readable, got '{shown(folder)}': {reason}") from None


def _tell_damage(folder: Path, say: Say) -> None:
    try:
        trusted(folder)
    except Broken as reason:
        say(f"the cached images in {shown(folder)} cannot be used: {reason}")
    except OSError:
        return


@contextmanager
def _writable(parent: Path) -> Iterator[None]:
    """Turn what the file system refuses into a message; where images are read, messages are made on the spot."""
    try:
        yield
    except OSError as error:
        raise DataUnavailable(
            f"the cache {shown(parent)} must take the decoded images, got: {error.strerror or error};"
            " make room, or set HPO_CACHE_DIR to another folder"
        ) from error


@contextmanager
def _building(parent: Path) -> Iterator[Path]:
    """A fresh folder to build in; gone at the end, whatever happens, unless it was renamed."""
    parent.mkdir(parents=True, exist_ok=True)
    for left_over in parent.glob(f"{_BUILDING}*"):
        with _tolerating_removal():
            if time.time() - left_over.stat().st_mtime > _DAY:
                shutil.rmtree(left_over)
    folder = parent / f"{_BUILDING}{token_hex(8)}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _tolerating_removal() -> Iterator[None]:
    """Another process may tidy the same folders at the same time."""
    try:
        yield
    except FileNotFoundError:
        return


def _check_room(parent: Path, needed: int) -> None:
    free = shutil.disk_usage(parent).free
    if needed > free:
        raise DataUnavailable(
            f"the decoded images must fit on the disk of {shown(parent)}, got {megabytes(free)} for {megabytes(needed)};"
            " choose a smaller data.shape, make room, or set HPO_CACHE_DIR to another folder"
        )


def _write_array(path: Path, kind: str, shape: tuple[int, ...], parts: Iterable[Pixels | NDArray[np.int64]]) -> str:
    """Write a .npy file in parts and give the SHA-256 of its data.

    By plain writes and not through a memory map: on a full disk those raise, where a map kills the process with SIGBUS.
    """
    total, written = sha256(), 0
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})
        for part in parts:
            content = np.ascontiguousarray(part, dtype=np.dtype(kind)).data
            total.update(content)
            written += file.write(content)
        _sync(file)
    expected = int(np.prod(shape)) * np.dtype(kind).itemsize
    if written != expected:
        raise AssertionError(f"{expected} bytes announced for {path.name}, {written} written")
    return total.hexdigest()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        _sync(file)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _publish(building: Path, folder: Path) -> None:
    """Rename into place. A whole entry that is there already stays; a broken one is moved aside and removed."""
    while True:
        try:
            building.rename(folder)
            return
        except OSError as error:
            if error.errno not in {EEXIST, ENOTDIR, ENOTEMPTY}:
                raise
        try:
            trusted(folder)
            return
        except FileNotFoundError:
            continue
        except Broken:
            aside = folder.with_name(f"{_BUILDING}{token_hex(8)}")
            with _tolerating_removal():
                folder.rename(aside)
                shutil.rmtree(aside) if aside.is_dir() else aside.unlink()
