"""Which images train and which validate: exact proportions, by integer arithmetic, the same on every platform."""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DataUnavailable
from ..seeds import derive
from ..spec.data import DataSpec
from .text import counted

Indices = NDArray[np.int64]


class Counts(NamedTuple):
    """Images of a data set, which lie in this order. No validation images: they are taken from the training images."""

    train: int
    validation: int
    test: int


class Split(NamedTuple):
    """Ascending positions of the images that train, validate and test, and what was done to get them."""

    train: Indices
    validation: Indices
    test: Indices
    notes: tuple[str, ...]


def split(spec: DataSpec, labels: NDArray[np.int64], counts: Counts, ordered: bool) -> Split:
    """Divide a data set as a study asks, cutting the sizes to what there is.

    `ordered` tells whether the order of the images means anything; without it an ordered split would follow the names of
    the classes, so a stratified one is made. Raises DataUnavailable when there are too few images to divide.
    """
    train, validation, notes = _sizes(spec, counts)
    pool = np.arange(counts.train, dtype=np.int64)
    test = np.arange(counts.train + counts.validation, sum(counts), dtype=np.int64)
    if spec.split == "ordered" and not ordered:
        notes += ("images in folders have no order: the split is stratified instead of ordered",)
    draw = _first_and_last if spec.split == "ordered" and ordered else partial(stratified, labels, seed=spec.split_seed)
    if counts.validation:
        own = np.arange(counts.train, counts.train + counts.validation, dtype=np.int64)
        parts = (draw(pool, train, 0)[0], draw(own, validation, 0)[0])
    else:
        parts = draw(pool, train, validation)
    how = "in the order of the files" if spec.split == "ordered" and ordered else f"stratified, seed {spec.split_seed}"
    made = f"{len(parts[0]):,} to train on, {len(parts[1]):,} to validate on, {len(test):,} to test ({how})"
    return Split(*parts, test, (*notes, made))


def _first_and_last(pool: Indices, first: int, second: int) -> tuple[Indices, Indices]:
    return pool[:first], pool[len(pool) - second :]


def _sizes(spec: DataSpec, counts: Counts) -> tuple[int, int, tuple[str, ...]]:
    """How many images train and validate, and a note when that is less than was asked for."""
    asked = (spec.train, spec.validation)
    if counts.validation:
        sizes = (min(spec.train, counts.train), min(spec.validation, counts.validation))
        there = f"{counts.train:,} + {counts.validation:,}"
    else:
        if counts.train < 2:
            raise DataUnavailable(f"training and validation need an image each, got {counts.train} in all; use more images")
        sizes = _in_proportion(*asked, counts.train)
        there = f"{counts.train:,} in all"
    if sizes == asked:
        return *sizes, ()
    note = (
        f"{spec.train:,} training + {spec.validation:,} validation images asked for, {there} to be had:"
        f" cut to {sizes[0]:,} + {sizes[1]:,}"
    )
    return *sizes, (note,)


def _in_proportion(train: int, validation: int, there: int) -> tuple[int, int]:
    if train + validation <= there:
        return train, validation
    cut = min(max(there * train // (train + validation), 1), there - 1)
    return cut, there - cut


def stratified(labels: NDArray[np.int64], pool: Indices, first: int, second: int, seed: int) -> tuple[Indices, Indices]:
    """Two disjoint draws from a pool of positions, each with the classes in the pool's proportions (largest remainders).

    The order within a class comes from the raw output of a PCG64, a stream that NumPy promises not to change (NEP 19).
    """
    classes, of_class = np.unique(labels[pool], return_inverse=True)
    sizes = np.bincount(of_class, minlength=len(classes))
    both = allocate(first + second, sizes)
    to_first = allocate(first, both)
    drawn: tuple[list[Indices], list[Indices]] = ([], [])
    for index, name in enumerate(classes.tolist()):
        members = pool[of_class == index]
        keys = np.random.PCG64(derive(seed, "split", name)).random_raw(len(members))
        members = members[np.argsort(keys, kind="stable")]
        drawn[0].append(members[: to_first[index]])
        drawn[1].append(members[to_first[index] : both[index]])
    return np.sort(np.concatenate(drawn[0])), np.sort(np.concatenate(drawn[1]))


def allocate(total: int, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Shares of `total` in proportion to `sizes`, whole numbers by largest remainder; ties go to the earlier class.

    No share exceeds its size as long as the total does not exceed the sum of the sizes.
    """
    exact = [total * size for size in sizes.tolist()]
    whole = sum(sizes.tolist())
    shares = [share // whole for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: (-(exact[index] % whole), index))
    for index in by_remainder[: total - sum(shares)]:
        shares[index] += 1
    return np.array(shares, dtype=np.int64)


def hold_out(labels: NDArray[np.int64]) -> tuple[Indices, Indices, str]:
    """Set a stratified fifth aside as test images where a data set has none: (the rest, the fifth, a note).

    The draw has a fixed seed of its own: the test images of a data set are the same for every study.
    """
    everything = np.arange(len(labels), dtype=np.int64)
    fifth = max(1, round(len(labels) / 5))
    test, rest = stratified(labels, everything, fifth, len(labels) - fifth, derive(0, "hold-out"))
    note = f"no test images of its own: {counted(fifth, 'image')} of {len(labels):,} set aside, stratified, with a fixed seed"
    return rest, test, note
