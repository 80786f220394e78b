"""The same promises with real networks on real images: checkpoints and workers change no bit."""

from collections.abc import Callable

import pytest

from hpo.data import Prepared
from hpo.engines import make
from hpo.runner import StoredStudy, run, trial_table_hash

from .conftest import interrupted, real_study

Make = Callable[..., StoredStudy]


def test_interrupted_in_workers_as_whole_in_this_process(stored: Make, digits: Prepared) -> None:
    """Two worker processes, stopped at every rung, give the table that one process gives without a stop."""
    whole, stopped = real_study(stored, "whole", 9), real_study(stored, "stopped", 9)
    with make("serial") as engine:
        run(whole, digits, engine)

    with make("processes", 2) as engine:
        while stopped.missing():
            with pytest.raises(KeyboardInterrupt):
                run(stopped, digits, engine, display=interrupted)
        assert run(stopped, digits, engine).told == 0
    assert trial_table_hash(stopped.optuna) == trial_table_hash(whole.optuna)
    assert whole.optuna.best_value > 0.8
