"""`hpo study run`."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ...errors import AllTrialsFailed
from .. import options
from ..figures import counted, lasting, outcome_counts
from ..output import say, starting, tell
from ..signals import Stopped
from .asked import Asked, assignments, find
from .explaining import leave
from .going_on import command
from .results import print_stages
from .sharing import check_device, check_shared
from .wanted import Wanted

if TYPE_CHECKING:
    from ... import engines
    from ...runner import StoredStudy, Summary

RUN, STUDY = "Run", options.STUDY_PANEL

Trials = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="At most N trials more.", show_default="all that the stages lack", rich_help_panel=RUN),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        min=0, metavar="SECONDS", help="Stop after this time; the next run goes on.", show_default="none", rich_help_panel=RUN
    ),
]
Until = Annotated[
    list[float] | None,
    typer.Option("--until", metavar="VALUE", help="Stop once a trial reaches this value of the metric.", rich_help_panel=RUN),
]
NoBetter = Annotated[
    list[int] | None,
    typer.Option("--until-no-better", metavar="N", help="Stop after N trials without a better one.", rich_help_panel=RUN),
]
Enqueue = Annotated[
    list[str] | None,
    typer.Option(metavar="JSON", help="Try this point first, such as '{\"eta\": 0.1}'. Repeatable.", rich_help_panel=RUN),
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="OTHER", help="Try the best point of another stored study first.", rich_help_panel=RUN),
]
FromTrial = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="N",
        help="Train the setting of trial N of this stored study again, under 5 fresh seeds, in a study of its own.",
        show_default="none",
        rich_help_panel=STUDY,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Processes that train.", show_default="one a processor", rich_help_panel=RUN),
]
Engine = Annotated[
    Literal["auto", "serial", "processes", "ray"],
    typer.Option(help="What runs the jobs: every engine gives the same result.", rich_help_panel=RUN),
]
Address = Annotated[
    str | None,
    typer.Option(
        metavar="auto|HOST:PORT",
        help="Ray cluster that runs the jobs.",
        show_default="a Ray on this machine alone",
        rich_help_panel=RUN,
    ),
]
GpuShare = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE", help="Of a GPU, for each job that trains on one, with Ray.", show_default="1", rich_help_panel=RUN
    ),
]
RetryErrors = Annotated[
    bool,
    typer.Option(
        "--retry-errors", help="Train the trials that ended in an error again, once its cause is mended.", rich_help_panel=RUN
    ),
]
Asynchronous = Annotated[
    bool,
    typer.Option(
        "--asynchronous", help="Ask for a trial when there is room for it: cannot be repeated exactly.", rich_help_panel=RUN
    ),
]
Lanes = Annotated[
    int | None,
    typer.Option(min=1, metavar="N", help="Networks trained together at most.", show_default="by rule", rich_help_panel=STUDY),
]
Device = Annotated[
    Literal["auto", "cpu", "cuda"] | None,
    typer.Option(help="Where networks are trained.", show_default="auto", rich_help_panel=STUDY),
]
Precision = Annotated[
    Literal["auto", "float32", "bfloat16"] | None,
    typer.Option(help="Numbers that they are trained with.", show_default="auto", rich_help_panel=STUDY),
]


def run(
    study: options.Study,
    name: options.Name = None,
    storage: options.Storage = options.DEFAULT_STORAGE,
    data: options.Data = None,
    seed: options.Seed = None,
    settings: options.Set = None,
    lanes: Lanes = None,
    device: Device = None,
    precision: Precision = None,
    trials: Trials = None,
    timeout: Timeout = None,
    until: Until = None,
    until_no_better: NoBetter = None,
    enqueue: Enqueue = None,
    from_: From = None,
    from_trial: FromTrial = None,
    workers: Workers = None,
    engine: Engine = "auto",
    address: Address = None,
    gpu_share: GpuShare = None,
    asynchronous: Asynchronous = False,
    retry_errors: RetryErrors = False,
) -> None:
    """Run a study to its end, or go on where it was stopped; it is created if it is not there.

    The options under Study are stored with it and stay as they are for its whole life.
    """
    starting()
    execution = {"execution__lanes": lanes, "execution__device": device, "execution__precision": precision}
    asked = Asked(study, storage, name, data, assignments(settings, seed=seed, **execution), from_trial)
    rules = (options.once("--until", until), options.once("--until-no-better", until_no_better))
    with _resumable(asked):
        make = partial(_engine, engine, workers, address, gpu_share)
        run_options = {"trials": trials, "timeout": timeout, "asynchronous": asynchronous}
        _run(asked, make, rules, Wanted(tuple(enqueue or ()), from_), run_options, retry_errors)


def _engine(name: str, workers: int | None, address: str | None, gpu_share: float | None) -> "engines.Engine":
    from ... import engines

    return engines.make(name, workers, engines.CHECKING, address=address, gpu_share=gpu_share)


def _run(
    asked: Asked,
    engine: "Callable[[], engines.Engine]",
    rules: tuple[float | None, int | None],
    wanted: Wanted,
    run_options: dict[str, Any],
    retry_errors: bool,
) -> None:
    # The workers come first: they load PyTorch while this process loads Optuna and the images.
    with engine() as running:
        found = find(asked)
        check_shared(running, asked.storage)
        begun = found.stored.execution if found.stored else None
        check_device(begun or found.spec.execution, asked.stored_name, running)
        from ... import runner
        from ...checking import refuse_unfit
        from ...checking.alongside import alongside
        from ...data import prepare
        from ...findings import out_of_reach
        from ...search import check_asynchronous
        from ...settling import AfterSearch, candidates
        from ...spec.notes import notes
        from ...storage import explained
        from ..display import showing
        from .loading import loading

        wanted.check(found.spec, asked.storage)
        if run_options["asynchronous"]:
            check_asynchronous(found.spec.search)
        # The images come before the study: one that cannot have them is not stored.
        images = prepare(found.spec.data, say=say)
        if found.stored is None or found.stored.missing() or run_options["trials"] or retry_errors:
            refuse_unfit(running, found.spec, images)
        stored = found.stored_or_new()
        if asked.trial is not None:
            networks = counted(stored.spec.search.replicates, "fresh seed")
            say(f"{stored.spec.source}, trained again under {networks}, as study '{stored.name}'")
        if retry_errors:
            stored = _reopened(stored)
        if stored.execution is None:
            say(*notes(stored.spec), *out_of_reach(stored.spec))
            say(*(f"{stored.spec.data.name}: {note}" for note in images.notes))
        if stored.spec.timed:
            say("trials end by the clock: what they reach depends on this machine and its load, and cannot be reproduced exactly")
        if run_options["asynchronous"]:
            say("asynchronous: what is asked depends on when there is room for it, so that no run repeats this one exactly")
        wanted.enqueue(stored, asked.storage)
        with showing(stored, len(images.train)) as display:
            if not stored.spec.timed:  # Trials that end by the clock have it for themselves.
                display = loading(display)
            if not stored.trials():
                running = alongside(running, stored.spec, images, _warn)
            with _retriable(stored.name, asked.storage):
                run_options |= {"rules": runner.StopRules(*rules), "display": display, "gathering": AfterSearch(candidates)}
                summary = runner.run(stored, images, running, **run_options)
    with explained(stored.database.address):
        _conclude(stored, summary, asked.storage)


@contextmanager
def _retriable(name: str, storage: str) -> Iterator[None]:
    """Tell how to go on when every trial has failed."""
    try:
        yield
    except AllTrialsFailed as error:
        raise AllTrialsFailed(f"{error}\n{_again(name, storage)}") from error


def _again(name: str, storage: str) -> str:
    return f"once its cause is mended, train them again with: {command(name, storage, 'run', '--retry-errors')}"


def _reopened(stored: "StoredStudy") -> "StoredStudy":
    """The study with the trials open again that ended in an error."""
    from ... import runner

    stored, trials = runner.retry_errors(stored)
    again = f"trained again, after an error: trial{'s' if len(trials) > 1 else ''} {', '.join(map(str, trials))}"
    say(again if trials else "no trial ended in an error")
    return stored


_WHY = {
    "until": "stopped: a trial has reached the value of --until",
    "no-better": "stopped: the last trials, as many as --until-no-better says, brought no better one",
    "timeout": "stopped: the time of --timeout is over",
    "grid": "stopped: the grid has no more points",
}
"""What ended a run, where that is not the end of its trials."""


def _warn(lines: Sequence[str]) -> None:
    for line in lines:
        say(f"warning: {line}")


@contextmanager
def _resumable(asked: Asked) -> Iterator[None]:
    """Tell on Ctrl-C how to go on."""
    try:
        yield
    except Stopped as stop:
        stop.add_note(f"Stopped; nothing is lost. Go on with: {command(asked.stored_name, asked.storage)}")
        raise


def _conclude(stored: "StoredStudy", summary: "Summary", storage: str) -> None:
    from ...runner.retrying import in_error

    if summary.told:
        pace = summary.lane_steps / summary.seconds
        outcomes = ", ".join(outcome_counts(summary.outcomes))
        say(f"{counted(summary.told, 'trial')} in {lasting(summary.seconds)} ({outcomes}), {pace:,.0f} training steps/s")
    if summary.evidence:
        say(f"{counted(summary.evidence, 'trial')} of evidence after the search, counted apart")
    if summary.stopped in _WHY:
        say(_WHY[summary.stopped])
    print_stages(stored)
    missing, failed = stored.missing(), len(in_error(stored))
    if summary.told or summary.evidence:
        answer = leave(stored, storage)
        tell(*("", *answer) if answer else ())
    if missing and summary.stopped in ("until", "no-better"):
        say(f"{counted(missing, 'trial')} not needed; ask for them without the rule: {command(stored.name, storage)}")
    elif missing:
        say(f"{counted(missing, 'trial')} still to do; go on with: {command(stored.name, storage)}")
    elif not (summary.told or summary.evidence or failed):
        say("nothing to do: no stage lacks trials; --trials N asks for N more")
    if failed:
        say(f"{counted(failed, 'trial')} ended in an error; {_again(stored.name, storage)}")
