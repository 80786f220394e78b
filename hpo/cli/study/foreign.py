"""Studies that another program made, shown as far as that goes without a study file."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..figures import counted
from ..output import tell, write
from ..table import Column, print_table
from .records import finite_tree

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

    from ...report import Explanation

_MOST_ATTRIBUTES = 10
_LONGEST = 120


def print_study(study: "Study") -> None:
    """Its objectives, trials and parameters, its best trials and its answer in three sentences."""
    from ... import report
    from ...report.grids import best_trials

    explanation = report.explain(study)
    tell(*(*_head(study, explanation), ""))
    best = best_trials(explanation)
    if best.rows:
        title = "Best trials:" if len(study.directions) == 1 else "Trials that no other beats in all objectives:"
        print_table([Column(name, number=name != "outcome") for name in best.columns], best.rows, title=title)
        write("")
    tell(*explanation.answer)


def _head(study: "Study", explanation: "Explanation") -> Iterator[str]:
    from ...report.protocol import question, range_of

    table = explanation.table
    yield f"{study.study_name}: {question(explanation)}"
    yield "source    another program: without a study file it can be neither run nor confirmed nor tested here"
    for metric, up in zip(table.metrics, table.maximise, strict=True):
        yield f"objective {metric}, {'higher' if up else 'lower'} is better"
    told = ", ".join(f"{count:,} {name}" for name, count in outcomes(study).items())
    yield f"trials    {len(study.get_trials(deepcopy=False)):,}" + (f": {told}" if told else "")
    yield from (f"space     {column.name}: {range_of(column)}" for column in table.parameters)
    yield from (f"attribute {key} = {_short(value)}" for key, value in list(study.user_attrs.items())[:_MOST_ATTRIBUTES])
    if (more := len(study.user_attrs) - _MOST_ATTRIBUTES) > 0:
        yield f"          and {counted(more, 'attribute')} more; --json has them"
    yield from (f"note      {remark}" for remark in explanation.remarks[1:])


def _short(value: Any) -> str:
    text = json.dumps(value, default=repr)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def outcomes(study: "Study") -> dict[str, int]:
    """How many trials ended how, or have not: 'running' and 'waiting' apart."""
    return dict(Counter(map(outcome_of, study.get_trials(deepcopy=False))).most_common())


def outcome_of(trial: "FrozenTrial") -> str:
    """What became of a trial; what it does while it has not ended."""
    from ...analysis.reading import outcome

    found = outcome(trial)
    return trial.state.name.lower() if found == "unfinished" else found


def study_record(study: "Study", storage: str) -> dict[str, Any]:
    """For --json: the keys of hpo's own studies, null or empty where a study file is missing, and what Optuna has."""
    from ... import report
    from ...runner import trial_table_hash

    explanation = report.explain(study)
    return {
        "name": study.study_name, "storage": storage, "spec": None, "execution": None, "stages": [], "missing": None,
        "confirmation": None, "forecast": None, "notes": [], "asynchronous": 0, "trial_table_hash": trial_table_hash(study),
        **facts(study), "outcomes": outcomes(study), **report.plain(explanation),
    }  # fmt: skip


def facts(study: "Study") -> dict[str, Any]:
    """The objectives of a study and what its users noted."""
    from ...analysis.reading import metrics_of

    directions = [direction.name.lower() for direction in study.directions]
    return {"metrics": list(metrics_of(study)), "directions": directions, "user_attrs": finite_tree(study.user_attrs)}


def trial_record(trial: "FrozenTrial", *, curves: bool = False) -> dict[str, Any]:
    """A trial as JSON can hold it, with the keys of hpo's own trials; with what it reported by step, on request."""
    from ...space import as_written

    values = [*(trial.values or ()), None, None]
    found = {
        "number": trial.number, "stage": None, "cohort": None, "outcome": outcome_of(trial), "value": values[0],
        "against": values[1], "values": trial.values, "epochs": trial.last_step or 0, "last_step": trial.last_step,
        "params": as_written(trial.params, trial.distributions),
        "seconds": None if trial.duration is None else trial.duration.total_seconds(), "divergence": None, "error": None,
        "at_chance": None, "same_as": None, "enqueued": False, "asynchronous": False, "user_attrs": dict(trial.user_attrs),
    }  # fmt: skip
    return {**found, "reported": {str(step): value for step, value in trial.intermediate_values.items()}} if curves else found
