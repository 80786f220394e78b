"""Points of the space that are looked at before any trial is asked."""

from typing import Any

import pytest

from hpo.checking.points import MOST, labelled, middle, networks, spread

from .conftest import Study

MLP = {"name": "mlp"}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ({"option": "learning_rate", "low": 0.01, "high": 1.0, "log": True}, 0.1),
        ({"option": "momentum", "low": 0.0, "high": 0.9}, 0.45),
        ({"option": "batch_size", "low": 16, "high": 128, "log": True}, 45),
        ({"option": "batch_size", "low": 10, "high": 40, "step": 20}, 30),
        ({"option": "init", "choices": ["he", "glorot"]}, "he"),
    ],
    ids=str,
)
def test_middle(study: Study, parameter: dict[str, Any], value: Any) -> None:
    """The middle is that of the parameter's own scale, on its steps, whole where it must be; of choices it is the first."""
    found = middle(study(MLP, space={"p": parameter})).values["p"]
    assert found == pytest.approx(value) if isinstance(value, float) else found == value
    assert type(found) is type(value)


def test_middle_of_the_first_box(study: Study) -> None:
    """The middle is that of the box in which the study begins."""
    spec = study(MLP, stage=[{"name": "only", "trials": 1, "box": {"eta": [0.01, 0.04]}}])
    assert middle(spec).values["eta"] == pytest.approx(0.02)
    assert middle(spec, {"eta": 1.0}).values["eta"] == pytest.approx(0.04)


def test_middle_of_a_grid_is_one_of_its_values(study: Study) -> None:
    """Of a grid's values, in whatever order, it is the middle one."""
    spec = study(MLP, space={"learning_rate": {"values": [0.1, 0.001, 0.01]}}, search={"sampler": "grid"})
    assert middle(spec).values == {"learning_rate": 0.01}


def test_every_network_that_the_space_names(study: Study) -> None:
    """Choices of the network make a point each, all together, with what tells them apart; other choices make none."""
    space = {
        "batch_norm": {"choices": [True, False]},
        "init": {"choices": ["he", "glorot"]},
        "optimizer": {"choices": ["sgd", "momentum"]},
    }
    points = labelled(study(MLP, space=space))
    assert [(point.model.batch_norm, point.model.init) for _, point in points] == [
        (True, "he"), (True, "glorot"), (False, "he"), (False, "glorot"),
    ]  # fmt: skip
    assert points[1][0] == "batch_norm True, init glorot"
    assert {point.training.optimizer for _, point in points} == {"sgd"}


def test_one_network_needs_no_label(study: Study) -> None:
    """A study of one network has one point."""
    ((label, point),) = labelled(study(MLP))
    assert label == ""
    assert point == middle(study(MLP))


def test_many_networks_are_a_sample(study: Study) -> None:
    """Of more networks than are looked at, a sample is that has the first and the last value; the same every time."""
    space = {"hidden": {"choices": [str(width) for width in range(1, 10)]}}
    points = networks(study(MLP, space=space))
    assert points == networks(study(MLP, space=space))
    assert len({point.model.hidden for point in points}) == len(points) == MOST
    assert {(1,), (9,)} <= {point.model.hidden for point in points}


def test_spread_covers_every_range(study: Study) -> None:
    """Each sixth of a parameter's range has one point."""
    space = {"momentum": {"low": 0.0, "high": 0.6}, "l2": {"low": 1e-6, "high": 1.0, "log": True}}
    points = spread(study(MLP, space=space), ("momentum", "l2"))
    assert sorted(int(point.values["momentum"] * 10) for point in points) == list(range(MOST))
    assert sorted(point.values["l2"] for point in points) == pytest.approx(
        [10.0**-power for power in (5.5, 4.5, 3.5, 2.5, 1.5, 0.5)]
    )
