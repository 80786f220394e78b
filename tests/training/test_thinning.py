"""Lanes that have diverged are left out of the computation as soon as that pays, and nobody else notices."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from hpo.training import Job, JobResult, LaneResult, run, trainer
from hpo.training.checkpoints import unpack
from hpo.training.lanes import Lanes
from tests.training.test_reference import FACTORY, LINEAR, MLP, NORMALISED

DROPPED = {**NORMALISED, "dropout": 0.3}
WILD = {"training": {"learning_rate": 1e300}}
LANES = [{"training": {"learning_rate": 0.05}}, WILD, {"training": {"learning_rate": 0.02}}, WILD]


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the stacks that were trained."""
    made: list[int] = []

    class Counted(Lanes):
        def __init__(self, job: Job) -> None:
            made.append(len(job.lanes))
            super().__init__(job)

    monkeypatch.setattr(trainer, "Lanes", Counted)
    return made


def done(job: Job) -> JobResult:
    """Run without a display."""
    return run(job, lambda _: None)


def figures(lane: LaneResult) -> torch.Tensor:
    """The lane's epochs and points without their wall time: (epochs, 9), then (points, 9)."""
    return torch.tensor([*((*epoch[:8], epoch[9]) for epoch in lane.epochs), *lane.points], dtype=torch.float64)


def parameters(lane: LaneResult) -> dict[str, torch.Tensor]:
    """The lane's parameters at the end."""
    assert lane.checkpoint is not None
    return unpack(lane.checkpoint).parameters


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
@pytest.mark.parametrize("order", ["own", "shared"])
@pytest.mark.parametrize("model", [LINEAR, MLP, DROPPED, FACTORY], ids=str)
def test_the_others_train_on_as_if_they_had_been_alone(
    make_job: Callable[..., Job], stacks: list[int], model: dict[str, Any], order: str, optimizer: str
) -> None:
    """Within the rounding of float64: order, masks, momentum, schedule and figures go on where they were."""
    training = {
        "order": order, "optimizer": optimizer, "batch_size": 30, "curve_every": 4,
        "schedule": {"name": "exponential", "decay": 0.9},
    }  # fmt: skip
    together = done(make_job(model, training, LANES, end=5, precision="float64"))
    assert stacks == [4, 2]
    alone = done(make_job(model, training, LANES[::2], end=5, precision="float64", trials=[0, 2]))
    assert stacks == [4, 2, 2]
    for one, other in zip(together.lanes[::2], alone.lanes, strict=True):
        assert figures(one).shape == figures(other).shape == (5 + 12, 9)
        assert torch.allclose(figures(one), figures(other), rtol=1e-10, atol=0)
        for name, ours in parameters(one).items():
            assert (ours - parameters(other)[name]).norm() <= 1e-10 * max(ours.norm(), torch.tensor(1e-2)), name
    for wild in together.lanes[1::2]:
        assert wild.divergence is not None
        assert (wild.epochs, wild.checkpoint) == ((), None)


def test_only_where_it_pays(make_job: Callable[..., Job], stacks: list[int]) -> None:
    """A stack is made anew for what its diverged lanes would still cost, and not shortly before the end."""
    done(make_job(MLP, {"batch_size": 30}, LANES, end=2))  # 10 of 20 steps are left when it is seen
    assert stacks == [4]
    done(make_job(MLP, {"batch_size": 30}, [*LANES, WILD], end=2))
    assert stacks == [4, 5, 2]
    done(make_job(MLP, {"batch_size": 30}, [WILD, WILD], end=2))  # nobody is left to go on
    assert stacks == [4, 5, 2, 2]


def test_one_after_the_other(make_job: Callable[..., Job], stacks: list[int]) -> None:
    """Lanes that diverge at different times leave at different times, and keep what they had reached."""
    rising = {"name": "cyclic", "low": 1e-9, "half_cycle": 80}
    training = {"batch_size": 30, "optimizer": "sgd", "l2": 0.5, "schedule": rising}
    rates = [1e300, 1.0, 12.0, 5.0]
    result = done(make_job(LINEAR, training, [{"training": {"learning_rate": rate}} for rate in rates], end=8))
    seen = [lane.divergence.step if lane.divergence else None for lane in result.lanes]
    assert seen == [10, None, 20, 40]
    assert stacks == [4, 3, 2, 1]
    assert [len(lane.epochs) for lane in result.lanes] == [0, 8, 1, 3]
    assert result.lane_steps == 10 + 80 + 20 + 40
