"""Whose a trial is: hpo's own, or one that somebody else has put into the Optuna study. Neither Optuna nor torch in here.

What hpo writes into a trial has the prefix `hpo:`, and a mark says of which study and number it is: a copy of a trial, in this
study or in another one, is not hpo's. Studies of version 1 have neither prefix nor mark; there a trial is hpo's when all keys are
there that it was asked with, and it has the parameters of the space. They keep these keys for as long as they live.
"""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from .attributes import (
    COHORT,
    CONSTRAINT_KEY,
    DIVERGENCE,
    OUTCOME,
    PREFIX,
    SPEC,
    STAGE,
    TRIAL,
    TRIAL_KEYS,
    UID,
)

VERSION = 2
"""Of what a study stores: its file as a tree, and the keys in its trials."""
UNPREFIXED = 1
"""The version before keys in trials had a prefix."""


class Stored(Protocol):
    """An Optuna trial as it is read from a storage."""

    number: int
    user_attrs: dict[str, Any]

    @property
    def state(self) -> Any:
        """As optuna.trial.TrialState, an enumeration."""
        ...

    @property
    def system_attrs(self) -> dict[str, Any]:
        """What programs write."""
        ...

    @property
    def params(self) -> dict[str, Any]:
        """The trial's point."""
        ...


AnyTrial = TypeVar("AnyTrial", bound=Stored)


@dataclass(frozen=True, slots=True)
class Ownership:
    """Tells the trials of one study apart."""

    uid: str | None
    """Of the study; None for one that hpo did not make: all its trials are what they are."""
    version: int
    stages: frozenset[str]
    space: frozenset[str]

    @classmethod
    def of(cls, attributes: Mapping[str, Any]) -> "Ownership":
        """From the user attributes of an Optuna study."""
        stored = attributes.get(SPEC)
        if not isinstance(stored, Mapping) or not isinstance(stored.get("study"), Mapping):
            return cls(None, VERSION, frozenset(), frozenset())
        study, version = stored["study"], int(stored.get("version", VERSION))
        stages = frozenset(stage["name"] for stage in study.get("stage", ()))
        return cls(str(attributes.get(UID)), version, stages, frozenset(study.get("space", ())))

    def all(self, trials: Iterable[AnyTrial]) -> list[AnyTrial]:
        """The trials that are hpo's; of a study that hpo did not make, every one."""
        return [own for trial in trials if (own := self.own(trial)) is not None]

    def own(self, trial: AnyTrial) -> AnyTrial | None:
        """The trial, its attributes under hpo's keys; None when it is not hpo's. One that waits in the queue is nobody's yet."""
        if self.uid is None:
            return _of_an_objective(trial)
        if self.version > UNPREFIXED:
            return trial if self._marked(trial) and self._placed(trial, PREFIX) else None
        whole = CONSTRAINT_KEY in trial.system_attrs and trial.params.keys() == self.space and self._placed(trial, "")
        return _renamed(trial) if whole else None

    def is_of_others(self, trial: AnyTrial) -> bool:
        """Whether a trial will never be hpo's: it does not wait in the queue, and is not hpo's now."""
        return trial.state.name != "WAITING" and self.own(trial) is None

    def mark(self, number: int, place: int) -> dict[str, Any]:
        """The system attributes that make a trial the study's own, the `place`-th one that it asked."""
        return {TRIAL: {"study": self.uid, "number": number, "place": place}} if not self.keyed_by_number else {}

    def stored(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """User attributes of a trial under the keys that this study has them under."""
        if self.version > UNPREFIXED:
            return dict(attributes)
        return {key.removeprefix(PREFIX): value for key, value in attributes.items()}

    def taken_up(self, trial: Stored) -> list[str]:
        """Keys of attributes that a waiting trial has and that must not be there when it becomes hpo's: it may be a copy."""
        keys = (*trial.user_attrs, *trial.system_attrs)
        return [key for key in keys if key.startswith(PREFIX) or (self.version == UNPREFIXED and _prefixed(key) != key)]

    @property
    def marks(self) -> bool:
        """Whether the study's own trials carry a mark."""
        return self.uid is not None and self.version > UNPREFIXED

    @property
    def keyed_by_number(self) -> bool:
        """Whether the random streams of a trial are keyed by its number, as in old studies, and not by its place."""
        return self.version == UNPREFIXED

    def _marked(self, trial: Stored) -> bool:
        mark = trial.system_attrs.get(TRIAL)
        return isinstance(mark, dict) and mark == {"study": self.uid, "number": trial.number, "place": mark.get("place", -1)}

    def _placed(self, trial: Stored, prefix: str) -> bool:
        stage, cohort = (trial.user_attrs.get(prefix + key.removeprefix(PREFIX)) for key in (STAGE, COHORT))
        return isinstance(stage, str) and stage in self.stages and isinstance(cohort, int) and not isinstance(cohort, bool)


def _of_an_objective(trial: AnyTrial) -> AnyTrial:
    """A trial of a stock study; what hpo.objective wrote without a prefix is renamed where all of it is there."""
    keys = {OUTCOME.removeprefix(PREFIX), DIVERGENCE.removeprefix(PREFIX)}
    return _renamed(trial) if keys <= trial.user_attrs.keys() and CONSTRAINT_KEY in trial.system_attrs else trial


def _renamed(trial: AnyTrial) -> AnyTrial:
    renamed = copy(trial)
    renamed.user_attrs = {_prefixed(key): value for key, value in trial.user_attrs.items()}
    return renamed


def _prefixed(key: str) -> str:
    return PREFIX + key if PREFIX + key.partition(":")[0] in TRIAL_KEYS else key
