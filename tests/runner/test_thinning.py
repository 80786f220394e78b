"""Studies with many diverging trials, on real images: what has diverged costs no more, and nothing else changes."""

import math
from collections import Counter
from collections.abc import Callable

import pytest

from hpo.attributes import curves_of, divergence_of, outcome_of
from hpo.data import Prepared
from hpo.engines import make
from hpo.runner import StoredStudy, run, trial_table_hash
from hpo.runner.events import Event, JobProgress
from hpo.training import Job, trainer
from hpo.training.lanes import Lanes

from .conftest import DIGITS

Make = Callable[..., StoredStudy]


def study(stored: Make, name: str) -> StoredStudy:
    """A search over learning rates of which the upper part diverges."""
    return stored(
        name=name,
        data=DIGITS,
        model={"name": "mlp", "hidden": [16], "init": {"std": 0.1}},
        training={"optimizer": "momentum", "epochs": 10, "batch_size": 20},
        space={"eta": {"option": "learning_rate", "low": 0.001, "high": 100.0, "log": True}},
        search={"sampler": "tpe", "replicates": 2},
        stage=[{"name": "wide", "trials": 20}],
        execution={"groups": 2, "lanes": 8, "cohort": 10},
    )


def trained(study: StoredStudy, data: Prepared, workers: int = 0) -> None:
    """Run a study, in this process or in workers."""
    with make("processes", workers) if workers else make("serial") as engine:
        run(study, data, engine)


def results(study: StoredStudy) -> list[object]:
    """All that a study knows of its trials, but for times, and rounded as far as stacks of other sizes may round otherwise."""
    return [
        (
            trial.number,
            outcome_of(trial),
            divergence_of(trial) and divergence_of(trial)._replace(cost=None, first=None),  # type: ignore[union-attr]
            [[round(loss, 4) for loss in curve["validation_loss"]] for curve in curves_of(trial) if curve],
        )
        for trial in study.optuna.trials
    ]


def test_what_is_left_out_changes_no_result(stored: Make, digits: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others train as if all had been computed to the end."""
    stacks: Counter[str] = Counter()
    thinned, plain = study(stored, "thinned"), study(stored, "plain")
    for ran, cost in ((thinned, trainer.THINNING), (plain, math.inf)):

        class Counted(Lanes):
            def __init__(self, job: Job, name: str = ran.name) -> None:
                stacks[name] += 1
                super().__init__(job)

        monkeypatch.setattr(trainer, "Lanes", Counted)
        monkeypatch.setattr(trainer, "THINNING", cost)
        trained(ran, digits)
    assert stacks["thinned"] > stacks["plain"]
    assert results(thinned) == results(plain)
    assert sum(outcome_of(trial) == "diverged" for trial in thinned.optuna.trials) >= 3


def test_the_same_after_a_kill_and_with_workers(stored: Make, digits: Prepared) -> None:
    """What is left out follows from the job alone."""
    whole, stopped, shared = (study(stored, name) for name in ("whole", "stopped", "shared"))
    trained(whole, digits)
    trained(shared, digits, workers=2)
    assert trial_table_hash(shared.optuna) == trial_table_hash(whole.optuna)

    with make("serial") as engine:
        for epochs in (3, 15):
            with pytest.raises(KeyboardInterrupt):
                run(stopped, digits, engine, display=stopping_after(epochs))
    trained(stopped, digits)
    assert trial_table_hash(stopped.optuna) == trial_table_hash(whole.optuna)
    assert not list(stopped.folder.glob("*")), "nothing is left behind"


def stopping_after(epochs: int) -> Callable[[Event], None]:
    """A display that interrupts a run at the end of its so-many-th epoch."""
    seen = iter(range(1, epochs + 1))

    def show(event: Event) -> None:
        if isinstance(event, JobProgress) and next(seen) == epochs:
            raise KeyboardInterrupt

    return show
