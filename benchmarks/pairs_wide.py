"""The pairs with three hidden layers of 512: `pairs --hidden 512,512,512`, where products outweigh everything else."""

from collections.abc import Sequence

from . import pairs


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    pairs.main(["--hidden", "512,512,512", "--pairs", "20", *argv])
