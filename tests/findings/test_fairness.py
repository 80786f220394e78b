"""Claims rest on no trial that is there because of its values."""

from dataclasses import replace
from typing import Any

import numpy as np
import optuna
import pytest

from hpo.analysis.pruned import as_far_as_all, last_common, until_pruning
from hpo.analysis.reading import read
from hpo.analysis.table import Curve, Table
from hpo.attributes import COHORT, OUTCOME, SPEC, STAGE, TRIAL, UID
from hpo.findings import KINDS, Evidence
from hpo.findings.finding import Undecidable
from hpo.ownership import VERSION
from hpo.testing import planted, pruned_studies

from ..analysis.studies import study, trial

CLAIM = {"parameter": "rate", "direction": "rising"}


def measure(table: Table, kind: str = "trend", **options: Any) -> Evidence:
    """The evidence of one test."""
    return KINDS[kind].measure(table, KINDS[kind].options.model_validate({**CLAIM, **options}))


def halved(stages: tuple[str, str] = ("", ""), spared: tuple[int, ...] = ()) -> Table:
    """Forty trials that report twice; of the first twenty those with the lower half of the first values are pruned after it."""
    generator = np.random.default_rng(0)
    seen, rate = generator.standard_normal((40, 2)), generator.random(40)
    gone = (np.arange(40) < 20) & (seen[:, 0] < np.median(seen[:20, 0]))
    gone[list(spared)] = False
    made = planted.table({"rate": rate}, np.where(gone, np.nan, seen[:, 1]))

    def curves(row: int) -> tuple[Curve, ...]:
        length = 1 if gone[row] else 2
        return (Curve("epoch", np.arange(1.0, length + 1), {"validation_accuracy": seen[row, :length]}),)

    return replace(
        made,
        outcomes=np.where(gone, "pruned", "completed"),
        stages=np.repeat(stages, 20),
        curves_of=curves,
        spared=np.isin(np.arange(40), spared),
    )


def test_a_final_value_is_not_judged_by_those_that_were_kept() -> None:
    """No verdict and no interval, and the sentence names the reason and the ways out."""
    with pytest.raises(Undecidable) as caught:
        measure(halved())
    assert str(caught.value) == (
        "10 of 40 trials were pruned before the final validation accuracy was known, and those that went on were chosen by their"
        " values; what decides it is a search without a pruner (pruner = 'none'), one that leaves some trials alone (pruner ="
        " 'checked-halving'), or a claim about validation accuracy at epoch 1, which all trials reached"
    )


def test_what_all_trials_reached_is_judged_by_all() -> None:
    """A metric at an epoch before anything was pruned has lost nobody."""
    found = measure(halved(), metric="validation_accuracy@1")
    assert (found.n, found.notes) == (40, ())


def test_stages_in_which_nothing_was_pruned_are_judged() -> None:
    """Of a stage without pruned trials all count; a claim about that stage alone does not mention the others."""
    found = measure(halved(("wide", "narrow")))
    assert (found.n, found.notes) == (
        20,
        ("20 trials left out, because a pruner chose by their values which of them went on",),
    )
    alone = measure(halved(("wide", "narrow")), where={"stage": "narrow"})
    assert (alone.n, alone.notes) == (20, ())
    with pytest.raises(Undecidable, match="10 of 20 trials were pruned"):
        measure(halved(("wide", "narrow")), where={"stage": "wide"})


def test_witnesses_are_judged() -> None:
    """Trials that nothing could prune speak for all, those that were merely lucky do not."""
    found = measure(halved(spared=(0, 4, 8, 12, 16)))
    assert found.n == 5
    assert found.notes[0].startswith("35 trials left out")


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("trend", {"where": {"validation_accuracy": {"above": -5.0}}, "metric": "validation_accuracy@1"}),
        ("trend", {"where": {"outcome": "completed"}, "metric": "validation_accuracy@1"}),
        ("trend", {"metric": "seconds"}),
        ("trend", {"metric": "validation_accuracy@2"}),
    ],
)
def test_conditions_and_other_metrics_choose_as_well(kind: str, options: dict[str, Any]) -> None:
    """Whoever looks at what only the kept ones have looks at a choice of the pruner's, whichever metric it is."""
    with pytest.raises(Undecidable, match="were pruned before"):
        measure(halved(), kind, **options)


def test_divergence_counts_up_to_the_first_pruning() -> None:
    """What diverged later could do so only because it was kept; it counts as what the pruned ones are."""
    made = halved()
    ends = {row: made.curves(row) for row in range(40)}
    ends[30], ends[31] = (), (Curve("epoch", np.ones(1), {"validation_accuracy": np.array([np.nan])}),)
    outcomes = made.outcomes.copy()
    outcomes[[30, 31, 32]] = "diverged"
    table = replace(made, outcomes=outcomes, curves_of=lambda row: ends[row])
    assert last_common(table) == 1
    assert np.flatnonzero(until_pruning(table).diverged).tolist() == [30, 31]
    found = measure(table, metric="diverged")
    assert (found.n, found.notes) == (40, ("1 trial that diverged after others had been pruned counted as pruned",))


def test_a_study_as_far_as_all_trials_came() -> None:
    """Every trial has its value of the last epoch before the first was pruned; where nobody knows that, nothing is changed."""
    made = replace(halved(), maximise=(False,), metrics=("value",))
    assert as_far_as_all(made) is made  # its curves hold another metric
    early = as_far_as_all(halved())
    assert early.metrics == ("validation_accuracy@1",)
    assert early.completed.all()
    assert early.values[:, 0].tolist() == [float(halved().curves(row)[0].metrics["validation_accuracy"][0]) for row in range(40)]
    whole = planted.table({"rate": np.arange(4.0)}, np.arange(4.0))
    assert as_far_as_all(whole) is whole


def test_witnesses_are_read_from_a_study() -> None:
    """Of a study by checked halving every fourth trial of a cohort was safe, and all of a cohort that lost none."""
    trials = []
    for number in range(16):
        made = trial({"rate": 0.1, "decay": number / 20}, 1.0, **{OUTCOME: "completed", COHORT: number // 8, STAGE: "all"})
        made.system_attrs[TRIAL] = {"study": "one", "number": number, "place": number}
        trials.append(made)
    trials[10].user_attrs[OUTCOME] = "pruned"
    trials[10].state, trials[10].values = optuna.trial.TrialState.PRUNED, None
    stored = study(trials)
    stored.set_user_attr(UID, "one")
    for pruner, spared in (("checked-halving", [*range(8), 8, 12]), ("successive-halving", [])):
        settings = {"stage": [{"name": "all"}], "search": {"pruner": pruner}}
        stored.set_user_attr(SPEC, {"version": VERSION, "study": settings})
        assert np.flatnonzero(read(stored).spared).tolist() == spared


def test_the_planted_head_start_would_deceive() -> None:
    """Without the rule the planted studies are what it is for: the parameter without effect gets verdicts in many of them."""
    falls = KINDS["trend"].measure.__wrapped__  # type: ignore[attr-defined]  # the test before the rule
    options = KINDS["trend"].options.model_validate({"parameter": "speed", "direction": "rising"})
    make, generator = pruned_studies.pruned(pruned_studies.by_halving), np.random.default_rng(0)
    assert sum(falls(make(generator, seed), options).p <= 0.05 for seed in range(60)) > 12
