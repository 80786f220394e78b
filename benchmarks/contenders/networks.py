"""The networks, as a person would write them."""

from torch import nn

from .work import Trial, Work


def network(work: Work, trial: Trial) -> nn.Sequential:
    """Dense layers with batch norm and ReLU, or two blocks of convolutions."""
    shape, classes = work.train.shape[1:], int(work.train_labels.max()) + 1
    return (
        _dense(work, int(shape[0] * shape[1] * shape[2]), classes) if work.hidden else _convolutional(work, trial, shape, classes)
    )


def _dense(work: Work, inputs: int, classes: int) -> nn.Sequential:
    layers: list[nn.Module] = [nn.Flatten()]
    for width in work.hidden:
        layers += [nn.Linear(inputs, width), nn.BatchNorm1d(width, affine=False), nn.ReLU()]
        inputs = width
    layers.append(nn.Linear(inputs, classes))
    for layer in layers:
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=work.std)
            nn.init.zeros_(layer.bias)
    return nn.Sequential(*layers)


def _convolutional(work: Work, trial: Trial, shape: tuple[int, ...], classes: int) -> nn.Sequential:
    filters, size, (channels, height, width) = int(trial["filters"]), int(trial["filter_size"]), shape
    return nn.Sequential(
        nn.Conv2d(channels, filters, size, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(filters, filters, size, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(filters * (height // 4) * (width // 4), work.dense),
        nn.ReLU(),
        nn.Linear(work.dense, classes),
    )
