"""`hpo check`: what can be known of a study before it is run."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import options
from .figures import counted, lasting
from .output import say, starting, tell, write, write_json
from .study.asked import Asked, assignments
from .table import Column, print_table

if TYPE_CHECKING:
    from ..checking import Estimate, GradientCase, GradientReport, NetworkReport, ParameterErrors
    from ..data import Prepared
    from ..spec import StudySpec

group = typer.Typer(help="Check a study before it spends its budget.", no_args_is_help=True)

Workers = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Processes to reckon with.", show_default="one a processor")
]

_ERRORS = ("forward", "relative", "centred", "relative")


@group.command("gradients")
def gradients(
    study: options.Study,
    storage: options.Storage = options.DEFAULT_STORAGE,
    data: options.Data = None,
    seed: options.Seed = None,
    settings: options.Set = None,
    as_json: options.Json = False,
) -> None:
    """Compare the gradients that train with difference quotients of the cost. Fails when one is wrong."""
    starting()
    asked = Asked(study, storage, None, data, assignments(settings, seed=seed))
    spec, images = _ready(asked)
    from ..checking import check_gradients

    report = check_gradients(spec, images, say)
    if as_json:
        write_json({"study": asked.stored_name, **_gradient_record(report)})
    else:
        _print_gradients(report)
    if report.bad:
        say(*(_wrong(report, case, found) for case, found in report.bad))
        raise typer.Exit(1)


@group.command("network")
def network(
    study: options.Study,
    storage: options.Storage = options.DEFAULT_STORAGE,
    data: options.Data = None,
    seed: options.Seed = None,
    settings: options.Set = None,
    workers: Workers = None,
    as_json: options.Json = False,
) -> None:
    """See whether a study's network starts where it can learn, and what the study will take. Fails when something is off."""
    starting()
    asked = Asked(study, storage, None, data, assignments(settings, seed=seed))
    spec, images = _ready(asked)
    from ..checking import check_network
    from ..engines import usable_cores

    report = check_network(spec, images, workers or usable_cores(), say)
    if as_json:
        write_json({"study": asked.stored_name, **_network_record(report)})
    else:
        _print_network(report)
    if report.bad:
        say(*(f"warning: {check.sentence}" for check in report.bad))
        raise typer.Exit(1)


def _ready(asked: Asked) -> "tuple[StudySpec, Prepared]":
    """The study and its images."""
    from ..data import prepare

    spec = _spec(asked)
    return spec, prepare(spec.data, say=say)


def _spec(asked: Asked) -> "StudySpec":
    """The study as it is stored where there is one of that name, else as its file has it, with the options carried out."""
    from .. import catalog, runner
    from ..errors import NotFound
    from ..storage import connect

    if catalog.is_file(asked.study):
        return asked.fresh()
    try:
        database = connect(asked.storage, "read")
    except NotFound:
        return asked.fresh()
    names = runner.names(database)
    return asked.applied(runner.load(database, asked.study).spec) if asked.study in names else asked.fresh(names)


def _print_gradients(report: "GradientReport") -> None:
    tell(f"{report.network}; {report.inputs} of {report.of_inputs:,} input dimensions, float64")
    for note in report.notes:
        tell(note)
    columns = [Column("parameter"), Column("entries", number=True), *(Column(name, number=True) for name in _ERRORS)]
    for case in report.cases:
        rows = [_row(found) for found in case.parameters]
        write("")
        print_table(columns, rows, title=f"batch {case.batch}, lambda {case.l2:g}")


def _row(found: "ParameterErrors") -> list[str]:
    name = found.label if found.label == found.name else f"{found.label} ({found.name})"
    return [name, f"{found.entries:,}", *(f"{error:.2e}" for error in (*found.forward, *found.centred))]


def _wrong(report: "GradientReport", case: "GradientCase", found: "ParameterErrors") -> str:
    return (
        f"wrong: {found.label}, batch {case.batch}, lambda {case.l2:g}: relative errors must not exceed"
        f" {report.forward_bound:g} (forward) and {report.centred_bound:g} (centred),"
        f" got {found.forward.relative:.2e} and {found.centred.relative:.2e}"
    )


def _gradient_record(report: "GradientReport") -> dict[str, Any]:
    return {
        "good": not report.bad,
        "network": report.network,
        "inputs": report.inputs,
        "of_inputs": report.of_inputs,
        "bounds": {"forward": report.forward_bound, "centred": report.centred_bound},
        "cases": [_case_record(report, case) for case in report.cases],
        "notes": list(report.notes),
    }


def _case_record(report: "GradientReport", case: "GradientCase") -> dict[str, Any]:
    return {
        "batch": case.batch,
        "lambda": case.l2,
        "parameters": [
            {
                "name": found.name,
                "label": found.label,
                "shape": list(found.shape),
                "entries": found.entries,
                "forward": _finite(found.forward._asdict()),
                "centred": _finite(found.centred._asdict()),
                "again": found.again,
                "good": found.good(report.forward_bound, report.centred_bound),
            }
            for found in case.parameters
        ],
    }


def _print_network(report: "NetworkReport") -> None:
    for note in report.notes:
        tell(note)
    several = any(check.at for check in report.checks)
    columns = [Column("check"), Column(""), *([Column("network")] if several else []), Column("found")]
    rows = [[c.name, "ok" if c.good else "warning", *([c.at] if several else []), c.found] for c in report.checks]
    write("")
    print_table(columns, rows)
    write("")
    for line in _estimated(report.estimate):
        tell(line)


def _estimated(estimate: "Estimate") -> Iterator[str]:
    workers, networks = counted(estimate.workers, "worker"), counted(estimate.lanes, "network")
    yield f"time      about {lasting(estimate.seconds)} after the start, with {workers}"
    yield f"steps     {estimate.lane_steps:,}, of up to {networks} at a time"
    yield f"memory    about {estimate.memory / 1e9:.1f} GB"


def _network_record(report: "NetworkReport") -> dict[str, Any]:
    return {
        "good": not report.bad,
        "checks": [_finite(check._asdict()) for check in report.checks],
        "estimate": _finite(report.estimate._asdict()),
        "notes": list(report.notes),
    }


def _finite(values: Mapping[str, Any]) -> dict[str, Any]:
    """For JSON, which has no NaN and no infinity: those become null."""
    return {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in values.items()}
