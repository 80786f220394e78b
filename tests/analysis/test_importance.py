"""Importance, effects and interactions find what was planted."""

import numpy as np
import pytest

from hpo.analysis.effects import MainEffect, main_effect
from hpo.analysis.importance import METHODS, Importance, Method, importance
from hpo.analysis.interactions import Interaction, interactions
from hpo.analysis.reading import read
from hpo.analysis.table import Unanswered
from hpo.testing import planted

from .studies import diverging_trials, draw, random_trials, study, table, trial


@pytest.mark.parametrize("method", METHODS)
def test_what_matters_comes_first(method: Method) -> None:
    """The parameter that the planted truth depends on most has the largest share, and an interval around it."""
    found = importance(table(120), method)
    assert isinstance(found, Importance)
    first = found.shares[0]
    assert first.parameter == "rate"
    assert first.low < first.value < first.high
    assert first.low > max(share.value for share in found.shares[2:])
    assert sum(share.value for share in found.shares) == pytest.approx(1)
    assert found.warning is None


@pytest.mark.parametrize("method", METHODS)
def test_few_trials_are_warned_of(method: Method) -> None:
    """With fewer trials than a method wants, the numbers come with a warning and with wide intervals."""
    found = importance(table(20), method)
    assert isinstance(found, Importance)
    assert found.warning is not None
    assert "20" in found.warning


def test_large_studies_are_thinned() -> None:
    """Where a method's cost grows too fast, it uses some of the trials and says how many."""
    found = importance(table(700), "mean-decrease-impurity")
    assert isinstance(found, Importance)
    assert (found.trials, found.of) == (500, 700)


def test_the_same_study_gives_the_same_numbers() -> None:
    """Nothing is drawn that the study's seed does not fix."""
    assert importance(table(60), "fanova") == importance(table(60), "fanova")


@pytest.mark.parametrize("method", METHODS)
def test_conditional_parameters(method: Method) -> None:
    """A parameter that some trials lack is judged by the method that can, and left out by those that cannot."""
    trials = random_trials(60)
    for one in trials[::2]:
        del one.params["decay"], one.distributions["decay"]
    found = importance(read(study(trials)), method)
    assert isinstance(found, Importance)
    assert ("decay" in [share.parameter for share in found.shares]) == (method == "ped-anova")


@pytest.mark.parametrize(
    ("trials", "reason"),
    [
        ([], "at least 4 completed"),
        (random_trials(3), "at least 4 completed"),
        ([trial({"rate": 0.1}, float(value)) for value in range(9)], "no parameter was varied"),
        ([trial({"rate": 0.1 * (value + 1)}, 1.0) for value in range(9)], "same value"),
    ],
)
def test_why_there_is_no_importance(trials: list[object], reason: str) -> None:
    """A study that cannot say what matters says why."""
    for method in METHODS:
        found = importance(read(study(trials)), method)  # type: ignore[arg-type]  # trials
        assert isinstance(found, Unanswered)
        assert reason in found.reason


def test_main_effect_along_a_range() -> None:
    """From end to end on the parameter's scale; highest at the planted optimum, and the band holds the planted parabola."""
    found = main_effect(table(200), "rate")
    assert isinstance(found, MainEffect)
    assert found.at[[0, -1]] == pytest.approx([1e-4, 1.0])
    assert 0.005 < found.at[found.mean.argmax()] < 0.02
    parabola = -((np.log10(found.at) + 2) ** 2) + 0.2 * 5
    assert ((found.low <= parabola) & (parabola <= found.high)).mean() > 0.8
    assert (found.high - found.low).max() < 1.0


def test_main_effect_of_choices_and_whole_numbers() -> None:
    """A parameter with few values is shown value by value, choices by their names."""
    choices, whole = main_effect(table(60), "kind"), main_effect(table(60), "layers")
    assert isinstance(choices, MainEffect)
    assert isinstance(whole, MainEffect)
    assert (choices.labels, choices.at.tolist()) == (("relu", "tanh", "None"), [0.0, 1.0, 2.0])
    assert (whole.labels, whole.at.tolist()) == ((), [1.0, 2.0, 3.0, 4.0])
    assert whole.trials == 60


def test_a_planted_interaction_is_found() -> None:
    """Two parameters of which the product counts come first, with a small p; the others do not follow."""
    generator = np.random.default_rng(0)
    columns = {name: generator.random(120) for name in ("a", "b", "c")}
    values = 4 * (columns["a"] - 0.5) * (columns["b"] - 0.5) + columns["c"] + 0.1 * generator.standard_normal(120)
    found = interactions(planted.table(columns, values))
    assert not isinstance(found, Unanswered)
    strongest = found[0]
    assert {strongest.first, strongest.second} == {"a", "b"}
    assert strongest.p < 1e-6
    assert strongest.means.shape == (3, 3)
    assert min(one.p for one in found[1:]) > 0.001


def test_interactions_keep_their_level() -> None:
    """Of parameters whose effects add up, one pair in twenty at the most comes out below 5 %."""
    found: list[Interaction] = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        columns = {name: generator.random(60) for name in ("a", "b", "c")}
        made = interactions(planted.table(columns, columns["a"] + columns["b"] + 0.5 * generator.standard_normal(60)))
        assert not isinstance(made, Unanswered)
        found += made
    assert np.mean([one.p <= 0.05 for one in found]) < 0.09


def test_importance_is_even_on_the_scale_that_was_drawn_from() -> None:
    """A cliff at the upper end of a logarithmic range does not outweigh a slope over all of it, whichever method looks."""
    points = [draw(np.random.default_rng(seed)) for seed in range(200)]
    trials = [trial(point, np.log10(point["rate"]) + 2.0 * (point["decay"] > 0.5)) for point in points]
    even = read(study(trials))
    for method in ("fanova", "mean-decrease-impurity"):
        found = importance(even, method)
        assert isinstance(found, Importance)
        shares = {share.parameter: share.value for share in found.shares}
        # Variances: of four decades 16 / 12, of the step 1; of the rate as it is, 0.19.
        assert shares["rate"] == pytest.approx(16 / 28, abs=0.12)


def test_trials_that_were_not_looked_at_are_counted() -> None:
    """Importance speaks of completed trials, and says how many others there are."""
    found = importance(read(study([*random_trials(12), *diverging_trials(6, border=0.0)])))
    assert isinstance(found, Importance)
    assert (found.of, found.left_out) == (12, 6)
