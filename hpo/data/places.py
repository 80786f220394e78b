"""The folders where images are looked for and kept."""

import os
from pathlib import Path

DEBIAN_FASHION_MNIST = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's package dataset-fashion-mnist puts the four files."""


def cache_root() -> Path:
    """What may be deleted at any time: HPO_CACHE_DIR, else the user's cache folder."""
    chosen = os.environ.get("HPO_CACHE_DIR")
    if chosen:
        return Path(chosen).absolute()
    from platformdirs import user_cache_path

    return user_cache_path("hpo")


def arrays_folder() -> Path:
    """The folder of the decoded images, one folder an entry."""
    return cache_root() / "data"


def own_folder() -> Path | None:
    """The user's folder of originals, HPO_DATA_DIR, where it is set."""
    chosen = os.environ.get("HPO_DATA_DIR")
    return Path(chosen).absolute() if chosen else None


def download_folder() -> Path:
    """Where originals are downloaded to: HPO_DATA_DIR where it can be written, else the user's cache folder."""
    own = own_folder()
    return own if own and os.access(own, os.W_OK) else cache_root() / "downloads"


def original_folders() -> tuple[Path, ...]:
    """Where originals in torchvision's layout are looked for, the user's folder first."""
    own = own_folder()
    return (*([own] if own else []), cache_root() / "downloads")
