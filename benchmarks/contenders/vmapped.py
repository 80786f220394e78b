"""The stacked-ensemble recipe of PyTorch's tutorial: all networks under torch.func.vmap on a shared minibatch, all cores."""

import time

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, stack_module_state, vmap
from torch.nn import functional

from .networks import network
from .work import Work, answer, received


class BatchNorm(nn.BatchNorm1d):
    """nn.BatchNorm1d without the counter, which vmap cannot count."""

    def __init__(self, features: int) -> None:
        super().__init__(features, affine=False)
        self.num_batches_tracked = None


def members(work: Work) -> list[nn.Module]:
    """One network for every trial."""
    made = []
    for trial in work.trials:
        member = network(work, trial)
        for place, layer in enumerate(member):
            if isinstance(layer, nn.BatchNorm1d):
                member[place] = BatchNorm(layer.num_features)
        made.append(member)
    return made


def train(work: Work) -> list[float]:
    """Validation accuracies after the last epoch."""
    torch.manual_seed(0)
    x, y = torch.from_numpy(np.array(work.train)).float().div_(255), torch.from_numpy(np.array(work.train_labels))
    mean = x.mean(0)
    x -= mean
    vx = torch.from_numpy(np.array(work.validation)).float().div_(255).sub_(mean)
    vy = torch.from_numpy(np.array(work.validation_labels))
    networks = members(work)
    parameters, buffers = stack_module_state(networks)
    parameters = {name: parameter.detach() for name, parameter in parameters.items()}
    model = networks[0].train()

    def loss(own: dict[str, Tensor], averages: dict[str, Tensor], images: Tensor, labels: Tensor) -> Tensor:
        return functional.cross_entropy(functional_call(model, (own, averages), (images,)), labels)

    def scores(own: dict[str, Tensor], averages: dict[str, Tensor], images: Tensor) -> Tensor:
        return functional_call(model, (own, averages), (images,)).argmax(1)

    gradients = vmap(grad(loss), in_dims=(0, 0, None, None))
    velocity = {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}
    eta = torch.tensor([trial["eta"] for trial in work.trials])
    l2 = torch.tensor([trial["lambda"] for trial in work.trials])
    batch = int(work.trials[0]["batch"])
    correct = torch.zeros(len(work.trials))
    for epoch in range(work.epochs):
        model.train()
        order = torch.randperm(len(y))
        for start in range(0, len(y) - batch + 1, batch):
            index = order[start : start + batch]
            for name, gradient in gradients(parameters, buffers, x[index], y[index]).items():
                shape = (-1, *[1] * (gradient.dim() - 1))
                if gradient.dim() > 2:
                    gradient += 2 * l2.view(shape) * parameters[name]
                velocity[name].mul_(work.momentum).add_(gradient)
                parameters[name] -= eta.view(shape) * work.decay**epoch * velocity[name]
        model.eval()
        with torch.no_grad():
            parts = [vmap(scores, in_dims=(0, 0, None))(parameters, buffers, part) for part in vx.split(500)]
        correct = (torch.cat(parts, dim=1) == vy).double().mean(1)
    return correct.tolist()


if __name__ == "__main__":
    started = time.perf_counter()
    answer(train(received()), time.perf_counter() - started)
