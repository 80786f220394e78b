"""Trials that other programs put into a study: left alone, counted and said; the study's own are as they are without them."""

import json
import multiprocessing
import random
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import text

from hpo.analysis.reading import read
from hpo.attributes import PREFIX, SPEC, TRIAL
from hpo.confirming import candidates
from hpo.ownership import Ownership
from hpo.runner import StoredStudy, create, load, trial_table_hash
from hpo.runner.consistency import remarks
from hpo.runner.enqueuing import best_first, enqueue, of_others
from hpo.runner.events import CohortAsked, Event, Noted, RungDone
from hpo.storage import Database, connect
from hpo.testing.postgresql import Server

from .conftest import cohorts, train
from .test_sharing import MANY, work

Make = Callable[..., StoredStudy]

SEARCHES: dict[str, dict[str, Any]] = {
    "random, halving": {"pruner": "successive-halving", "replicates": 2},
    "grid": {"sampler": "grid"},
    "TPE": {"sampler": "tpe", "sampler_options": {"n_startup_trials": 4}, "pruner": "median"},
    "quasi-random": {"sampler": "qmc"},
    "checked halving": {"pruner": "checked-halving"},
}
GRID = {"eta": {"option": "learning_rate", "values": [0.001, 0.01, 0.02, 0.05, 0.1]}, "momentum": {"values": [0.0, 0.5, 0.9]}}

ETA, MOMENTUM = FloatDistribution(0.001, 1.0, log=True), FloatDistribution(0.0, 0.9)
SPACE = {"eta": ETA, "momentum": MOMENTUM}
INSIDE = {"eta": 0.1, "momentum": 0.5}
OURS_ONCE = {"stage": "wide", "cohort": 0, "outcome": "completed", "same_as": 0, "seconds": 1.0, "divergence": {}}
PREFIXED = {f"hpo:{key}": value for key, value in OURS_ONCE.items()}


def made(state: TrialState = TrialState.COMPLETE, **options: Any) -> FrozenTrial:
    """A trial as a stock script makes one, by default better than any of the study's own."""
    if state == TrialState.COMPLETE:
        options = {"value": 1e9, **options}
    return optuna.create_trial(state=state, **options)


FOREIGN: dict[str, Callable[[optuna.Study], object]] = {
    "bare": lambda study: study.add_trial(made()),
    "of the space, with hpo's old keys": lambda s: s.add_trial(
        made(params=INSIDE, distributions=SPACE, user_attrs=OURS_ONCE, intermediate_values={1: 1e9})
    ),
    "with hpo's keys": lambda s: s.add_trial(made(params=INSIDE, distributions=SPACE, user_attrs=PREFIXED)),
    "with hpo's keys, running": lambda s: s.add_trial(
        made(TrialState.RUNNING, params=INSIDE, distributions=SPACE, user_attrs=PREFIXED, system_attrs={TRIAL: "?"})
    ),
    "other parameters": lambda s: s.add_trial(made(params={"depth": 3}, distributions={"depth": IntDistribution(1, 9)})),
    "a parameter of another kind": lambda s: s.add_trial(
        made(params={"eta": "high"}, distributions={"eta": CategoricalDistribution(["high", "low"])}, user_attrs={"stage": 1})
    ),
    "out of the space": lambda s: s.add_trial(made(params={"eta": 50.0}, distributions={"eta": FloatDistribution(1, 99)})),
    "failed": lambda s: s.add_trial(made(TrialState.FAIL, user_attrs={"stage": None, "cohort": "x"})),
    "pruned": lambda s: s.add_trial(made(TrialState.PRUNED, intermediate_values={0: float("nan"), 7: 3.0})),
    "running": lambda s: s.ask(),
    "asked in the space and told": lambda s: s.tell(s.ask(SPACE), 1e9),
    "enqueued out of the space": lambda s: s.enqueue_trial({"eta": 50.0}, user_attrs={"stage": "x"}),
    "enqueued with others": lambda s: s.enqueue_trial({"eta": 0.1, "depth": 3}),
    "waiting, half done": lambda s: s.add_trial(
        made(TrialState.WAITING, params=INSIDE, distributions=SPACE, system_attrs={"fixed_params": INSIDE})
    ),
    "waiting, odd": lambda s: s.add_trial(made(TrialState.WAITING, system_attrs={"fixed_params": [1]})),
    "copies of all": lambda s: s.add_trials(s.get_trials(states=[TrialState.COMPLETE, TrialState.PRUNED])),
}


def put(kind: str, study: optuna.Study) -> None:
    """Put a trial of a kind into a study, unless Optuna refuses: of a parameter it takes one kind of range, the first one's."""
    with suppress(ValueError, UserWarning):
        FOREIGN[kind](study)


