"""MNIST's and Fashion-MNIST's own files, plain or compressed, checked against the sums of their published contents."""

import gzip
import os
import zlib
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .original import Contents, Original, Unusable
from .places import DEBIAN_FASHION_MNIST, original_folders

_IMAGES, _LABELS = ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte"), ("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte")
_LARGEST = 64 * 2**20

_MNIST_SUMS = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
_FASHION_SUMS = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
"""SHA-256 of the unpacked files. torchvision knows the MD5 of its own compressed ones only; Debian compresses them anew."""


def _holds(folder: Path) -> bool:
    return all(any(map(os.path.isfile, _candidates(folder, name))) for name in (*_IMAGES, *_LABELS))


def _read(sums: Mapping[str, str], folder: Path) -> Contents:
    images = [_content(folder, name, sums[name])[16:] for name in _IMAGES]
    labels = [_content(folder, name, sums[name])[8:] for name in _LABELS]
    return Contents(_bytes(images).reshape(-1, 1, 28, 28), _bytes(labels).astype(np.int64), train=len(labels[0]))


def _bytes(parts: list[bytes]) -> NDArray[np.uint8]:
    return np.concatenate([np.frombuffer(part, dtype=np.uint8) for part in parts])


def _candidates(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / name, folder / f"{name}.gz"


def _content(folder: Path, name: str, expected: str) -> bytes:
    """The unpacked bytes of the first candidate whose sum is right. Raises Unusable with the faults of all."""
    faults = []
    for file in _candidates(folder, name):
        try:
            with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as source:
                content = source.read(_LARGEST)
        except FileNotFoundError:
            continue
        except (OSError, EOFError, zlib.error) as error:
            faults.append(f"{file.name} cannot be read ({error})")
            continue
        if sha256(content).hexdigest() == expected:
            return content
        faults.append(f"{file.name} has the wrong checksum")
    raise Unusable("; ".join(faults) or f"{name} is not there")


MNIST = Original(
    name="mnist",
    torchvision="MNIST",
    layout="MNIST/raw/*-ubyte",
    classes=tuple("0123456789"),
    places=lambda: tuple(folder / "MNIST" / "raw" for folder in original_folders()),
    holds=_holds,
    read=partial(_read, _MNIST_SUMS),
)

FASHION_MNIST = Original(
    name="fashion-mnist",
    torchvision="FashionMNIST",
    layout="FashionMNIST/raw/*-ubyte",
    classes=("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    places=lambda: (*(folder / "FashionMNIST" / "raw" for folder in original_folders()), DEBIAN_FASHION_MNIST),
    holds=_holds,
    read=partial(_read, _FASHION_SUMS),
)
