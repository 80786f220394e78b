"""What the command does not spend time on before it starts."""

import gc
import subprocess
import sys

import pytest

from hpo.cli.startup import uncollected

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


def test_the_collector_is_only_out_for_a_block() -> None:
    """It is back after the block, also after an exception, unless it was off before."""
    with pytest.raises(ZeroDivisionError), uncollected():
        assert not gc.isenabled()
        1 / 0  # noqa: B018
    assert gc.isenabled()
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
