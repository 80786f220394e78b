"""Networks of a user's own are trained as PyTorch itself would train them."""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from torch import nn
from torch.nn import functional

from hpo.data import Prepared
from hpo.errors import UsageError
from hpo.seeds import derive
from hpo.training import Job, run
from hpo.training.checkpoints import unpack
from hpo.training.evaluating import Trained
from hpo.training.images import load, scaling_of
from hpo.training.job import EpochMetrics, JobResult, Lane, LaneResult
from hpo.training.order import epoch_order
from hpo.training.outputs import scores
from hpo.training.schedules import learning_rate
from tests.training import strangers
from tests.training.reference import torch_optimizer

STEPS, BATCH = 24, 25
TOGETHER = [
    "InPlaceInput", "InPlaceRelu", "Frozen", "Idle", "Average", "Passing", "Indexed", "TupleOutput", "DictOutput", "ObjectOutput",
    "Shared", "lazy", "normalised", "subclass", "hooked", "half_frozen", "from_second_axis",
]  # fmt: skip
"""Those that torch.func can stack."""
ALONE = [
    "FrozenFilters", "IdleFilters", "Counting", "Recurrent", "GRU", "Transformer", "Looking", "WithNumpy", "Routed", "Clamped",
    "Unregistered", "Checkpointed", "scripted", "spectral", "weight_norm", "old_weight_norm", "norms", "averaging", "pruned",
    "OwnGradient", "ByData", "FreezingLater", "Tied", "tied", "tied_filters", "Places",
]  # fmt: skip
OPTIMIZERS: list[dict[str, Any]] = [{"optimizer": "momentum", "momentum": 0.9}, {"optimizer": "adam"}, {"optimizer": "adamw"}]
PAIRS = [
    pytest.param(name, ("own", "shared")[(row + column) % 2], optimizer, id=f"{name}-{optimizer['optimizer']}")
    for row, name in enumerate([*TOGETHER, *ALONE])
    for column, optimizer in enumerate(OPTIMIZERS)
]
"""Each network with each optimizer, and either of them with each order: those have nothing to do with one another."""


def model(name: str) -> dict[str, Any]:
    """A stranger's network as a study file names it."""
    if name == "GRU":
        return {"factory": "tests.training.strangers:Recurrent", "kind": "GRU"}
    return {"factory": f"tests.training.strangers:{name}"}


