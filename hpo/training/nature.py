"""How a user's networks can be trained: all lanes at once or one by one, and in which layout of memory."""

import re
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..spec import FactorySpec
from .factory import from_factory, tied
from .importing import folders, said
from .network import Tensors, dropout_masks, stack
from .randomness import LaneSeeds, Unsown, draws, kept
from .separate import SeparateLanes
from .stacked import StackedLanes

FEW = 4
"""Images of a trial pass."""

TOLERANCE = {torch.float32: 1e-3, torch.float64: 1e-7}
"""Of the largest number of a tensor: a product of many lanes at once may round otherwise, another network differs by more."""


class Nature(NamedTuple):
    """What trial passes of networks have shown."""

    alone: str | None
    """Why they train one by one, in words; None when all lanes can be computed at once."""
    channels_last: bool
    """Whether filters may lie channels last, as PyTorch's convolutions are quickest with; a `view` of their output forbids it."""
    idle: frozenset[str] = frozenset()
    """Names of the parameters that have no part in the output."""
    rounds: bool = True
    """Whether one that trains alone may have its products in bfloat16."""
    foreign: bool = True
    """Whether they may hold anything; hpo's own draw nothing but masks, and assign nothing anew."""


OWN = {
    "cpu": Nature("convolutions of several at once are slower on a CPU", channels_last=True, foreign=False),
    "cuda": Nature(None, channels_last=True, foreign=False),
}
"""Of hpo's own networks, by the device; those that are dense have lanes of their own kind."""


class Setting(NamedTuple):
    """What networks are to be trained on, and with."""

    shape: tuple[int, int, int]
    classes: int
    batch: int
    device: str
    dtype: torch.dtype
    precision: torch.dtype
    """Of large products: `dtype`, or bfloat16."""


def nature(model: FactorySpec, setting: Setting) -> Nature:
    """What the networks of a factory are like. It follows from the settings alone, and not from a lane or its seed.

    Raises what the network raises, when it cannot be trained alone either.
    """
    return _nature(type(model), model.model_dump_json(), setting, folders())


@lru_cache(maxsize=64)
def _nature(kind: type[FactorySpec], settings: str, setting: Setting, found_in: tuple[str, ...]) -> Nature:
    trial = _Trial(kind.model_validate_json(settings), setting)
    with kept(), warnings.catch_warnings():
        # vmap loops over the lanes where it knows no better way, and says so: alone they are as quick.
        warnings.filterwarnings("error", message="There is a performance drop")
        idle, channels_last = trial.idle()
        rounds = setting.precision is setting.dtype or trial.rounds(channels_last)
        return Nature(trial.why_alone(channels_last, idle), channels_last, idle, rounds)


