"""Networks of strangers: what people write who have never heard of lanes."""

import math
import os
import random
import sys
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import torch
from hpo.models import Dropout
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint

Shape = tuple[int, int, int]


class _Net(nn.Module):
    """Flat images through one hidden layer; what is special comes in `special`, ahead of the last layer."""

    def __init__(self, shape: Shape, classes: int, width: int = 6) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(math.prod(shape), width), nn.Linear(width, classes)

    def forward(self, x: Tensor) -> object:
        return self.last(self.special(torch.tanh(self.first(x.flatten(1)))))

    def special(self, x: Tensor) -> Tensor:
        return x


class InPlaceInput(_Net):
    """Writes into its images."""

    def forward(self, x: Tensor) -> object:
        x.sub_(0.5).mul_(2)
        return super().forward(x)


class InPlaceRelu(_Net):
    """nn.ReLU(inplace=True), and on the images themselves."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> object:
        return self.last(self.relu(self.first(self.relu(x).flatten(1))))


class Frozen(_Net):
    """A backbone that is not to be trained, with a bias that is."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.first.weight.requires_grad_(False)


class FrozenFilters(nn.Module):
    """Convolutions that are not to be trained, and their batch norm in evaluation mode for good."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(shape[0], 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU())
        self.body.requires_grad_(False)
        self.head = nn.Linear(3 * shape[1] * shape[2], classes)

    def train(self, mode: bool = True) -> "FrozenFilters":
        super().train(mode)
        self.body.eval()
        return self

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x).flatten(1))  # type: ignore[no-any-return]  # as all layers' calls here


class Idle(_Net):
    """A layer, and a small scale, that have no part in the output."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.unused, self.scale = nn.Linear(6, 150), nn.Parameter(torch.ones(3, 3))


class IdleFilters(nn.Module):
    """The same among convolutions, whose output goes through `view`."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.conv, self.unused = nn.Conv2d(shape[0], 4, 3), nn.Conv2d(4, 4, 3)
        self.size = 4 * (shape[1] - 2) * (shape[2] - 2)
        self.head = nn.Linear(self.size, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu(self.conv(x)).view(-1, self.size))  # type: ignore[no-any-return]


class Average(_Net):
    """A buffer that is assigned anew at every step."""

    def __init__(self, shape: Shape, classes: int, persistent: bool = True) -> None:
        super().__init__(shape, classes)
        self.register_buffer("average", torch.zeros(6), persistent=persistent)

    def special(self, x: Tensor) -> Tensor:
        if self.training:
            self.average = 0.9 * self.average + 0.1 * x.detach().mean(0)
        return x - self.average


class Passing(Average):
    """The same buffer, which is not to be saved."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes, persistent=False)


class Counting(_Net):
    """A whole number and a mask of true and false as buffers, and a rule that looks at the number."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))
        self.register_buffer("mask", torch.tensor([True, False] * 3))
        self.register_buffer("places", torch.tensor([5, 4, 3, 2, 1, 0]))

    def special(self, x: Tensor) -> Tensor:
        if self.training:
            self.steps += 1
        x = x[:, self.places].masked_fill(self.mask, 0.1)
        return x * 2 if self.steps.item() > 5 else x


class Indexed(_Net):
    """The same mask and places without the rule."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.register_buffer("mask", torch.tensor([True, False] * 3))
        self.register_buffer("places", torch.tensor([5, 4, 3, 2, 1, 0]))

    def special(self, x: Tensor) -> Tensor:
        return x[:, self.places].masked_fill(self.mask, 0.1)


class Recurrent(nn.Module):
    """Rows of the image as a sequence."""

    def __init__(self, shape: Shape, classes: int, kind: str = "LSTM") -> None:
        super().__init__()
        self.recurrent: nn.RNNBase = getattr(nn, kind)(shape[0] * shape[2], 5, batch_first=True)
        self.head = nn.Linear(5, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.recurrent(x.transpose(1, 2).flatten(2))[0][:, -1])  # type: ignore[no-any-return]


