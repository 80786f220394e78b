"""What an expert writes in an afternoon: the data as one tensor, an eager loop, one process per core with one thread each."""

import multiprocessing
import os

import numpy as np
import torch
from torch.nn import functional

from .plain import network
from .work import Work, answer, received


def train_all(work: Work, pairs: list[tuple[float, float]]) -> list[float]:
    """Validation accuracies after the last epoch."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    x, y = torch.from_numpy(np.array(work.train)).float().div_(255), torch.from_numpy(np.array(work.train_labels))
    mean = x.mean(0)
    x -= mean
    vx = torch.from_numpy(np.array(work.validation)).float().div_(255).sub_(mean)
    vy = torch.from_numpy(np.array(work.validation_labels))
    return [train(work, eta, l2, (x, y), (vx, vy)) for eta, l2 in pairs]


def train(
    work: Work, eta: float, l2: float, images: tuple[torch.Tensor, torch.Tensor], held_out: tuple[torch.Tensor, torch.Tensor]
) -> float:
    """The validation accuracy after the last epoch."""
    (x, y), (vx, vy) = images, held_out
    model = network(work, x[0].numel(), int(y.max()) + 1)
    weights = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": weights, "weight_decay": 2 * l2}, {"params": others}]
    optimizer = torch.optim.SGD(groups, lr=eta, momentum=work.momentum)
    accuracy = 0.0
    for epoch in range(work.epochs):
        for group in optimizer.param_groups:
            group["lr"] = eta * work.decay**epoch
        model.train()
        order = torch.randperm(len(y))
        for start in range(0, len(y) - work.batch + 1, work.batch):
            index = order[start : start + work.batch]
            optimizer.zero_grad()
            functional.cross_entropy(model(x[index]), y[index]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            accuracy = (model(vx).argmax(1) == vy).double().mean().item()
    return accuracy


def main() -> None:
    """Deal the pairs out to the cores."""
    work, cores = received(), len(os.sched_getaffinity(0))
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        dealt = pool.starmap(train_all, [(work, list(work.pairs[core::cores])) for core in range(cores)])
    answers = [0.0] * len(work.pairs)
    for core, accuracies in enumerate(dealt):
        answers[core::cores] = accuracies
    answer(answers)


if __name__ == "__main__":
    main()
