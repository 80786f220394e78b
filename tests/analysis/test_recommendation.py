"""The recommended setting, what it is worth, how far one may go from it, and what matters: against planted truths."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import optuna
import pytest

from hpo.analysis.reading import read
from hpo.analysis.recommendation import Recommendation, recommendation
from hpo.analysis.safe_ranges import safe_ranges
from hpo.analysis.settings import along
from hpo.analysis.shares import Shares, by_name, shares
from hpo.analysis.table import Column, Floats, Table, Unanswered
from hpo.testing.planted_surfaces import Planted, Situation, planted

LEARNING = Situation("a bowl over 2 and a choice, learning", "bowl", 50, 2, 3, drawn="learning", noise=0.5)
PRUNED = Situation("a bowl over 2, pruned", "bowl", 50, 2, pruned=True)
SLOPE = Situation("a slope among 3 and a choice", "slope", 50, 3, 2, noise=0.5)
FLAT = Situation("nothing", "flat", 50, 2, noise=0.5)


@lru_cache
def studies(kind: Situation, count: int) -> list[Planted]:
    """Studies of one kind."""
    generator = np.random.default_rng(7)
    return [planted(kind, generator, seed) for seed in range(count)]


def truth(made: Planted, settings: dict[str, Floats]) -> Floats:
    """What settings are worth."""
    u = np.column_stack([values for name, values in settings.items() if name != "choice"])
    return made.truth(u, settings.get("choice", np.zeros(len(u))).astype(np.int64))


def of(made: Planted, settings: dict[str, float]) -> float:
    """What one setting is worth."""
    return float(truth(made, {name: np.array([value]) for name, value in settings.items()})[0])


def best(table: Table) -> Recommendation:
    """Which there is."""
    found = recommendation(table)
    assert isinstance(found, Recommendation)
    return found


@pytest.mark.parametrize("kind", [LEARNING, PRUNED], ids=lambda kind: kind.name)
def test_it_is_better_than_the_luckiest_trial(kind: Situation) -> None:
    """On average, and its interval and that of the luckiest one's worth hold the truth."""
    gained, held, worth = [], [], []
    for made in studies(kind, 12):
        found = best(made.table)
        lucky = {name: float(column.values[found.row]) for name, column in made.table.columns.items()}
        gained.append(of(made, dict(found.settings)) - of(made, lucky))
        held.append(found.low <= of(made, dict(found.settings)) <= found.high)
        worth.append(found.best_low <= of(made, lucky) <= found.best_high)
    assert np.mean(gained) > 0
    assert np.mean(held) >= 0.8
    assert np.mean(worth) >= 0.8


@pytest.mark.parametrize("kind", [LEARNING, PRUNED], ids=lambda kind: kind.name)
def test_safe_ranges_are_safe(kind: Situation) -> None:
    """No value in them costs more than the tolerance against the recommended setting, but for one range in twenty."""
    safe, wide = [], []
    for made in studies(kind, 12):
        found, ranges = best(made.table), safe_ranges(made.table)
        assert not isinstance(ranges, Unanswered)
        for name, one in ranges.items():
            inside = np.array(one.choices, dtype=float) if one.choices else np.linspace(one.low, one.high, 50)
            worst = truth(made, along(found.settings, name, inside)).min()
            safe.append(of(made, dict(found.settings)) - worst <= found.tolerance)
            wide.append(len(one.choices) > 1 or one.high > one.low)
    assert np.mean(safe) >= 0.95
    assert np.mean(wide) > 0.5


def test_what_makes_no_difference_is_safe_throughout() -> None:
    """A wide tolerance holds everywhere, a narrow one in few places."""
    table = studies(FLAT, 1)[0].table
    everywhere, narrow = safe_ranges(table, tolerance=5.0), safe_ranges(table, tolerance=0.05)
    assert not isinstance(everywhere, Unanswered)
    assert not isinstance(narrow, Unanswered)
    assert all(one.whole and one.open_low and one.open_high for one in everywhere.values())
    assert not any(one.whole for one in narrow.values())


