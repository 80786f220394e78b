"""`hpo study confirm`."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import options
from ..figures import counted, heading, lasting, measured, significant
from ..output import finite, say, starting, tell, write_json
from ..table import Column, print_table
from .asked import stored_study
from .explaining import leave
from .run import Engine, Workers
from .sharing import check_device

if TYPE_CHECKING:
    from ...race import Confirmation, Standing
    from ...runner import StoredStudy

Top = Annotated[int, typer.Option("--top", metavar="K", help="Trials to confirm: the best K points that completed.")]
Seeds = Annotated[int, typer.Option("--seeds", metavar="S", help="Networks of each, from fresh seeds; at least 2.")]
Again = Annotated[bool, typer.Option("--again", help="Confirm once more, from other seeds and on another split.")]


def confirm(
    study: options.Stored,
    storage: options.Storage = options.DEFAULT_STORAGE,
    top: Top = 5,
    seeds: Seeds = 8,
    again: Again = False,
    workers: Workers = None,
    engine: Engine = "auto",
    as_json: options.Json = False,
) -> None:
    """Train the best trials again on fresh seeds and a fresh split, and race them: is the best really the best?

    The result is stored with the study: asking for the same again shows it.
    """
    starting()
    from ... import confirming
    from ...confirming.running import check_seeds

    check_seeds(seeds)
    stored = stored_study(study, storage)
    trials = [trial.number for trial in confirming.candidates(stored, top)]
    found = None if again else _on_record(stored, top, seeds, trials)
    if found is None:
        found = _race(study, storage, top, seeds, workers, engine)
        leave(stored_study(study, storage, write=True), storage)
    if as_json:
        write_json({"confirmation": record(stored, found)})
        return
    _print(stored, found)


def _on_record(stored: "StoredStudy", top: int, seeds: int, trials: list[int]) -> "Confirmation | None":
    """The last confirmation of these trials on so many seeds."""
    from ...race import confirmations

    asked = (top, seeds, trials)
    same = [
        each
        for each in confirmations(stored.optuna.user_attrs)
        if (each.top, each.seeds, [c.trial for c in each.candidates]) == asked
    ]
    return same[-1] if same else None


def _race(study: str, storage: str, top: int, seeds: int, workers: int | None, engine: str) -> "Confirmation":
    from ... import confirming, engines
    from ...data import prepare
    from ...runner.execution import check_images

    with engines.make(engine, workers) as running:
        stored = stored_study(study, storage, write=True)
        trials = confirming.candidates(stored, top)
        check_device(stored.execution, stored.name, running)
        check_images(stored, prepare(stored.spec.data, say=say))
        images = prepare(confirming.fresh_data(stored), say=say)
        if len(trials) < top:
            say(f"{counted(len(trials), 'point')} completed in the search, fewer than the {top} asked for")
        say(f"training {counted(len(trials), 'point')} under up to {seeds} seeds, on {len(images.train):,} images")

        def batch(found: "Confirmation") -> None:
            say(_so_far(found, stored.spec.search.direction == "maximize"))

        return confirming.confirm(stored, images, running, trials, top, seeds, batch, say)


def _so_far(found: "Confirmation", maximise: bool) -> str:
    from ...race.elimination import race

    out = race(found.scores(maximise), found.seeds).out
    gone = [str(candidate.trial) for candidate, left in zip(found.candidates, out, strict=True) if left]
    seeds = max(len(candidate.values) for candidate in found.candidates)
    return f"after {seeds} seeds: {len(out) - len(gone)} in the race" + (f", out: {', '.join(gone)}" if gone else "")


def _print(stored: "StoredStudy", found: "Confirmation") -> None:
    from ...race import noise_level, standings

    metric, maximise = stored.spec.search.metric, stored.spec.search.direction == "maximize"
    standing = standings(found, maximise)
    names = ("trial", "rank", "seeds", "searched", "confirmed", "expected", "low", "high", "P(best)", "gap", *stored.spec.space)
    rows = [_row(stored, found, one, standing) for one in standing]
    title = (
        f"{heading(metric)} of {counted(len(standing), 'point')} on fresh seeds, {found.train:,} images to train on and"
        f" {found.validation:,} to validate on, divided anew; {found.lane_steps:,} lane-steps in {lasting(found.seconds)}"
    )
    print_table([Column(name, number=True) for name in names], rows, title=title)
    noise = measured(noise_level(found.scores(maximise)), metric)
    tell(*_verdict(standing), f"noise: a network's value moves by {noise} (standard deviation) with its seed alone")


def _row(stored: "StoredStudy", found: "Confirmation", one: "Standing", standing: list["Standing"]) -> list[str]:
    from ...race import ends

    metric = stored.spec.search.metric
    (candidate,) = (each for each in found.candidates if each.trial == one.trial)
    tied = sum(other.rank == one.rank for other in standing) > 1
    values = (candidate.searched, one.mean, one.expected, *(ends(one, metric) or (None, None)))
    shown = [measured(value, metric) for value in values]
    return [
        str(one.trial), f"{one.rank}{'=' if tied else ''}", str(one.seeds), *shown, "out" if one.out else f"{one.best:.2f}",
        measured(one.gap, metric), *(significant(value) for value in candidate.params.values()),
    ]  # fmt: skip


def _verdict(standing: list["Standing"]) -> list[str]:
    left = [one for one in standing if one.out is None]
    tied = [str(one.trial) for one in left if one.rank == left[0].rank]
    lines = [f"trial {one.trial} is out: {_WHY[one.out]}" for one in standing if one.out is not None]
    if len(tied) > 1:
        lines.append(f"tied: trials {', '.join(tied)} cannot be told apart; trial {tied[0]} is the likeliest best")
    elif left and len(standing) > 1:
        lines.append(f"trial {tied[0]} is the best of them")
    return lines


_WHY = {"worse": "shown to be worse than another one", "diverged": "one of its networks diverged"}


def line(stored: "StoredStudy") -> str:
    """The last confirmation in one line; empty where there is none."""
    from ...race import ends, last_race

    raced = last_race(stored.optuna.user_attrs, stored.spec.search.direction == "maximize")
    if raced is None:
        return ""
    metric, best = stored.spec.search.metric, raced.best
    if best is None:
        return "confirmed none: every candidate diverged on fresh seeds"
    ties = f", tied with {', '.join(map(str, raced.tied[1:]))}" if len(raced.tied) > 1 else ""
    expected, low, high, searched = (
        measured(value, metric) for value in (best.expected, *(ends(best, metric) or (None, None)), raced.searched(best.trial))
    )
    return (
        f"confirmed trial {best.trial}{ties}: {expected} to be expected by {counted(best.seeds, 'fresh seed')} ({low} to {high}),"
        f" after {searched} in the search; P(best) {best.best:.2f}"
    )


def record(stored: "StoredStudy", found: "Confirmation") -> dict[str, Any]:
    """A confirmation as JSON can hold it: what is on record, and what it says of each candidate."""
    from ...race import noise_level, standings

    maximise = stored.spec.search.direction == "maximize"
    said = {one.trial: one._asdict() for one in standings(found, maximise)}
    return {
        **{key: value for key, value in asdict(found).items() if key != "candidates"},
        "noise": finite([("noise", noise_level(found.scores(maximise)))])["noise"],
        "candidates": [{**asdict(candidate), **said[candidate.trial]} for candidate in found.candidates],
    }
