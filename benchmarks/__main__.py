"""python -m benchmarks NAME [options]: each module of this folder with a `main` is a benchmark."""

import sys
from importlib import import_module
from pathlib import Path

import optuna

FILES = [path for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")]
NAMES = sorted(path.stem.replace("_", "-") for path in FILES if "\ndef main(" in path.read_text(encoding="utf-8"))


def main() -> int:
    """Run the benchmark that the command line names."""
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        print(f"python -m benchmarks NAME [--help]; NAME is one of: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    import_module(f"benchmarks.{sys.argv[1].replace('-', '_')}").main(sys.argv[2:])
    return 0


if __name__ == "__main__":
    sys.exit(main())
