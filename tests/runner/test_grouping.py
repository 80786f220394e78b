"""Cutting lanes into jobs."""

from collections.abc import Callable, Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from hpo.engines import JobFailure, OnProgress
from hpo.engines.serial import Serial
from hpo.runner import StoredStudy
from hpo.runner.grouping import grouped
from hpo.runner.planning import even_share
from hpo.training import Job, JobResult

from .conftest import WORK, train

lanes = st.lists(st.integers(0, 3), max_size=40).map(lambda keys: list(enumerate(keys)))


def cut(members: list[tuple[int, int]], most: int, groups: int) -> list[tuple[tuple[int, int], ...]]:
    """Groups of (lane, key) by key."""
    return grouped(members, lambda member: member[1], most, groups)


@given(members=lanes, most=st.integers(1, 16), groups=st.integers(1, 8))
def test_groups_are_a_partition(members: list[tuple[int, int]], most: int, groups: int) -> None:
    """Every lane is in one group, in order, with its like, in a group that is not too large; every worker that can has one."""
    found = cut(members, most, groups)
    assert sorted(lane for group in found for lane in group) == members
    assert all(1 <= len(group) <= most and len({key for _, key in group}) == 1 for group in found)
    assert all(list(group) == sorted(group) for group in found)
    assert len(found) >= min(groups, len(members))
    assert len(found) % groups == 0 or len(found) == len(members)


@given(members=lanes, most=st.integers(1, 16), groups=st.integers(1, 8))
def test_groups_of_one_kind_are_even(members: list[tuple[int, int]], most: int, groups: int) -> None:
    """The groups of one kind differ in size by one lane at the most."""
    found = cut(members, most, groups)
    for key in {key for _, key in members}:
        sizes = [len(group) for group in found if group[0][1] == key]
        assert max(sizes) - min(sizes) <= 1


def test_one_kind_is_cut_for_all_workers() -> None:
    """35 lanes in groups of 16 at the most make four groups for two workers, not three."""
    assert [len(group) for group in cut([(lane, 0) for lane in range(35)], 16, 2)] == [9, 9, 9, 8]


def test_the_largest_kind_is_cut_further() -> None:
    """With one lane of a second kind, the first kind fills the workers."""
    found = cut([(lane, int(lane == 5)) for lane in range(10)], 16, 4)
    assert [len(group) for group in found] == [3, 3, 3, 1]


@given(trials=st.integers(1, 500), cohort=st.integers(1, 64))
def test_cohorts_add_up(trials: int, cohort: int) -> None:
    """Cohort by cohort all trials are asked, in as few cohorts as possible, whose sizes differ by one at the most."""
    sizes, left = [], trials
    while left:
        sizes.append(even_share(left, cohort))
        left -= sizes[-1]
    assert sum(sizes) == trials
    assert len(sizes) == -(-trials // cohort)
    assert max(sizes) <= cohort
    assert max(sizes) - min(sizes) <= 1


def test_long_jobs_begin_first(stored: Callable[..., StoredStudy]) -> None:
    """The network with most filters is not what everybody waits for at the end; trials keep their numbers."""
    sizes = []

    class Watched(Serial):
        def run(self, jobs: Sequence[Job], on_progress: OnProgress) -> Iterator[tuple[int, JobResult | JobFailure]]:
            sizes.append([job.lanes[0].model.filters for job in jobs])  # type: ignore[union-attr]
            return super().run(jobs, on_progress)

    space = {"filters": {"values": [4, 64, 16]}}
    study = stored(model={"name": "cnn"}, space=space, search={"sampler": "grid"}, stage=[{"name": "grid", "trials": 3}])
    train(study, Watched(WORK))
    assert sizes == [[64, 16, 4]]
    assert [trial.params["filters"] for trial in study.trials()] == [4, 64, 16]
