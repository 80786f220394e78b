"""The first steps of trials near the boundary, on real images: what diverges in them costs no more, and nothing else changes."""

from collections.abc import Callable

import optuna
import pytest

import hpo.runner.asking
from hpo.attributes import curves_of, divergence_of, look_of, outcome_of
from hpo.data import Prepared
from hpo.engines import make
from hpo.runner import StoredStudy, run, trial_table_hash
from hpo.runner.checkpoints import Checkpoints
from hpo.runner.events import Event, JobProgress, LookStarted, RungStarted
from hpo.search.early import STEPS

from .conftest import DIGITS

Make = Callable[..., StoredStudy]


def study(stored: Make, name: str, sampler: str = "tpe") -> StoredStudy:
    """A search over learning rates of which the upper part diverges, without a rung before its end."""
    return stored(
        name=name,
        data=DIGITS,
        model={"name": "mlp", "hidden": [16], "init": {"std": 0.1}},
        training={"optimizer": "momentum", "epochs": 20, "batch_size": 20},
        space={"eta": {"option": "learning_rate", "low": 0.001, "high": 100.0, "log": True}},
        search={"sampler": sampler, "replicates": 2},
        stage=[{"name": "wide", "trials": 20}],
        execution={"groups": 2, "lanes": 8, "cohort": 10},
    )


def trained(study: StoredStudy, data: Prepared, workers: int = 0) -> list[Event]:
    """Run a study, in this process or in workers; what its display heard."""
    heard: list[Event] = []
    with make("processes", workers) if workers else make("serial") as engine:
        run(study, data, engine, display=heard.append)
    return heard


def results(study: StoredStudy) -> list[object]:
    """All that a study knows of its trials, but for times, and rounded as far as groups of other sizes may round otherwise."""
    return [
        (
            trial.number,
            outcome_of(trial),
            divergence_of(trial) and divergence_of(trial)._replace(cost=None, first=None),  # type: ignore[union-attr]
            [[round(loss, 4) for loss in curve["validation_loss"]] for curve in curves_of(trial) if curve],
        )
        for trial in study.optuna.trials
    ]


def test_a_look_spares_steps_and_changes_no_result(stored: Make, digits: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that diverge in it are told of it; the others train as if nobody had looked."""
    looked = study(stored, "looked")
    heard = trained(looked, digits)
    with monkeypatch.context() as patch:
        patch.setattr(hpo.runner.asking, "looked_at_early", lambda space, told, points, steps: [False] * len(points))
        plain = study(stored, "plain")
        trained(plain, digits)
    assert results(looked) == results(plain)

    trials = looked.optuna.trials
    looks = [event for event in heard if isinstance(event, LookStarted)]
    assert sum(event.lanes for event in looks) == 2 * sum(look_of(trial) > 0 for trial in trials)
    early = [trial for trial in trials if look_of(trial) and (found := divergence_of(trial)) and (found.step or 0) <= STEPS]
    assert len(early) >= 3
    assert not any(curves_of(trial)[0] for trial in early if curves_of(trial))
    rungs = [event.lanes for event in heard if isinstance(event, RungStarted)]
    assert sum(rungs) < 2 * len(trials)
    # In the second cohort it is known where training is safe.
    assert any(not look_of(trial) for trial in trials[10:])
    assert not any(look_of(trial) for trial in plain.optuna.trials)


def test_the_same_after_a_kill_in_the_look_and_with_workers(stored: Make, digits: Prepared) -> None:
    """What was seen before the end is on the disk, and the groups stay as they were."""
    whole, stopped, shared = (study(stored, name) for name in ("whole", "stopped", "shared"))
    trained(whole, digits)
    trained(shared, digits, workers=2)
    assert trial_table_hash(shared.optuna) == trial_table_hash(whole.optuna)

    with make("serial") as engine:
        for look in (1, 2):
            with pytest.raises(KeyboardInterrupt):
                run(stopped, digits, engine, display=stopping_in(look))
    seen = [Checkpoints(stopped.folder).read((number, replicate), 0) for number in range(10) for replicate in range(2)]
    assert 0 < sum(record is not None for record in seen) < len(seen)
    trained(stopped, digits)
    assert trial_table_hash(stopped.optuna) == trial_table_hash(whole.optuna)
    assert not list(stopped.folder.glob("*")), "nothing is left behind"


def stopping_in(look: int) -> Callable[[Event], None]:
    """A display that interrupts a run at the end of its so-many-th look, before that is on the disk."""
    seen = iter(range(1, look + 1))

    def show(event: Event) -> None:
        if isinstance(event, JobProgress) and not event.progress.lanes and next(seen) == look:
            raise KeyboardInterrupt

    return show


def test_random_searches_go_by_earlier_stages(stored: Make, digits: Prepared) -> None:
    """Several drivers ask side by side: what has ended of a stage is not the same for all numbers of them."""
    drawn = study(stored, "drawn", sampler="random")
    trained(drawn, digits)
    assert all(look_of(trial) for trial in drawn.optuna.trials)


def test_one_network_at_a_time_is_not_looked_at(stored: Make, digits: Prepared) -> None:
    """Its job ends when it diverges, as it is."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    alone = study(stored, "alone")
    spec = alone.spec.model_copy(update={"execution": alone.spec.execution.model_copy(update={"lanes": 1})})
    single = stored(spec=spec, name="single")
    heard = trained(single, digits)
    assert any(divergence_of(trial) for trial in single.optuna.trials)
    assert not any(isinstance(event, LookStarted) for event in heard)