def stock(study: StoredStudy) -> optuna.Study:
    """The study as a stock script opens it."""
    return optuna.load_study(study_name=study.name, storage=study.database.address.url, sampler=optuna.samplers.RandomSampler(1))


def sections(search: str) -> dict[str, Any]:
    """See cohorts."""
    return cohorts(SEARCHES[search], GRID)


def notes_of(events: list[Event]) -> list[str]:
    """What a run said of trials of others."""
    return [event.note for event in events if isinstance(event, Noted) and "not hpo's" in event.note]


@pytest.mark.parametrize("search", list(SEARCHES))
def test_every_kind_between_its_own(stored: Make, search: str) -> None:
    """A kind of foreign trial before each cohort and rung: its own are as they are alone, and theirs stay what they are."""
    whole, study = stored(name="whole", **sections(search)), stored(name="mixed", **sections(search))
    train(whole)
    theirs, kinds = stock(study), list(FOREIGN)
    random.Random(search).shuffle(kinds)
    put(kinds.pop(), theirs)
    events: list[Event] = []

    def meddle(event: Event) -> None:
        events.append(event)
        if isinstance(event, CohortAsked | RungDone) and kinds:
            put(kinds.pop(), theirs)

    train(study, display=meddle)
    for kind in kinds:
        put(kind, theirs)
    own = {trial.number for trial in study.trials()}
    before = {trial.number: str(trial) for trial in theirs.get_trials() if trial.number not in own}
    assert train(study).stopped in ("done", "grid")
    assert train(study, trials=3).told == (0 if search == "grid" else 3)
    after = {trial.number: str(trial) for trial in theirs.get_trials()}
    assert {number: after[number] for number in before} == before
    assert [trial.params for trial in study.trials()[:18]] == [trial.params for trial in whole.trials()]
    train(whole, trials=3)
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)
    assert of_others(study.now()) == len(before) > 5
    (note,) = notes_of(events)
    assert note.endswith("put there by another program: it is left alone and does not count")


@pytest.mark.parametrize("kind", list(FOREIGN))
def test_any_kind_at_first(stored: Make, kind: str) -> None:
    """A foreign trial that is there before the first of the study's own hinders nothing, in an asynchronous run neither."""
    whole, study = stored(name="whole"), stored(name="mixed")
    train(whole)
    put("bare", stock(study))
    put(kind, stock(study))
    enqueue(study, [INSIDE])
    enqueue(whole, [INSIDE])
    train(study)
    rolling = stored(name="rolling", search={"pruner": "successive-halving"}, stage=[{"name": "wide", "trials": 8}])
    put(kind, stock(rolling))
    assert train(rolling, asynchronous=True).told == 8
    assert rolling.stages()[0].outcomes.keys() <= {"completed", "pruned", "diverged"}


def test_what_is_read_is_its_own(stored: Make) -> None:
    """Tables, candidates and the storage's check know the study's own trials; an enqueued copy of one becomes one of them."""
    study = stored()
    train(study)
    table = trial_table_hash(study.optuna)
    for kind in FOREIGN:
        put(kind, stock(study))
    assert trial_table_hash(study.optuna) == table
    assert len(read(study.optuna)) == 14
    assert {trial.number for trial in candidates(study, 99)} <= set(range(14))
    assert {trial.number for trial in best_first(study.optuna, study.spec)} <= set(range(14))
    (remark,) = remarks(study.database)
    assert not remark.fault
    assert remark.text.startswith(f"{of_others(study.now())} trials of the Optuna study are not hpo's")
    again = study.trials()[3]
    stock(study).enqueue_trial({"eta": 0.05}, user_attrs=again.user_attrs)
    assert train(study).told == 1
    last = study.trials()[-1]
    assert last.params["eta"] == 0.05
    assert last.user_attrs[f"{PREFIX}enqueued"] is True


def test_copies_are_no_trials_of_another_study(stored: Make) -> None:
    """Trials copied from one study of hpo's into another are not taken for its own; a copy of a whole study is still one."""
    study, other = stored(), stored(name="other")
    train(study)
    stock(other).add_trials(study.optuna.get_trials())
    assert other.trials() == []
    assert of_others(other.now()) == 14
    url = study.database.address.url
    optuna.copy_study(from_study_name="study", from_storage=url, to_storage=url, to_study_name="copy")
    assert len(load(study.database, "copy").trials()) == 14
    train(other)
    assert trial_table_hash(other.optuna) == trial_table_hash(study.optuna)