class _Trial:
    """Passes of two networks, which differ by their seeds, on a few images of noise."""

    def __init__(self, model: FactorySpec, setting: Setting) -> None:
        self.model, self.setting = model, setting
        self.device = torch.device(setting.device)
        self.has_images = any(isinstance(layer, nn.Conv2d) for layer in self._networks()[0].modules())
        batch = min(setting.batch, FEW)
        source = torch.Generator().manual_seed(0)
        self.x = torch.randn(2, batch, *setting.shape, generator=source).to(self.device, setting.dtype)
        self.y = torch.randint(setting.classes, (2, batch), generator=source).to(self.device)
        masks = dropout_masks(self._networks()[0], setting.shape, batch)
        self.masks = {name: torch.ones(2, *mask.shape, device=self.device, dtype=setting.dtype) for name, mask in masks.items()}

    def _networks(self) -> list[nn.Module]:
        return [from_factory(self.model, self.setting.shape, self.setting.classes, seed) for seed in (0, 1)]

    def _tensors(self, networks: Sequence[nn.Module], channels_last: bool) -> tuple[Tensors, Tensors]:
        return stack(networks, self.device, self.setting.dtype, channels_last)

    def _separate(
        self, channels_last: bool, seeds: LaneSeeds | None = None, precision: torch.dtype | None = None
    ) -> SeparateLanes:
        networks = self._networks()
        seeds = seeds or LaneSeeds(0, [(0, 0), (0, 1)])
        return SeparateLanes(
            networks, *self._tensors(networks, channels_last), precision or self.setting.dtype, seeds, channels_last
        )

    def idle(self) -> tuple[frozenset[str], bool]:
        """The parameters that two steps and two networks gave no gradient for, and whether filters may lie channels last."""
        try:
            return self._idle(self.has_images), self.has_images
        except RuntimeError:
            if not self.has_images:
                raise
            return self._idle(False), False

    def _idle(self, channels_last: bool) -> frozenset[str]:
        lanes, found = self._separate(channels_last), set[str]()
        for step in range(2):
            lanes.step(self.x, self.y, self.masks, (step,))
            without = {name for name, where in lanes.without.items() if len(where) == 2}
            found = found & without if step else without
            if not found:
                break
        return frozenset(found)

    def rounds(self, channels_last: bool) -> bool:
        """Whether they take products in bfloat16: some put what comes of one beside numbers of another type."""
        try:
            return bool(list(self._passes(self._separate(channels_last, precision=self.setting.precision))))
        except Exception:
            return False

    def why_alone(self, channels_last: bool, idle: frozenset[str]) -> str | None:
        """None when they can be computed at once."""
        if self.device.type == "cpu" and self.has_images:
            return OWN["cpu"].alone
        if names := tied(self._networks()[0]):
            return f"two of their layers have one weight ({' = '.join(names)})"
        if any(isinstance(layer, torch.jit.ScriptModule) for layer in self._networks()[0].modules()):
            return "TorchScript computes one at a time"
        if draws(lambda: list(self._passes(self._separate(channels_last, Unsown())))):
            return "they draw random numbers, each from a stream of its own"
        try:
            networks = self._networks()
            stacked = StackedLanes(networks[0], *self._tensors(networks, channels_last), idle)
            alike = all(map(self._alike, self._passes(stacked), self._passes(self._separate(channels_last))))
        except Exception as error:  # Whatever torch.func stumbles on, and that is any kind.
            return _in_words(error)
        return None if alike else "computed together they come to other numbers than each by itself"

    def _passes(self, lanes: StackedLanes | SeparateLanes) -> Iterator[Tensor]:
        """What training and evaluation come to: with images that the lanes share, with images of their own, and evaluated."""
        for step, (x, y) in enumerate([(self.x[0], self.y[0]), (self.x, self.y)]):
            losses, _, gradients = lanes.step(x, y, self.masks, (step,))
            yield losses
            yield from (gradients[name] for name in lanes.parameters)
        yield lanes.evaluate(self.x[0], self.y[0])[0]
        yield from lanes.buffers.values()
        yield from lanes.parameters.values()

    def _alike(self, one: Tensor, other: Tensor) -> bool:
        one, other = one.detach().double(), other.detach().double()
        size = max(1e-3, float(other.nan_to_num(0, 0, 0).abs().max())) if other.numel() else 0.0
        close = (one - other).abs() <= TOLERANCE[self.setting.dtype] * size
        return bool((close | (one == other) | (one.isnan() & other.isnan())).all())


_LOOKS = "what they compute depends on single numbers that Python looks at, as `if` and `.item()` do"
_WORDS = {
    ".item()": _LOOKS,
    "data-dependent": _LOOKS,
    "deepcopy": "they hold what cannot be copied",
    "cannot pickle": "they hold what cannot be copied",
    "random operation": "they draw random numbers from a generator of their own",
    "with `.data`": "they write by `.data`",
    "requires_grad_()": "they change in `forward` what needs gradients",
    "setup_context": "they have a function with a `backward` of its own, or a hook on the way back",
    "saved tensor hooks": "they compute a part again on the way back",
}


def _in_words(error: Exception) -> str:
    """Of what torch.func says, the part that a stranger can use."""
    message = str(error)
    if known := next((words for key, words in _WORDS.items() if key in message), None):
        return known
    operation = re.search(r"aten::\w+", message)
    return f"PyTorch cannot compute several of them at once ({operation[0] if operation else said(error)})"
