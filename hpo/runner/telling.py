"""The end of a rung: verdicts on its trials, then all that they say into the storage at once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..attributes import CONSTRAINT_KEY
from ..engines import JobFailure
from ..storage import End, Leases, end_trials, extend_trials
from .chance import at_chance, bounds_of, tells_balanced
from .checkpoints import Checkpoints, LaneId, LaneRecord
from .cohort import Cohort, Member
from .judging import Judge
from .second import second_value
from .stored import StoredStudy
from .verdict import STATES, Verdict, attributes_of, verdict


def judged(
    study: StoredStudy, cohort: Cohort, rung: int, checkpoints: Checkpoints, failures: Mapping[LaneId, JobFailure], judge: Judge
) -> list[Verdict]:
    """The verdicts on a cohort's open trials at a rung, by number, with the pruner's decisions."""
    search = study.spec.search
    found = [
        verdict(member, _records(member, rung, checkpoints, failures), failures, search, cohort.reached)
        for member in cohort.members
    ]
    for each in found:
        judge.report(each.member.number, each.values)
    # The pruner is asked when all have reported, and learns how they end when it has been asked about all.
    decided = [_ended(_pruned(each, judge), cohort) for each in found]
    bounds = bounds_of(study.described, study.spec)
    decided = [
        replace(each, at_chance=at_chance(each.replicates, bounds)) if each.outcome == "completed" else each for each in decided
    ]
    if search.against is not None:
        decided = [_with_second(study, each) for each in decided]
    for each in decided:
        if each.outcome is not None:
            judge.tell(each.member.number, STATES[each.outcome], each.value)
    return decided


def _with_second(study: StoredStudy, verdict: Verdict) -> Verdict:
    if verdict.value is None:  # Perhaps a network that cannot even be built.
        return verdict
    return replace(verdict, second=second_value(study, verdict.member.model, verdict.member.training))


def _records(member: Member, rung: int, checkpoints: Checkpoints, failures: Mapping[LaneId, JobFailure]) -> list[LaneRecord]:
    end, lanes = min(rung, member.epochs), [(member.number, network) for network in member.networks]
    return [checkpoints.kept(lane, end, state=False) for lane in lanes if lane not in failures]


def _pruned(verdict: Verdict, judge: Judge) -> Verdict:
    if verdict.outcome is None and judge.gives_up(verdict.member.number):
        return replace(verdict, outcome="pruned")
    return verdict


def _ended(verdict: Verdict, cohort: Cohort) -> Verdict:
    """Evidence that goes no further than it was to go."""
    return replace(verdict, outcome="pruned") if verdict.outcome is None and cohort.until is not None else verdict


def tell(study: StoredStudy, leases: Leases, cohort: int, verdicts: Sequence[Verdict]) -> None:
    """Write a rung into the storage: values, states and reasons of all its trials, or, after an error, of none.

    Raises LeaseLost when the cohort is another driver's by now.
    """
    ended = [each for each in verdicts if each.outcome is not None]
    values = {each.member.identifier: each.values for each in verdicts}
    balanced = tells_balanced(study.described, study.spec)
    attributes = {each.member.identifier: study.ownership.stored(attributes_of(each, balanced)) for each in ended}
    with leases.held(cohort):
        extend_trials(study.database, values, attributes)
        for each in ended:
            if each.outcome == "diverged":
                study.database.set_trial_system_attr(each.member.identifier, CONSTRAINT_KEY, 1.0)
        end_trials(study.database, {each.member.identifier: _end(each) for each in ended})


def _end(verdict: Verdict) -> End:
    assert verdict.outcome is not None
    return End(STATES[verdict.outcome], verdict.objectives)


def survivors(cohort: Cohort, verdicts: Sequence[Verdict], rung: int) -> Cohort:
    """The cohort after a rung: the trials that go on."""
    live = tuple(replace(each.member, reached=rung) for each in verdicts if each.outcome is None)
    return replace(cohort, members=live)
