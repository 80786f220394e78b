"""`--set KEY=VALUE`: what a key and a value mean."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo import catalog
from hpo.errors import InvalidSpec
from hpo.spec.overrides import changed, override

TREE: dict[str, Any] = {
    "title": "t",
    "model": {"name": "mlp", "init": "he"},
    "stage": [{"name": "wide", "trials": 20}, {"name": "narrow", "trials": 15}],
}


def at(tree: Any, *path: str | int) -> Any:
    """The value at a path of keys and numbers."""
    for key in path:
        tree = tree[key]
    return tree


@pytest.mark.parametrize(
    ("assignment", "path", "value"),
    [
        ("training.epochs=5", ("training", "epochs"), 5),
        ("search.sampler=tpe", ("search", "sampler"), "tpe"),
        ('search.sampler="tpe"', ("search", "sampler"), "tpe"),
        ("space.eta.low=0.05", ("space", "eta", "low"), 0.05),
        ("space.eta.low=5e-2", ("space", "eta", "low"), 0.05),
        ("model.hidden=[50, 30]", ("model", "hidden"), [50, 30]),
        ("model.batch_norm=true", ("model", "batch_norm"), True),
        ("model.init={std = 0.1}", ("model", "init"), {"std": 0.1}),
        ("stage.1.trials=4", ("stage", 1, "trials"), 4),
        ("stage.narrow.trials=4", ("stage", 1, "trials"), 4),
        ("title=a = b", ("title",), "a = b"),
        ("title=", ("title",), ""),
        ("title=1\nseed = 2", ("title",), "1\nseed = 2"),
        (" training.epochs = 5", ("training", "epochs"), 5),
    ],
)
def test_value_lands_at_its_key(assignment: str, path: tuple[str | int, ...], value: object) -> None:
    """A value is TOML where it can be, else the text itself, and goes where the dotted key says."""
    found = at(override(TREE, [assignment])[0], *path)
    assert found == value
    assert type(found) is type(value)


def test_later_assignments_win() -> None:
    """Assignments are carried out in their order."""
    assert override(TREE, ["title=a", "title=b"])[0]["title"] == "b"


def test_original_stays() -> None:
    """The tree that was given is not changed, not even in its lists."""
    override(TREE, ["stage.wide.trials=4", "model.init=glorot"])
    assert at(TREE, "stage", 0, "trials") == 20
    assert at(TREE, "model", "init") == "he"


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("training.epochs", "--set takes KEY=VALUE, such as training.epochs=5, got 'training.epochs'"),
        ("=5", "--set takes KEY=VALUE"),
        ("training..epochs=5", "--set takes KEY=VALUE"),
        ("model.init.std=0.1", "model.init is 'he' and has no keys of its own; set model.init as a whole"),
        ("stage.wid.trials=4", "unknown item 'wid': did you mean 'wide'? it must be narrow or wide"),
        ("stage.2.trials=4", "unknown item '2'"),
        ("stage.2=4", "unknown item '2'"),
    ],
)
def test_meaningless_assignment_is_refused(assignment: str, said: str) -> None:
    """An assignment that leads nowhere is answered with what it should be, and changes nothing."""
    tree, (fault,) = override(TREE, [assignment])
    assert said in fault
    assert tree["stage"] == TREE["stage"]
    assert tree["model"] == TREE["model"]


def test_faults_are_those_of_a_study_file() -> None:
    """Wrong keys and values are all reported together, each with its key."""
    with pytest.raises(InvalidSpec) as caught:
        changed(catalog.builtin("cifar-bn"), ["training.epoch=5", "search.sampler=tp", "space.eta.low=0.9"], "cifar-bn")
    message = str(caught.value)
    assert "cifar-bn: 3 faults" in message
    assert "did you mean 'epochs'?" in message
    assert "did you mean 'tpe'?" in message
    assert "low must be below high, got low=0.9 and high=0.7" in message


def test_nothing_to_set_changes_nothing() -> None:
    """A study with no assignments is the study itself."""
    spec = catalog.builtin("cifar-bn")
    assert changed(spec, [], "cifar-bn") is spec


@given(st.integers(1, 10**6))
def test_setting_twice_is_setting_once(epochs: int) -> None:
    """Carrying out the same assignment again gives an equal study: how a run with the same options finds its study again."""
    spec = catalog.builtin("cifar-bn")
    once = changed(spec, [f"training.epochs={epochs}"], "cifar-bn")
    assert once.training.epochs == epochs
    assert changed(once, [f"training.epochs={epochs}"], "cifar-bn") == once
