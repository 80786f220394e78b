"""The names that users may rely on, written down here so that a change of them is seen in review."""

import importlib
import importlib.metadata

import pytest

import hpo

PUBLIC = {
    "hpo": ["HpoError", "__version__", "objective"],
}


@pytest.mark.parametrize("module", PUBLIC)
def test_public_names_are_pinned(module: str) -> None:
    """A module exports the names of this list, and every one of them is there."""
    loaded = importlib.import_module(module)
    assert sorted(loaded.__all__) == PUBLIC[module]
    assert [name for name in PUBLIC[module] if not hasattr(loaded, name)] == []


def test_version_is_the_distribution_s() -> None:
    """hpo.__version__ is what pip shows of hpo-lanes."""
    assert importlib.metadata.version("hpo-lanes") == hpo.__version__


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that hpo does not have raises what Python raises for any module."""
    with pytest.raises(AttributeError, match="module 'hpo' has no attribute 'objectiv'"):
        hpo.objectiv  # noqa: B018 - reading it is the test
