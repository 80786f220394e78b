"""Names of parameters as the course has them: W1, b1, gamma1, beta1, ... by layer."""

from itertools import pairwise

from torch import nn

from .. import models

NORMS = (models.BatchNorm, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def labels(network: nn.Module) -> dict[str, str]:
    """Label by PyTorch's name; parameters of layers of another kind keep that."""
    found: dict[str, str] = {}
    layer = 0
    for name, module in network.named_modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            layer += 1
            found |= {f"{name}.weight": f"W{layer}", f"{name}.bias": f"b{layer}"}
        elif isinstance(module, NORMS):
            found |= {f"{name}.weight": f"gamma{layer}", f"{name}.bias": f"beta{layer}"}
    return {name: found.get(name, name) for name, _ in network.named_parameters()}


def ahead_of_batch_norm(network: nn.Module) -> set[str]:
    """Names of the biases that batch norm takes away again with the mean, so that they have no effect and no gradient."""
    layers = [(name, module) for name, module in network.named_modules() if not list(module.children())]
    return {
        f"{name}.bias"
        for (name, layer), (_, after) in pairwise(layers)
        if isinstance(layer, nn.Linear | nn.Conv2d) and layer.bias is not None and isinstance(after, NORMS)
    }