class Transformer(nn.Module):
    """An encoder layer of its own kind of attention, over the image's rows."""

    def __init__(self, shape: Shape, classes: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.embed = nn.Linear(shape[0] * shape[2], 8)
        self.encoder = nn.TransformerEncoderLayer(8, 2, 12, dropout=dropout, batch_first=True)
        self.head = nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        rows = self.embed(x.transpose(1, 2).flatten(2))
        return self.head(self.encoder(rows).mean(1))  # type: ignore[no-any-return]


class TupleOutput(_Net):
    """Scores, and something of another shape."""

    def forward(self, x: Tensor) -> object:
        return super().forward(x), x.flatten(1)


class DictOutput(_Net):
    """Scores by the name of logits, beside another tensor of their shape."""

    def forward(self, x: Tensor) -> object:
        scores = super().forward(x)
        return {"auxiliary": scores, "logits": scores}


@dataclass
class Output:
    """What a network of another library returns."""

    logits: Tensor
    loss: None = None


class ObjectOutput(_Net):
    """Scores as a member of an object."""

    def forward(self, x: Tensor) -> object:
        scores = super().forward(x)
        assert isinstance(scores, Tensor)
        return Output(scores)


class Shared(_Net):
    """A layer that is used twice."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.again = nn.Linear(6, 6)

    def special(self, x: Tensor) -> Tensor:
        return torch.tanh(self.again(torch.tanh(self.again(x))))


class Looking(_Net):
    """What it computes depends on the data."""

    def special(self, x: Tensor) -> Tensor:
        return -x if x.detach().sum() > 0 else x


class WithNumpy(_Net):
    """Goes through NumPy on the way."""

    def forward(self, x: Tensor) -> object:
        return super().forward(torch.from_numpy(np.tanh(x.numpy())))


class Routed(_Net):
    """Experts that only some images come to."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.experts = nn.ModuleList([nn.Linear(6, 6) for _ in range(4)])

    def special(self, x: Tensor) -> Tensor:
        return self.experts[int(x.detach().sum().abs() * 10) % 4](x)  # type: ignore[no-any-return]


class Clamped(_Net):
    """Writes into its own weights, and gives them new memory."""

    def special(self, x: Tensor) -> Tensor:
        if self.training:
            self.last.weight.data = self.last.weight.data.clamp(-0.3, 0.3)
            with torch.no_grad():
                self.first.bias.clamp_(-0.05, 0.05)
        return x


class Unregistered(_Net):
    """A random projection that is no buffer, so that each network has its own and nobody else knows of it."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.projection = torch.randn(6, 6)

    def special(self, x: Tensor) -> Tensor:
        return x @ self.projection.to(x)


class Checkpointed(_Net):
    """Computes a part again on the way back."""

    def special(self, x: Tensor) -> Tensor:
        if not self.training:
            return torch.sin(3 * x)
        return checkpoint(lambda y: torch.sin(3 * y), x, use_reentrant=True)  # type: ignore[no-any-return]


class Subclass(nn.Sequential):
    """A Sequential with a forward of its own."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * 2  # type: ignore[no-any-return]


class Drawing(_Net):
    """Numbers from one of the global generators, in training alone or always."""

    def __init__(self, shape: Shape, classes: int, kind: str, always: bool = False) -> None:
        super().__init__(shape, classes)
        self.kind, self.always = kind, always
        self.layer = {"dropout": nn.Dropout(0.3), "alpha": nn.AlphaDropout(0.2)}.get(kind)
        if kind == "skip":
            self.more = nn.Linear(6, 6)

    def special(self, x: Tensor) -> Tensor:
        if not (self.training or self.always):
            return x
        match self.kind:
            case "noise":
                return x + 0.1 * torch.randn_like(x)
            case "numpy":
                return x + 0.1 * torch.from_numpy(np.random.standard_normal(x.shape)).to(x)  # as people do
            case "python":
                return x * random.uniform(0.9, 1.1)
            case "skip":
                return torch.tanh(self.more(x)) if random.random() < 0.5 else x
        assert self.layer is not None
        return self.layer(x)  # type: ignore[no-any-return]


class DrawingFilters(nn.Module):
    """Dropout of whole feature maps."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(shape[0], 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout2d(0.3), nn.Flatten())
        self.head = nn.Linear(4 * (shape[1] - 2) * (shape[2] - 2), classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))  # type: ignore[no-any-return]


class Sign(torch.autograd.Function):
    """A step whose gradient is that of a line."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """The sign of each number."""
        ctx.save_for_backward(x)
        return x.sign()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Of numbers near 0 alone."""
        return gradients[0] * (ctx.saved_tensors[0].abs() < 0.7)


class OwnGradient(_Net):
    """A function with a gradient of the user's own."""

    def special(self, x: Tensor) -> Tensor:
        return Sign.apply(x)  # type: ignore[no-any-return, no-untyped-call]


class Undefined(_Net):
    """Its scores are no numbers."""

    def special(self, x: Tensor) -> Tensor:
        return x * math.nan


class Unclonable(_Net):
    """Holds a lock, as those that log or read do."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.lock = Lock()


class ByData(_Net):
    """Writes into its images behind autograd's back."""

    def forward(self, x: Tensor) -> object:
        x.data = x.data * 2 - 1
        return super().forward(x)


class FreezingLater(_Net):
    """Freezes its first layer after some steps."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def special(self, x: Tensor) -> Tensor:
        if self.training:
            self.steps += 1
        self.first.requires_grad_(bool(self.steps <= 5))
        return x


class Leaving(_Net):
    """Ends the process in a step, in an evaluation or on the way back, or sends it a signal; not at once, unless `together`."""

    def __init__(self, shape: Shape, classes: int, when: str, after: int = 5, number: int = 0, together: bool = False) -> None:
        super().__init__(shape, classes)
        self.when, self.after, self.number, self.together = when, after, number, together
        self.register_buffer("passes", torch.zeros((), dtype=torch.long))

    def special(self, x: Tensor) -> Tensor:
        self.passes += 1
        if (not self.together and self.passes.item() < self.after) or len(x) < 20:  # The passes that come before any training.
            return x
        if self.when == "back" and self.training:
            x.register_hook(self.leave)
        elif self.when == ("step" if self.training else "evaluation"):
            self.leave()
        return x

    def leave(self, gradient: Tensor | None = None) -> None:
        """Go."""
        if self.number:
            os.kill(os.getpid(), self.number)
        else:
            sys.exit("enough")


class Thawing(Frozen):
    """Lets a frozen layer train after all."""

    def special(self, x: Tensor) -> Tensor:
        self.first.requires_grad_(True)
        return x


def _flat(shape: Shape, bias: bool = True) -> list[nn.Module]:
    return [nn.Flatten(), nn.Linear(math.prod(shape), 6, bias=bias)]


def in_doubles(shape: Shape, classes: int) -> nn.Module:
    """Has all that PyTorch makes from now on in float64."""
    torch.set_default_dtype(torch.float64)
    return _Net(shape, classes)


def lazy(shape: Shape, classes: int) -> nn.Module:
    """Layers that learn their sizes from the first image."""
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(6), nn.Tanh(), nn.LazyBatchNorm1d(), nn.LazyLinear(classes))


def scripted(shape: Shape, classes: int) -> nn.Module:
    """TorchScript."""
    return torch.jit.script(nn.Sequential(*_flat(shape, bias=False), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, classes)))  # type: ignore[no-any-return]


def spectral(shape: Shape, classes: int) -> nn.Module:
    """Spectral norm: a parametrisation with buffers that change in training."""
    return nn.Sequential(
        nn.Flatten(), parametrizations.spectral_norm(nn.Linear(math.prod(shape), 6)), nn.Tanh(), nn.Linear(6, classes)
    )


def weight_norm(shape: Shape, classes: int) -> nn.Module:
    """Weight norm, as a parametrisation."""
    return nn.Sequential(
        nn.Flatten(), parametrizations.weight_norm(nn.Linear(math.prod(shape), 6)), nn.ReLU(), nn.Linear(6, classes)
    )


def old_weight_norm(shape: Shape, classes: int) -> nn.Module:
    """Weight norm as a hook that sets an attribute, which cannot be copied."""
    with_hook = torch.nn.utils.weight_norm(nn.Linear(math.prod(shape), 6))
    return nn.Sequential(nn.Flatten(), with_hook, nn.ReLU(), nn.Linear(6, classes))


def norms(shape: Shape, classes: int) -> nn.Module:
    """Norms by group and by layer, and an embedding of places."""
    conv = nn.Sequential(nn.Conv2d(shape[0], 4, 3), nn.GroupNorm(2, 4), nn.GELU(), nn.AdaptiveAvgPool2d(2), nn.Flatten())
    return nn.Sequential(conv, nn.LayerNorm(16), nn.Linear(16, classes))


def averaging(shape: Shape, classes: int) -> nn.Module:
    """Batch norm whose averages count all batches alike."""
    return nn.Sequential(*_flat(shape, bias=False), nn.BatchNorm1d(6, momentum=None), nn.Tanh(), nn.Linear(6, classes))


def normalised(shape: Shape, classes: int) -> nn.Module:
    """PyTorch's own batch norm between dense layers."""
    return nn.Sequential(*_flat(shape, bias=False), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, classes))


