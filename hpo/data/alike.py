"""Images that nothing can be learnt from, since they do not differ."""

from collections.abc import Iterable, Iterator

from .collection import Pixels
from .text import counted


class Alike:
    """Looks at a data set's images as they pass."""

    def __init__(self) -> None:
        self._first: Pixels | None = None
        self._images = self._equal = self._plain = 0

    def watch(self, batches: Iterable[Pixels]) -> Iterator[Pixels]:
        """The same batches, (n, channels, height, width)."""
        for batch in batches:
            self._first = batch[0] if self._first is None else self._first
            self._images += len(batch)
            self._equal += int((batch == self._first).all(axis=(1, 2, 3)).sum())
            self._plain += int((batch == batch[..., :1, :1]).all(axis=(1, 2, 3)).sum())
            yield batch

    def notes(self) -> Iterator[str]:
        """What stands out once all have passed."""
        images = counted(self._images, "image")
        if self._equal == self._images > 0:
            colour = ", of one colour throughout" if self._plain else ""
            yield f"all {images} are equal, pixel by pixel{colour}: nothing can be learnt from them"
        elif 2 * self._plain >= self._images > 0:
            yield f"{self._plain:,} of {images} show one colour throughout: look whether they are what you mean"
