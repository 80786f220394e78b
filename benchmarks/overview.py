"""python -m benchmarks overview: the picture of the README, from a run of its first command.

    python -m benchmarks overview            # writes docs/overview.png; half a minute on two cores

The study is run in a folder of its own, as a newcomer would run it, and drawn by `hpo plot overview`. Without bfloat16
values differ by a point or two.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

STUDY = ("cifar-bn", "--data", "digits")
FILE = Path(__file__).parents[1] / "docs" / "overview.png"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the study and draw it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks overview", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-o", "--output", type=Path, default=FILE, help="where to (default: docs/overview.png)")
    output = parser.parse_args(arguments).output.resolve()
    hpo = str(Path(sys.executable).with_name("hpo"))
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([hpo, "study", "run", *STUDY], cwd=folder, check=True)
        subprocess.run([hpo, "plot", "overview", STUDY[0], "-o", str(output)], cwd=folder, check=True)
