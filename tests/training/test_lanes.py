"""What a lane computes is its own affair: neighbours, groups, order and interruptions change nothing."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from hpo.errors import HpoError, UsageError
from hpo.training import Job, JobResult, LaneResult, Progress, run
from hpo.training.checkpoints import unpack
from hpo.training.dense import Linear
from hpo.training.grouping import MOST_LANES, evenly
from hpo.training.products import times_transposed
from tests.training.test_reference import CNN, FACTORY, LINEAR, MLP, NORMALISED

DROPPED = {**NORMALISED, "dropout": 0.3}
RATES = [{"training": {"learning_rate": rate}} for rate in (0.05, 0.02, 0.1)]


def done(job: Job) -> JobResult:
    """Run without a display."""
    return run(job, lambda _: None)


def parameters(lane: LaneResult) -> dict[str, torch.Tensor]:
    """The lane's parameters at the end."""
    assert lane.checkpoint is not None
    return unpack(lane.checkpoint).parameters


def untimed(lane: LaneResult) -> list[tuple[float, ...]]:
    """The lane's epochs without their wall time."""
    return [tuple(epoch._replace(seconds=0.0)) for epoch in lane.epochs]


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("model", [LINEAR, MLP, DROPPED, CNN, FACTORY], ids=str)
@pytest.mark.parametrize("order", ["own", "shared"])
def test_diverging_neighbour(make_job: Callable[..., Job], model: dict[str, Any], order: str, precision: str) -> None:
    """A neighbour that diverges changes no other lane by one bit."""
    training = {"order": order, "optimizer": "momentum", "batch_size": 30}
    calm = done(make_job(model, training, RATES, end=2, precision=precision))
    wild_lanes = [RATES[0], {"training": {"learning_rate": 1e300}}, RATES[2]]
    wild = done(make_job(model, training, wild_lanes, end=2, precision=precision))
    assert wild.lanes[1].divergence is not None
    assert wild.lanes[1].checkpoint is None
    for place in (0, 2):
        assert untimed(calm.lanes[place]) == untimed(wild.lanes[place])
        assert calm.lanes[place].checkpoint == wild.lanes[place].checkpoint


@pytest.mark.parametrize("wild", [(1,), (0, 2)], ids=str)
def test_diverged_lanes_count_for_nothing_more(make_job: Callable[..., Job], wild: tuple[int, ...]) -> None:
    """Steps are counted for a lane that diverges up to the window in which that is seen, whatever its neighbours do."""
    lanes = [{"training": {"learning_rate": 1e300}} if place in wild else rate for place, rate in enumerate(RATES)]
    result = done(make_job(MLP, {"batch_size": 20}, lanes, end=4))
    taken = [lane.divergence.step if lane.divergence else 4 * 15 for lane in result.lanes]
    assert [place for place, steps in enumerate(taken) if steps == 10] == list(wild)
    assert result.lane_steps == sum(taken)


@pytest.mark.parametrize("model", [LINEAR, MLP, DROPPED, CNN, FACTORY], ids=str)
@pytest.mark.parametrize("order", ["own", "shared"])
@pytest.mark.parametrize(("precision", "epochs", "bound"), [("float64", 10, 1e-10), ("float32", 2, 1e-4)])
def test_alone_or_together(
    make_job: Callable[..., Job], model: dict[str, Any], order: str, precision: str, epochs: int, bound: float
) -> None:
    """A lane gives alone what it gives among others in any order, within rounding: 100 steps in float64, 20 in float32."""
    training = {"order": order, "optimizer": "momentum", "batch_size": 30}
    together = done(make_job(model, training, RATES, end=epochs, precision=precision))
    turned = done(make_job(model, training, RATES[::-1], end=epochs, precision=precision, trials=[2, 1, 0]))
    for place, lane in enumerate(RATES):
        alone = done(make_job(model, training, [lane], end=epochs, precision=precision, trials=[place]))
        for other in (together.lanes[place], turned.lanes[2 - place]):
            for name, ours in parameters(alone.lanes[0]).items():
                assert (ours - parameters(other)[name]).norm() <= bound * max(ours.norm(), torch.tensor(1e-2)), name


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "nesterov", "adam", "adamw"])
@pytest.mark.parametrize("model", [DROPPED, {**NORMALISED, "scale_and_shift": True}, CNN, FACTORY], ids=str)
def test_resumed_from_checkpoint(make_job: Callable[..., Job], model: dict[str, Any], optimizer: str) -> None:
    """Training that stops at a rung and goes on from its checkpoints gives the bits of training that never stopped."""
    training = {
        "optimizer": optimizer,
        "learning_rate": 0.01,
        "batch_size": 30,
        "schedule": {"name": "exponential", "decay": 0.9},
    }
    whole = done(make_job(model, training, RATES, end=3))
    first = done(make_job(model, training, RATES, end=1))
    second = done(make_job(model, training, RATES, begin=1, end=3, checkpoints=[lane.checkpoint for lane in first.lanes]))
    for one, early, late in zip(whole.lanes, first.lanes, second.lanes, strict=True):
        assert untimed(one) == untimed(early) + untimed(late)
        assert one.checkpoint == late.checkpoint