def subclass(shape: Shape, classes: int) -> nn.Module:
    """See Subclass."""
    return Subclass(*_flat(shape), nn.ReLU(), nn.Linear(6, classes))


def hooked(shape: Shape, classes: int) -> nn.Module:
    """Plain layers, one of which has a hook."""
    network = nn.Sequential(*_flat(shape), nn.ReLU(), nn.Linear(6, classes))
    network[1].register_forward_hook(lambda layer, inputs, output: output * 0.5)
    return network


def half_frozen(shape: Shape, classes: int) -> nn.Module:
    """Plain layers, the first of them frozen."""
    network = nn.Sequential(*_flat(shape), nn.ReLU(), nn.Linear(6, classes))
    network[1].requires_grad_(False)
    return network


def from_second_axis(shape: Shape, classes: int) -> nn.Module:
    """Flattens something else than images."""
    return nn.Sequential(
        nn.Flatten(2), nn.Linear(shape[1] * shape[2], 6), nn.ReLU(), nn.Flatten(1), nn.Linear(6 * shape[0], classes)
    )


def pruned(shape: Shape, classes: int) -> nn.Module:
    """Half of the first layer's weights cut away."""
    from torch.nn.utils import prune

    network = nn.Sequential(*_flat(shape), nn.Tanh(), nn.Linear(6, classes))
    prune.l1_unstructured(network[1], "weight", amount=0.5)
    return network


