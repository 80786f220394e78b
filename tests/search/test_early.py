"""Which trials are looked at early: where the boundary is near and the first rung far."""

from collections.abc import Sequence

import optuna
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState

from hpo.attributes import OUTCOME, SAME_AS
from hpo.search import looked_at_early
from hpo.search.early import NEIGHBOURS, STEPS
from hpo.space import Parameter

SPACE = {"eta": Parameter(low=0.001, high=10.0, log=True), "depth": Parameter(choices=("shallow", "deep"))}
FAR = 1000
"""Steps to a first rung at which a look is cheap."""


def told(eta: float, outcome: str, depth: str = "deep", **attributes: object) -> FrozenTrial:
    """A told trial."""
    distributions = {name: parameter.distribution() for name, parameter in SPACE.items()}
    return optuna.create_trial(
        state=TrialState.PRUNED,
        params={"eta": eta, "depth": depth},
        distributions=distributions,
        user_attrs={OUTCOME: outcome, **attributes},
    )


def looks(known: Sequence[FrozenTrial], eta: float, steps: int = FAR, depth: str = "deep") -> bool:
    """Whether one trial is looked at early."""
    return looked_at_early(SPACE, known, [{"eta": eta, "depth": depth}], [steps])[0]


BELOW = [told(0.001 * 1.5**place, "completed") for place in range(10)]
ABOVE = [told(2.0 + place / 10, "diverged") for place in range(10)]


def test_where_nothing_is_known_a_far_rung_decides() -> None:
    """Whatever one trial in ten would waste is held against the steps of the look."""
    assert looks([], 0.1, STEPS * 11 + 1)
    assert not looks([], 0.1, STEPS * 11)


def test_far_below_the_boundary_nobody_looks() -> None:
    """However long a trial is to train."""
    assert not looks([*BELOW, *ABOVE], 0.003, 10**9)


def test_beyond_the_boundary_a_nearer_rung_suffices() -> None:
    """Where all around it diverged, more than half are expected to."""
    known = [*BELOW, *ABOVE]
    assert looks(known, 2.5, 60)
    assert not looks(known, 2.5, 2 * STEPS)


def test_near_the_boundary_one_neighbour_that_diverged_is_enough() -> None:
    """But a rung that is near is not worth it."""
    known = [*BELOW[: NEIGHBOURS - 1], told(0.01, "diverged")]
    assert looks(known, 0.002)
    assert not looks(known, 0.002, 100)


def test_distances_are_those_of_the_parameter_s_own_scale() -> None:
    """0.3 is nearer to 1 than to 0.01, as far as a learning rate goes; on a linear scale it would not be."""
    known = [*[told(0.02 + place / 1000, "completed") for place in range(5)], *[told(1.5, "diverged") for _ in range(5)]]
    assert looks(known, 0.4, 60)
    assert not looks(known, 0.1, 10**9)


def test_choices_are_a_range_apart() -> None:
    """A boundary of deep networks says little of shallow ones, when there are shallow ones to ask."""
    shallow = [told(0.01 * 2**place, "completed", "shallow") for place in range(9)]
    assert not looks([*ABOVE, *shallow], 2.5, FAR, "shallow")
    assert looks([*ABOVE, *shallow], 2.5, FAR, "deep")


def test_errors_repeats_and_open_trials_are_no_evidence() -> None:
    """Nothing of them is known about training at their points."""
    failed, repeated = [told(2.0, "error")] * 9, [told(2.0, "diverged", **{SAME_AS: 0})] * 9
    assert looks([*failed, *repeated], 2.0, STEPS * 11 + 1)
    assert not looks([*failed, *repeated], 2.0, STEPS * 11)


@given(st.lists(st.tuples(st.floats(0.001, 10.0), st.booleans()), max_size=20), st.floats(0.001, 10.0), st.integers(1, 2000))
def test_each_point_is_decided_by_itself(known: list[tuple[float, bool]], eta: float, steps: int) -> None:
    """Neighbours in a cohort change nothing, and neither does the order of equal evidence."""
    trials = [told(rate, "diverged" if gone else "completed") for rate, gone in known]
    points = [{"eta": eta, "depth": "deep"}, {"eta": 1.0, "depth": "shallow"}]
    both = looked_at_early(SPACE, trials, points, [steps, steps])
    assert both == [looked_at_early(SPACE, trials, [point], [steps])[0] for point in points]
