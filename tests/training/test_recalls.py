"""Balanced accuracy."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score

from hpo.training.recalls import Recalls


@pytest.mark.filterwarnings("ignore::UserWarning:sklearn")
@given(
    answers=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40),
)
def test_it_is_the_mean_of_the_recalls(answers: list[tuple[int, int, int]]) -> None:
    """scikit-learn's number for each lane, classes without an image left out."""
    labels, *lanes = (torch.tensor(column) for column in zip(*answers, strict=True))
    found = Recalls(labels).mean(torch.stack([lane == labels for lane in lanes]))
    assert found.dtype == torch.float64
    assert found.tolist() == pytest.approx([balanced_accuracy_score(labels, lane) for lane in lanes])


def test_for_classes_of_one_size_it_is_the_accuracy() -> None:
    """Whatever the order of the images."""
    random = np.random.default_rng(0)
    labels = torch.from_numpy(random.permutation(np.repeat(np.arange(10), 30)))
    right = torch.from_numpy(random.random((3, 300)) < 0.7)
    assert Recalls(labels).mean(right).tolist() == pytest.approx(right.double().mean(1).tolist())