def functional_dropout(shape: Shape, classes: int) -> nn.Module:
    """functional.dropout, which is on in evaluation too."""

    class Always(_Net):
        def special(self, x: Tensor) -> Tensor:
            return functional.dropout(x, 0.2)

    return Always(shape, classes)


class InPlaceFilters(nn.Module):
    """Writes into its images ahead of a convolution."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(shape[0], 3, 3)
        self.head = nn.Linear(3 * (shape[1] - 2) * (shape[2] - 2), classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu_(self.conv(x.clamp_(-0.2, 0.2))).flatten(1))  # type: ignore[no-any-return]


class OwnDropout(_Net):
    """hpo's own dropout layer, once or twice."""

    def __init__(self, shape: Shape, classes: int, share: float, twice: bool) -> None:
        super().__init__(shape, classes)
        self.drop, self.twice = Dropout(share), twice

    def special(self, x: Tensor) -> Tensor:
        x = self.drop(x)
        return self.drop(x) if self.twice else x


def own_dropout(shape: Shape, classes: int, share: float = 0.3, twice: bool = False) -> nn.Module:
    """See OwnDropout."""
    return OwnDropout(shape, classes, share, twice)


def too_many(shape: Shape, classes: int) -> nn.Module:
    """The head of another data set."""
    return nn.Sequential(*_flat(shape), nn.ReLU(), nn.Linear(6, 1000))


def too_few(shape: Shape, classes: int) -> nn.Module:
    """Fewer scores than classes."""
    return nn.Sequential(*_flat(shape), nn.Tanh(), nn.Linear(6, 2))


def unflattened(shape: Shape, classes: int) -> nn.Module:
    """Scores as maps of one pixel."""
    return nn.Sequential(nn.Conv2d(shape[0], classes, 3), nn.AdaptiveAvgPool2d(1))


class _Two(_Net):
    def forward(self, x: Tensor) -> object:
        return super().forward(x), super().forward(x)


def two_heads(shape: Shape, classes: int) -> nn.Module:
    """Two tensors that could both be the scores."""
    return _Two(shape, classes)


class _Nothing(_Net):
    def forward(self, x: Tensor) -> object:
        return None


def nothing(shape: Shape, classes: int) -> nn.Module:
    """A forward pass without a return."""
    return _Nothing(shape, classes)


def without_parameters(shape: Shape, classes: int) -> nn.Module:
    """Nothing to train."""
    return nn.Sequential(nn.AdaptiveAvgPool2d((1, classes)), nn.Flatten())


def all_frozen(shape: Shape, classes: int) -> nn.Module:
    """Nothing left to train."""
    return nn.Sequential(*_flat(shape), nn.Linear(6, classes)).requires_grad_(False)


class _Growing(_Net):
    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.register_buffer("seen", torch.zeros(0, 6))

    def special(self, x: Tensor) -> Tensor:
        self.seen = torch.cat([self.seen, x.detach().mean(0, keepdim=True)])
        return x


def growing(shape: Shape, classes: int) -> nn.Module:
    """A buffer that gets longer."""
    return _Growing(shape, classes)


def broken(shape: Shape, classes: int) -> nn.Module:
    """A factory that raises."""
    raise ValueError("no such depth")
