"""The built-in studies on their real images, and docs/reproduction.md from what they measured.

Each study has a storage of its own in a folder: what is finished is not run again, what was stopped goes on. CIFAR-10 and MNIST
are found as `hpo data list` says, in HPO_DATA_DIR or by a download. Claims that a search leaves open are settled by evidence, as
far as --settle goes; the same command goes on with those that are still open. Studies that are not in the folder keep their place
on the page.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from hpo import catalog

from .reproduction import page, running


def main(argv: Sequence[str]) -> None:
    """Run what is not finished, shortest first, settle its claims, and write the page after each study."""
    options = _options(argv)
    for name in sorted(options.studies, key=lambda study: catalog.builtin(study).minutes or 0):
        if not options.only_write:
            changes = () if options.full else running.SMALLER.get(name, ())
            running.complete(name, options.folder, changes, options.settle or None)
        page.write(options.page, options.folder, catalog.names())


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks reproduce", description=__doc__)
    parser.add_argument("studies", nargs="*", default=catalog.names(), metavar="STUDY", help="all by default")
    parser.add_argument("--folder", type=Path, default=Path("reproduction"), help="where the studies are kept")
    parser.add_argument("--page", type=Path, default=Path("docs/reproduction.md"))
    parser.add_argument("--full", action="store_true", help="studies that take hours at the reports' own size, too")
    parser.add_argument("--settle", default="5m", metavar="TIME", help="for the claims of each study that its search leaves open")
    parser.add_argument("--only-write", action="store_true", help="write the page from what is there")
    return parser.parse_args(argv)