def plainly(job: Job, lane: Lane, steps: int) -> tuple[nn.Module, float]:
    """A lane trained by PyTorch alone: its factory, its optimizer and its autograd; and the validation loss after that."""
    pixels, labels = np.load(job.data.images), torch.from_numpy(np.load(job.data.labels))
    factor, shift = scaling_of(job.data.scale, pixels, job.data.train, torch.device("cpu"), torch.float64)
    x = torch.from_numpy(pixels).double() * factor - (0 if shift is None else shift)
    options = lane.model.options()  # type: ignore[union-attr]  # a factory's
    torch.manual_seed(derive(job.seed, "init", lane.trial, lane.replicate))
    network: nn.Module = getattr(strangers, lane.model.factory.partition(":")[2])(
        job.data.shape, len(job.data.classes), **options
    )  # type: ignore[union-attr]
    if any(torch.nn.parameter.is_lazy(each) for each in network.parameters()):
        with torch.no_grad():
            network.eval()(torch.zeros(1, *job.data.shape))
    network = network.double()
    parameters = list(network.parameters())
    groups = [
        {"params": [each for each in parameters if each.dim() >= 2], "weight_decay": 2 * lane.training.l2},
        {"params": [each for each in parameters if each.dim() < 2]},
    ]
    optimizer = torch_optimizer(lane, groups)
    per_epoch = len(job.data.train) // BATCH
    for step in range(steps):
        epoch, place = divmod(step, per_epoch)
        order = epoch_order(job.seed, [lane], epoch, len(job.data.train))
        index = torch.from_numpy(job.data.train)[order[place * BATCH : (place + 1) * BATCH]]
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(lane.training, step, per_epoch)
        loss = functional.cross_entropy(scores(network.train()(x[index].clone()), BATCH, len(job.data.classes)), labels[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        given = scores(network.eval()(x[job.data.validation].clone()), len(job.data.validation), len(job.data.classes))
    return network, float(functional.cross_entropy(given, labels[job.data.validation]))


def assert_as_plainly(job: Job, lane: Lane, outcome: LaneResult) -> None:
    """Every tensor of a lane's network is what PyTorch alone makes of it, and so is the validation loss."""
    network, loss = plainly(job, lane, STEPS)
    assert outcome.checkpoint is not None
    state = unpack(outcome.checkpoint)
    ours = {**state.parameters, **state.buffers}
    for name, tensor in {**dict(network.named_parameters()), **dict(network.named_buffers())}.items():
        assert ours[name].dtype == tensor.dtype
        error = (ours[name].double() - tensor.detach().double()).norm() / max(float(tensor.detach().double().norm()), 1e-3)
        assert error <= 1e-9, (name, float(error))
    assert outcome.epochs[-1].validation_loss == pytest.approx(loss, rel=1e-9)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning", "ignore:.*weight_norm:FutureWarning")
@pytest.mark.parametrize(("name", "order", "optimizer"), PAIRS)
def test_strangers_match_torch(make_job: Callable[..., Job], name: str, order: str, optimizer: dict[str, Any]) -> None:
    """Two epochs of a network in lanes, and of one alone, end where torch.nn, torch.optim and autograd end."""
    lanes = [{"training": {"learning_rate": rate, "l2": l2}} for rate, l2 in [(0.01, 0.003), (0.005, 0.0), (0.003, 0.02)]]
    training = {"order": order, "batch_size": BATCH, **optimizer}
    job = make_job(model(name), training, lanes, end=2)
    assert 2 * (len(job.data.train) // BATCH) == STEPS
    result = run(job, lambda _: None)
    assert bool(result.notes) == (name in ALONE), result.notes
    for lane, outcome in zip(job.lanes, result.lanes, strict=True):
        assert_as_plainly(job, lane, outcome)
    alone = make_job(model(name), training, lanes[1:2], end=2, trials=[1])
    assert_as_plainly(alone, alone.lanes[0], run(alone, lambda _: None).lanes[0])


DRAWING: list[dict[str, Any]] = [
    *({**model("Drawing"), "kind": kind} for kind in ("dropout", "alpha", "noise", "numpy", "python", "skip")),
    {**model("Drawing"), "kind": "noise", "always": True},
    model("DrawingFilters"),
    {**model("Transformer"), "dropout": 0.2},
    model("functional_dropout"),
]
"""Networks that take random numbers in their forward pass."""


Told = list[tuple[int, int, list[EpochMetrics], bytes | None]]


def told(result: JobResult) -> Told:
    """All of a job's lanes but their seconds."""
    return [
        (lane.trial, lane.replicate, [epoch._replace(seconds=0.0) for epoch in lane.epochs], lane.checkpoint)
        for lane in result.lanes
    ]


def figures(lanes: Told) -> list[float]:
    """What lanes have come to: in another group a product may round otherwise, but no number may be another."""
    return [figure for *_, epochs, _ in lanes for epoch in epochs for figure in epoch]


@pytest.mark.parametrize("drawing", DRAWING, ids=lambda model: str(list(model.values())))
def test_what_a_network_draws_is_its_lanes_own(make_job: Callable[..., Job], drawing: dict[str, Any]) -> None:
    """Numbers drawn in `forward` follow from seed, trial and replicate: whatever ran before, beside it, or up to where."""
    lanes = [{}, {"replicate": 1}, {}]
    training = {"batch_size": BATCH, "optimizer": "adam", "learning_rate": 0.01, "l2": 0.001}

    def job(places: list[int], begin: int = 0, end: int = 2, checkpoints: list[bytes | None] | None = None) -> JobResult:
        made = make_job(
            drawing,
            training,
            [lanes[place] for place in places],
            begin,
            end,
            trials=[3 + place // 2 for place in places],
            checkpoints=checkpoints,
        )
        torch.manual_seed(np.random.randint(1000))  # The global generators are anywhere when a job begins.
        random.seed()
        return run(made, lambda _: None)

    together = told(job([0, 1, 2]))
    assert together == told(job([0, 1, 2]))
    assert figures([together[2], together[0]]) == pytest.approx(figures(told(job([2, 0]))), rel=1e-9)
    assert figures([together[1]]) == pytest.approx(figures(told(job([1]))), rel=1e-9)
    assert len({lane[-1] for lane in together}) == 3
    halfway = job([0, 1, 2], end=1)
    resumed = told(job([0, 1, 2], 1, 2, [lane.checkpoint for lane in halfway.lanes]))
    assert [lane[-1] for lane in resumed] == [lane[-1] for lane in together]
    assert [lane[2] for lane in resumed] == [lane[2][1:] for lane in together]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("OwnGradient", "`backward` of its own"),
        ("ByData", "write by `.data`"),
        ("tied", r"two of their layers have one weight (3.weight = 5.weight = 6.weight)"),
        ("Unclonable", "hold what cannot be copied"),
    ],
)
def test_why_networks_train_alone_is_told_in_plain_words(make_job: Callable[..., Job], name: str, words: str) -> None:
    """Without what torch.func itself says of it."""
    (note,) = run(make_job(model(name), {"batch_size": BATCH}, [{}, {}]), lambda _: None).notes
    assert words in note
    assert "functorch" not in note


def test_the_default_type_is_left_alone(make_job: Callable[..., Job]) -> None:
    """A factory that changes it changes no network that is built later in the process."""
    mlp = make_job({"name": "mlp"}, {"batch_size": BATCH}, [{}], precision="float32")
    before = told(run(mlp, lambda _: None))
    run(make_job(model("in_doubles"), {"batch_size": BATCH}, [{}]), lambda _: None)
    assert torch.get_default_dtype() is torch.float32
    assert told(run(mlp, lambda _: None)) == before


def test_what_is_no_number_is_no_other_number(make_job: Callable[..., Job]) -> None:
    """Networks that give NaN are computed together, as they come to the same."""
    assert not run(make_job(model("Undefined"), {"batch_size": BATCH}, [{}, {}]), lambda _: None).notes


def test_a_network_that_draws_says_why_it_trains_alone(make_job: Callable[..., Job]) -> None:
    """One plain line."""
    (note,) = run(make_job(DRAWING[0], {"batch_size": BATCH}, [{}, {}]), lambda _: None).notes
    assert note == "one network at a time: they draw random numbers, each from a stream of its own"


def test_the_callers_generators_are_left_alone(make_job: Callable[..., Job]) -> None:
    """A job that seeds the global generators puts them back."""
    random.seed(1)
    np.random.seed(2)  # the one that is to be left alone
    torch.manual_seed(3)
    run(make_job(DRAWING[3], {"batch_size": BATCH}, [{}]), lambda _: None)
    after = random.random(), np.random.random(), float(torch.rand(()))
    assert after == (
        random.Random(1).random(),
        np.random.RandomState(2).random(),
        float(torch.rand((), generator=torch.Generator().manual_seed(3))),
    )


@pytest.mark.parametrize("name", ["InPlaceInput", "InPlaceRelu", "InPlaceFilters"])
@pytest.mark.parametrize("order", ["own", "shared"])
def test_images_are_left_alone(make_job: Callable[..., Job], images: Prepared, name: str, order: str) -> None:
    """A network that writes into what it is given changes neither the images that are kept nor what another lane sees."""
    kept = load(images, torch.device("cpu"), torch.float64)
    before = [kept.train[slice(None)].clone(), kept.validation[slice(None)].clone()]
    result = run(make_job(model(name), {"batch_size": BATCH, "order": order}, [{}, {}], end=2), lambda _: None)
    assert load(images, torch.device("cpu"), torch.float64) is kept
    assert torch.equal(kept.train[slice(None)], before[0])
    assert torch.equal(kept.validation[slice(None)], before[1])
    alone = make_job(model(name), {"batch_size": BATCH, "order": order}, [{}], end=2, trials=[1])
    ours, other = (result.lanes[1].epochs[-1], run(alone, lambda _: None).lanes[0].epochs[-1])
    assert ours.validation_loss == pytest.approx(other.validation_loss, rel=1e-12)


def test_dropout_with_its_own_share(make_job: Callable[..., Job]) -> None:
    """models.Dropout takes away what the factory says, by whatever name its option goes; used twice, it draws twice."""

    def trained(**options: Any) -> JobResult:
        return run(make_job({**model("own_dropout"), **options}, {"batch_size": BATCH}, [{}]), lambda _: None)

    losses = [trained(share=share).lanes[0].epochs[0].training_loss for share in (0.0, 0.5)]
    assert losses[0] != losses[1]
    assert "draw random numbers" in trained(twice=True).notes[0]


@pytest.mark.parametrize("name", ["Idle", "IdleFilters"])
def test_the_cost_leaves_out_what_has_no_part(make_job: Callable[..., Job], name: str) -> None:
    """Weights that the output does not depend on are neither shrunk nor paid for."""
    job = make_job(model(name), {"batch_size": BATCH, "l2": 0.1, "learning_rate": 1e-13}, [{}])
    network, _ = plainly(job, job.lanes[0], 0)
    paid = 0.1 * sum(
        float(each.detach().square().sum())
        for key, each in network.named_parameters()
        if each.dim() > 1 and key[:2] not in ("un", "sc")
    )
    (epoch,) = run(job, lambda _: None).lanes[0].epochs
    assert epoch.training_cost - epoch.training_loss == pytest.approx(paid, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("too_many", r"got a tensor of \(4, 1000\): let its last layer have as many outputs as `classes`"),
        ("one_memory", r"share no memory unless they are one Parameter, got 2.weight and 4.weight from"),
        ("start_kept", r"share no memory unless they are one Parameter, got start and 1.weight from"),
        ("too_few", r"got a tensor of \(4, 2\): let its last layer"),
        ("unflattened", r"got a tensor of \(4, 4, 1, 1\): flatten what the last layer gives"),
        ("two_heads", r"got a tuple \(0: a tensor of \(4, 4\), 1: a tensor of \(4, 4\)\): return the scores alone, or name"),
        ("nothing", "got a NoneType: return the scores alone"),
        ("without_parameters", "a network must have parameters to train, got none from"),
        ("all_frozen", "a network must have parameters to train, got none but frozen ones"),
        ("growing", r"a buffer keeps its shape, got \(1, 6\) for seen, which began as \(0, 6\)"),
        ("Thawing", "frozen when the network is built stays frozen, got first.weight, which `forward` lets train: build it with"),
        ("broken", r"raised ValueError: no such depth \(.*faulty.py, line \d+\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained_is_said(make_job: Callable[..., Job], name: str, message: str) -> None:
    """Outputs whose meaning is not clear, and networks that cannot learn, are refused with the way out."""
    with pytest.raises(UsageError, match=message):
        run(make_job(model(name), {"batch_size": BATCH}, [{}]), lambda _: None)


@pytest.mark.parametrize("name", ["Passing", "Counting", "Frozen", "DictOutput", "InPlaceInput", "normalised", "Tied", "tied"])
def test_the_final_network_is_the_one_that_was_trained(make_job: Callable[..., Job], name: str) -> None:
    """Put to the test images, a network computes with all that its checkpoint holds; what is saved fits its own state_dict."""
    job = make_job(model(name), {"batch_size": BATCH, "learning_rate": 0.01}, [{}], end=2)
    (lane,) = run(job, lambda _: None).lanes
    assert lane.checkpoint is not None
    network, _ = plainly(job, job.lanes[0], STEPS)
    tested = Trained(job.lanes[0].model, lane.checkpoint, job.data)
    pixels, labels = np.load(job.data.images), torch.from_numpy(np.load(job.data.labels))[job.data.test]
    factor, shift = scaling_of(job.data.scale, pixels, job.data.train, torch.device("cpu"), torch.float64)
    assert shift is not None
    with torch.no_grad():
        given = network.eval()(torch.from_numpy(pixels[job.data.test]).double() * factor - shift)
    loss = functional.cross_entropy(scores(given, len(labels), len(job.data.classes)), labels)
    assert tested.test().loss == pytest.approx(float(loss), rel=1e-5)
    saved = safetensors.torch.load(tested.packed())
    assert saved.keys() - {"input.factor", "input.shift"} == network.state_dict().keys()
    network.float().load_state_dict({key: tensor for key, tensor in saved.items() if not key.startswith("input.")})
