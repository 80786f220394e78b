"""`hpo study trials`."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ...errors import NotFound, unknown
from .. import options
from ..figures import heading, measured, significant
from ..output import say, write, write_json
from ..table import Column, print_table
from . import foreign
from .explaining import own_or_any
from .records import BALANCED, COLUMNS, finite_tree, record, row, told

if TYPE_CHECKING:
    from optuna import Study

Stage = Annotated[str | None, typer.Option(metavar="NAME", help="Only the trials of this stage.")]
Format = Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="csv: exact numbers, a line a trial.")]

_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a formula begins with, in narrow and wide letters, and what some spreadsheets skip before it."""
_TEXT = {"stage", "outcome", "divergence", "error", "at_chance", "evidence"}


def trials(
    study: options.AnyStudy,
    storage: options.Storage = options.DEFAULT_STORAGE,
    stage: Stage = None,
    shape: Format = "table",
    as_json: options.Json = False,
) -> None:
    """List the trials of a study, each with its stage, outcome, value and parameters; evidence is named as such."""
    from ...runner import StoredStudy

    stored = own_or_any(study, storage)
    if not isinstance(stored, StoredStudy):
        _foreign(stored, stage, "json" if as_json else shape)
        return
    _check_stage(stage, [state.name for state in stored.stages()])
    found = [record(trial) for trial in stored.now().with_evidence(stage)]
    params = list(stored.spec.space)
    metric, against = stored.spec.search.metric, stored.spec.search.against
    if as_json or shape == "json":
        write_json({"study": stored.name, "metric": metric, "trials": found})
    elif shape == "csv":
        write(_csv([*COLUMNS, *(f"params_{name}" for name in params)], [row(each, params) for each in found]))
    elif found:
        if metric == BALANCED:  # It is the value already.
            found = [{**each, "balanced_accuracy": None} for each in found]
        _print(found, params, {"value": metric, "against": against or "", "balanced_accuracy": BALANCED})
    else:
        say(f"study '{stored.name}' has no trials yet")


def _foreign(study: "Study", stage: str | None, shape: str) -> None:
    """Trials that another program made, with the names of their own objectives and whatever was noted at them."""
    from ...analysis.reading import metrics_of

    if stage is not None:
        raise NotFound(f"study '{study.study_name}' was not made by hpo and has no stages, got --stage {stage}")
    found = [foreign.trial_record(trial) for trial in study.get_trials(deepcopy=False)]
    metrics = metrics_of(study)
    if shape == "json":
        write_json({"study": study.study_name, "metric": metrics[0], "metrics": metrics, "trials": finite_tree(found)})
    elif not found:
        say(f"study '{study.study_name}' has no trials yet")
    else:
        params, notes = (list(dict.fromkeys(name for one in found for name in one[key])) for key in ("params", "user_attrs"))
        step = "last_step" if shape == "csv" else "last step"
        header = ["number", "outcome", *metrics, step, "seconds"]
        rows = [_cells(one, len(metrics), params) for one in found]
        if shape == "csv":
            whole = [[*row, *(told(one["user_attrs"], name) for name in notes)] for row, one in zip(rows, found, strict=True)]
            write(_csv([*header, *(f"params_{name}" for name in params), *(f"user_attrs_{name}" for name in notes)], whole))
        else:
            _print_used([*header, *params], [[_text(cell) for cell in row] for row in rows])


def _cells(found: dict[str, Any], objectives: int, params: Sequence[str]) -> list[Any]:
    values = [*(found["values"] or ()), *[None] * objectives][:objectives]
    return [
        found["number"],
        found["outcome"],
        *values,
        found["last_step"],
        found["seconds"],
        *(told(found["params"], p) for p in params),
    ]


def _text(value: Any) -> str:
    return "" if value is None else significant(value)


def _check_stage(stage: str | None, known: Sequence[str]) -> None:
    if stage is not None and stage not in known:
        raise NotFound(unknown("stage", stage, known))


def no_formula(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: an apostrophe before text that begins as one (OWASP, "CSV Injection")."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell


def _csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([no_formula(cell) for cell in line] for line in (header, *rows))
    return text.getvalue().removesuffix("\n")


def _print(found: Sequence[dict[str, Any]], params: Sequence[str], metrics: Mapping[str, str]) -> None:
    """A table without the columns that are empty in every row. metrics: names of the objectives, by column."""
    headings = [*(heading(metrics[name]) if name in metrics else name for name in COLUMNS), *params]
    names = (*COLUMNS, *params)
    rows = [[_cell(name, value, metrics) for name, value in zip(names, row(each, params), strict=True)] for each in found]
    _print_used(headings, rows)


def _print_used(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    columns = [Column(name, number=name not in _TEXT) for name in headings]
    used = [place for place in range(len(columns)) if any(cells[place] for cells in rows)]
    print_table([columns[place] for place in used], [[cells[place] for place in used] for cells in rows])


def _cell(name: str, value: Any, metrics: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if name in metrics:
        return measured(value, metrics[name])
    return f"{value:.2f}" if name == "seconds" else significant(value)