def test_repeated(make_job: Callable[..., Job]) -> None:
    """The same job gives the same bits again."""
    job = make_job(DROPPED, {"optimizer": "adam", "learning_rate": 0.01}, RATES, end=2)
    assert [lane.checkpoint for lane in done(job).lanes] == [lane.checkpoint for lane in done(job).lanes]


def test_replicates_differ(make_job: Callable[..., Job]) -> None:
    """Replicates of a trial start from other weights and see other minibatches."""
    lanes = [{"replicate": 0}, {"replicate": 1}]
    start = done(make_job(MLP, {}, lanes, end=0, trials=[5, 5]))
    assert not torch.equal(parameters(start.lanes[0])["1.weight"], parameters(start.lanes[1])["1.weight"])


@pytest.mark.parametrize(("order", "equal"), [("own", False), ("shared", True)])
def test_order_of_images(order: str, equal: bool) -> None:
    """With a shared order, trials see the same minibatches in one replicate and others in the next; else each has its own."""
    from hpo.spec import LinearSpec, TrainingSpec
    from hpo.training import Lane
    from hpo.training.order import epoch_order

    def lane(trial: int, replicate: int) -> Lane:
        return Lane(trial, replicate, LinearSpec(name="linear"), TrainingSpec(order=order))  # type: ignore[arg-type]

    one, two = (epoch_order(1, [lane(trial, 0)], 3, 50) for trial in (1, 2))
    assert torch.equal(one, two) is equal
    assert not torch.equal(one, epoch_order(1, [lane(1, 1)], 3, 50))
    assert not torch.equal(one, epoch_order(1, [lane(1, 0)], 4, 50))
    assert sorted(one.tolist()) == list(range(50))


@pytest.mark.parametrize(("rate", "l2", "kind"), [(1e300, 0.0, "non-finite"), (100.0, 0.5, "exploded")])
def test_divergence_is_noticed(make_job: Callable[..., Job], rate: float, l2: float, kind: str) -> None:
    """A lane whose cost is not finite, or exceeds three times its first value, stops with the step at which that was seen."""
    job = make_job(LINEAR, {"learning_rate": rate, "l2": l2, "batch_size": 30, "optimizer": "sgd"}, [{}], end=3)
    lane = done(job).lanes[0]
    assert lane.divergence is not None
    assert lane.divergence.kind == kind
    assert lane.divergence.step == 10
    assert lane.divergence.epoch == 1
    assert 0.5 * math.log(4) < lane.divergence.first < 10
    assert lane.epochs == ()


def test_late_divergence_keeps_the_epochs_before(make_job: Callable[..., Job]) -> None:
    """A lane that diverges in a later epoch keeps the epochs that it completed."""
    training = {"learning_rate": 0.05, "batch_size": 30, "explode_at": 1.0000001, "l2": 0.5, "optimizer": "sgd"}
    lanes = [{"training": {"schedule": {"name": "cyclic", "half_cycle": 40, "low": 1e-6}, "learning_rate": 50.0}}]
    lane = done(make_job(MLP, training, lanes, end=8)).lanes[0]
    assert lane.divergence is not None
    assert len(lane.epochs) == lane.divergence.epoch - 1


