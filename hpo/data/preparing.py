"""From what a study says of its images to arrays on disk and the positions in them."""

from collections.abc import Iterator
from hashlib import sha256

from ..guess import guess
from ..spec.data import DataSpec, Shape
from . import cache, source
from .cache import Entry
from .collection import Say
from .decode import RULE
from .prepared import Prepared
from .resizing import resized
from .scarce import scarce
from .source import Source
from .split import Split, split
from .storing import store
from .text import counted, dimensions


def silent(line: str) -> None:
    """Say nothing."""


def prepare(spec: DataSpec, *, say: Say = silent) -> Prepared:
    """Find, decode, cache and split the images of a study. With a warm cache this takes milliseconds.

    `say` is given a line on each longer piece of work while it is done: downloading, decoding, mending the cache. What was
    done to the images themselves is in the notes of the result, from now on and on every later call. Raises DataUnavailable.
    """
    found = source.find(spec.name)
    entry = entry_of(found, spec.input_shape(), say)
    parts = split(spec, entry.labels, entry.meta.counts, entry.meta.ordered)
    level = guess(entry.labels[parts.validation], entry.meta.classes)
    return Prepared(
        images=entry.images,
        labels=entry.folder / "labels.npy",
        train=parts.train,
        validation=parts.validation,
        test=parts.test,
        shape=entry.meta.shape,
        classes=entry.meta.classes,
        scale=spec.scale,
        sha256=_digest(spec, entry, parts),
        notes=(_provenance(entry), *found.notes, *entry.meta.notes, *parts.notes, *_warnings(entry, parts), *level.sentences()),
        guess=level,
    )


def entry_of(found: Source, shape: Shape | None, say: Say) -> Entry:
    """The entry of a data set at a shape (None: its own), from the cache or made now. Raises DataUnavailable."""
    entry = cache.find(found.key, shape)
    if entry is not None:
        return entry
    if found.at_any_shape:
        return store(found.key, found.name, found.kind, found.collect(shape, say), say)
    base = cache.find(found.key, None) or store(found.key, found.name, found.kind, found.collect(None, say), say)
    if shape is None or shape == base.meta.shape:
        return base
    return store(found.key, found.name, found.kind, resized(base, shape), say)


def _provenance(entry: Entry) -> str:
    meta = entry.meta
    return f"{counted(sum(meta.counts), 'image')} of {dimensions(meta.shape)} in {len(meta.classes)} classes, from {meta.source}"


def _warnings(entry: Entry, parts: Split) -> Iterator[str]:
    """What the user should know before anything trains on these images."""
    meta = entry.meta
    if meta.kind == "imported" and meta.rule < RULE:
        yield (
            "they were imported by an earlier version of hpo, which dropped transparency, the turn in EXIF and the lower byte of"
            " 16 bits: where files have any of these, import them again"
        )
    yield from scarce(parts, entry.labels, meta.classes)


def _digest(spec: DataSpec, entry: Entry, parts: Split) -> str:
    """Of all that training can see of the images."""
    sums = entry.meta.sha256
    total = sha256(repr((sums.images, sums.labels, entry.meta.shape, len(entry.meta.classes), spec.scale)).encode())
    for positions in (parts.train, parts.validation, parts.test):
        total.update(len(positions).to_bytes(8, "little"))
        total.update(positions.astype("<i8").tobytes())
    return total.hexdigest()
