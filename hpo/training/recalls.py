"""The balanced accuracy of networks on a split: the mean of their recalls, as every class counts alike in it."""

import numpy as np
import torch
from torch import Tensor


class Recalls:
    """The classes of a split, (B,) labels."""

    def __init__(self, labels: Tensor) -> None:
        self._order = labels.cpu().argsort(stable=True)
        _, starts, self._sizes = np.unique(labels.cpu()[self._order].numpy(), return_index=True, return_counts=True)
        self._starts = starts

    def mean(self, right: Tensor) -> Tensor:
        """Of which answers are right, (L, B), the mean over the classes that have images, (L,)."""
        by_class = np.add.reduceat(right.cpu()[:, self._order].numpy(), self._starts, axis=1, dtype=np.int64)
        return torch.from_numpy((by_class / self._sizes).mean(axis=1))
