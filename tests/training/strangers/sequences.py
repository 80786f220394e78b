"""Networks over the rows of an image."""

from torch import Tensor, nn

from .base import Shape


class Recurrent(nn.Module):
    """Rows of the image as a sequence."""

    def __init__(self, shape: Shape, classes: int, kind: str = "LSTM") -> None:
        super().__init__()
        self.recurrent: nn.RNNBase = getattr(nn, kind)(shape[0] * shape[2], 5, batch_first=True)
        self.head = nn.Linear(5, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.recurrent(x.transpose(1, 2).flatten(2))[0][:, -1])  # type: ignore[no-any-return]


class Transformer(nn.Module):
    """An encoder layer of its own kind of attention, over the image's rows."""

    def __init__(self, shape: Shape, classes: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.embed = nn.Linear(shape[0] * shape[2], 8)
        self.encoder = nn.TransformerEncoderLayer(8, 2, 12, dropout=dropout, batch_first=True)
        self.head = nn.Linear(8, classes)

    def forward(self, x: Tensor) -> Tensor:
        rows = self.embed(x.transpose(1, 2).flatten(2))
        return self.head(self.encoder(rows).mean(1))  # type: ignore[no-any-return]
