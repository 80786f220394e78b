"""What a guess gets right of the validation images without a look at them: the level that a network has to beat. Pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ERRORS = 3
"""Standard errors that a guess is allowed."""

_MIXED = np.linspace(0, 1, 201)


class Guess(NamedTuple):
    """Guesses at the labels of a split; accuracies in [0, 1]."""

    commonest: str
    """Name of the class with the most images."""
    share: float
    """Of the images that are of that class: the accuracy of who always says so."""
    images: int
    classes: int
    """That have any images."""
    unbalanced: bool
    """Whether accuracy alone deceives: the commonest class has at least 1.5 times the images of the rarest, and two more."""
    accuracy: float
    """Of a network that says nothing about the images, at the most: three standard errors above the mean."""
    balanced_accuracy: float
    """The same of the balanced accuracy, whose mean is 1 / classes for any guess."""

    def sentences(self) -> Iterator[str]:
        """What to know of unbalanced classes before an accuracy is believed; nothing of others."""
        if self.unbalanced:
            yield (
                f"a guess of the commonest class, '{self.commonest}', is right in {100 * self.share:.4g} % of the validation"
                " images: accuracy has that to beat, balanced accuracy counts every class alike"
            )


def guess(labels: NDArray[np.int64], names: Sequence[str]) -> Guess:
    """What a guess gets right of images with these labels (images,), which are places in the names."""
    sizes = np.bincount(labels, minlength=len(names))
    most, least = int(sizes.max()), int(sizes.min())
    there = np.sort(sizes[sizes > 0])[::-1]
    return Guess(
        commonest=names[int(sizes.argmax())],
        share=most / len(labels),
        images=len(labels),
        classes=len(there),
        unbalanced=most >= 1.5 * least and most - least >= 2,
        accuracy=_accuracy(there / len(labels), len(labels)),
        balanced_accuracy=_balanced_accuracy(there),
    )


def _accuracy(shares: NDArray[np.float64], images: int) -> float:
    """The highest mean and three standard errors of guesses that answer with the commonest class or with any of the m commonest.

    Answers k come with probability q_k, whatever the image: the mean is the sum of q_k p_k, the variance that of
    p_k q_k (1 - q_k) over the images. For classes of one size all of them are answered alike: 1 / classes and three errors.
    """
    some = np.arange(1, len(shares) + 1)[:, None]
    summed = np.cumsum(shares)[:, None]
    each = _MIXED / some
    first = 1 - _MIXED + each
    means = shares[0] * first + (summed - shares[0]) * each
    variances = shares[0] * first * (1 - first) + (summed - shares[0]) * each * (1 - each)
    return float((means + ERRORS * np.sqrt(variances / images)).max())


def _balanced_accuracy(sizes: NDArray[np.int64]) -> float:
    """1 / classes and three standard errors of the guess, among any of the m rarest classes, that varies the most.

    The variance is the sum of q_k (1 - q_k) / (images of class k) over the squared number of classes.
    """
    some = np.arange(1, len(sizes) + 1)
    variances = np.cumsum(1 / sizes[::-1]) / some * (1 - 1 / some) / len(sizes) ** 2
    return float(1 / len(sizes) + ERRORS * np.sqrt(variances.max()))
