"""The same training written with torch.nn, torch.optim and autograd, one network at a time."""

import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from hpo.seeds import derive
from hpo.training.images import scaling_of
from hpo.training.job import Job, Lane
from hpo.training.network import build
from hpo.training.order import DropoutMasks, epoch_order
from hpo.training.schedules import learning_rate


def train(job: Job, lane: Lane, steps: int) -> tuple[nn.Module, list[float]]:
    """A lane's network after so many steps, and the cost J of every minibatch before its step."""
    dtype = torch.float64 if job.precision == "float64" else torch.float32
    pixels, labels = np.load(job.data.images), torch.from_numpy(np.load(job.data.labels))
    factor, shift = scaling_of(job.data.scale, pixels, job.data.train, torch.device("cpu"), dtype)
    x = torch.from_numpy(pixels).to(dtype) * factor - (0 if shift is None else shift)
    network = build(lane.model, job.data.shape, len(job.data.classes), derive(job.seed, "init", lane.trial, lane.replicate)).to(
        dtype
    )
    weights = [parameter for parameter in network.parameters() if parameter.dim() >= 2]
    others = [parameter for parameter in network.parameters() if parameter.dim() < 2]
    optimizer = torch_optimizer(lane, [{"params": weights, "weight_decay": 2 * lane.training.l2}, {"params": others}])
    batch, train_images = lane.training.batch_size, len(job.data.train)
    per_epoch = train_images // batch
    dropouts = [name for name, layer in network.named_modules() if type(layer).__name__ == "Dropout"]
    costs = []
    for step in range(steps):
        epoch, place = divmod(step, per_epoch)
        if place == 0:
            order = epoch_order(job.seed, [lane], epoch, train_images)
            masks = DropoutMasks(job.seed, [lane], epoch, {name: (batch, width_before(network, name)) for name in dropouts})
        index = torch.from_numpy(job.data.train)[order[place * batch : (place + 1) * batch]]
        for name, mask in masks.draw(x).items():
            network.get_submodule(name)._buffers["mask"] = mask[0]
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(lane.training, step, per_epoch)
        loss = functional.cross_entropy(network.train()(x[index]), labels[index])
        costs.append(loss.item() + lane.training.l2 * math.fsum(w.detach().square().sum().item() for w in weights))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network, costs


def width_before(network: nn.Module, name: str) -> int:
    """Features that reach a dropout layer of a dense network."""
    layers = list(network.named_children())
    place = [key for key, _ in layers].index(name)
    return next(layer.out_features for _, layer in reversed(layers[:place]) if isinstance(layer, nn.Linear))


def torch_optimizer(lane: Lane, groups: list[dict[str, object]]) -> torch.optim.Optimizer:
    """PyTorch's own optimizer of the lane's settings."""
    t = lane.training
    match t.optimizer:
        case "sgd":
            return torch.optim.SGD(groups, lr=t.learning_rate)
        case "momentum" | "nesterov":
            return torch.optim.SGD(groups, lr=t.learning_rate, momentum=t.momentum, nesterov=t.optimizer == "nesterov")
        case "adam":
            return torch.optim.Adam(groups, lr=t.learning_rate, betas=(t.beta1, t.beta2), eps=t.epsilon)
        case _:
            groups[1]["weight_decay"] = 0.0
            return torch.optim.AdamW(groups, lr=t.learning_rate, betas=(t.beta1, t.beta2), eps=t.epsilon)
