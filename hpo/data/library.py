"""The data sets of this machine, for the command line: what there is, getting more, adding one's own, checking them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from ..errors import DataUnavailable, UsageError, unknown
from ..spec.data import KNOWN_SHAPES, Shape
from . import cache, digits
from .cache import Broken, Entry
from .collection import Say
from .preparing import entry_of, silent
from .source import IMPORT_NAME, NAMES, ORIGINALS, find, from_path, whereabouts
from .storing import store
from .text import shown


@dataclass(frozen=True, slots=True)
class DataSet:
    """One line of the list of data sets."""

    name: str
    """What `[data] name` and `--data` understand; for images cached from a path, that path."""
    kind: str
    """'named', 'imported' or 'files'."""
    shape: Shape
    """(channels, height, width)"""
    classes: tuple[str, ...]
    images: int | None
    """How many there are; None before the data set has been read for the first time."""
    size: int
    """Bytes in the cache; 0 before the first use."""
    where: str
    """Where the images came from, or would come from."""
    folder: Path | None
    """The entry in the cache."""


def available() -> tuple[DataSet, ...]:
    """The known data sets, cached or not, then what was imported or cached from paths; each once for every shape it has there."""
    cached = [_line(entry) for entry in cache.entries()]
    present = {line.name for line in cached}
    absent = [_absent(name) for name in NAMES if name not in present]
    order = {name: place for place, name in enumerate(NAMES)}
    return tuple(sorted([*cached, *absent], key=lambda line: (order.get(line.name, len(order)), line.name, line.shape)))


def fetch(name: str, *, say: Say = silent) -> DataSet:
    """Get a known data set ready, from this machine or the network. Raises DataUnavailable."""
    if name not in NAMES:
        raise DataUnavailable(unknown("data set", shown(name), NAMES))
    return _line(entry_of(find(name), KNOWN_SHAPES[name], say))


def import_(path: str | Path, name: str, *, shape: Shape | None = None, say: Say = silent) -> DataSet:
    """Copy the images of a folder or zip into the cache, at a shape or at that of the first one, as a data set of a new name.

    Raises UsageError when the name is taken or is no name, DataUnavailable when an image or the layout is not right; then
    nothing is kept.
    """
    if not IMPORT_NAME.fullmatch(name):
        raise UsageError(f"a data set's name is of a-z, 0-9, - and _, up to 64 of them, got '{shown(name)}'")
    if name in NAMES or cache.known(name):
        where = f" (remove {shown(cache.folders(name)[0])} to import it anew)" if cache.known(name) else ""
        raise UsageError(f"a data set's name must be new, got '{name}', which is there already{where}; choose another")
    images = from_path(str(path)).collect(shape, say)
    return _line(store(name, name, "imported", replace(images, own_shape=images.shape), say))


class Check(NamedTuple):
    """What became of an entry of the cache under a full check."""

    folder: Path
    fault: str | None
    """None when every bit is as it was written."""


def verify() -> tuple[Check, ...]:
    """Read every cached image and compare the sums.

    What a faulty entry's folder holds is made again once the folder is removed; imported images have to be imported again.
    """
    return tuple(Check(folder, _fault(folder)) for folder in cache.folders("[!.]*"))


def _fault(folder: Path) -> str | None:
    try:
        cache.verify(cache.read(folder))
    except Broken as fault:
        return str(fault)
    return None


def _line(entry: Entry) -> DataSet:
    meta = entry.meta
    return DataSet(
        name=meta.source if meta.kind == "files" else meta.key,
        kind=meta.kind,
        shape=meta.shape,
        classes=meta.classes,
        images=sum(meta.counts),
        size=entry.size,
        where=meta.source,
        folder=entry.folder,
    )


def _absent(name: str) -> DataSet:
    classes = digits.CLASSES if name == "digits" else ORIGINALS[name].classes
    return DataSet(name, "named", KNOWN_SHAPES[name], classes, None, 0, whereabouts(name), None)
