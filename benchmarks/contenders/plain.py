"""The usual script: one trial after the other, a Dataset with transforms, a DataLoader, Optuna's ask and tell."""

import os

import numpy as np
import optuna
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from .work import Work, answer, received


class Images(Dataset[tuple[Tensor, int]]):
    """Images as torchvision's data sets give them: a PIL image through ToTensor and the subtraction of the mean."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray, mean: Tensor) -> None:
        self.pixels, self.labels, self.mean = np.ascontiguousarray(pixels.transpose(0, 2, 3, 1)), labels, mean

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self.pixels[index])
        tensor = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous().to(torch.float32).div(255)
        return tensor - self.mean, int(self.labels[index])


def network(work: Work, inputs: int, classes: int) -> nn.Sequential:
    """Dense layers with batch norm and ReLU."""
    layers: list[nn.Module] = [nn.Flatten()]
    for width in work.hidden:
        layers += [nn.Linear(inputs, width), nn.BatchNorm1d(width), nn.ReLU()]
        inputs = width
    layers.append(nn.Linear(inputs, classes))
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=work.std)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


def train(work: Work, eta: float, l2: float, loaders: tuple[DataLoader, DataLoader]) -> float:
    """The validation accuracy after the last epoch."""
    model = network(work, int(np.prod(work.train.shape[1:])), int(work.train_labels.max()) + 1)
    weights = [p for p in model.parameters() if p.dim() > 1]
    others = [p for p in model.parameters() if p.dim() == 1]
    groups = [{"params": weights, "weight_decay": 2 * l2}, {"params": others}]
    optimizer = torch.optim.SGD(groups, lr=eta, momentum=work.momentum)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, work.decay)
    correct = 0
    for _ in range(work.epochs):
        model.train()
        for x, y in loaders[0]:
            optimizer.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimizer.step()
        schedule.step()
        model.eval()
        with torch.no_grad():
            correct = sum(int((model(x).argmax(1) == y).sum()) for x, y in loaders[1])
    return correct / len(work.validation_labels)


def main() -> None:
    """Ask, train and tell every pair."""
    work = received()
    torch.manual_seed(0)
    workers = int(os.environ["LOADER_WORKERS"])
    mean = torch.from_numpy(work.train.mean(axis=0, dtype=np.float64) / 255).float()
    train_set = Images(work.train, work.train_labels, mean)
    validation_set = Images(work.validation, work.validation_labels, mean)
    loaders = (
        DataLoader(train_set, work.batch, shuffle=True, drop_last=True, num_workers=workers, persistent_workers=workers > 0),
        DataLoader(validation_set, 500, num_workers=workers, persistent_workers=workers > 0),
    )
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize")
    for eta, l2 in work.pairs:
        study.enqueue_trial({"eta": eta, "lambda": l2})
        trial = study.ask()
        eta, l2 = trial.suggest_float("eta", 1e-9, 1e9, log=True), trial.suggest_float("lambda", 1e-9, 1e9, log=True)
        study.tell(trial, train(work, eta, l2, loaders))
    answer([trial.value or 0.0 for trial in study.trials])


if __name__ == "__main__":
    main()
