"""`hpo study settle`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import UsageError
from .. import options
from ..figures import counted, lasting
from ..output import say, starting, tell, write_json
from ..signals import Stopped
from .explaining import leave, own_or_any
from .going_on import command
from .run import Engine, Workers
from .sharing import check_device

if TYPE_CHECKING:
    from ...runner import StoredStudy, Summary
    from ...runner.stored import Moment
    from ...settling import Claim, Settling

DEFAULT = 120.0
"""Seconds, where no budget is given."""
KEPT = 0.8
"""Share of the time left that the next batch may take by the speed so far: it may be slower."""

Time = Annotated[str | None, typer.Option("--time", metavar="TIME", help="Stop after this time: 90s, 5m, 1h.", show_default="2m")]
Steps = Annotated[
    int | None, typer.Option("--steps", metavar="N", help="At most N training steps instead, of all networks together.")
]
Chosen = Annotated[
    list[int] | None, typer.Option("--claim", metavar="K", help="Only the K-th claim of the study file, from 1. Repeatable.")
]


def settle(
    study: options.AnyStudy,
    storage: options.Storage = options.DEFAULT_STORAGE,
    time: Time = None,
    steps: Steps = None,
    claim: Chosen = None,
    workers: Workers = None,
    engine: Engine = "auto",
    as_json: options.Json = False,
) -> None:
    """Train evidence for the claims of a study that have no verdict, until each has one or the budget is gone.

    Fresh seeds of the settings that a claim compares, or fresh points; looking again costs no false verdicts.
    """
    starting()
    seconds = budget(time, steps)
    stored = _own(study, storage)
    found = _claims(stored, claim)
    wanted = _wanted(found, claim)
    under_way = bool(stored.now().open)
    if under_way or any(one.open for one in wanted):
        if not under_way:
            _check_served(stored.name, wanted)
        try:
            _train(study, storage, _Budget(seconds, steps), claim, (engine, workers))
        except Stopped as stop:
            stop.add_note(f"Stopped; nothing is lost. Go on with: {command(stored.name, storage, 'settle')}")
            raise
        stored = _own(study, storage)
        found = _claims(stored, claim)
        wanted = _wanted(found, claim)
    else:
        say("nothing to settle: each claim has its verdict")
    if as_json:
        write_json({"settled": [_record(one, stored) for one in wanted]})
    else:
        tell(*(f"claim {one.number}, '{one.finding.claim}': {one.finding.conclusion} {one.finding.sentence}" for one in wanted))


def budget(time: str | None, steps: int | None) -> float | None:
    """Seconds; None where the budget is in steps. Raises UsageError for one that is none."""
    if time is not None and steps is not None:
        raise UsageError(f"a budget is --time or --steps, got {time} and {steps}: leave one of them out")
    if steps is not None:
        if steps < 1:
            raise UsageError(f"--steps must be at least 1, got {steps}")
        return None
    found = re.fullmatch(r"(\d+(?:\.\d*)?|\.\d+)\s*(s|m|min|h)?", time.strip()) if time is not None else None
    if time is not None and (found is None or float(found[1]) <= 0):
        raise UsageError(f"--time must be a time above 0, such as 90s, 5m or 1h, got '{time}'")
    return DEFAULT if found is None else float(found[1]) * {"m": 60, "min": 60, "h": 3600}.get(found[2], 1)


def _own(study: str, storage: str) -> "StoredStudy":
    from ...runner import StoredStudy

    found = own_or_any(study, storage)
    if not isinstance(found, StoredStudy):
        raise UsageError(
            f"study '{study}' was not made by hpo: it can be looked at, but evidence must be trained, and without a study file"
            " nobody knows how; `hpo study report` takes it as it is"
        )
    if not found.spec.finding:
        raise UsageError(f"study '{found.name}' makes no claim that could be settled: its file has no [[finding]]")
    if found.execution is None or not found.trials():
        raise UsageError(f"a study is settled after its search, but '{found.name}' has no trials yet: {_run(found, storage)}")
    if not found.ownership.marks:
        raise UsageError(
            f"study '{found.name}' was begun with a version of hpo that knew no trials apart from the search, and evidence would"
            " change what a later run asks: begin anew with another --name"
        )
    return found


def _run(stored: "StoredStudy", storage: str) -> str:
    return f"{command(stored.name, storage)} comes first"


def _claims(stored: "StoredStudy", chosen: Sequence[int] | None) -> "list[Claim]":
    from ...settling.claims import claims, table_of

    count = len(stored.spec.finding)
    if wrong := [number for number in chosen or () if not 1 <= number <= count]:
        has = "1 claim" if count == 1 else f"{count} claims, 1 to {count}"
        raise UsageError(f"--claim names a claim of the study file, which has {has}, got {', '.join(map(str, wrong))}")
    now = stored.anew().now()
    return claims(now, table_of(now))


def _wanted(found: "Sequence[Claim]", chosen: Sequence[int] | None) -> "list[Claim]":
    return [claim for claim in found if not chosen or claim.number in chosen]


def _check_served(name: str, wanted: "Sequence[Claim]") -> None:
    """Raise UsageError where evidence can serve none of the claims that are open."""
    left = [claim for claim in wanted if claim.open]
    if all(isinstance(claim.need, str) for claim in left):
        reasons = [f"claim {claim.number}, '{claim.finding.claim}': {claim.need}" for claim in left]
        raise UsageError("\n".join([f"evidence can settle no claim of '{name}' that is open:", *reasons]))


@dataclass
class _Budget:
    """What may be spent, in time or in steps."""

    seconds: float | None
    steps: int | None
    began: float = field(default_factory=monotonic)
    taken: float | None = None
    """Steps of evidence before this run."""
    slots: int = 1

    def __call__(self, now: "Moment") -> float:
        """Training steps that the next batch may take."""
        from ...settling.spending import speed, steps_of

        taken = steps_of(now, now.evidence)
        self.taken = taken if self.taken is None else self.taken
        if self.steps is not None:
            return self.steps - (taken - self.taken)
        assert self.seconds is not None
        return KEPT * max(0.0, self.seconds - (monotonic() - self.began)) * (speed(now) or 0.0) * self.slots


def _train(study: str, storage: str, spending: _Budget, chosen: Sequence[int] | None, engine: tuple[str, int | None]) -> None:
    from ... import engines, runner
    from ...data import prepare
    from ...runner.execution import check_images
    from ...settling import Settling
    from ..display import showing
    from .asked import stored_study

    with engines.make(*engine) as running:
        stored = stored_study(study, storage, write=True)
        check_device(stored.execution, stored.name, running)
        images = prepare(stored.spec.data, say=say)
        check_images(stored, images)
        spending.slots = max(1, running.slots)
        settling = Settling(spending, tuple(chosen) if chosen else None)
        _foretell(stored, settling, spending)
        with showing(stored, len(images.train)) as display:
            summary = runner.gather(stored, images, running, settling, timeout=spending.seconds, display=display)
    _conclude(stored, summary, storage)


def _foretell(stored: "StoredStudy", settling: "Settling", spending: _Budget) -> None:
    """Say of each claim without a verdict what it is expected to take, before anything is trained."""
    from ...settling.claims import claims, table_of
    from ...settling.spending import speed
    from ...settling.words import expectations

    now = stored.now()
    if stored.spec.search.against is not None:
        say("a study of two objectives: each claim is settled by its own metric, and no single setting is confirmed as the best")
    found = claims(now, table_of(now))
    left = [claim for claim in _wanted(found, settling.chosen) if claim.open]
    pace = speed(now)
    say(*expectations(found, left, spending(now), pace and pace * spending.slots))


def _conclude(stored: "StoredStudy", summary: "Summary", storage: str) -> None:
    if summary.evidence:
        say(f"{counted(summary.evidence, 'trial')} of evidence in {lasting(summary.seconds)}")
        leave(stored, storage)
    else:
        say("nothing was trained: the budget pays for no batch of what is open, or there is nothing that could be")
    if summary.stopped == "timeout":
        say(f"stopped: the time is over; what was under way goes on with: {command(stored.name, storage, 'settle')}")


def _record(claim: "Claim", stored: "StoredStudy") -> dict[str, Any]:
    from dataclasses import asdict

    from ...attributes import claims_of, networks_of

    mine = [trial for trial in stored.evidence() if claim.key in claims_of(trial)]
    return {
        "claim": claim.number,
        **{key: value for key, value in asdict(claim.finding).items() if key not in ("exploratory", "claim")},
        "text": claim.finding.claim,
        "looks": len(claim.seen) - 1,
        "trials": len(mine),
        "networks": sum(len(networks_of(trial) or ()) for trial in mine),
        "cannot": claim.need if isinstance(claim.need, str) else None,
    }
