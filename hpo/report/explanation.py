"""Everything that is to be said about a study, worked out once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.baseline import Baseline, baseline
from ..analysis.derived import with_derived
from ..analysis.reading import read
from ..analysis.summary import Analysis, analyse
from ..analysis.table import Table, Unanswered
from ..analysis.tested import Look, last_look
from ..attributes import DATA, EXECUTION, SPEC
from ..errors import InvalidSpec
from ..findings import Finding, evaluate, explore, faults_of
from ..race import Raced, last_race
from ..spec import StudySpec
from ..spec.reading import as_stored
from .answer import Answer, answer
from .leader import Leader, leader

if TYPE_CHECKING:
    from optuna import Study


@dataclass(frozen=True, eq=False)
class Explanation:
    """A study as numbers and sentences."""

    table: Table
    """The trials of the search."""
    whole: Table
    """These, and the evidence that was asked for after it."""
    analysis: Analysis
    """Of the first objective."""
    spec: StudySpec | None
    """The study file; None for a study that another program made, or whose file cannot be read."""
    data: Mapping[str, Any]
    """What it trained on; empty before its first run, and for a study of another program."""
    execution: Mapping[str, Any]
    tested: Look | Unanswered
    """The network that was put to the test images."""
    raced: Raced | None
    """The last race of the best trials on fresh seeds."""
    claims: tuple[Finding, ...]
    """Of the study file, in its order."""
    proposals: tuple[Finding, ...]
    """What the trials suggest besides, the surest first."""
    remarks: tuple[str, ...]
    """What could not be looked at, and why."""
    storage: str | None = None
    """Its URL, for the commands in sentences, where it is not the usual one."""

    @cached_property
    def baseline(self) -> Baseline | Unanswered:
        """The trials against a guess that does not look at the images."""
        return baseline(self.table, self.data)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Claims, then what the trials suggest."""
        return (*self.claims, *self.proposals)

    @cached_property
    def answer(self) -> Answer:
        """The study in three sentences."""
        ours = self.spec is not None
        return answer(self.table, self.analysis, self.findings, self.leader, self.baseline, ours=ours, storage=self.storage)

    @cached_property
    def leader(self) -> Leader | None:
        """The best trial as far as is known; None when none has completed."""
        return leader(self.table, self.spec, self.raced)


def explain(study: "Study", storage: str | None = None) -> Explanation:
    """Any Optuna study: one that hpo ran, with its claims, or one that it has never seen.

    `storage`: its URL, where it is not the usual one.
    """
    # Values of 1e200 overflow in a variance: that part of the analysis is empty then, which is no reason to warn.
    with np.errstate(all="ignore"):
        return replace(_explained(study), storage=storage)


def _explained(study: "Study") -> Explanation:
    spec, unread = _spec(study)
    whole = _table(study, spec)
    table = whole.search
    claims, untested = _claims(whole, spec)
    return Explanation(
        table=table,
        whole=whole,
        analysis=analyse(whole),
        spec=spec,
        data=study.user_attrs.get(DATA, {}),
        execution=study.user_attrs.get(EXECUTION, {}),
        tested=last_look(study),
        raced=last_race(study.user_attrs, table.maximise[0]),
        claims=claims,
        proposals=tuple(explore(table)),
        remarks=(*unread, *untested, *_constraints(study, table)),
    )


def tables(study: "Study") -> Table:
    """The trials of any Optuna study as numbers, evidence after its search too, with the quantities that its file derives."""
    return _table(study, specification(study))


def specification(study: "Study") -> StudySpec | None:
    """The study file; None for a study that another program made, or whose file cannot be read."""
    return _spec(study)[0]


def _table(study: "Study", spec: StudySpec | None) -> Table:
    table = read(study)
    return with_derived(table, spec, spec.derived) if spec is not None and spec.derived else table


def _spec(study: "Study") -> tuple[StudySpec | None, tuple[str, ...]]:
    stored = study.user_attrs.get(SPEC)
    if stored is None:
        return None, ("hpo did not make this study, so that it has no study file: its protocol is what Optuna has stored",)
    try:
        return as_stored(stored["study"], study.study_name), ()
    except InvalidSpec as error:
        return None, (f"its study file is of another version of hpo: {error.faults[0]}",)


def _constraints(study: "Study", table: Table) -> Iterator[str]:
    """Of a study that hpo did not make; its own mark diverged trials."""
    broken = int((~table.feasible).sum())
    if SPEC not in study.user_attrs and broken:
        yield (
            f"{broken:,} of {len(table):,} trials break a constraint of the study: none of them is taken for the best,"
            " and what is said of parameters takes no account of it"
        )


def _claims(table: Table, spec: StudySpec | None) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    if spec is None:
        return (), ()
    faults = faults_of(spec)
    sound = [finding for place, finding in enumerate(spec.finding) if place not in faults]
    return tuple(evaluate(table, sound)), tuple(_untested(spec, faults))


def _untested(spec: StudySpec, faults: Mapping[int, Sequence[str]]) -> list[str]:
    return [f"the claim '{spec.finding[place].claim}' cannot be tested: {'; '.join(found)}" for place, found in faults.items()]
