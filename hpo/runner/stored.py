"""A study in a storage, read back as what it is: its study file, and the state of its stages."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice, takewhile
from pathlib import Path
from typing import Any, NamedTuple

import optuna
from optuna.trial import FrozenTrial, TrialState

from ..attributes import BOXES, DATA, EXECUTION, Outcome, cohort_of, evidence_of, outcome_of, stage_of
from ..ownership import Ownership
from ..search import grid
from ..space import Box
from ..spec import ExecutionSpec, StageSpec, StudySpec
from ..storage import Database


@dataclass(frozen=True, slots=True)
class StageState:
    """How far a stage is."""

    name: str
    trials: int
    """Trials that it is to have: what the study file says, or the points of its grid if these are fewer."""
    asked: int
    """Trials that it has, open ones included."""
    told: int
    outcomes: Mapping[str, int]
    box: Box | None
    """None until the stage starts; parameters that are not in it have their whole range."""
    kept: tuple[int, ...]
    """Numbers of the trials that a narrowed box was drawn around."""
    notes: tuple[str, ...] = ()
    """What its user should know of the box."""

    @property
    def missing(self) -> int:
        """Trials that are still to be told."""
        return max(0, self.trials - self.told)


Kind = tuple[str, bool, Outcome | None]
"""Of a trial: its stage, whether it is open, and what became of it."""


class Past(NamedTuple):
    """The trials from the first on that have ended or are not hpo's, looked through once: they never change, and are many."""

    trials: int = 0
    own: Sequence[FrozenTrial] = ()
    """Those of the search: without evidence, and without those that others have put into the Optuna study."""
    evidence: Sequence[FrozenTrial] = ()
    kinds: Mapping[Kind, int] = {}
    """Of the search."""
    cohorts: int = 0

    def and_those_of(self, everything: Sequence[FrozenTrial], ownership: Ownership) -> "Past":
        """The past of the same study later on."""
        later = islice(everything, self.trials, None)
        ended = list(takewhile(lambda trial: trial.state.is_finished() or ownership.is_of_others(trial), later))
        own = ownership.all(ended)
        search, evidence = _of_search(own), _evidence(own)
        return Past(
            self.trials + len(ended),
            [*self.own, *search],
            [*self.evidence, *evidence],
            Counter(self.kinds) + _kinds(search),
            max(self.cohorts, _cohorts(own)),
        )


