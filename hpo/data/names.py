"""What the names of folders and files say: which split, which class, and whether it is data at all."""

from unicodedata import normalize

SPLITS = ("train", "validation", "test")

_SPLIT_NAMES = {"train": "train", "training": "train", "test": "test", "testing": "test"}
_SPLIT_NAMES |= dict.fromkeys(("validation", "val", "valid", "dev"), "validation")

_NOT_DATA = frozenset({
    "__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "@eadir", "$recycle.bin", "system volume information", "lost+found",
    "__pycache__",
})  # fmt: skip
"""What systems and programs leave behind, in lower case."""


def split_of(folder: str) -> str | None:
    """Which of SPLITS a folder's name means, in capitals or not; None for any other name."""
    return _SPLIT_NAMES.get(folder.casefold())


def class_of(folder: str) -> str:
    """The class that a folder's name means: é is one letter, whether a system writes it as one (NFC) or with its accent apart."""
    return normalize("NFC", folder)


def look(name: str) -> str:
    """Equal for names that a person might take for one: they differ by case, by spaces at the ends or by forms of letters."""
    return normalize("NFKC", name).strip().casefold()


def hidden(part: str) -> bool:
    """Whether a file or folder of this name is none of the data."""
    return part.startswith(".") or part.casefold() in _NOT_DATA
