"""A cached data set at another shape."""

from collections.abc import Iterator

import numpy as np

from ..spec.data import Shape
from .cache import Entry
from .collection import Collection, Pixels
from .fitting import Fitting, batch_size


def resized(entry: Entry, shape: Shape) -> Collection:
    """The images of an entry, brought to another shape. Raises DataUnavailable when it has other than 1 or 3 channels."""
    meta, fitting = entry.meta, Fitting(shape)
    return Collection(
        source=meta.source,
        classes=meta.classes,
        labels=entry.labels,
        counts=meta.counts,
        shape=shape,
        own_shape=meta.own_shape,
        ordered=meta.ordered,
        batches=_batches(entry, fitting),
        notes=lambda: (*meta.notes, *fitting.notes()),
    )


def _batches(entry: Entry, fitting: Fitting) -> Iterator[Pixels]:
    from PIL import Image

    pixels = entry.pixels()
    size = batch_size(fitting.shape)
    for begin in range(0, len(pixels), size):
        rows = pixels[begin : begin + size].transpose(0, 2, 3, 1)
        pictures = (Image.fromarray(np.ascontiguousarray(row.squeeze(2) if row.shape[2] == 1 else row)) for row in rows)
        yield np.stack([fitting(picture) for picture in pictures])
