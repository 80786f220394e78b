"""Classes and splits with a single image or none: what is said of them rests on nothing."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .split import Split
from .text import shown

_SHOWN = 3
_WORDS = {"train": "training", "validation": "validation", "test": "test"}


def scarce(parts: Split, labels: NDArray[np.int64], classes: Sequence[str]) -> Iterator[str]:
    """A sentence for each split in which classes, or all of them together, have one image or none."""
    for split, word in _WORDS.items():
        mine: NDArray[np.int64] = getattr(parts, split)
        if len(mine) == 1:
            yield f"the {word} split has a single image: its accuracy is 0 or 100 %"
        elif len(mine):
            sizes = np.bincount(labels[mine], minlength=len(classes))
            yield from _of_classes(f"no {word} image", [name for name, size in zip(classes, sizes, strict=True) if size == 0])
            single = [name for name, size in zip(classes, sizes, strict=True) if size == 1]
            yield from _of_classes(f"a single {word} image", single)


def _of_classes(what: str, names: Sequence[str]) -> Iterator[str]:
    if not names:
        return
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    named = ", ".join(f"'{shown(name)}'" for name in names[:_SHOWN])
    yield f"{f'{len(names):,} classes have' if len(names) > 1 else '1 class has'} {what}: {named}{more}"
