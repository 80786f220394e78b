"""What a study suggests by itself."""

from dataclasses import replace

import numpy as np
import optuna

from hpo.analysis.reading import read
from hpo.analysis.stability import Boundary, boundary
from hpo.findings import explore
from hpo.testing import planted
from hpo.testing.pruned_studies import by_halving, pruned

from ..analysis.studies import diverging_trials, random_trials, study


def test_planted_effects_are_proposed() -> None:
    """Exploring finds what matters most, what rises and what interacts, all marked as found so, and leaves alone what is idle."""
    generator = np.random.default_rng(0)
    rate, width, idle = (generator.random(150) for _ in range(3))
    values = 2 * rate + 6 * (rate - 0.5) * (width - 0.5) + 0.2 * generator.standard_normal(150)
    found = explore(planted.table({"rate": rate, "width": width, "idle": idle}, values))
    claims = {one.claim for one in found}
    assert {"Validation accuracy rises with rate", "rate matters most for validation accuracy"} <= claims
    assert "interaction" in {one.kind for one in found}
    assert all(one.exploratory and one.verdict == "supported" for one in found)
    assert not any("idle" in one.claim.split(" ") for one in found)
    assert [one.p for one in found] == sorted(one.p for one in found if one.p is not None)


def test_where_training_breaks_is_proposed() -> None:
    """The side and the place of the boundary are in the claim."""
    found = [one for one in explore(read(study(diverging_trials(80, border=0.1)))) if one.kind == "divergence-boundary"]
    assert len(found) == 1
    assert found[0].claim.startswith("Trials diverge above rate 0.")
    assert found[0].low is not None
    assert found[0].low < 0.1


def test_a_narrowed_box_is_no_reason_to_diverge() -> None:
    """Later stages diverge less because their boxes keep eta low; lambda, which they narrow too, is not blamed for it."""
    random = np.random.default_rng(0)
    boxes = np.repeat([1.0, 0.5], 200)
    columns = {name: boxes * random.random(400) for name in ("eta", "lambda")}
    diverged = columns["eta"] > 0.6
    pooled = planted.table(columns, random.standard_normal(400), seed=0, diverged=diverged)
    staged = replace(pooled, stages=np.repeat(["wide", "narrow"], 200))
    blamed, cleared = boundary(pooled, "lambda"), boundary(staged, "lambda")
    assert isinstance(blamed, Boundary)
    assert isinstance(cleared, Boundary)
    assert blamed.p < 0.01
    assert cleared.p > 0.05
    claims = [one.claim for one in explore(staged) if one.kind == "divergence-boundary"]
    assert len(claims) == 1
    assert claims[0].startswith("Trials diverge above eta 0.6")


def test_choices_are_compared() -> None:
    """A choice that is better is proposed, against each of the others."""
    trials = random_trials(90)
    for one in trials:
        one.values = [one.value + (3.0 if one.params["kind"] == "tanh" else 0.0)]
    claims = {one.claim for one in explore(read(study(trials)))}
    assert {"Value is higher with kind tanh than with kind relu", "Value is higher with kind tanh than with kind None"} <= claims


def test_a_region_is_tested_on_other_trials_than_those_that_suggest_it() -> None:
    """The region of the best is proposed with a note on how it was found, and holds the planted best."""
    found = [one for one in explore(read(study(random_trials(400, noise=0.1)))) if one.kind == "best-region"]
    assert any(one.claim.startswith("The best trials lie at rate between 0.00") for one in found)
    assert "the region comes from every other trial, the test from the rest" in found[0].notes


def test_of_pruned_trials_it_is_told_what_all_had_reached() -> None:
    """Where a head start decides who is pruned, it is proposed for the epoch before, and nothing for the end."""
    found = explore(pruned(by_halving, trials=200)(np.random.default_rng(0), 0))
    claims = {one.claim for one in found}
    expected = {"Validation accuracy at epoch 3 rises with speed", "speed matters most for validation accuracy at epoch 3"}
    assert expected <= claims
    assert all("at epoch 3" in claim for claim in claims)


def test_of_a_study_that_reports_by_step_it_is_told_by_step() -> None:
    """Whatever the size of the steps, and not by epoch, which somebody else's steps need not be."""
    generator = np.random.default_rng(1)

    def objective(trial: optuna.Trial) -> float:
        rate, other = trial.suggest_float("rate", 0, 1), trial.suggest_float("other", 0, 1)
        for step in range(1_234_567, 9_000_000, 1_234_567):
            trial.report(rate + float(generator.normal(0, 0.01)), step)
            if rate > 0.3 and other > 0.1:
                raise optuna.TrialPruned
        return rate

    made = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    made.optimize(objective, 30)
    found = {one.claim: one for one in explore(read(made))}
    assert {"Value at step 1234567 rises with rate", "rate matters most for value at step 1234567"} <= set(found)
    lead = found["rate matters most for value at step 1234567"]
    assert lead.effect is not None
    assert lead.high is not None
    assert lead.effect <= lead.high <= 1.0


def test_a_study_of_one_trial_suggests_nothing() -> None:
    """With too few trials there is nothing to propose, and nothing fails."""
    for trials in ([], random_trials(1), random_trials(3), diverging_trials(4, border=0.0)):
        assert explore(read(study(trials))) == []
