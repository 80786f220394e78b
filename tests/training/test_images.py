"""The images of a job: scaled by the study's rule, whole or as they are asked for, and served by index."""

import numpy as np
import pytest
import torch

from hpo.training import images
from hpo.training.images import Split, scaling_of

COUNT = 600
"""More than are scaled, or counted, together."""


@pytest.fixture
def pixels() -> np.ndarray:
    """Colour images of 4 by 5."""
    return np.random.default_rng(0).integers(0, 256, size=(COUNT, 3, 4, 5), dtype=np.uint8)


def _split(pixels: np.ndarray, dtype: torch.dtype = torch.float32) -> Split:
    scaling = scaling_of("standardise", pixels, np.arange(COUNT), torch.device("cpu"), torch.float32)
    return Split(pixels, np.arange(COUNT), torch.arange(COUNT), scaling, dtype)


def test_scale_is_of_the_training_images(pixels: np.ndarray) -> None:
    """Mean 0 and standard deviation 1 of every input, counted exactly over more images than fit into one part."""
    train = np.arange(0, COUNT, 2)
    factor, shift = scaling_of("standardise", pixels, train, torch.device("cpu"), torch.float64)
    assert shift is not None
    scaled = pixels[train] * factor.numpy() - shift.numpy()
    assert np.allclose(scaled.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(scaled.std(axis=0), 1, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_kept_or_scaled_anew_they_are_the_same(pixels: np.ndarray, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bit for bit, however they are asked for: a part, a minibatch for all lanes, one for each lane."""
    kept = _split(pixels, dtype)
    monkeypatch.setattr(images, "RESIDENT_BYTES", 0)
    anew = _split(pixels, dtype)
    for index in (slice(250, 520), torch.tensor([599, 0, 256]), torch.tensor([[1, 2], [300, 299], [7, 7]])):
        expected = _split(pixels, dtype)[:][index]
        assert kept[index].dtype == dtype
        assert torch.equal(kept[index], expected)
        assert torch.equal(anew[index], expected)
    assert len(kept) == len(anew) == COUNT


def test_no_images(pixels: np.ndarray) -> None:
    """A split may be empty."""
    assert _split(pixels)[:0].shape == (0, 3, 4, 5)
    scaling = scaling_of("centre", pixels, np.arange(COUNT), torch.device("cpu"), torch.float32)
    assert Split(pixels, np.arange(0), torch.empty(0), scaling, torch.float32)[:].shape == (0, 3, 4, 5)
