"""torch.optim's update rules over stacked lanes, each lane with its own hyperparameters.

The gradients are those of the loss alone: the penalty's share, 2 * l2 * W, is added here, to the weights that it covers.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from ..spec import TrainingSpec
from .blocks import SMALL, Blocks
from .network import Tensors
from .products import LARGE

ALL = ""
"""Of the steps that Adam counts, those of all parameters together."""


class Coefficients:
    """A hyperparameter of every lane, shaped to multiply a stacked parameter of any dimension."""

    def __init__(self, values: Sequence[float], like: Tensor) -> None:
        self.numbers = values
        self.values = torch.tensor(values, dtype=like.dtype, device=like.device)

    def over(self, parameter: Tensor) -> Tensor:
        """The values as (L, 1, ..., 1) for a parameter (L, ...)."""
        return over(self.values, parameter)


def over(values: Tensor, parameter: Tensor) -> Tensor:
    """Values (L,) as (L, 1, ..., 1) for a parameter (L, ...)."""
    return values.view(-1, *[1] * (parameter.dim() - 1))


def _by_lane(name: str, parameter: Tensor) -> bool:
    """Whether torch.optim's fused kernel, called for each lane, pays: it passes through the memory once."""
    return name != SMALL and parameter.device.type == "cpu" and parameter[0].numel() >= LARGE


def _as_stored(gradient: Tensor, parameter: Tensor) -> Tensor:
    """A lane's gradient for a fused kernel, which goes through the memory of both from end to end, whatever their strides say."""
    if gradient.dtype == parameter.dtype and gradient.stride() == parameter.stride():
        return gradient
    return torch.empty_like(parameter).copy_(gradient)


class Optimizer(ABC):
    """Updates parameters in place, a block of all lanes at once or, where it is large, lane by lane."""

    _state: dict[str, Tensors]
    """Blocks, by the name of the quantity: (L, ...)."""

    def __init__(self, trainings: Sequence[TrainingSpec], blocks: Blocks) -> None:
        self._blocks = blocks
        self._like = next(iter(blocks.tensors.values()))
        self._l2 = self._coefficients([2 * training.l2 for training in trainings])

    def _coefficients(self, values: Sequence[float]) -> Coefficients:
        return Coefficients(values, self._like)

    def _weight_decay(self, name: str, lane: int) -> float:
        return self._l2.numbers[lane] if name in self._blocks.penalised else 0.0

    def _add_penalty(self, name: str, parameter: Tensor, gradient: Tensor) -> None:
        weights = self._blocks.covered(name, parameter)
        self._blocks.covered(name, gradient).addcmul_(weights, self._l2.over(weights))

    def _zeros(self) -> Tensors:
        return {name: torch.zeros_like(block) for name, block in self._blocks.tensors.items()}

    @property
    def state(self) -> dict[str, Tensors]:
        """Stacked like the parameters, by the name of the quantity, then of the parameter: (L, ...), to be written into."""
        return {quantity: self._blocks.named(members) for quantity, members in self._state.items()}

    def step(self, gradients: Tensors, rate: Tensor, copies: Tensors, without: Mapping[str, Sequence[int]] | None = None) -> None:
        """One update with the learning rates (L,), of parameters and of their copies. Gradients are only read.

        Parameters that lanes are `without` a gradient of stay as they are there, as torch.optim has it: no decay, no momentum.
        """
        kept = [(member, member.clone()) for member in self._untouched(without or {})]
        self._update(gradients, rate, copies)
        for member, before in kept:
            member.copy_(before)

    def _untouched(self, without: Mapping[str, Sequence[int]]) -> Iterator[Tensor]:
        """All that belongs to these parameters in these lanes, as views."""
        for name, lanes in without.items():
            quantities = [self._blocks.by_name, *self.state.values()]
            yield from (members[name][lane] for members in quantities if name in members for lane in lanes)

    def _update(self, gradients: Tensors, rate: Tensor, copies: Tensors) -> None:
        gathered = self._blocks.gathered(gradients)
        for name, block in self._blocks.tensors.items():
            gradient = gathered[name]
            if not _by_lane(name, block):
                # Copied, since two parameters may have one tensor for a gradient, as those of a sum have.
                self._stacked(name, block, gradient.to(block.dtype, copy=name != SMALL), rate)
                continue
            copy = copies.get(name)
            for lane, (own, own_rate) in enumerate(zip(block, rate.tolist(), strict=True)):
                self._alone(name, lane, own, _as_stored(gradient[lane], own), own_rate)
                if copy is not None:  # Now, while the weights are in the cache.
                    copy[lane].copy_(own)
        for name, copy in copies.items():
            if not _by_lane(name, parameter := self._blocks.by_name[name]):
                copy.copy_(parameter)

    @abstractmethod
    def _stacked(self, name: str, parameter: Tensor, gradient: Tensor, rate: Tensor) -> None:
        """Update a block (L, ...) of all lanes by a gradient that may be overwritten."""

    @abstractmethod
    def _alone(self, name: str, lane: int, parameter: Tensor, gradient: Tensor, rate: float) -> None:
        """Update one lane's parameter by a gradient that lies in memory as it does."""


