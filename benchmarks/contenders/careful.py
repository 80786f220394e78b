"""What an expert writes in an afternoon: data as one tensor, an eager loop, one process of one thread per core; one per GPU."""

import multiprocessing
import os
import time

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .networks import network
from .work import DEVICE, Trial, Work, answer, received

EVALUATED = 1_000
"""Images that go through the network at once when it is evaluated."""


def train_all(work: Work, trials: list[Trial]) -> list[float]:
    """Validation accuracies after the last epoch."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    x, y = _there(work.train).float().div_(255), _there(work.train_labels)
    vx, vy = _there(work.validation).float().div_(255), _there(work.validation_labels)
    if work.centre:
        mean = x.mean(0)
        x -= mean
        vx -= mean
    return [train(work, trial, (x, y), (vx, vy)) for trial in trials]


def _there(array: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(array)).to(DEVICE)


def train(work: Work, trial: Trial, images: tuple[Tensor, Tensor], held_out: tuple[Tensor, Tensor]) -> float:
    """The validation accuracy after the last epoch."""
    (x, y), (vx, vy), batch = images, held_out, int(trial["batch"])
    model = network(work, trial).to(DEVICE)
    weights = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": weights, "weight_decay": 2 * trial["lambda"]}, {"params": others}]
    optimizer = torch.optim.SGD(groups, lr=trial["eta"], momentum=work.momentum)
    accuracy = 0.0
    for epoch in range(work.epochs):
        for group in optimizer.param_groups:
            group["lr"] = trial["eta"] * work.decay**epoch
        model.train()
        order = torch.randperm(len(y), device=DEVICE)
        for start in range(0, len(y) - batch + 1, batch):
            index = order[start : start + batch]
            optimizer.zero_grad()
            functional.cross_entropy(model(x[index]), y[index]).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            parts = [model(part).argmax(1) for part in vx.split(EVALUATED)]
        accuracy = (torch.cat(parts) == vy).double().mean().item()
    return accuracy


def main() -> None:
    """Deal the trials out to the cores."""
    work = received()
    cores = len(os.sched_getaffinity(0)) if DEVICE == "cpu" else 1
    started = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(cores) as pool:
        dealt = pool.starmap(train_all, [(work, list(work.trials[core::cores])) for core in range(cores)])
    answers = [0.0] * len(work.trials)
    for core, accuracies in enumerate(dealt):
        answers[core::cores] = accuracies
    answer(answers, time.perf_counter() - started)


if __name__ == "__main__":
    main()
