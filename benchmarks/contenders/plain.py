"""The usual script: one trial after the other, a Dataset with torchvision's transforms, a DataLoader, Optuna's ask and tell."""

import os
import time

import numpy as np
import optuna
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from hpo.data.torchvision import datasets

from .networks import network
from .work import DEVICE, Trial, Work, answer, received


class Images(Dataset[tuple[Tensor, int]]):
    """Images as torchvision's data sets give them: a PIL image through transforms."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray, mean: Tensor | None) -> None:
        self.pixels, self.labels, self.mean = np.ascontiguousarray(pixels.transpose(0, 2, 3, 1)), labels, mean
        datasets()  # makes torchvision importable beside a torch that has no CUDA
        from torchvision import transforms

        steps = [transforms.ToTensor()] if mean is None else [transforms.ToTensor(), transforms.Lambda(self._centred)]
        self.transform = transforms.Compose(steps)

    def _centred(self, image: Tensor) -> Tensor:
        return image - self.mean

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        pixels = self.pixels[index]
        image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
        return self.transform(image), int(self.labels[index])


def train(work: Work, trial: Trial, loaders: tuple[DataLoader, DataLoader]) -> float:
    """The validation accuracy after the last epoch."""
    model = network(work, trial).to(DEVICE)
    weights = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": weights, "weight_decay": 2 * trial["lambda"]}, {"params": others}]
    optimizer = torch.optim.SGD(groups, lr=trial["eta"], momentum=work.momentum)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, work.decay)
    correct = 0
    for _ in range(work.epochs):
        model.train()
        for x, y in loaders[0]:
            optimizer.zero_grad()
            functional.cross_entropy(model(x.to(DEVICE)), y.to(DEVICE)).backward()
            optimizer.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            correct = sum(int((model(x.to(DEVICE)).argmax(1) == y.to(DEVICE)).sum()) for x, y in loaders[1])
    return correct / len(work.validation_labels)


def main() -> None:
    """Ask, train and tell every trial."""
    work = received()
    torch.manual_seed(0)
    workers = int(os.environ["LOADER_WORKERS"])
    mean = torch.from_numpy(work.train.mean(axis=0, dtype=np.float64) / 255).float() if work.centre else None
    train_set = Images(work.train, work.train_labels, mean)
    validation_set = Images(work.validation, work.validation_labels, mean)
    keep = {"num_workers": workers, "persistent_workers": workers > 0}
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize")
    started = time.perf_counter()
    for wanted in work.trials:
        study.enqueue_trial(dict(wanted))
        trial = study.ask()
        asked = {name: trial.suggest_float(name, 0, 1e9) for name in wanted}
        batches = DataLoader(train_set, int(asked["batch"]), shuffle=True, drop_last=True, **keep)
        study.tell(trial, train(work, asked, (batches, DataLoader(validation_set, 500, **keep))))
    answer([trial.value or 0.0 for trial in study.trials], time.perf_counter() - started)


if __name__ == "__main__":
    main()
