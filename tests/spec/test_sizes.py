"""Sizes that no machine holds are refused when a study is made, with the estimate; nothing of use is."""

import tomllib
from typing import Any

import pytest

from hpo import catalog
from hpo.errors import InvalidSpec
from hpo.spec import StudySpec, parse
from hpo.spec.lost import Lost
from hpo.spec.reading import loads
from hpo.spec.sizes import size_faults

FILE: dict[str, Any] = {
    "title": "t",
    "data": {"name": "digits", "train": 200, "validation": 100},
    "model": {"name": "mlp"},
    "training": {"epochs": 2},
    "space": {"learning_rate": {"low": 0.01, "high": 0.4, "log": True}},
    "search": {},
    "stage": [{"name": "one", "trials": 4}],
}


def changed(**sections: Any) -> StudySpec:
    """The file, a section put over its own, a list in its place."""
    tree = {key: {**value, **sections[key]} if isinstance(value, dict) and key in sections else sections.get(key, value)
            for key, value in FILE.items()}  # fmt: skip
    return parse({**sections, **tree})


ABSURD = {
    "trials": ({"stage": [{"name": "one", "trials": 10**26}]}, "stage.0.trials: 1e+26 trials with 1 network each"),
    "more than a float": ({"stage": [{"name": "one", "trials": 10**400}]}, "stage.0.trials: 1e+60 trials"),
    "a later stage": (
        {"stage": [{"name": "one", "trials": 4}, {"name": "two", "trials": 10**9}]},
        "stage.1.trials: 1e+09 trials with 1 network each, of 2 epochs, take 5.3 TB in the database and ",
    ),
    "replicates": ({"search": {"replicates": 10**9}}, "search.replicates: 4 trials with 1e+09 networks each"),
    "epochs": ({"training": {"epochs": 10**12}}, "training.epochs: 4 trials with 1 network each, of 1e+12 epochs"),
    "steps": ({"training": {"epochs": None, "steps": 10**15}}, "training.epochs: 4 trials"),
    "seconds": ({"training": {"epochs": None, "seconds": 1e200}}, "training.epochs: 4 trials"),
    "epochs of the space": ({"space": {"epochs": {"low": 1, "high": 10**12}}}, "space.epochs: 4 trials"),
    "hidden": ({"model": {"hidden": [2 * 10**9]}}, "model: a network of 1.3e+11 parameters takes 1.58 TB of memory"),
    "hidden, by choice": (
        {"space": {"hidden": {"choices": [[50], [2 * 10**9]]}}},
        "space.hidden: a network of 1.3e+11 parameters",
    ),
    "two layers": ({"model": {"hidden": [10**6, 10**6]}}, "model: a network of 1e+12 parameters takes 12 TB of memory"),
    "filters": ({"model": {"name": "cnn", "filters": 10**7}}, "model: a network of "),
    "values of a grid": (
        {
            "model": {"name": "cnn"},
            "space": {"learning_rate": {"values": [0.1]}, "dense": {"low": 8, "high": 10**7}},
            "search": {"sampler": "grid"},
        },
        "space.dense: a grid of 1e+07 values",
    ),
    "dense": ({"model": {"name": "cnn"}, "space": {"dense": {"low": 8, "high": 10**14}}}, "space.dense: a network of "),
}


@pytest.mark.parametrize("case", list(ABSURD))
def test_absurd_sizes(case: str) -> None:
    """The key, the estimate and the limit are told."""
    sections, told = ABSURD[case]
    (fault,) = size_faults(changed(**sections), Lost())
    assert fault.startswith(told)
    assert "at most" in fault


@pytest.mark.parametrize("name", catalog.names())
def test_builtin_studies_are_of_use(name: str) -> None:
    """None of them meets a limit."""
    assert list(size_faults(catalog.builtin(name), Lost())) == []


@pytest.mark.parametrize(
    "sections",
    [
        {"stage": [{"name": "one", "trials": 1_000_000}]},
        {"search": {"replicates": 1_000}, "stage": [{"name": "one", "trials": 1_000}]},
        {"training": {"epochs": 100_000}, "stage": [{"name": "one", "trials": 1_000}]},
        {"training": {"epochs": None, "seconds": 3_600}, "stage": [{"name": "one", "trials": 1_000}]},
        {"model": {"hidden": [20_000, 20_000, 20_000]}},
        {"model": {"name": "cnn", "filters": 1_024, "dense": 65_536}},
        {
            "search": {"sampler": "grid"},
            "space": {"learning_rate": {"values": [0.1, 0.2]}},
            "stage": [{"name": "one", "trials": 10**26}],
        },
    ],
)
def test_large_studies_are_not_refused(sections: dict[str, Any]) -> None:
    """Far more than a laptop does in a week, and a grid that has fewer points than trials are given."""
    assert list(size_faults(changed(**sections), Lost())) == []


def test_all_faults_in_one_message() -> None:
    """A file with sizes that no machine holds and other faults is told of all of them."""
    text = """
title = "t"
data = { name = "digits", train = 200, validation = 100 }
model = { name = "mlp", hidden = [2000000000] }
training = { epochs = 2, nosuch = 1 }
space = { learning_rate = { low = 0.01, high = 0.4 } }
search = { replicates = 1000000000 }
stage = [{ name = "one", trials = 100000000000000000000000000 }]
"""
    with pytest.raises(InvalidSpec) as told:
        parse(tomllib.loads(text), "file", [size_faults])
    assert [fault.partition(":")[0] for fault in told.value.faults] == ["training.nosuch", "model", "stage.0.trials"]
    with pytest.raises(InvalidSpec, match="1 fault"):
        loads(text)


def test_a_batch_that_is_too_large_is_told_where_it_is_set() -> None:
    """Of a parameter that sets the batch size, its own key."""
    with pytest.raises(InvalidSpec, match=r"space\.images: a batch holds at most all 200 training images, got 300"):
        changed(space={"images": {"option": "batch_size", "choices": [20, 300]}})
