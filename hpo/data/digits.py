"""scikit-learn's handwritten digits, which need no network."""

import numpy as np

from .collection import Collection
from .split import Counts, hold_out

CLASSES = tuple("0123456789")


def collect() -> Collection:
    """All 1,797 images of 8x8, their values 0..16 spread over 0..255, a fifth of them set aside as test images."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    labels = np.asarray(digits.target, dtype=np.int64)
    pixels = np.rint(np.asarray(digits.images) * (255 / 16)).astype(np.uint8)[:, None]
    rest, fifth, note = hold_out(labels)
    order = np.concatenate([rest, fifth])
    return Collection(
        source="scikit-learn",
        classes=CLASSES,
        labels=labels[order],
        counts=Counts(len(rest), 0, len(fifth)),
        shape=(1, 8, 8),
        own_shape=(1, 8, 8),
        ordered=True,
        batches=[pixels[order]],
        notes=lambda: (note,),
    )
