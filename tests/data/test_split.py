"""The split of a data set."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from hpo.data.split import Counts, allocate, hold_out, split
from hpo.errors import DataUnavailable
from hpo.spec import DataSpec

LABELS = st.lists(st.integers(0, 4), min_size=2, max_size=200).map(lambda labels: np.array(labels, dtype=np.int64))


def spec(train: int, validation: int, kind: str = "stratified", seed: int = 0) -> DataSpec:
    """A data section that asks for a split."""
    return DataSpec.model_validate({"name": "x", "train": train, "validation": validation, "split": kind, "split_seed": seed})


@given(labels=LABELS, train=st.integers(1, 300), validation=st.integers(1, 300), kind=st.sampled_from(["stratified", "ordered"]))
def test_parts_are_disjoint_ascending_and_as_large_as_they_can_be(
    labels: NDArray[np.int64], train: int, validation: int, kind: str
) -> None:
    """No image is in two parts; sizes are those asked for, or use up the pool in their proportion within one image."""
    test_images = len(labels) // 4
    pool = len(labels) - test_images
    parts = split(spec(train, validation, kind), labels, Counts(pool, 0, test_images), ordered=True)
    together = np.concatenate(parts[:3])
    assert len(set(together.tolist())) == len(together)
    assert all((np.diff(part) > 0).all() for part in parts[:3])
    assert parts.test.tolist() == list(range(pool, len(labels)))
    assert parts.train.max(initial=0) < pool
    assert parts.validation.max(initial=0) < pool
    if train + validation <= pool:
        assert (len(parts.train), len(parts.validation)) == (train, validation)
    else:
        assert len(parts.train) + len(parts.validation) == pool
        assert abs(len(parts.train) - pool * train / (train + validation)) <= 1


@given(labels=LABELS, train=st.integers(1, 100), validation=st.integers(1, 100), seed=st.integers(0, 2**70))
def test_a_stratified_split_keeps_the_proportions_of_the_classes(
    labels: NDArray[np.int64], train: int, validation: int, seed: int
) -> None:
    """Each class has its exact share of each part, to less than two images."""
    parts = split(spec(train, validation, seed=seed), labels, Counts(len(labels), 0, 0), ordered=True)
    for part in (parts.train, parts.validation):
        for label in range(5):
            share = len(part) * np.mean(labels == label)
            assert abs(np.sum(labels[part] == label) - share) < 2


@given(labels=LABELS, seed=st.integers(0, 1000))
def test_a_split_depends_on_its_seed_and_labels_only(labels: NDArray[np.int64], seed: int) -> None:
    """Asking twice gives the same positions."""
    first, second = (split(spec(50, 50, seed=seed), labels, Counts(len(labels), 0, 0), ordered=True) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first[:3], second[:3], strict=True))


def test_another_seed_draws_other_images() -> None:
    """The split seed changes which images train."""
    labels = np.repeat(np.arange(4), 50)
    draws = {tuple(split(spec(40, 40, seed=seed), labels, Counts(200, 0, 0), ordered=True).train) for seed in range(5)}
    assert len(draws) == 5


def test_a_stratified_split_is_the_same_in_every_version_and_on_every_platform() -> None:
    """The positions of one small split, written down."""
    parts = split(spec(4, 4, seed=3), np.array([0, 1] * 6), Counts(12, 0, 0), ordered=True)
    assert (parts.train.tolist(), parts.validation.tolist()) == ([0, 6, 7, 11], [1, 2, 9, 10])


def test_a_split_does_not_depend_on_the_hash_seed() -> None:
    """Two interpreters with different hash seeds split alike."""
    program = (
        "import numpy as np; from hpo.data.split import hold_out;"
        "print([part.tolist() for part in hold_out(np.arange(100) % 7)[:2]])"
    )
    outputs = {
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_an_ordered_split_trains_on_the_first_and_validates_on_the_last() -> None:
    """As MNIST's 50,000 first and 10,000 last images in Freiburg's exercise."""
    parts = split(spec(3, 2, "ordered"), np.array([0, 1] * 5), Counts(8, 0, 2), ordered=True)
    assert (parts.train.tolist(), parts.validation.tolist(), parts.test.tolist()) == ([0, 1, 2], [6, 7], [8, 9])


def test_images_without_an_order_are_never_split_by_it() -> None:
    """The files of a folder are sorted by class: its first images would all be of one."""
    labels = np.repeat([0, 1], 10)
    parts = split(spec(4, 4, "ordered"), labels, Counts(20, 0, 0), ordered=False)
    assert set(labels[parts.train]) == set(labels[parts.validation]) == {0, 1}
    assert any("stratified instead of ordered" in note for note in parts.notes)


@pytest.mark.parametrize("kind", ["stratified", "ordered"])
def test_validation_images_of_the_data_set_are_used_for_validation(kind: str) -> None:
    """None of them trains, and no training image validates."""
    parts = split(spec(100, 3, kind), np.array([0, 1] * 10), Counts(10, 6, 4), ordered=True)
    assert parts.train.tolist() == list(range(10))
    assert len(parts.validation) == 3
    assert set(parts.validation.tolist()) <= set(range(10, 16))
    assert any("10 + 6 to be had: cut to 10 + 3" in note for note in parts.notes)


def test_a_pool_of_one_image_cannot_be_divided() -> None:
    """Training and validation need one image each."""
    with pytest.raises(DataUnavailable, match=r"an image each, got 1 in all; use more images"):
        split(spec(1, 1), np.array([0, 1]), Counts(1, 0, 1), ordered=True)


@given(sizes=st.lists(st.integers(0, 1000), min_size=1, max_size=10).filter(any), portion=st.floats(0, 1))
def test_shares_are_whole_fair_and_complete(sizes: list[int], portion: float) -> None:
    """Largest remainders: the shares add up, none is off by a whole image, none exceeds its size."""
    total = int(portion * sum(sizes))
    shares = allocate(total, np.array(sizes)).tolist()
    assert sum(shares) == total
    assert all(share <= size and abs(share - total * size / sum(sizes)) < 1 for share, size in zip(shares, sizes, strict=True))


@given(labels=LABELS)
def test_a_fifth_is_held_out_for_test(labels: NDArray[np.int64]) -> None:
    """Rest and fifth are all images, each once, with the classes in proportion."""
    rest, fifth, note = hold_out(labels)
    assert sorted([*rest, *fifth]) == list(range(len(labels)))
    assert len(fifth) == max(1, round(len(labels) / 5))
    assert all(abs(np.sum(labels[fifth] == label) - len(fifth) * np.mean(labels == label)) < 1 for label in range(5))
    assert "set aside, stratified" in note
