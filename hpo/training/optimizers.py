"""torch.optim's update rules over stacked lanes, each lane with its own hyperparameters.

The gradients are those of the loss alone: the penalty's share, 2 * l2 * W, is added here, to the weights that it covers.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..spec import TrainingSpec
from .network import Tensors, penalised
from .products import LARGE


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


def _by_lane(parameter: Tensor) -> bool:
    """Whether torch.optim's fused kernel, called for each lane, pays: it passes through the memory once."""
    return parameter.device.type == "cpu" and parameter[0].numel() >= LARGE


def _as_stored(gradient: Tensor, parameter: Tensor) -> Tensor:
    """A lane's gradient for a fused kernel, which goes through the memory of both from end to end, whatever their strides say."""
    if gradient.dtype == parameter.dtype and gradient.stride() == parameter.stride():
        return gradient
    return torch.empty_like(parameter).copy_(gradient)


class Optimizer(ABC):
    """Updates parameters in place, those of all lanes at once or, where they are large, lane by lane."""

    state: dict[str, Tensors]
    """Stacked like the parameters, by the name of the quantity, then of the parameter: (L, ...)."""

    def step(self, parameters: Tensors, gradients: Tensors, rate: Tensor, copies: Tensors) -> None:
        """One update with the learning rates (L,), of parameters and of their copies. Gradients may be overwritten."""
        for name, parameter in parameters.items():
            gradient, copy = gradients[name], copies.get(name)
            if not _by_lane(parameter):
                self._stacked(name, parameter, gradient, rate)
                if copy is not None:
                    copy.copy_(parameter)
                continue
            for lane, (own, own_rate) in enumerate(zip(parameter, rate.tolist(), strict=True)):
                self._alone(name, lane, own, _as_stored(gradient[lane], own), own_rate)
                if copy is not None:  # Now, while the weights are in the cache.
                    copy[lane].copy_(own)

    @abstractmethod
    def _stacked(self, name: str, parameter: Tensor, gradient: Tensor, rate: Tensor) -> None:
        """Update a parameter (L, ...) of all lanes."""

    @abstractmethod
    def _alone(self, name: str, lane: int, parameter: Tensor, gradient: Tensor, rate: float) -> None:
        """Update one lane's parameter by a gradient that lies in memory as it does."""


class Sgd(Optimizer):
    """w <- w - rate * g, with the momentum of torch.optim.SGD: v <- m v + g, w <- w - rate * v (nesterov: g + m v)."""

    def __init__(self, trainings: Sequence[TrainingSpec], parameters: Tensors) -> None:
        like = next(iter(parameters.values()))
        self._l2 = Coefficients([2 * training.l2 for training in trainings], like)
        self._momentum = Coefficients([training.momentum for training in trainings], like)
        self._nesterov = trainings[0].optimizer == "nesterov"
        self._penalised = set(penalised(parameters))
        with_momentum = trainings[0].optimizer != "sgd"
        self.state = {"momentum": {n: torch.zeros_like(p) for n, p in parameters.items()}} if with_momentum else {}

    def _stacked(self, name: str, parameter: Tensor, gradient: Tensor, rate: Tensor) -> None:
        direction = gradient if gradient.dtype == parameter.dtype else gradient.to(parameter.dtype)
        if name in self._penalised:
            direction = direction.addcmul_(parameter, self._l2.over(parameter))
        if self.state:
            direction = self._with_momentum(self.state["momentum"][name], direction)
        parameter.addcmul_(direction, over(rate, parameter), value=-1)

    def _alone(self, name: str, lane: int, parameter: Tensor, gradient: Tensor, rate: float) -> None:
        torch._fused_sgd_(
            [parameter],
            [gradient],
            [self.state["momentum"][name][lane]] if self.state else [],
            weight_decay=self._l2.numbers[lane] if name in self._penalised else 0.0,
            momentum=self._momentum.numbers[lane] if self.state else 0.0,
            lr=rate,
            dampening=0.0,
            nesterov=self._nesterov,
            maximize=False,
            is_first_step=False,
        )

    def _with_momentum(self, velocity: Tensor, gradient: Tensor) -> Tensor:
        momentum = self._momentum.over(velocity)
        velocity.mul_(momentum).add_(gradient)
        return gradient.addcmul_(velocity, momentum) if self._nesterov else velocity


class Adam(Optimizer):
    """torch.optim.Adam, and AdamW with decoupled weight decay 2 * l2."""

    def __init__(self, trainings: Sequence[TrainingSpec], parameters: Tensors) -> None:
        like = next(iter(parameters.values()))
        self._l2 = Coefficients([2 * training.l2 for training in trainings], like)
        self._beta1 = Coefficients([training.beta1 for training in trainings], like)
        self._beta2 = Coefficients([training.beta2 for training in trainings], like)
        self._epsilon = Coefficients([training.epsilon for training in trainings], like)
        self._decoupled = trainings[0].optimizer == "adamw"
        self._penalised = set(penalised(parameters))
        self.state = {
            "first": {n: torch.zeros_like(p) for n, p in parameters.items()},
            "second": {n: torch.zeros_like(p) for n, p in parameters.items()},
            "steps": {"": torch.zeros(len(trainings), dtype=like.dtype, device=like.device)},
        }

    def step(self, parameters: Tensors, gradients: Tensors, rate: Tensor, copies: Tensors) -> None:
        """See Optimizer."""
        self.state["steps"][""].add_(1)
        super().step(parameters, gradients, rate, copies)

    def _stacked(self, name: str, parameter: Tensor, gradient: Tensor, rate: Tensor) -> None:
        steps = self.state["steps"][""]
        correct1 = 1 - self._beta1.values.pow(steps)
        correct2 = (1 - self._beta2.values.pow(steps)).sqrt()
        gradient = gradient.to(parameter.dtype)
        if name in self._penalised:
            if self._decoupled:
                parameter.mul_(1 - over(rate, parameter) * self._l2.over(parameter))
            else:
                gradient = gradient.addcmul_(parameter, self._l2.over(parameter))
        first, second = self.state["first"][name], self.state["second"][name]
        first.lerp_(gradient, 1 - self._beta1.over(parameter))
        second.mul_(self._beta2.over(parameter)).addcmul_(gradient * gradient, 1 - self._beta2.over(parameter))
        scale = second.sqrt().div_(over(correct2, parameter)).add_(self._epsilon.over(parameter))
        parameter.sub_(first * over(rate / correct1, parameter) / scale)

    def _alone(self, name: str, lane: int, parameter: Tensor, gradient: Tensor, rate: float) -> None:
        kernel = torch._fused_adamw_ if self._decoupled else torch._fused_adam_
        kernel(
            [parameter],
            [gradient],
            [self.state["first"][name][lane]],
            [self.state["second"][name][lane]],
            [],
            [self.state["steps"][""][lane]],
            lr=rate,
            beta1=self._beta1.numbers[lane],
            beta2=self._beta2.numbers[lane],
            weight_decay=self._l2.numbers[lane] if name in self._penalised else 0.0,
            eps=self._epsilon.numbers[lane],
            amsgrad=False,
            maximize=False,
        )


_KINDS: dict[str, Callable[[Sequence[TrainingSpec], Tensors], Optimizer]] = {
    "sgd": Sgd, "momentum": Sgd, "nesterov": Sgd, "adam": Adam, "adamw": Adam,
}  # fmt: skip


def optimizer(trainings: Sequence[TrainingSpec], parameters: Tensors) -> Optimizer:
    """The optimizer of lanes whose settings name the same one."""
    return _KINDS[trainings[0].optimizer](trainings, parameters)
