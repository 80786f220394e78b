"""Every benchmark of speed, one after the other: what `docs/performance.md` shows."""

import argparse
from collections.abc import Sequence
from importlib import import_module

IN_TURN = ("start", "overhead", "lanes", "pairs", "pairs_pruned", "pairs_wide", "cnn")


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks all", description=__doc__)
    parser.add_argument("--data", help="another source of CIFAR-10's images, such as a zip of them")
    options = parser.parse_args(argv)
    source = ["--data", options.data] if options.data else []
    for name in IN_TURN:
        takes = name not in ("start", "cnn")
        print(f"\n## {name.replace('_', '-')}", flush=True)
        import_module(f"benchmarks.{name}").main(source if takes else [])
