"""What a tree of files means as a data set: <split>/<class>/<image> or <class>/<image>."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NamedTuple

from ..errors import DataUnavailable, unknown
from .decode import SUFFIXES
from .text import counted, shown
from .tree import Listing

SPLITS = ("train", "validation", "test")

_MOST_FAULTS = 20

_NOT_DATA = {"__MACOSX", "Thumbs.db", "desktop.ini"}


class Picture(NamedTuple):
    """An image file and what its folders say of it."""

    split: str
    """'train', 'validation' or 'test'."""
    label: int
    """Position in the classes."""
    file: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The pictures of a data set, sorted by split, class and name."""

    classes: tuple[str, ...]
    pictures: tuple[Picture, ...]
    left_out: tuple[str, ...]
    """Files that are no images."""


def arrange(listing: Listing) -> Layout:
    """Read the splits and classes off the names; hidden files and those that are no images are left out.

    Folders above the splits or classes do not matter as long as there is one at each level. Raises DataUnavailable, with all
    the faults, on images at other depths, unknown splits, empty classes, classes that a split lacks, and fewer than 2 classes.
    """
    names = [name for name in listing.files if not _hidden(name)]
    files = [tuple(name.split("/")) for name in names if PurePosixPath(name).suffix.lower() in SUFFIXES]
    folders = [tuple(name.split("/")) for name in listing.folders if not _hidden(name)]
    if not files:
        raise _fault([f"there is no image ({', '.join(sorted(SUFFIXES))}) among its {counted(len(listing.files), 'file')}"])
    above = _above(files)
    inner_files = [file[above:] for file in files]
    inner_folders = [folder[above:] for folder in folders if folder[:above] == files[0][:above]]
    depth = _depth(inner_files)
    groups = _groups(inner_files, inner_folders, depth)
    if faults := [*_faults(groups)]:
        raise _fault(faults)
    prefix = "".join(f"{part}/" for part in files[0][:above])
    classes = sorted({label for _, label in groups})
    pictures = tuple(
        Picture(split, classes.index(label), prefix + "/".join(file))
        for split, label in sorted(groups, key=lambda group: (SPLITS.index(group[0]), group[1]))
        for file in sorted(groups[split, label])
    )
    left_out = tuple(name for name in names if PurePosixPath(name).suffix.lower() not in SUFFIXES)
    return Layout(tuple(map(shown, classes)), pictures, left_out)


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part in _NOT_DATA for part in name.split("/"))


def _above(files: list[tuple[str, ...]]) -> int:
    """How many folders hold all the rest, so that they are neither split nor class."""
    shortest = min(map(len, files))
    above = 0
    while shortest - above > 2 and files[0][above] not in SPLITS and len({file[above] for file in files}) == 1:
        above += 1
    return above


def _depth(files: list[tuple[str, ...]]) -> int:
    """3 with split folders, 2 without."""
    depth = 3 if any(len(file) == 3 for file in files) else 2
    odd = next((file for file in files if len(file) != depth), None)
    if odd is not None:
        raise _fault([f"'{shown('/'.join(odd))}' lies elsewhere"])
    return depth


Groups = dict[tuple[str, str], list[tuple[str, ...]]]


def _groups(files: Iterable[tuple[str, ...]], folders: Iterable[tuple[str, ...]], depth: int) -> Groups:
    """The files of each split and class, those without a file included."""
    groups: Groups = defaultdict(list)
    for file in files:
        groups[_group(file, depth)].append(file)
    for folder in folders:
        if len(folder) == depth - 1:
            groups[_group((*folder, ""), depth)].extend(())
    return dict(groups)


def _group(file: tuple[str, ...], depth: int) -> tuple[str, str]:
    return (file[0], file[1]) if depth == 3 else ("train", file[0])


def _faults(groups: Groups) -> Iterator[str]:
    splits = sorted({split for split, _ in groups})
    classes = sorted({label for _, label in groups})
    yield from (unknown("split folder", shown(split), SPLITS) for split in splits if split not in SPLITS)
    if "train" not in splits:
        yield "there are no training images: a split folder must be called 'train'"
    if set(classes) <= set(SPLITS):
        yield f"the images lie in '{shown(classes[0])}' itself, not in folders of their classes"
    elif len(classes) < 2:
        yield f"images of 2 classes or more are needed, got those of '{shown(classes[0])}' only"
    for split in splits:
        for label in classes:
            if not groups.get((split, label)):
                where = f"{split}/{label}" if len(splits) > 1 else label
                yield f"every class needs images in every split: there are none in '{shown(where)}'"


def _fault(faults: list[str]) -> DataUnavailable:
    rule = "images lie in <split>/<class>/<image> or <class>/<image>"
    if len(faults) == 1:
        return DataUnavailable(f"{rule}: {faults[0]}")
    more = [f"and {len(faults) - _MOST_FAULTS:,} more"] if len(faults) > _MOST_FAULTS else []
    return DataUnavailable("\n  ".join([f"{rule}:", *faults[:_MOST_FAULTS], *more]))
