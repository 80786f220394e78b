"""Choices as a reader tells them apart."""

import math

import pytest

from hpo.analysis.choices import texts


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ([0.4311771481446964], ("0.4312",)),
        ([0.4311771481446964, 0.43117714], ("0.4311771481446964", "0.43117714")),
        ([0.1, 1e-05, 2.0, 1e30], ("0.1", "1e-05", "2.0", "1e+30")),
        ([0, "0", 0.0, False, None, "None"], ("0", '"0"', "0.0", "False", "None", '"None"')),
        ([math.inf, "inf"], ("inf", '"inf"')),
        ([], ()),
    ],
)
def test_numbers_are_short_where_that_tells_them_apart(choices: list[object], told: tuple[str, ...]) -> None:
    """All others are as they are."""
    assert texts(choices) == told