def unprefixed(study: StoredStudy) -> StoredStudy:
    """A study as versions before the prefix have stored it."""
    tree = {**study.optuna.user_attrs[SPEC], "version": 1}
    keys = "trial_id IN (SELECT trial_id FROM trials WHERE study_id = :study)"
    values = {"study": study.identifier, "tree": json.dumps(tree)}
    with study.database.engine.begin() as connection:
        connection.execute(
            text(f"UPDATE trial_user_attributes SET key = substr(key, 5) WHERE key LIKE 'hpo:%' AND {keys}"), values
        )
        connection.execute(text(f"DELETE FROM trial_system_attributes WHERE key = 'hpo:trial' AND {keys}"), values)
        connection.execute(
            text("UPDATE study_user_attributes SET value_json = :tree WHERE key = 'hpo:spec' AND study_id = :study"), values
        )
    return load(connect(study.database.address.url, "write"), study.name)


@pytest.mark.parametrize("search", list(SEARCHES))
def test_old_studies_go_on(stored: Make, search: str) -> None:
    """A study with unprefixed keys, stopped at a rung, is carried on with these; a trial with some of them is not its own."""
    whole, study = stored(name="whole", **sections(search)), stored(name="old", **sections(search))
    train(whole)

    def interrupt(event: Event) -> None:
        if isinstance(event, RungDone):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(study, display=interrupt)
    old = unprefixed(study)
    train(old)
    assert trial_table_hash(old.optuna) == trial_table_hash(whole.optuna)
    assert not any(key.startswith(PREFIX) for trial in old.optuna.trials for key in (*trial.user_attrs, *trial.system_attrs))
    assert len(read(old.optuna)) == len(read(whole.optuna))
    for kind in FOREIGN.keys() - {"copies of all"}:  # In an old study, a whole copy of a trial cannot be told from one.
        put(kind, stock(old))
    assert trial_table_hash(old.optuna) == trial_table_hash(whole.optuna)
    assert train(old, trials=3).told == (0 if search == "grid" else 3)
    old.database.close()


def test_an_older_hpo_is_told(stored: Make) -> None:
    """A study with prefixed keys says by its version that those who do not know them must not touch it."""
    assert stored().optuna.user_attrs[SPEC]["version"] == 2


def add_for_ever(url: str, name: str, seed: int) -> None:
    """A stock script that puts trials of every kind into a study until it is ended."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(study_name=name, storage=url, sampler=optuna.samplers.RandomSampler(seed))
    chance, kinds = random.Random(seed), [kind for kind in FOREIGN if kind != "copies of all"]
    while True:
        put(chance.choice(kinds), study)
        time.sleep(0.01)


def beside_a_script(study: StoredStudy, drivers: int) -> None:
    """Run a study with so many processes while a stock script adds to it."""
    context = multiprocessing.get_context("fork")
    url = study.database.address.url
    study.database.close()
    script = context.Process(target=add_for_ever, args=(url, study.name, 5))
    processes = [context.Process(target=work, args=(url, study.name)) for _ in range(drivers)]
    script.start()
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert script.is_alive()
    script.kill()
    script.join()
    assert [process.exitcode for process in processes] == [0] * drivers


@pytest.mark.parametrize("search", ["random, halving", "TPE"])
def test_three_drivers_beside_a_script(stored: Make, search: str) -> None:
    """Three processes carry a study on while a stock script adds trials of all kinds: its own are those of one driver alone."""
    many = {**MANY, "search": SEARCHES[search]}
    whole, study = stored(name="whole", **many), stored(name="shared", **many)
    train(whole)
    beside_a_script(study, 3)
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)
    assert of_others(study.now()) > 3


def test_three_drivers_beside_a_script_on_postgresql(
    postgresql: Server, stored: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same on a PostgreSQL server."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    whole = stored(name="whole", **MANY)
    train(whole)
    database: Database = connect(postgresql.fresh(), "create")
    study = create(database, "shared", whole.spec)
    beside_a_script(study, 3)
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)
    assert of_others(study.now()) > 3
    database.close()


def test_the_objective_of_a_stock_study(stored: Make) -> None:
    """In a study that hpo did not make every trial counts, and one that an older hpo.objective saw diverge is read as that."""
    study = optuna.create_study()
    diverged = {
        "outcome": "diverged",
        "divergence": {"kind": "exploded", "step": 1, "epoch": 1, "cost": 9.0, "first": 2.0, "replicate": 0},
    }
    study.add_trials(
        [
            made(TrialState.PRUNED, user_attrs=diverged, constraints={"diverged": 1.0}),
            made(TrialState.PRUNED, user_attrs={"outcome": "diverged"}),
            made(value=1.0),
        ]
    )
    assert Ownership.of(study.user_attrs).uid is None
    assert read(study).outcomes.tolist() == ["diverged", "pruned", "completed"]
