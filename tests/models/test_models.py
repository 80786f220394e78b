"""The networks are the protocols' networks."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from hpo import models


def count(network: nn.Module) -> int:
    """Number of parameters."""
    return sum(parameter.numel() for parameter in network.parameters())


def test_published_parameter_counts() -> None:
    """R4's network with 32 filters has 160,362 parameters, R3's three-layer one 153,650 + 1,530 + 310."""
    assert count(models.cnn((1, 28, 28), 10, filters=32, filter_size=5, padding="valid", dense=256, dropout=0.5)) == 160_362
    assert count(models.mlp((3, 32, 32), 10, hidden=(50, 30), batch_norm=True)) == 153_650 + 1_530 + 310


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("filter_size", [1, 3, 4, 5])
@pytest.mark.parametrize("blocks", [1, 2])
def test_cnn_shapes(padding: str, filter_size: int, blocks: int) -> None:
    """Any filter size, padding and number of blocks that fits gives scores for every class."""
    network = models.cnn((3, 20, 17), 7, filters=2, filter_size=filter_size, padding=padding, blocks=blocks, dense=5)  # type: ignore[arg-type]
    assert network(torch.zeros(4, 3, 20, 17)).shape == (4, 7)


@pytest.mark.parametrize(
    ("init", "std"),
    [
        ("he", math.sqrt(2 / 3072)),
        ("lecun", math.sqrt(1 / 3072)),
        ("glorot", math.sqrt(2 / (3072 + 400))),
        (models.Normal(0.01, 0.02), 0.01),
    ],
    ids=str,
)
def test_initial_scale(init: models.Init, std: float) -> None:
    """The weights have the standard deviation that the initialisation promises; biases are zero unless asked for."""
    layer = models.linear((3, 32, 32), 400, init=init, generator=torch.Generator().manual_seed(1))[1]
    assert isinstance(layer, nn.Linear)
    assert layer.weight.std().item() == pytest.approx(std, rel=0.01)
    assert layer.bias.std().item() == pytest.approx(init.bias_std if isinstance(init, models.Normal) else 0.0, rel=0.1)


def test_batch_norm_matches_torch() -> None:
    """Training output and gradients are nn.BatchNorm1d's; the moving averages start at the first batch's statistics."""
    x = torch.randn(20, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 3 + 1
    ours, theirs = models.BatchNorm(6, scale_and_shift=True).double(), nn.BatchNorm1d(6).double()
    torch.testing.assert_close(ours(x), theirs(x))
    torch.testing.assert_close(ours.running_mean, x.mean(0))
    torch.testing.assert_close(ours.running_var, x.var(0, correction=0))
    ours(x + 1)
    torch.testing.assert_close(ours.running_mean, x.mean(0) + 0.01)
    ours.eval()
    torch.testing.assert_close(ours(ours.running_mean[None]), torch.zeros(1, 6, dtype=torch.float64))


@given(st.integers(1, 3), st.integers(1, 3), st.integers(2, 9), st.integers(2, 9), st.booleans(), st.data())
def test_max_pool_is_torch_s(images: int, channels: int, height: int, width: int, last: bool, data: st.DataObject) -> None:
    """Value for value, with and without a gradient, in both layouts, and with numbers that are none."""
    number = st.floats(-3, 3, width=16) | st.just(math.nan)
    numbers = data.draw(
        st.lists(number, min_size=images * channels * height * width, max_size=images * channels * height * width)
    )
    x = torch.tensor(numbers).view(images, channels, height, width)
    x = x.to(memory_format=torch.channels_last if last else torch.contiguous_format)
    expected = nn.MaxPool2d(2)(x)
    assert torch.equal(models.MaxPool()(x).nan_to_num(9), expected.nan_to_num(9))
    with torch.no_grad():
        found = models.MaxPool()(x)
    assert torch.equal(found.nan_to_num(9), expected.nan_to_num(9))


def test_dropout_is_the_identity_in_evaluation() -> None:
    """Dropout keeps the expected value in training and does nothing in evaluation; a given mask is used."""
    layer, ones = models.Dropout(0.25), torch.ones(10_000)
    torch.manual_seed(0)
    assert layer(ones).mean().item() == pytest.approx(1, abs=0.05)
    layer.mask = torch.zeros(10_000)
    assert layer(ones).sum() == 0
    assert torch.equal(layer.eval()(ones), ones)
