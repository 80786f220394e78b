"""What a tree of files means as a data set: <split>/<class>/<image> or <class>/<image>."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import NamedTuple

from ..errors import DataUnavailable, unknown
from .decode import SUFFIXES
from .names import SPLITS, class_of, hidden, look, split_of
from .text import counted, shown
from .tree import Listing

_MOST_FAULTS = 20


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
    notes: tuple[str, ...] = ()
    """What is odd about the names, though nothing is wrong."""


def arrange(listing: Listing) -> Layout:
    """Read the splits and classes off the names; hidden files and those that are no images are left out.

    Folders above the splits or classes do not matter as long as there is one at each level. Raises DataUnavailable, with all
    the faults, on images at other depths, unknown splits, two folders of one split, empty classes, classes that a split lacks,
    and fewer than 2 classes.
    """
    names = [name for name in listing.files if not _hidden(name)]
    files = [tuple(name.split("/")) for name in names if _is_picture(name)]
    folders = [tuple(name.split("/")) for name in listing.folders if not _hidden(name)]
    if not files:
        raise _fault([f"there is no image ({', '.join(sorted(SUFFIXES))}) among its {counted(len(listing.files), 'file')}"])
    above = _above(files)
    inner_files = [file[above:] for file in files]
    inner_folders = [folder[above:] for folder in folders if folder[:above] == files[0][:above]]
    depth = _depth(inner_files)
    groups = _groups(inner_files, inner_folders, depth)
    others = _groups((name.split("/")[above:] for name in names if not _is_picture(name)), (), depth)
    if faults := [*_doubled(inner_files, depth), *_faults(groups, others)]:
        raise _fault(faults)
    prefix = "".join(f"{part}/" for part in files[0][:above])
    classes = sorted({label for _, label in groups})
    pictures = tuple(
        Picture(split, classes.index(label), prefix + "/".join(file))
        for split, label in sorted(groups, key=lambda group: (SPLITS.index(group[0]), group[1]))
        for file in sorted(groups[split, label])
    )
    left_out = tuple(name for name in names if not _is_picture(name))
    return Layout(tuple(map(shown, classes)), pictures, left_out, tuple(_odd(classes, inner_files)))


def _hidden(name: str) -> bool:
    return any(map(hidden, name.split("/")))


def _is_picture(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _above(files: list[tuple[str, ...]]) -> int:
    """How many folders hold all the rest, so that they are neither split nor class."""
    shortest = min(map(len, files))
    above = 0
    while shortest - above > 2 and split_of(files[0][above]) is None and len({file[above] for file in files}) == 1:
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


def _groups(files: Iterable[Sequence[str]], folders: Iterable[tuple[str, ...]], depth: int) -> Groups:
    """The files of each split and class, those without a file included."""
    groups: Groups = defaultdict(list)
    for file in files:
        if len(file) == depth:
            groups[_group(file, depth)].append(tuple(file))
    for folder in folders:
        if len(folder) == depth - 1:
            groups[_group((*folder, ""), depth)].extend(())
    return dict(groups)


def _group(file: Sequence[str], depth: int) -> tuple[str, str]:
    return (split_of(file[0]) or file[0], class_of(file[1])) if depth == 3 else ("train", class_of(file[0]))


def _doubled(files: Iterable[tuple[str, ...]], depth: int) -> Iterator[str]:
    """Splits that several folders claim."""
    folders = sorted({file[0] for file in files}) if depth == 3 else []
    for split in SPLITS:
        named = [f"'{shown(folder)}'" for folder in folders if split_of(folder) == split]
        if len(named) > 1:
            yield f"{' and '.join(named)} both mean the {split} split: bring their images into one folder"


def _odd(classes: list[str], files: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Names of classes that look alike and are not, and those that do not look alike and are one."""
    forms = {name for file in files for name in file[-2:-1]}
    for label in classes:
        if len([form for form in forms if class_of(form) == label]) > 1:
            yield f"class '{shown(label)}' is written in two Unicode forms: its folders are taken as one"
    for label, other in pairwise(sorted(classes, key=lambda label: (look(label), label))):
        if look(label) == look(other):
            yield f"classes '{shown(label)}' and '{shown(other)}' differ in case or spaces alone: they are taken as two"


def _faults(groups: Groups, others: Groups) -> Iterator[str]:
    splits = sorted({split for split, _ in groups})
    classes = sorted({label for _, label in groups})
    yield from (unknown("split folder", shown(split), SPLITS) for split in splits if split not in SPLITS)
    if "train" not in splits:
        yield "there are no training images: a split folder must be called 'train'"
    if all(map(split_of, classes)):
        yield f"the images lie in '{shown(classes[0])}' itself, not in folders of their classes"
    elif len(classes) < 2:
        yield f"images of 2 classes or more are needed, got those of '{shown(classes[0])}' only"
    for split in splits:
        for label in classes:
            if not groups.get((split, label)):
                where = f"{split}/{label}" if len(splits) > 1 else label
                why = _why(groups, others, split, label)
                yield f"every class needs images in every split: there are none in '{shown(where)}'{why}"


def _why(groups: Groups, others: Groups, split: str, label: str) -> str:
    """What there is in place of a class's images."""
    if found := others.get((split, label)):
        return f", but {counted(len(found), 'file')} of other kinds, '{shown(found[0][-1])}' first"
    near = next((name for part, name in groups if part == split and name != label and look(name) == look(label)), None)
    return "" if near is None else f", but in '{shown(near)}', which differs in case or spaces"


def _fault(faults: list[str]) -> DataUnavailable:
    rule = "images lie in <split>/<class>/<image> or <class>/<image>"
    if len(faults) == 1:
        return DataUnavailable(f"{rule}: {faults[0]}")
    more = [f"and {len(faults) - _MOST_FAULTS:,} more"] if len(faults) > _MOST_FAULTS else []
    return DataUnavailable("\n  ".join([f"{rule}:", *faults[:_MOST_FAULTS], *more]))
