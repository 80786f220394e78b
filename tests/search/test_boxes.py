"""Boxes: what a narrowed stage samples from."""

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo.search import expanded, inside, narrowed, ranked
from hpo.space import Parameter

from ..fakes.studies import study_file, told

SPACE = {
    "rate": Parameter(low=1e-4, high=1.0, log=True),
    "momentum": Parameter(low=0.0, high=0.9),
    "filters": Parameter(low=8, high=64, log=True),
    "dense": Parameter(low=16, high=256, step=16),
    "init": Parameter(choices=("he", "glorot")),
}

points = st.fixed_dictionaries(
    {
        "rate": st.floats(1e-4, 1.0),
        "momentum": st.floats(0.0, 0.9),
        "filters": st.integers(8, 64),
        "dense": st.integers(1, 16).map(lambda step: 16 * step),
        "init": st.sampled_from(["he", "glorot"]),
    }
)


@given(kept=st.lists(points, min_size=1, max_size=6), margin=st.floats(0, 1))
def test_a_box_holds_its_points_and_lies_in_the_space(kept: list[dict[str, float]], margin: float) -> None:
    """Whatever is kept lies in the box, the box lies in the space, and the sampler gets a range that it can draw from."""
    box = narrowed(SPACE, kept, margin)
    assert "init" not in box
    for name, (low, high) in box.items():
        parameter = SPACE[name]
        assert parameter.ends[0] <= low <= min(point[name] for point in kept)
        assert max(point[name] for point in kept) <= high <= parameter.ends[1]
        within = parameter.distribution((low, high))
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
        drawn = study.ask({name: within}).params[name]
        assert low <= drawn <= high
        optuna.create_trial(value=0.0, params={name: drawn}, distributions={name: parameter.distribution()})
    assert all(inside(SPACE, box, point) for point in kept)


@given(kept=st.lists(points, min_size=2, max_size=6), less=st.floats(0, 0.5), more=st.floats(0.5, 1))
def test_a_larger_margin_never_makes_a_smaller_box(kept: list[dict[str, float]], less: float, more: float) -> None:
    """The box grows with its margin."""
    small, large = narrowed(SPACE, kept, less), narrowed(SPACE, kept, more)
    slack = 1 + 1e-12  # The last digit of a power may go either way.
    assert all(large[name][0] <= low * slack and high <= large[name][1] * slack for name, (low, high) in small.items())


def test_margin_follows_the_parameters_scale() -> None:
    """A tenth of the width is a factor on a logarithmic scale and a difference on a linear one; whole ends stay whole."""
    box = narrowed(SPACE, [{"rate": 0.01, "momentum": 0.2, "filters": 16, "dense": 64, "init": "he"},
                           {"rate": 0.1, "momentum": 0.4, "filters": 32, "dense": 128, "init": "he"}], 0.1)  # fmt: skip
    assert box["rate"] == pytest.approx((0.01 / 10**0.1, 0.1 * 10**0.1))
    assert box["momentum"] == pytest.approx((0.18, 0.42))
    assert box["filters"] == (14, 35)
    assert box["dense"] == (57, 135)


def test_box_is_cut_at_the_border_of_the_space() -> None:
    """A margin never reaches beyond the space."""
    (interval,) = narrowed({"rate": SPACE["rate"]}, [{"rate": 1e-4}, {"rate": 1.0}], 1.0).values()
    assert interval == (1e-4, 1.0)


RATE = {"rate": SPACE["rate"]}


@pytest.mark.parametrize(
    ("best", "expected"),
    [(0.0101, (0.001, 0.02)), (0.099, (0.005, 1.0)), (0.03, (0.005, 0.02))],
    ids=["at the lower border", "at the upper border", "inside"],
)
def test_a_box_expands_where_the_best_lies_at_a_border(best: float, expected: tuple[float, float]) -> None:
    """By its share of the width of the box before, here all of it: a factor on a logarithmic scale."""
    (found,) = expanded(RATE, {"rate": (0.005, 0.02)}, {"rate": (0.01, 0.1)}, {"rate": best}, 1.0).values()
    assert found == pytest.approx(expected)


@given(st.floats(0.01, 0.1), st.floats(0, 5))
def test_an_expanded_box_holds_the_box_and_lies_in_the_space(best: float, expand: float) -> None:
    """Whatever it grows by; without a share it does not grow."""
    box = {"rate": (0.005, 0.02)}
    ((low, high),) = expanded(RATE, box, {"rate": (0.01, 0.1)}, {"rate": best}, expand).values()
    assert 1e-4 <= low <= 0.005
    assert 0.02 <= high <= 1.0
    assert expanded(RATE, box, {"rate": (0.01, 0.1)}, {"rate": best}, 0.0) == box


def test_a_border_of_the_space_is_no_border_to_cross() -> None:
    """Without a box before it, or at the end of the space, a box stays inside."""
    assert expanded(RATE, {"rate": (0.5, 1.0)}, {}, {"rate": 1.0}, 0.5) == {"rate": (0.5, 1.0)}


def test_complete_trials_rank_before_pruned_ones() -> None:
    """By value when complete, then by how far the pruner let them come; diverged, failed and open ones are out."""
    spec = study_file()
    point = {"eta": 0.1, "momentum": 0.5}
    trials = [
        told(spec, 0, point, values=[0.3, 0.99], outcome="pruned"),
        told(spec, 1, point, values=[0.4, 0.5, 0.6]),
        told(spec, 2, point, values=[0.4, 0.5, 0.7]),
        told(spec, 3, point, values=[0.95], outcome="pruned"),
        told(spec, 4, point, values=[0.999, 0.999], outcome="diverged"),
        told(spec, 5, point, outcome="error", values=[]),
        told(spec, 6, point, outcome=None, values=[0.9]),
        told(spec, 7, point, values=[0.4, 0.5, 0.7]),
    ]
    for trial in trials[0], trials[3]:
        trial.value = list(trial.intermediate_values.values())[-1]
    assert [trial.number for trial in ranked(trials, "maximize")] == [2, 7, 1, 0, 3]
    assert [trial.number for trial in ranked(trials, "minimize")] == [1, 2, 7, 0, 3]


def test_inside_knows_every_parameter() -> None:
    """A point of another space is never inside, and ends belong to the box."""
    space = {"rate": SPACE["rate"]}
    assert inside(space, {"rate": (0.1, 0.2)}, {"rate": 0.2})
    assert not inside(space, {"rate": (0.1, 0.2)}, {"rate": 0.21})
    assert not inside(space, {}, {"speed": 0.1})
    assert not inside(space, {}, {"rate": 0.1, "speed": 0.1})
