"""CIFAR-10's Python batches: a pickle each, read only when its sum is right, and then with nothing but arrays allowed."""

import io
import os
import pickle
import tarfile
import zlib
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path
from typing import Any

import numpy as np

from .original import Contents, Original, Unusable
from .places import original_folders
from .torchvision import datasets

FOLDER, ARCHIVE = "cifar-10-batches-py", "cifar-10-python.tar.gz"
_LARGEST = 64 * 2**20


def _holds(place: Path) -> bool:
    return os.path.isdir(place / FOLDER) or os.path.isfile(place / ARCHIVE)


def _read(place: Path) -> Contents:
    known = datasets().CIFAR10
    sums = dict([*known.train_list, *known.test_list])
    batches = [unpickle(content) for content in _contents(place, sums)]
    pixels = np.concatenate([batch["data"] for batch in batches]).reshape(-1, 3, 32, 32)
    labels = np.concatenate([np.array(batch["labels"], dtype=np.int64) for batch in batches])
    return Contents(pixels, labels, train=sum(len(batch["labels"]) for batch in batches[: len(known.train_list)]))


def _contents(place: Path, sums: dict[str, str]) -> Iterator[bytes]:
    """The bytes of each batch, in the order of the sums. The archive is read in place, not unpacked."""
    try:
        if os.path.isdir(place / FOLDER):
            for name, expected in sums.items():
                yield _checked(name, (place / FOLDER / name).read_bytes(), expected)
            return
        with tarfile.open(place / ARCHIVE) as archive:
            for name, expected in sums.items():
                member = archive.extractfile(f"{FOLDER}/{name}")
                yield _checked(name, member.read(_LARGEST) if member else b"", expected)
    except (OSError, EOFError, KeyError, zlib.error, tarfile.TarError) as error:
        raise Unusable(f"CIFAR-10's batches cannot be read ({error})") from None


def _checked(name: str, content: bytes, expected: str) -> bytes:
    if md5(content, usedforsecurity=False).hexdigest() != expected:
        raise Unusable(f"{name} has the wrong checksum")
    return content


def unpickle(content: bytes) -> dict[str, Any]:
    """A batch: data, uint8 (n, 3072), and labels. Raises Unusable when the pickle asks for more than an array.

    MD5 is what there is for these files, and no longer keeps a forger out; the allow-list does.
    """
    try:
        return dict(_Batch(io.BytesIO(content), encoding="latin1").load())
    # A broken pickle raises nearly anything: UnpicklingError, EOFError, ValueError, KeyError, IndexError, TypeError.
    except Exception as error:
        raise Unusable(f"a batch of CIFAR-10 is not what it should be ({error})") from error


_ALLOWED: dict[tuple[str, str], Any] = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


class _Batch(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return _ALLOWED[module, name]


CIFAR10 = Original(
    name="cifar10",
    torchvision="CIFAR10",
    layout=f"{FOLDER}/*, {ARCHIVE}, or a folder or zip of images called cifar10*",
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    places=original_folders,
    holds=_holds,
    read=_read,
)
