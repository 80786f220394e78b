"""`hpo study trials`."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from .. import options
from ..figures import heading, measured, significant
from ..output import say, write, write_json
from ..table import Column, print_table
from .asked import stored_study
from .records import COLUMNS, record, row

Stage = Annotated[str | None, typer.Option(metavar="NAME", help="Only the trials of this stage.")]
Format = Annotated[Literal["table", "csv", "json"], typer.Option("--format", help="csv: exact numbers, a line a trial.")]

_TEXT = {"stage", "outcome", "divergence", "error", "at_chance"}


def trials(
    study: options.Stored,
    storage: options.Storage = options.DEFAULT_STORAGE,
    stage: Stage = None,
    shape: Format = "table",
    as_json: options.Json = False,
) -> None:
    """List the trials of a study, each with its stage, outcome, value and parameters."""
    stored = stored_study(study, storage)
    _check_stage(stage, [state.name for state in stored.stages()])
    found = [record(trial) for trial in stored.trials(stage)]
    params = list(stored.spec.space)
    metric, against = stored.spec.search.metric, stored.spec.search.against
    if as_json or shape == "json":
        write_json({"study": stored.name, "metric": metric, "trials": found})
    elif shape == "csv":
        write(_csv([*COLUMNS, *(f"params_{name}" for name in params)], [row(each, params) for each in found]))
    elif found:
        _print(found, params, {"value": metric, "against": against or ""})
    else:
        say(f"study '{stored.name}' has no trials yet")


def _check_stage(stage: str | None, known: Sequence[str]) -> None:
    from ...errors import NotFound, unknown

    if stage is not None and stage not in known:
        raise NotFound(unknown("stage", stage, known))


def _csv(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().removesuffix("\n")


def _print(found: Sequence[dict[str, Any]], params: Sequence[str], metrics: Mapping[str, str]) -> None:
    """A table without the columns that are empty in every row. metrics: names of the objectives, by column."""
    headings = [*(heading(metrics[name]) if name in metrics else name for name in COLUMNS), *params]
    columns = [Column(name, number=name not in _TEXT) for name in headings]
    names = (*COLUMNS, *params)
    rows = [[_cell(name, value, metrics) for name, value in zip(names, row(each, params), strict=True)] for each in found]
    used = [place for place in range(len(columns)) if any(cells[place] for cells in rows)]
    print_table([columns[place] for place in used], [[cells[place] for place in used] for cells in rows])


def _cell(name: str, value: Any, metrics: Mapping[str, str]) -> str:
    if value is None:
        return ""
    if name in metrics:
        return measured(value, metrics[name])
    return f"{value:.2f}" if name == "seconds" else significant(value)
