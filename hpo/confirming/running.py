"""Training the candidates again: all networks of a batch of seeds in one go, as lanes of the study's own jobs."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from time import monotonic

from optuna.trial import FrozenTrial

from ..attributes import CONFIRMATIONS, place_of, stage_of
from ..data import Prepared
from ..engines import Engine
from ..errors import HpoError, UsageError
from ..race import Candidate, Confirmation, confirmations
from ..race.elimination import batches, race
from ..runner import StoredStudy
from ..runner.checkpoints import Checkpoints
from ..runner.cohort import Member
from ..runner.events import Event, JobProgress, Noted
from ..runner.verdict import told_value
from ..runner.work import NetworkLane, Workshop
from ..seeds import derive
from ..spec import DataSpec
from ..storage import explained

OnBatch = Callable[[Confirmation], None]
"""Is given what is known after each batch of seeds."""
OnNote = Callable[[str], None]
"""Is given what the user should know of how the networks are computed, each thing once."""


def fresh_data(study: StoredStudy) -> DataSpec:
    """The images of the next confirmation: as many as in the search, divided anew."""
    seed = derive(study.spec.seed, "confirm", len(confirmations(study.optuna.user_attrs)))
    return study.spec.data.model_copy(update={"split": "stratified", "split_seed": seed})


def check_seeds(seeds: int) -> None:
    """Raise UsageError for fewer seeds than show anything."""
    if seeds < 2:
        raise UsageError(
            f"a confirmation takes at least 2 seeds, got {seeds}: one network cannot show how much of its value is chance"
        )


def confirm(
    study: StoredStudy,
    data: Prepared,
    engine: Engine,
    trials: Sequence[FrozenTrial],
    top: int,
    seeds: int,
    on_batch: OnBatch,
    on_note: OnNote = lambda note: None,
) -> Confirmation:
    """Train trials again, each under `seeds` fresh seeds, race them, and put the result on record.

    `data` is of fresh_data. Interrupted, the next call goes on from the networks that are done. Raises UsageError for fewer than
    two seeds and HpoError when a network fails with an error: then nothing is on record.
    """
    check_seeds(seeds)
    look = len(confirmations(study.optuna.user_attrs))
    candidates = tuple(Candidate(trial.number, trial.params, float(trial.values[0]), ()) for trial in trials)
    found = Confirmation(
        look, top, seeds, derive(study.spec.seed, "confirm", look), len(data.train), len(data.validation), 0, 0.0, data.sha256,
        candidates,
    )  # fmt: skip
    checkpoints = Checkpoints(study.folder / f"confirmation-{look}", f"{study.uid} {look}")
    with explained(study.database.address):
        members = {trial.number: _member(study, trial, len(data.train)) for trial in trials}
        found = _raced(found, _Stable(study, data, engine, checkpoints, found.seed, members, on_note), on_batch)
        _keep(study, found)
    checkpoints.keep_only(())
    return found


def _keep(study: StoredStudy, found: Confirmation) -> None:
    """Put a confirmation on record. An attribute for each candidate: MySQL takes 65,535 bytes at a time."""
    head = {**asdict(found), "candidates": [candidate.trial for candidate in found.candidates]}
    with study.database.transaction():
        for candidate in found.candidates:
            study.optuna.set_user_attr(f"{CONFIRMATIONS}:{found.look}:{candidate.trial}", asdict(candidate))
        study.optuna.set_user_attr(f"{CONFIRMATIONS}:{found.look}", head)


@dataclass
class _Stable:
    """What trains the candidates."""

    study: StoredStudy
    data: Prepared
    engine: Engine
    checkpoints: Checkpoints
    seed: int
    members: Mapping[int, Member]
    on_note: OnNote
    lane_steps: int = 0
    noted: set[str] = field(default_factory=set)

    def batch(self, trials: Sequence[int], replicates: range) -> dict[int, list[float | None]]:
        """What the networks of these trials and seeds reach; None for one that diverges."""
        lanes = [NetworkLane(self.members[trial], seed, self.members[trial].epochs) for trial in trials for seed in replicates]
        failures = self._workshop.train(lanes, 0)
        if failures:
            (trial, _), failure = min(failures.items())
            raise HpoError(f"every network of a confirmation must train, but one of trial {trial} failed: {failure.error}")
        values: dict[int, list[float | None]] = {trial: [] for trial in trials}
        for lane in lanes:
            values[lane.member.number].append(self._reached(lane))
        return values

    def _reached(self, lane: NetworkLane) -> float | None:
        record = self.checkpoints.kept(lane.id, lane.end, state=False)
        return None if record.divergence is not None else told_value([record], self.study.spec.search)

    @property
    def _workshop(self) -> Workshop:
        spec, execution = self.study.spec.model_copy(update={"seed": self.seed}), self.study.execution
        assert execution is not None, "a study with a completed trial has been run"
        return Workshop(spec, execution, self.data, self.engine, self.checkpoints, self._count, math.inf)

    def _count(self, event: Event) -> None:
        if isinstance(event, JobProgress):
            self.lane_steps += event.progress.lane_steps
        if isinstance(event, Noted) and event.note not in self.noted:
            self.noted.add(event.note)
            self.on_note(event.note)


def _raced(found: Confirmation, stable: _Stable, on_batch: OnBatch) -> Confirmation:
    """Batch after batch, as long as there is a race; a single candidate is trained to the end."""
    began, seen = monotonic(), 0
    for end in batches(found.seeds):
        out = race(found.scores(stable.study.spec.search.direction == "maximize"), found.seeds).out
        racing = [candidate.trial for candidate, gone in zip(found.candidates, out, strict=True) if not gone]
        if len(racing) < min(2, len(found.candidates)):
            break
        values, seen = stable.batch(racing, range(seen, end)), end
        candidates = tuple(
            replace(candidate, values=(*candidate.values, *values.get(candidate.trial, ()))) for candidate in found.candidates
        )
        found = replace(found, candidates=candidates, lane_steps=stable.lane_steps, seconds=monotonic() - began)
        on_batch(found)
    return found


def _member(study: StoredStudy, trial: FrozenTrial, images: int) -> Member:
    model, training = study.spec.settings(trial.params, stage_of(trial))
    return Member(trial.number, -1, trial.params, model, training, training.total_epochs(images), place_of(trial), 0, ())
