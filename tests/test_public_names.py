"""The names that users may rely on, written down here so that a change of them is seen in review."""

import importlib
import importlib.metadata

import pytest

import hpo
from hpo import errors

PUBLIC = {
    "hpo": ["HpoError", "__version__", "objective"],
    "hpo.data": ["Arrays", "Prepared", "load", "prepare"],
    "hpo.engines": ["CHECKING", "Engine", "JobFailure", "Name", "OnProgress", "make", "usable_cores"],
    "hpo.models": ["BatchNorm", "Dropout", "Init", "MaxPool", "Normal", "cnn", "initialise", "linear", "mlp"],
    "hpo.runner": [
        "Batch",
        "Display",
        "Event",
        "Gathering",
        "StageState",
        "StopRules",
        "StoredStudy",
        "Summary",
        "create",
        "delete",
        "gather",
        "load",
        "names",
        "retry_errors",
        "run",
        "trial_table_hash",
    ],
    "hpo.spec": [
        "Budget",
        "CnnSpec",
        "DataSpec",
        "ExecutionSpec",
        "FactorySpec",
        "FinalSpec",
        "FindingSpec",
        "FindingTest",
        "LinearSpec",
        "MlpSpec",
        "ModelSpec",
        "Narrow",
        "NormalInit",
        "SearchSpec",
        "Section",
        "StageSpec",
        "StudySpec",
        "TrainingSpec",
        "dump",
        "load",
        "loads",
        "parse",
    ],
}

#: A script may rely on these as well.
EXIT_CODES = {
    "HpoError": 1, "EngineError": 1, "UsageError": 2, "InvalidSpec": 2, "NameTaken": 2, "NotFound": 3, "AllTrialsFailed": 4,
    "StorageError": 5, "DataUnavailable": 6,
}  # fmt: skip


@pytest.mark.parametrize("module", PUBLIC)
def test_public_names_are_pinned(module: str) -> None:
    """A module exports the names of this list, and every one of them is there."""
    loaded = importlib.import_module(module)
    assert sorted(loaded.__all__) == PUBLIC[module]
    assert [name for name in PUBLIC[module] if not hasattr(loaded, name)] == []


def test_exit_codes_are_pinned() -> None:
    """Every exception of hpo is on this list, with its exit code."""
    found = {
        name: value.exit_code
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, hpo.HpoError)
    }
    assert found == EXIT_CODES


def test_version_is_the_distribution_s() -> None:
    """hpo.__version__ is what pip shows of hpo-lanes."""
    assert importlib.metadata.version("hpo-lanes") == hpo.__version__


def test_unknown_name_is_an_attribute_error() -> None:
    """A name that hpo does not have raises what Python raises for any module."""
    with pytest.raises(AttributeError, match="module 'hpo' has no attribute 'objectiv'"):
        hpo.objectiv  # noqa: B018 - reading it is the test