def test_of_a_large_study_any_trial_may_be_recommended() -> None:
    """The model rests on 120 of 300 trials; the setting that it thinks best is sought among all, and is close to the best."""
    made = studies(Situation("300 trials", "bowl", 300, 2, noise=0.5), 1)[0]
    found = best(made.table)
    assert found.trials == 120
    assert found.settings == {name: column.values[found.trial] for name, column in made.table.columns.items()}
    everywhere = np.random.default_rng(0).random((5000, 2))
    assert of(made, dict(found.settings)) > made.truth(everywhere, np.zeros(5000, dtype=np.int64)).max() - 0.2


def test_the_tolerance_of_a_study_file_counts() -> None:
    """As if it were asked for; in points of an accuracy."""
    table = replace(studies(FLAT, 1)[0].table, tolerance=0.05)
    assert best(table).tolerance == 0.05
    assert safe_ranges(table) == safe_ranges(studies(FLAT, 1)[0].table, tolerance=0.05)
    points = {"hpo:spec": {"version": 1, "study": {"search": {"tolerance": 0.5}}}}
    study = optuna.create_study(direction="maximize")
    for key, value in points.items():
        study.set_user_attr(key, value)
    assert read(study).tolerance == 0.005


def test_the_shares_of_a_slope() -> None:
    """All of it is the first parameter's; without any effect none is said to lead."""
    for made in studies(SLOPE, 4):
        found = shares(made.table)
        assert isinstance(found, Shares)
        truth_of_first = 3**2 / 12 / (3**2 / 12 + np.var(made.truth(np.zeros((2, 3)), np.array([0, 1]))))
        first = by_name(found)["x0"]
        assert first.low <= truth_of_first <= first.high
    leading = [found.first > 0.95 for made in studies(FLAT, 12) if isinstance(found := shares(made.table), Shares)]
    assert len(leading) == 12
    assert np.mean(leading) < 0.2


def test_a_setting_that_breaks_is_not_recommended() -> None:
    """Values rise towards a place beyond which every network diverges."""
    generator = np.random.default_rng(0)
    x = generator.random(60)
    broke = x > 0.7
    table = Table(
        name="cliff", metrics=("validation_accuracy",), maximise=(True,), numbers=np.arange(60),
        outcomes=np.where(broke, "diverged", "completed"),
        values=np.where(broke, np.nan, 0.5 + 0.4 * x + 0.01 * generator.standard_normal(60))[:, None],
        columns={"x": Column("x", x, 0.0, 1.0)}, stages=np.full(60, ""), cohorts=np.full(60, -1), seconds=np.ones(60),
    )  # fmt: skip
    found, ranges = best(table), safe_ranges(table, tolerance=0.3)
    assert 0.5 < found.settings["x"] < 0.7
    assert not isinstance(ranges, Unanswered)
    assert ranges["x"].high < 0.75


def test_where_trials_lack_parameters() -> None:
    """A parameter that only one choice has is no part of a setting with the other."""
    generator = np.random.default_rng(1)
    choice, depth = generator.integers(2, size=40).astype(float), generator.random(40)
    values = np.where(choice == 0, 0.9, 0.6 - 0.1 * depth) + 0.01 * generator.standard_normal(40)
    columns = {
        "kind": Column("kind", choice, 0.0, 1.0, choices=("flat", "deep")),
        "depth": Column("depth", np.where(choice == 1, depth, np.nan), 0.0, 1.0),
    }
    table = Table(
        name="conditional", metrics=("validation_accuracy",), maximise=(True,), numbers=np.arange(40),
        outcomes=np.full(40, "completed"), values=values[:, None], columns=columns, stages=np.full(40, ""),
        cohorts=np.full(40, -1), seconds=np.ones(40),
    )  # fmt: skip
    found, ranges = best(table), safe_ranges(table)
    assert found.settings == {"kind": 0.0}
    assert not isinstance(ranges, Unanswered)
    assert ranges["kind"].choices == (0,)


def test_it_is_the_same_each_time() -> None:
    """Whatever was asked before."""
    made = studies(LEARNING, 1)[0]
    again = replace(made.table)
    shares(again)
    assert recommendation(again) == recommendation(made.table)


def test_where_nothing_can_be_recommended() -> None:
    """Too few trials, and two objectives."""
    made = planted(Situation("3 trials", "bowl", 3, 1), np.random.default_rng(0), 0)
    assert isinstance(recommendation(made.table), Unanswered)
    two = replace(made.table, metrics=("a", "b"), maximise=(True, False), values=np.ones((3, 2)))
    assert recommendation(two) == Unanswered("with two objectives no single setting is the best one")
