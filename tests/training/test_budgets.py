"""Budgets that do not end with an epoch, and curves by steps."""

from collections.abc import Callable

import pytest

from hpo.training import Job, JobResult, run
from hpo.training.grouping import lane_key

from .conftest import study

MODEL = {"name": "mlp", "hidden": [5]}
CYCLIC = {"name": "cyclic", "low": 0.001, "half_cycle": 10}

MakeJob = Callable[..., Job]


def done(job: Job) -> JobResult:
    """Run a job, telling nobody."""
    return run(job, lambda progress: None)


def test_last_epoch_of_a_budget_in_steps_is_cut_short(make_job: MakeJob) -> None:
    """40 steps are two epochs of 15 and ten steps more: the first two are those of any budget, the last has means over ten."""
    (whole,) = done(make_job(MODEL, {"learning_rate": 0.1}, [{}], end=3)).lanes
    short = done(make_job(MODEL, {"learning_rate": 0.1, "epochs": None, "steps": 40}, [{}], end=3))
    (lane,) = short.lanes
    assert short.lane_steps == 40
    assert [epoch._replace(seconds=0) for epoch in lane.epochs[:2]] == [epoch._replace(seconds=0) for epoch in whole.epochs[:2]]
    assert 0 < lane.epochs[2].training_loss < 3
    assert lane.epochs[2].validation_loss != whole.epochs[2].validation_loss


def test_budget_in_cycles_ends_at_the_lowest_rate(make_job: MakeJob) -> None:
    """Two cycles of 20 steps: the last step is one short of the third cycle's first, whose rate is the lowest."""
    job = make_job(MODEL, {"epochs": None, "cycles": 2, "schedule": CYCLIC, "learning_rate": 0.1}, [{}], end=3)
    result = done(job)
    assert result.lane_steps == 40
    assert result.lanes[0].epochs[-1].learning_rate == pytest.approx(0.001 + (0.1 - 0.001) / 10)


def test_budget_in_seconds_ends_by_the_clock(make_job: MakeJob) -> None:
    """Lanes stop when their shares of the time are spent, all after the same epoch, and keep what they have."""
    job = make_job(MODEL, {"epochs": None, "seconds": 0.15}, [{}, {}], end=100_000)
    result = done(job)
    assert 0.3 <= result.seconds < 3
    first, second = (lane.epochs for lane in result.lanes)
    assert len(first) == len(second) < 100_000
    assert sum(epoch.seconds for epoch in first) == pytest.approx(0.15, rel=0.5)


def test_seconds_may_end_within_an_epoch(make_job: MakeJob) -> None:
    """A budget that is spent before the first step still leaves ten steps, up to the first look at the clock."""
    job = make_job(MODEL, {"epochs": None, "seconds": 1e-9}, [{}], end=5)
    result = done(job)
    assert result.lane_steps == 10
    assert [epoch.epoch for epoch in result.lanes[0].epochs] == [1]


def test_curve_by_steps(make_job: MakeJob) -> None:
    """A point every four steps: its validation figures are those of that moment, its rate is the schedule's."""
    training = {"learning_rate": 0.1, "schedule": CYCLIC, "curve_every": 4}
    (lane,) = done(make_job(MODEL, training, [{}], end=4)).lanes
    assert [point.step for point in lane.points] == list(range(4, 61, 4))
    at_the_end = lane.points[-1]
    assert at_the_end.validation_loss == lane.epochs[-1].validation_loss
    assert at_the_end.learning_rate == lane.epochs[-1].learning_rate
    assert lane.points[1].learning_rate == pytest.approx(0.001 + (0.1 - 0.001) * 7 / 10)


def test_curve_by_steps_changes_nothing_else(make_job: MakeJob) -> None:
    """With and without points the epochs are the same, and the points of two segments are those of one."""
    (plain,) = done(make_job(MODEL, {"learning_rate": 0.1}, [{}], end=2)).lanes
    (curved,) = done(make_job(MODEL, {"learning_rate": 0.1, "curve_every": 7}, [{}], end=2)).lanes
    assert [epoch[6:8] for epoch in plain.epochs] == [epoch[6:8] for epoch in curved.epochs]
    assert [epoch.training_loss for epoch in plain.epochs] == pytest.approx([epoch.training_loss for epoch in curved.epochs])
    (first,) = done(make_job(MODEL, {"learning_rate": 0.1, "curve_every": 7}, [{}], end=1)).lanes
    job = make_job(MODEL, {"learning_rate": 0.1, "curve_every": 7}, [{}], 1, 2, checkpoints=[first.checkpoint])
    assert (*first.points, *done(job).lanes[0].points) == curved.points


def test_lanes_of_different_lengths_do_not_share_a_job() -> None:
    """With a budget in cycles the half-cycle decides how many steps there are; otherwise schedules may differ within a job."""
    longer = {**CYCLIC, "half_cycle": 11}
    for budget, alike in (({"epochs": None, "cycles": 2}, False), ({"epochs": 3}, True)):
        specs = [study(MODEL, {**budget, "schedule": schedule}) for schedule in (CYCLIC, longer)]
        assert (len({lane_key(spec.model, spec.training) for spec in specs}) == 1) is alike
