"""Do the gradients that train agree with difference quotients of the cost?

The gradient is read off one step of training: with rate 1 and without momentum, w - w' is what the optimizer went by, the
penalty's share included. The cost is computed from its definition by a plain nn.Module in PyTorch's own forward pass.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import torch
from torch import Tensor, nn

from ..data import Prepared
from ..errors import UsageError
from ..seeds import derive
from ..spec import CnnSpec, FactorySpec, StudySpec
from ..training.job import Lane
from ..training.network import trained
from .cases import Case, cases, has_batch_norm
from .differences import Cost
from .images import Images, some
from .labels import labels
from .lanes import Bench, not_in_doubles, plain, set_masks, varied
from .points import Point, middle, networks
from .results import Errors, GradientCase, GradientReport, ParameterErrors

STEPS = ((1e-7, 1e-5), (1e-8, 1e-6), (1e-9, 1e-7))
"""Of the forward and the centred difference, near the best for each in float64. An entry that is out of bounds is measured again
with the smaller ones: a kink of a ReLU between w - h and w + h goes away with the step, a fault does not."""

FLOOR = 1e-3
"""Of |a| + |n| in a relative error: below it, absolute errors are compared with the floor."""

FORWARD_BOUND = 5e-4
"""A forward difference is off by h/2 times the second derivative, which is 2 lambda or more: 1e-4 of the floor at lambda = 1."""

CENTRED_BOUND = 1e-6
"""J carries a rounding error of about 1e-15, and a centred difference 5e-11 of that: a twentieth of this bound at the floor."""

INPUTS = 20
"""Input dimensions of a dense network, as in the reports."""

ENTRIES = 300
"""Entries of a parameter that are looked at; of a larger one a sample, drawn by the study's seed."""

FEW = 50
"""The same of a network with all its inputs, whose cost takes longer to compute."""

NEIGHBOUR = 1
"""The lane that is looked at stands beside another one, as in training."""


def check(spec: StudySpec, data: Prepared, say: Callable[[str], None] = lambda line: None) -> GradientReport:
    """Compare all the cases of a study; `say` is told of each before it begins.

    Raises UsageError when a case's batch is larger than the data, when the factory cannot be used, when it
    cannot compute in float64, or when J is random.
    """
    point, wanted = _network(spec), cases(spec)
    if (fault := not_in_doubles(spec.seed, data, _lane(point))) is not None:
        raise UsageError(
            f"gradients are checked in float64, and {spec.model.factory} cannot compute in that: {fault};"  # type: ignore[union-attr]
            " let what it makes be of its input's type, as with .to(x.dtype)"
        )
    images = some(data, spec.seed, max(batch for batch, _ in wanted), torch.float64)
    inputs = math.prod(data.shape)
    small = not isinstance(spec.model, CnnSpec | FactorySpec)
    if small and inputs > INPUTS:
        images, data = _narrowed(images, data)
    found = []
    for batch, l2 in wanted:
        say(f"batch {batch}, lambda {l2:g}")
        found.append(_case(spec, data, point, images.first(batch), (batch, l2), ENTRIES if small else FEW))
    notes = (*_notes(spec, found), *_left_out(plain(spec.seed, _lane(point), data.shape, len(data.classes)), found[0]))
    return GradientReport(describe(point), math.prod(data.shape), inputs, tuple(found), FORWARD_BOUND, CENTRED_BOUND, notes)


def _lane(point: Point, trial: int = NEIGHBOUR) -> Lane:
    return Lane(trial, 0, point.model, point.training)


def _network(spec: StudySpec) -> Point:
    """The middle of the space; with batch norm where any trial may have it."""
    wanted = [point for point in networks(spec) if getattr(point.model, "batch_norm", False)] if has_batch_norm(spec) else []
    return next(iter(wanted), middle(spec))


def _narrowed(images: Images, data: Prepared) -> tuple[Images, Prepared]:
    """The first input dimensions that are not nearly constant: those of the reports, but not the blank border of MNIST."""
    flat = images.x.flatten(1)
    spread = flat.std(0, correction=0)
    chosen = torch.nonzero(spread >= 0.1 * spread.max()).flatten()[:INPUTS]
    return Images(flat[:, chosen].view(len(flat), 1, 1, -1), images.y), replace(data, shape=(1, 1, len(chosen)))


def describe(point: Point) -> str:
    """The network of a point, as a study file would say it."""
    settings = point.model.model_dump(exclude_defaults=True, exclude={"name", "factory"})
    name = getattr(point.model, "name", None) or point.model.factory
    return ", ".join([name, *(f"{key} = {value}" for key, value in settings.items())])


