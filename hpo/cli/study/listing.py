"""`hpo study list`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import options
from ..figures import heading, lasting, measured
from ..output import say, write_json
from ..table import Column, print_table

if TYPE_CHECKING:
    from ...ownership import Ownership
    from ...storage import Database

Builtin = Annotated[bool, typer.Option("--builtin", help="The studies that come with hpo, instead of the stored ones.")]


def list_studies(
    storage: options.Storage = options.DEFAULT_STORAGE, builtin: Builtin = False, as_json: options.Json = False
) -> None:
    """List the stored studies, or those that come with hpo."""
    rows = list(_builtin_studies() if builtin else _stored_studies(storage))
    if as_json:
        write_json({"studies": rows})
    elif builtin:
        _print_builtin(rows)
    elif rows:
        _print_stored(rows)
    else:
        say("no studies are stored here yet; `hpo study list --builtin` shows what can be run")


def _print_builtin(rows: list[dict[str, Any]]) -> None:
    columns = [Column("study"), Column("trials", number=True), Column("time", number=True), Column("title")]
    print_table(columns, [[row["name"], str(row["trials"]), _expected(row["minutes"]), row["title"]] for row in rows])


def _expected(minutes: float | None) -> str:
    return "" if minutes is None else lasting(60 * minutes)


def _print_stored(rows: list[dict[str, Any]]) -> None:
    numbers = [Column(name, number=True) for name in ("trials", "of", "best")]
    print_table([Column("study"), *numbers, Column("title")], [_cells(row) for row in rows])


def _cells(row: dict[str, Any]) -> list[str]:
    if row["metric"] is None:
        return [row["name"], str(row["trials"]), "", "", "(made by another program)"]
    best = "" if row["best"] is None else f"{measured(row['best'], row['metric'])} {heading(row['metric']).rpartition(' ')[2]}"
    return [row["name"], str(row["trials"]), str(row["planned"]), best, row["title"]]


def _builtin_studies() -> Iterator[dict[str, Any]]:
    from ... import catalog

    for name in catalog.names():
        spec = catalog.builtin(name)
        plan = {"trials": spec.trials, "minutes": spec.minutes, "data": spec.data.name}
        yield {"name": name, "title": spec.title, "source": spec.source, **plan}


def _stored_studies(storage: str) -> Iterator[dict[str, Any]]:
    from ...ownership import Ownership
    from ...storage import connect, explained

    database = connect(storage, "read")
    with explained(database.address):
        told, own = _told(database), _told(database, own=True)
        for study in sorted(database.get_all_studies(), key=lambda study: study.study_name):
            number, ownership = study._study_id, Ownership.of(study.user_attrs)
            count = (own if ownership.marks else told).get(number, 0)
            yield _stored_study(study.study_name, study.user_attrs, count, _best(database, number, ownership))


def _stored_study(name: str, attributes: dict[str, Any], told: int, best: float | None) -> dict[str, Any]:
    """Read from the attributes alone: checking the stored study file would take longer than all the rest."""
    from ...attributes import SPEC

    spec = attributes.get(SPEC, {}).get("study")
    if spec is None:
        return {"name": name, "title": None, "metric": None, "trials": told, "planned": None, "best": best}
    metric = spec.get("search", {}).get("metric", "validation_accuracy")
    planned = sum(stage["trials"] for stage in spec["stage"])
    return {"name": name, "title": spec["title"], "metric": metric, "trials": told, "planned": planned, "best": best}


def _told(database: "Database", own: bool = False) -> dict[int, int]:
    """Finished trials by study, all or those of the search with hpo's mark.

    Counted by the database: Optuna's calls read every trial whole.
    """
    from optuna.storages._rdb.models import TrialModel, TrialSystemAttributeModel, TrialUserAttributeModel
    from optuna.trial import TrialState
    from sqlalchemy import exists, func, select

    from ...attributes import EVIDENCE, TRIAL

    ended = [state for state in TrialState if state.is_finished()]
    query = select(TrialModel.study_id, func.count()).where(TrialModel.state.in_(ended)).group_by(TrialModel.study_id)
    mark = (TrialSystemAttributeModel.trial_id == TrialModel.trial_id, TrialSystemAttributeModel.key == TRIAL)
    after = (TrialUserAttributeModel.trial_id == TrialModel.trial_id, TrialUserAttributeModel.key == EVIDENCE)
    with database.engine.connect() as connection:
        found = connection.execute(query.where(exists().where(*mark), ~exists().where(*after)) if own else query)
        return {int(study): int(told) for study, told in found}


def _best(database: "Database", study: int, ownership: "Ownership") -> float | None:
    from ...attributes import evidence_of

    try:
        best = database.get_best_trial(study)
        if ownership.own(best) is None or evidence_of(best) is not None:
            return _best_own(database, study, ownership)
    except (ValueError, RuntimeError):  # No completed trial; several objectives.
        return None
    return best.value


def _best_own(database: "Database", study: int, ownership: "Ownership") -> float | None:
    from optuna.study import StudyDirection
    from optuna.trial import TrialState

    from ...attributes import evidence_of

    complete = ownership.all(database.get_all_trials(study, deepcopy=False, states=(TrialState.COMPLETE,)))
    own = [trial for trial in complete if evidence_of(trial) is None]
    best = max if database.get_study_directions(study)[0] == StudyDirection.MAXIMIZE else min
    return best((trial.values[0] for trial in own), default=None)
