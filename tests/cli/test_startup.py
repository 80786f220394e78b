"""What the command does not spend time on before it starts."""

import gc
import subprocess
import sys

import pytest

from hpo.cli.entry import COLLECTED_AFTER

from .conftest import Call

#: What a command may leave alone until it needs it.
HEAVY = {"rich", "torch", "sklearn", "scipy", "matplotlib", "plotly", "pandas"}


@pytest.mark.parametrize("line", [["study", "list"], ["study", "trials", "cifar-bn"], ["study", "export", "cifar-bn"]])
def test_reading_loads_nothing_heavy(line: list[str], hpo: Call) -> None:
    """A command that only reads loads Optuna and no more of the slow packages, not Rich either."""
    assert hpo("study", "create", "cifar-bn").code == 0
    script = f"import sys; from hpo.cli import main; code = main({line}); print(*sys.modules, file=sys.stderr); sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}
    assert "optuna" in loaded
    assert not loaded & HEAVY


def test_garbage_is_collected_rarely_in_a_process_of_ours() -> None:
    """Neither at Python's own pace, nor never; a program that calls `main` keeps its own pace."""
    script = "import gc; from hpo.cli import main; code = main({}); print(gc.isenabled(), gc.get_threshold()[0])"
    for argument, pace in (("", COLLECTED_AFTER), ("['--version']", gc.get_threshold()[0])):
        command = [sys.executable, "-c", script.format(argument), "--version"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        assert done.stdout.splitlines()[-1] == f"True {pace}"
