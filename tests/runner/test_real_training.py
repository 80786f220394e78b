"""The same promises with real networks on real images: checkpoints and workers change no bit."""

from collections.abc import Callable

import pytest

from hpo.data import Prepared
from hpo.engines import make
from hpo.runner import StoredStudy, run, trial_table_hash
from hpo.runner.events import Event

from .conftest import DIGITS

Make = Callable[..., StoredStudy]


def study(stored: Make, name: str) -> StoredStudy:
    """A batch-normalised network with momentum: all that a checkpoint has to hold."""
    return stored(
        name=name,
        data=DIGITS,
        model={"name": "mlp", "hidden": [16], "batch_norm": True},
        training={"optimizer": "momentum", "epochs": 4},
        space={"eta": {"option": "learning_rate", "low": 0.01, "high": 3.0, "log": True}},
        search={"pruner": "successive-halving", "replicates": 2},
        stage=[{"name": "wide", "trials": 9}],
    )


def test_interrupted_in_workers_as_whole_in_this_process(stored: Make, digits: Prepared) -> None:
    """Two worker processes, stopped at every rung, give the table that one process gives without a stop."""
    whole, stopped = study(stored, "whole"), study(stored, "stopped")
    with make("serial") as engine:
        run(whole, digits, engine)

    def interrupt(event: Event) -> None:
        if type(event).__name__ == "RungDone":
            raise KeyboardInterrupt

    with make("processes", 2) as engine:
        while stopped.missing():
            with pytest.raises(KeyboardInterrupt):
                run(stopped, digits, engine, display=interrupt)
        assert run(stopped, digits, engine).told == 0
    assert trial_table_hash(stopped.optuna) == trial_table_hash(whole.optuna)
    assert whole.optuna.best_value > 0.8