def test_checkpoint_of_another_network(make_job: Callable[..., Job]) -> None:
    """A checkpoint that does not fit, or is cut short, is refused with what is wrong."""
    saved = done(make_job(MLP, {}, [{}])).lanes[0].checkpoint
    assert saved is not None
    with pytest.raises(HpoError, match="must fit its network"):
        done(make_job(LINEAR, {}, [{}], begin=1, end=2, checkpoints=[saved]))
    with pytest.raises(HpoError, match="must be whole"):
        done(make_job(MLP, {}, [{}], begin=1, end=2, checkpoints=[saved[:100]]))


def test_unstackable_network_trains_alone(make_job: Callable[..., Job]) -> None:
    """A network that torch.func cannot stack trains all the same, and the result says in plain words why alone."""
    result = done(make_job({"factory": "tests.training.nets:branching"}, {"learning_rate": 0.05}, [{}, {}], end=3))
    assert result.lanes[0].epochs[-1].training_loss < result.lanes[0].epochs[0].training_loss
    assert result.notes == (
        "one network at a time: what they compute depends on single numbers that Python looks at, as `if` and `.item()` do",
    )


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        ("tests.training.nets:no_network", "returns an nn.Module, got Tensor"),
        ("tests.training.nets:absent", "no 'absent' in tests.training.nets"),
        ("no_such_package.nets:build", "No module named 'no_such_package'"),
    ],
)
def test_bad_factory(make_job: Callable[..., Job], factory: str, message: str) -> None:
    """A factory that cannot be used is an error of the user's, with what is wrong."""
    with pytest.raises(UsageError, match=message):
        done(make_job({"factory": factory}, {}, [{}]))


def test_learns(make_job: Callable[..., Job]) -> None:
    """Every kind of network learns the made-up classes, so that the figures mean something."""
    for model in (LINEAR, MLP, NORMALISED, {**CNN, "filters": 8, "dense": 16}, FACTORY):
        last = done(make_job(model, {"learning_rate": 0.05, "optimizer": "momentum"}, [{}], end=10)).lanes[0].epochs[-1]
        assert last.validation_accuracy > 0.9, model
        assert 0 < last.validation_loss < 0.5, model


def test_many_lanes_are_worked_through_in_parts(make_job: Callable[..., Job]) -> None:
    """More lanes than a processor's cache holds give, bit for bit, what their parts give as jobs of their own."""
    lanes = [{"training": {"learning_rate": 0.01 * (place + 1)}} for place in range(MOST_LANES + 3)]
    parts = evenly(range(len(lanes)), 2)
    heard: list[Progress] = []
    whole = run(make_job(MLP, {}, lanes, end=2), heard.append)
    apart = [done(make_job(MLP, {}, [lanes[place] for place in part], end=2, trials=list(part))) for part in parts]
    assert [(lane.trial, untimed(lane), lane.checkpoint) for lane in whole.lanes] == [
        (lane.trial, untimed(lane), lane.checkpoint) for result in apart for lane in result.lanes
    ]
    assert [event.lanes for event in heard] == [18, 18, 17, 17]
    assert [event.seconds_left > 0 for event in heard] == [True, False, True, False]
    assert whole.lane_steps == sum(event.lane_steps for event in heard) == len(lanes) * 2 * 15


def test_what_layers_hand_on_is_packed() -> None:
    """Lanes lie one after the other: views into a wide product made the next layer's products 2,000 times as slow."""
    layer = Linear("1", torch.randn(2, 512, 64), torch.randn(2, 512), first=True, precision=torch.float32)
    out = layer.forward(torch.randn(10, 64), training=True)
    assert out.is_contiguous()
    spread = torch.randn(10, 2, 512).transpose(0, 1)[0].t()
    assert not spread.is_contiguous()
    product = times_transposed(spread, spread)
    assert torch.allclose(product, spread @ spread.t(), atol=1e-3)