def _case(spec: StudySpec, data: Prepared, point: Point, images: Images, case: Case, most: int) -> GradientCase:
    lanes = [varied(_lane(point, trial), batch=case[0], l2=case[1], momentum=0.0, beta1=0.0) for trial in (0, NEIGHBOUR)]
    bench = Bench(spec.seed, data, lanes)
    network = _set_off(plain(spec.seed, lanes[NEIGHBOUR], data.shape, len(data.classes)))
    for name, parameter in trained(network).items():
        bench.stacked.parameters[name][NEIGHBOUR] = parameter.detach()
    set_masks(network, bench.masks().draw(images.x), NEIGHBOUR)
    analytic = _analytic(bench, images, point.training.order == "own")
    cost = Cost(network, images, 0.0 if point.training.optimizer == "adamw" else case[1])
    return GradientCase(*case, tuple(_parameters(spec.seed, network, analytic, cost, most)))


def _set_off(network: nn.Module) -> nn.Module:
    """Biases, scales and shifts a little off their start: with a bias of 0 an all-black image lies on a ReLU's kink."""
    source = torch.Generator().manual_seed(0)
    for parameter in trained(network).values():
        if parameter.dim() == 1:
            parameter.data += 0.01 * torch.randn(parameter.shape, generator=source, dtype=torch.float64)
    return network


def _analytic(bench: Bench, images: Images, own: bool) -> dict[str, Tensor]:
    """The gradient that a step of training goes by, by the name of the parameter, without those that have none."""
    stacked, lanes = bench.stacked, len(bench.lanes)
    before = {name: parameter.clone() for name, parameter in stacked.parameters.items()}
    x, y = (torch.stack([each] * lanes) if own else each for each in images)
    bench.step(x, y, [1.0] * lanes)
    if "first" in stacked.optimizer.state:  # Adam's step is not its gradient, but with beta1 = 0 its first moment is.
        found = {name: moment[NEIGHBOUR] for name, moment in stacked.optimizer.state["first"].items()}
    else:
        found = {name: (before[name] - parameter)[NEIGHBOUR] for name, parameter in stacked.parameters.items()}
    return {name: gradient for name, gradient in found.items() if NEIGHBOUR not in stacked.network.without.get(name, ())}


def _parameters(seed: int, network: nn.Module, analytic: dict[str, Tensor], cost: Cost, most: int) -> Iterator[ParameterErrors]:
    named = labels(network)
    for place, (name, parameter) in enumerate(network.named_parameters()):
        if name not in analytic:
            continue
        source = torch.Generator().manual_seed(derive(seed, "check entries", place))
        chosen = torch.randperm(parameter.numel(), generator=source)[:most].tolist()
        gradient = analytic[name].reshape(-1).tolist()
        forward, centred, again = zip(*(_entry(cost, parameter, entry, gradient[entry]) for entry in chosen), strict=True)
        yield ParameterErrors(
            name, named[name], tuple(parameter.shape), len(chosen), _largest(forward), _largest(centred), sum(again)
        )


def _entry(cost: Cost, parameter: Tensor, entry: int, gradient: float) -> tuple[Errors, Errors, bool]:
    """Errors of the forward and the centred difference of an entry, each at the step that suits it best."""
    found: list[tuple[Errors, Errors]] = []
    for forward_step, centred_step in STEPS:
        forward = cost.forward(parameter, entry, forward_step)
        centred = cost.centred(parameter, entry, centred_step)
        found.append((_errors(gradient, forward), _errors(gradient, centred)))
        best = [min(errors, key=lambda each: each.relative) for errors in zip(*found, strict=True)]
        if best[0].relative <= FORWARD_BOUND and best[1].relative <= CENTRED_BOUND:
            break
    return best[0], best[1], len(found) > 1


def _errors(analytic: float, numerical: float) -> Errors:
    absolute = abs(analytic - numerical)
    if not math.isfinite(absolute):
        return Errors(math.inf, math.inf)
    return Errors(absolute, absolute / max(FLOOR, abs(analytic) + abs(numerical)))


def _largest(errors: tuple[Errors, ...]) -> Errors:
    return Errors(max(each.absolute for each in errors), max(each.relative for each in errors))


def _notes(spec: StudySpec, found: list[GradientCase]) -> Iterator[str]:
    sampled = [each for each in found[0].parameters if each.entries < math.prod(each.shape)]
    if sampled:
        names = ", ".join(each.label for each in sampled)
        yield f"of {names} {sampled[0].entries} entries each, drawn by the study's seed"
    again = sum(each.again for case in found for each in case.parameters)
    if again:
        entries = sum(each.entries for case in found for each in case.parameters)
        yield f"{again} of {entries} entries measured again with a smaller step, as at a kink of a ReLU"
    if spec.training.optimizer == "adamw":
        yield "adamw shrinks the weights beside the gradient: checked without the penalty"


def _left_out(network: nn.Module, case: GradientCase) -> Iterator[str]:
    seen = {each.name for each in case.parameters}
    if left := [label for name, label in labels(network).items() if name not in seen]:
        yield f"not checked: {', '.join(left)}, which are frozen or have no part in the output"