def _of_search(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    return [trial for trial in trials if evidence_of(trial) is None]


def _evidence(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    return [trial for trial in trials if evidence_of(trial) is not None]


def _kinds(trials: Sequence[FrozenTrial]) -> Counter[Kind]:
    return Counter((str(stage_of(trial)), trial.state == TrialState.RUNNING, outcome_of(trial)) for trial in trials)


def _cohorts(trials: Sequence[FrozenTrial]) -> int:
    return 1 + max((cohort_of(trial) or 0 for trial in trials), default=-1)


@dataclass
class _Memory:
    past: Past = field(default_factory=Past)


@dataclass(frozen=True)
class StoredStudy:
    """A study of hpo's in a storage."""

    database: Database
    name: str
    spec: StudySpec
    uid: str
    """Names its folder; no other study ever has the same."""
    ownership: Ownership
    """Which trials of the Optuna study are its own."""
    _memory: _Memory = field(default_factory=_Memory, repr=False, compare=False)

    @cached_property
    def optuna(self) -> optuna.Study:
        """The stock Optuna study, for everything that Optuna can do with it."""
        # The sampler is never asked: see hpo.search.asking.
        return optuna.load_study(study_name=self.name, storage=self.database, sampler=optuna.samplers.RandomSampler(0))

    def anew(self) -> "StoredStudy":
        """The same study, nothing of which has been read yet."""
        return StoredStudy(self.database, self.name, self.spec, self.uid, self.ownership)

    @property
    def identifier(self) -> int:
        """Optuna's key of the study in its storage. Raises KeyError when it is gone."""
        return self.database.get_study_id_from_name(self.name)

    @property
    def folder(self) -> Path:
        """Where the checkpoints of its open trials lie."""
        return self.database.address.folder / self.uid

    @property
    def execution(self) -> ExecutionSpec | None:
        """How its jobs are cut and computed; None before its first run."""
        stored = self.optuna.user_attrs.get(EXECUTION)
        return None if stored is None else ExecutionSpec.model_validate(stored)

    @cached_property
    def described(self) -> Mapping[str, Any]:
        """What it trains on, as it is stored at its first run and then kept."""
        found: Mapping[str, Any] = self.optuna.user_attrs[DATA]
        return found

    @property
    def images(self) -> int:
        """Images that its networks train on; known from its first run on."""
        return int(self.described["train"])

    def now(self) -> "Moment":
        """The study with its trials as they are."""
        everything = self.optuna.get_trials(deepcopy=False)
        past = self._memory.past = self._memory.past.and_those_of(everything, self.ownership)
        recent = everything[past.trials :]
        queue = [trial for trial in recent if trial.state == TrialState.WAITING]
        return Moment(self, len(everything), self.ownership.all(recent), queue, past)

    def trials(self, stage: str | None = None) -> list[FrozenTrial]:
        """See Moment."""
        return self.now().trials(stage)

    def evidence(self) -> Sequence[FrozenTrial]:
        """See Moment."""
        return self.now().evidence

    def stages(self) -> list[StageState]:
        """See Moment."""
        return self.now().stages()

    def missing(self) -> int:
        """See Moment."""
        return self.now().missing()


@dataclass(frozen=True)
class Moment:
    """A study as it was when its trials were read: for who asks several things of it, since reading thousands takes a while."""

    study: StoredStudy
    there: int
    """Trials of the Optuna study, also those that others have put into it."""
    recent: Sequence[FrozenTrial]
    """The study's own trials after the past, evidence among them."""
    queue: Sequence[FrozenTrial]
    """The trials that wait, in order."""
    past: Past

    def after(self, asked: Sequence[FrozenTrial], there: int) -> "Moment":
        """The study with these trials, taken up from its queue or new, when there are so many in the Optuna study."""
        taken = {trial.number for trial in asked}
        queue = [trial for trial in self.queue if trial.number not in taken]
        recent = sorted([*self.recent, *asked], key=lambda trial: trial.number)
        return Moment(self.study, there, recent, queue, self.past)

    @cached_property
    def open(self) -> Sequence[FrozenTrial]:
        """The study's trials that have been asked and not told, evidence among them."""
        return [trial for trial in self.recent if trial.state == TrialState.RUNNING]

    @cached_property
    def told(self) -> Sequence[FrozenTrial]:
        """The trials of the search that have ended."""
        return [*self.past.own, *(trial for trial in self._searched if trial.state.is_finished())]

    @cached_property
    def evidence(self) -> Sequence[FrozenTrial]:
        """The trials that were asked after the search, by number; nothing that serves the search looks at them."""
        return [*self.past.evidence, *_evidence(self.recent)]

    @cached_property
    def _searched(self) -> list[FrozenTrial]:
        return _of_search(self.recent)

    @cached_property
    def cohorts(self) -> int:
        """Cohorts that have been asked."""
        return max(self.past.cohorts, _cohorts(self.recent))

    @property
    def census(self) -> tuple[int, int]:
        """How many trials there were, and how many of them waited: what others change by asking, and by filling the queue."""
        return self.there, len(self.queue)

    @property
    def asked(self) -> int:
        """The trials of the search: the place of the next one."""
        return len(self.past.own) + len(self._searched)

    @cached_property
    def _own(self) -> list[FrozenTrial]:
        return [*self.past.own, *self._searched]

    def cohort(self, number: int) -> list[FrozenTrial]:
        """All trials of a cohort."""
        there = self.with_evidence() if number < self.past.cohorts else self.recent
        return [trial for trial in there if cohort_of(trial) == number]

    def trials(self, stage: str | None = None) -> list[FrozenTrial]:
        """The trials of the search by number, of one stage or of all; not evidence, nor what others put into the Optuna study."""
        return self._own if stage is None else [trial for trial in self._own if stage_of(trial) == stage]

    def with_evidence(self, stage: str | None = None) -> list[FrozenTrial]:
        """The same and the evidence of the stage, by number."""
        everything = sorted([*self._own, *self.evidence], key=lambda trial: trial.number)
        return [trial for trial in everything if stage is None or stage_of(trial) == stage]

    @cached_property
    def _stages(self) -> list[StageState]:
        spec, boxes = self.study.spec, self.study.optuna.user_attrs.get(BOXES, {})
        counts: dict[str, _Counts] = {stage.name: Counter() for stage in spec.stage}
        for (stage, running, outcome), count in (Counter(self.past.kinds) + _kinds(self._searched)).items():
            counts[stage][running, outcome] = count
        return [_state(spec, stage, boxes.get(stage.name), counts[stage.name]) for stage in spec.stage]

    def stages(self) -> list[StageState]:
        """The state of every stage, in order."""
        return self._stages

    def stage(self, name: str) -> StageState:
        """The state of one stage."""
        return next(state for state in self.stages() if state.name == name)

    def missing(self) -> int:
        """Trials that its stages still lack, open ones included."""
        return sum(stage.missing for stage in self.stages())


_Counts = Counter[tuple[bool, Outcome | None]]
"""Of the trials of a stage: whether they are open, and their outcomes."""


def _state(spec: StudySpec, stage: StageSpec, stored: Mapping[str, Any] | None, counts: _Counts) -> StageState:
    box = None if stored is None else {name: (low, high) for name, (low, high) in stored["box"].items()}
    outcomes: Counter[str] = Counter()
    for (_, outcome), count in counts.items():
        if outcome is not None:
            outcomes[outcome] += count
    return StageState(
        name=stage.name,
        trials=_size(spec, stage, stage.box if box is None else box),
        asked=counts.total(),
        told=sum(count for (running, _), count in counts.items() if not running),
        outcomes=outcomes,
        box=box,
        kept=() if stored is None else tuple(stored["kept"]),
        notes=() if stored is None else tuple(stored.get("notes", ())),
    )


def _size(spec: StudySpec, stage: StageSpec, box: Box) -> int:
    if spec.search.sampler != "grid":
        return stage.trials
    return min(stage.trials, sum(1 for _ in grid.points(spec.space, box)))
