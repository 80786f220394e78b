"""Image files for the tests, and zips of them."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from hpo.data.collection import Pixels

Make = Callable[..., Path]
"""Makes a folder of images; see the fixture `make_folder`."""


def pattern(seed: int, shape: tuple[int, int, int] = (3, 6, 6)) -> Pixels:
    """(channels, height, width) of noise that a seed tells apart."""
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def save(path: Path, pixels: Pixels, mode: str | None = None) -> None:
    """Write pixels as an image file, whose format the name tells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = pixels.transpose(1, 2, 0)
    image = Image.fromarray(rows[:, :, 0] if rows.shape[2] == 1 else rows)
    (image if mode is None else image.convert(mode)).save(path)


def zip_of(folder: Path, to: Path, backwards: bool = False) -> Path:
    """A zip of all files of a folder, in the order of their names or against it."""
    with zipfile.ZipFile(to, "w") as archive:
        for file in sorted(folder.rglob("*"), reverse=backwards):
            if file.is_file():
                archive.write(file, file.relative_to(folder).as_posix())
    return to
