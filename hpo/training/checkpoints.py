"""The state of one lane as safetensors bytes.

Everything that its next epoch depends on is in it; random generators are not, since they are keyed by the epoch.
"""

from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from ..errors import HpoError
from .network import Tensors


class LaneState(NamedTuple):
    """A lane after an epoch."""

    parameters: Tensors
    buffers: Tensors
    optimizer: dict[str, Tensors]
    first_cost: float


def pack(state: LaneState) -> bytes:
    """The bytes of a lane's state."""
    tensors = {f"parameter/{name}": tensor for name, tensor in state.parameters.items()}
    tensors |= {f"buffer/{name}": tensor for name, tensor in state.buffers.items()}
    for quantity, members in state.optimizer.items():
        tensors |= {f"optimizer/{quantity}/{name}": tensor for name, tensor in members.items()}
    tensors["first_cost"] = torch.tensor(state.first_cost, dtype=torch.float64)
    return save({name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()})


def unpack(content: bytes) -> LaneState:
    """A lane's state from its bytes. Raises HpoError when they are no checkpoint."""
    try:
        tensors = load(content)
        first_cost = tensors.pop("first_cost").item()
    except (SafetensorError, KeyError) as error:
        raise HpoError(
            f"a checkpoint must be whole, got {len(content)} bytes: {error}; delete it to train the trial again"
        ) from None
    optimizer: dict[str, Tensors] = {}
    for name, tensor in _below("optimizer", tensors).items():
        quantity, _, member = name.partition("/")
        optimizer.setdefault(quantity, {})[member] = tensor
    return LaneState(_below("parameter", tensors), _below("buffer", tensors), optimizer, first_cost)


def _below(prefix: str, tensors: Tensors) -> Tensors:
    return {name.removeprefix(f"{prefix}/"): t for name, t in tensors.items() if name.startswith(f"{prefix}/")}


def lane_slices(members: Tensors, lane: int) -> Tensors:
    """One lane of stacked tensors."""
    return {name: tensor[lane] for name, tensor in members.items()}


def restore(stacked: Tensors, lane: int, saved: Tensors) -> None:
    """Write one lane's tensors into the stacked ones. Raises HpoError when they are of another network."""
    for name, tensor in stacked.items():
        source: Tensor | None = saved.get(name)
        if source is None or source.shape != tensor.shape[1:]:
            found = "nothing" if source is None else tuple(source.shape)
            raise HpoError(f"a checkpoint must fit its network: {name} is {tuple(tensor.shape[1:])}, got {found}")
        tensor[lane] = source.to(tensor)