class Sgd(Optimizer):
    """w <- w - rate * g, with the momentum of torch.optim.SGD: v <- m v + g, w <- w - rate * v (nesterov: g + m v)."""

    def __init__(self, trainings: Sequence[TrainingSpec], blocks: Blocks) -> None:
        super().__init__(trainings, blocks)
        self._momentum = self._coefficients([training.momentum for training in trainings])
        self._nesterov = trainings[0].optimizer == "nesterov"
        self._state = {} if trainings[0].optimizer == "sgd" else {"momentum": self._zeros()}

    def _stacked(self, name: str, parameter: Tensor, gradient: Tensor, rate: Tensor) -> None:
        self._add_penalty(name, parameter, gradient)
        if self._state:
            gradient = self._with_momentum(self._state["momentum"][name], gradient)
        parameter.addcmul_(gradient, over(rate, parameter), value=-1)

    def _alone(self, name: str, lane: int, parameter: Tensor, gradient: Tensor, rate: float) -> None:
        momentum = self._momentum.numbers[lane] if self._state else 0.0
        torch._fused_sgd_(
            [parameter],
            [gradient],
            [self._state["momentum"][name][lane]] if momentum else [],  # The kernel wants none where there is no momentum.
            weight_decay=self._weight_decay(name, lane),
            momentum=momentum,
            lr=rate,
            dampening=0.0,
            nesterov=self._nesterov and momentum > 0,
            maximize=False,
            is_first_step=False,
        )

    def _with_momentum(self, velocity: Tensor, gradient: Tensor) -> Tensor:
        momentum = self._momentum.over(velocity)
        velocity.mul_(momentum).add_(gradient)
        return gradient.addcmul_(velocity, momentum) if self._nesterov else velocity


class Adam(Optimizer):
    """torch.optim.Adam, and AdamW with decoupled weight decay 2 * l2."""

    def __init__(self, trainings: Sequence[TrainingSpec], blocks: Blocks) -> None:
        super().__init__(trainings, blocks)
        self._beta1 = self._coefficients([training.beta1 for training in trainings])
        self._beta2 = self._coefficients([training.beta2 for training in trainings])
        self._epsilon = self._coefficients([training.epsilon for training in trainings])
        self._decoupled = trainings[0].optimizer == "adamw"
        self._state = {"first": self._zeros(), "second": self._zeros()}
        counted = blocks.tensors if blocks.apart else [ALL]
        self._steps = {name: torch.zeros(len(trainings), dtype=self._like.dtype, device=self._like.device) for name in counted}

    @property
    def state(self) -> dict[str, Tensors]:
        """See Optimizer."""
        return {**super().state, "steps": self._steps}

    def _update(self, gradients: Tensors, rate: Tensor, copies: Tensors) -> None:
        for steps in self._steps.values():
            steps.add_(1)
        super()._update(gradients, rate, copies)

    def _taken(self, name: str) -> Tensor:
        """Steps (L,) that a block has taken."""
        return self._steps[name if name in self._steps else ALL]

    def _stacked(self, name: str, parameter: Tensor, gradient: Tensor, rate: Tensor) -> None:
        correct1 = 1 - self._beta1.values.pow(self._taken(name))
        correct2 = (1 - self._beta2.values.pow(self._taken(name))).sqrt()
        if self._decoupled:
            weights = self._blocks.covered(name, parameter)
            weights.mul_(1 - over(rate, weights) * self._l2.over(weights))
        else:
            self._add_penalty(name, parameter, gradient)
        first, second = self._state["first"][name], self._state["second"][name]
        first.lerp_(gradient, 1 - self._beta1.over(parameter))
        second.mul_(self._beta2.over(parameter)).addcmul_(gradient * gradient, 1 - self._beta2.over(parameter))
        scale = second.sqrt().div_(over(correct2, parameter)).add_(self._epsilon.over(parameter))
        parameter.sub_(first * over(rate / correct1, parameter) / scale)

    def _alone(self, name: str, lane: int, parameter: Tensor, gradient: Tensor, rate: float) -> None:
        kernel = torch._fused_adamw_ if self._decoupled else torch._fused_adam_
        kernel(
            [parameter],
            [gradient],
            [self._state["first"][name][lane]],
            [self._state["second"][name][lane]],
            [],
            [self._taken(name)[lane]],
            lr=rate,
            beta1=self._beta1.numbers[lane],
            beta2=self._beta2.numbers[lane],
            weight_decay=self._weight_decay(name, lane),
            eps=self._epsilon.numbers[lane],
            amsgrad=False,
            maximize=False,
        )


_KINDS: dict[str, Callable[[Sequence[TrainingSpec], Blocks], Optimizer]] = {
    "sgd": Sgd, "momentum": Sgd, "nesterov": Sgd, "adam": Adam, "adamw": Adam,
}  # fmt: skip


def optimizer(trainings: Sequence[TrainingSpec], blocks: Blocks) -> Optimizer:
    """The optimizer of lanes whose settings name the same one."""
    return _KINDS[trainings[0].optimizer](trainings, blocks)
