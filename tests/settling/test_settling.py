"""Claims that a search leaves open are settled by evidence: fresh seeds of the points they compare, or fresh points."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from hpo.attributes import claims_of, cohort_of, networks_of, stage_of
from hpo.engines import Engine
from hpo.engines.processes import Processes
from hpo.engines.serial import Serial
from hpo.runner import StoredStudy, gather, trial_table_hash
from hpo.runner.events import Event, Noted
from hpo.settling import Claim, Settling, claims
from hpo.settling.claims import table_of
from hpo.settling.needs import Need
from hpo.settling.spending import speed, steps_of
from hpo.settling.words import expectations

from ..fakes.studies import images
from ..runner.conftest import WORK, train

Make = Callable[..., StoredStudy]

GRID = {"eta": {"option": "learning_rate", "values": [0.01, 0.09, 0.1]}, "momentum": {"values": [0.0, 0.5]}}
BETTER = {"kind": "difference", "group": {"eta": [0.05, 0.2]}, "against": {"eta": [0.001, 0.02]}, "direction": "higher"}
NOTHING = {"kind": "trend", "parameter": "momentum", "direction": "rising", "where": {"eta": [0.05, 0.2]}}
APART = {"kind": "difference", "group": {"eta": 0.1}, "against": {"eta": 0.01}, "where": {"momentum": 0.0}, "direction": "higher"}
ALIKE = {"kind": "difference", "group": {"eta": 0.1}, "against": {"eta": 0.09}, "where": {"momentum": 0.0}, "direction": "higher"}


def stating(*tests: dict[str, Any], **sections: Any) -> dict[str, Any]:
    """Sections of a study file with these claims, of one stage of eight trials and three epochs."""
    usual = {"stage": [{"name": "wide", "trials": 8}], "training": {"epochs": 3}, "execution": {"groups": 2}}
    return usual | {"finding": [{"claim": f"claim {place}", "test": test} for place, test in enumerate(tests)]} | sections


def settled(study: StoredStudy, steps: float = 1e6, engine: Engine | None = None, **options: Any) -> list[Claim]:
    """The claims of a study after so many training steps of evidence at the most."""
    spent = steps_of(study.now(), study.evidence())
    with engine or Serial(WORK) as entered:
        settling = Settling(lambda now: steps - steps_of(now, now.evidence) + spent, options.pop("chosen", None))
        gather(study, images(), entered, settling, **options)
    return known(study)


def known(study: StoredStudy) -> list[Claim]:
    """The claims of a study as they are."""
    now = study.anew().now()
    return claims(now, table_of(now))


def test_a_true_claim_gets_its_verdict(stored: Make) -> None:
    """What eight trials leave open is settled by fresh points of both groups; then nothing more is asked."""
    study = stored(**stating(BETTER))
    train(study)
    (before,) = known(study)
    assert before.open
    (after,) = settled(study)
    assert after.finding.verdict == "supported"
    evidence = study.anew().evidence()
    assert len(evidence) >= 8
    assert {claims_of(trial) for trial in evidence} == {(after.key,)}
    assert len(after.seen) == 1 + len({cohort_of(trial) for trial in evidence})
    assert {networks_of(trial) for trial in evidence} == {(1 + batch,) for batch in range(len(after.seen) - 1)}
    (again,) = settled(study)
    assert len(study.anew().evidence()) == len(evidence)
    assert again.finding == after.finding


def test_fresh_points_meet_the_conditions_of_their_groups(stored: Make) -> None:
    """Half of a batch lies in each group and nowhere else, in the box of the stage; no point comes twice."""
    study = stored(**stating(BETTER, stage=[{"name": "wide", "trials": 8, "box": {"momentum": [0.2, 0.4]}}]))
    train(study)
    settled(study, steps=400)
    batch = [trial.params for trial in study.anew().evidence() if networks_of(trial) == (1,)]
    half = len(batch) // 2
    assert half >= 4
    assert all(0.05 <= point["eta"] <= 0.2 for point in batch[:half])
    assert all(0.001 <= point["eta"] <= 0.02 for point in batch[half:])
    assert all(0.2 <= point["momentum"] <= 0.4 for point in batch)
    assert len({point["eta"] for point in batch}) == len(batch)


def test_pairs_agree_in_all_that_no_group_names(stored: Make) -> None:
    """Where a test compares pairs, each point of a group has a partner in the other."""
    study = stored(**stating({**BETTER, "paired": True}))
    train(study)
    settled(study, steps=400)
    batch = [trial.params for trial in study.anew().evidence() if networks_of(trial) == (1,)]
    half = len(batch) // 2
    assert [point["momentum"] for point in batch[:half]] == [point["momentum"] for point in batch[half:]]
    assert len({point["momentum"] for point in batch}) == half


def test_conditions_on_derived_quantities_are_met(stored: Make) -> None:
    """A threshold along what the file computes draws on both sides of it."""
    limit = {"kind": "threshold", "quantity": "rate", "below": 0.1, "above": 0.5, "rare": 0.1, "common": 0.4}
    study = stored(**stating(limit, derived={"rate": "eta / (1 - momentum)"}))
    train(study)
    settled(study, steps=1000)
    batch = [trial.params for trial in study.anew().evidence() if networks_of(trial) == (1,)]
    rates = np.array([point["eta"] / (1 - point["momentum"]) for point in batch])
    half = len(rates) // 2
    assert half >= 4
    assert (rates[:half] < 0.1).all()
    assert (rates[half:] >= 0.5).all()


def test_points_of_a_grid_are_trained_on_further_seeds(stored: Make) -> None:
    """The two points that a claim compares, and no other; each batch as many seeds as there are, all of them fresh."""
    study = stored(**stating(APART, search={"sampler": "grid"}, space=GRID))
    train(study)
    need = known(study)[0].need
    assert isinstance(need, Need)
    assert (need.there, need.least, need.steps, need.gain) == (1, 4, 60.0, 2)
    (after,) = settled(study)
    assert after.finding.verdict == "supported"
    evidence = study.anew().evidence()
    assert {(trial.params["eta"], trial.params["momentum"]) for trial in evidence} == {(0.1, 0.0), (0.01, 0.0)}
    numbers = [number for trial in evidence if trial.params["eta"] == 0.1 for number in networks_of(trial) or ()]
    assert numbers == list(range(1, 1 + len(numbers)))
    assert after.finding.n == 2 * (1 + len(numbers))


def test_groups_in_stages_of_one_budget_are_compared(stored: Make) -> None:
    """The points of a grid that two stages share out, and evidence for one claim counts for no other."""
    stages = [
        {"name": "low", "trials": 2, "box": {"eta": [0.01, 0.05]}},
        {"name": "high", "trials": 4, "box": {"eta": [0.05, 0.1]}},
    ]
    study = stored(**stating(APART, ALIKE, search={"sampler": "grid"}, space=GRID, stage=stages))
    train(study)
    first, second = settled(study, steps=3000, chosen=(1,))
    assert first.finding.verdict == "supported"
    assert {(stage_of(trial), trial.params["eta"]) for trial in study.anew().evidence()} == {("low", 0.01), ("high", 0.1)}
    assert isinstance(second.need, Need)
    assert (len(second.seen), second.need.there) == (1, 1)


def test_the_claim_that_is_nearest_to_a_verdict_comes_first(stored: Make) -> None:
    """A budget is not shared out with a claim that would take far more than there is."""
    study = stored(**stating(ALIKE, APART, search={"sampler": "grid", "replicates": 2}, space=GRID))
    train(study)
    far, near = known(study)
    assert far.open
    assert near.open
    assert near.last is not None
    far, near = settled(study, steps=400)
    assert len(far.seen) == 1
    assert near.finding.verdict == "supported"
    assert len(near.seen) > 1


def test_the_budget_is_kept(stored: Make) -> None:
    """A claim that nothing can decide costs what it may, and each batch doubles what there is."""
    study = stored(**stating(ALIKE, search={"sampler": "grid", "replicates": 4}, space=GRID))
    train(study)
    (after,) = settled(study, steps=2000)
    now = study.anew().now()
    assert 1500 <= steps_of(now, now.evidence) <= 2000
    sizes = [len(networks_of(trial) or ()) for trial in now.evidence if trial.params["eta"] == 0.1]
    assert sizes[:3] == [4, 8, 16]
    assert after.open or len(after.seen) > 1


def test_only_the_claims_that_are_chosen(stored: Make) -> None:
    """--claim settles that one; evidence for the other is not asked."""
    study = stored(**stating(BETTER, NOTHING))
    train(study)
    first, second = settled(study, steps=3000, chosen=(2,))
    assert (len(first.seen), len(second.seen) > 1) == (1, True)


def test_claims_that_look_at_the_same_share_a_batch(stored: Make) -> None:
    """Two tests of the whole box take the same fresh points."""
    region = {"kind": "best-region", "parameter": "momentum", "low": 0.1, "high": 0.3, "top": 5}
    trend = {"kind": "trend", "parameter": "momentum", "direction": "rising"}
    study = stored(**stating(region, trend))
    train(study)
    first, second = settled(study, steps=1500)
    assert len(first.seen) == len(second.seen) > 1
    assert {claims_of(trial) for trial in study.anew().evidence()} == {(first.key, second.key)}


def test_evidence_ends_where_the_claim_does(stored: Make) -> None:
    """What a claim reads at the first epoch is trained for one; beside it, what is read at the end has the whole budget."""
    early = {"kind": "trend", "parameter": "momentum", "direction": "rising", "metric": "validation_accuracy@1"}
    study = stored(**stating(early, BETTER, search={"pruner": "successive-halving"}))
    train(study)
    first, second = settled(study, steps=5000)
    ends = {
        claim.key: {trial.last_step for trial in study.anew().evidence() if claim.key in claims_of(trial)}
        for claim in (first, second)
    }
    assert (ends[first.key], ends[second.key]) == ({1}, {3})
    assert {trial.user_attrs["hpo:outcome"] for trial in study.anew().evidence() if first.key in claims_of(trial)} == {"pruned"}
    assert first.last is not None
    assert first.last.n == 8 + sum(first.key in claims_of(trial) for trial in study.anew().evidence())


@pytest.mark.parametrize("workers", [0, 2])
def test_the_same_for_any_number_of_workers_and_interruptions(stored: Make, workers: int) -> None:
    """Stopped at every few events and run again, on any engine: the table of one run that was not stopped."""
    sections = stating(BETTER, NOTHING, execution={"groups": 2})
    whole, study = stored(name="whole", **sections), stored(name="stopped", **sections)
    for each in (whole, study):
        train(each)
    settled(whole, steps=2000)
    for count in range(40):
        heard, left = 0, 2000 - steps_of(study.anew().now(), study.anew().evidence())

        def interrupt(event: Event, last: int = 12 + 3 * count) -> None:
            nonlocal heard
            heard += 1
            if heard == last:
                raise KeyboardInterrupt

        try:
            settled(study.anew(), left, Processes(2, WORK) if workers else None, display=interrupt)
            break
        except KeyboardInterrupt:
            continue
    assert trial_table_hash(study.anew().optuna) == trial_table_hash(whole.anew().optuna)


def test_what_evidence_cannot_serve_is_told(stored: Make) -> None:
    """Ranks are by values, and where every trial diverged evidence would, too."""
    ranked = {"kind": "equivalence", "groups": [{"rank": 1}, {"rank": 2}], "margin": 0.1}
    study = stored(**stating(ranked, BETTER, search={"replicates": 4}))
    train(study)
    first, second = known(study)
    assert isinstance(first.need, str)
    assert "rank" in first.need
    assert isinstance(second.need, Need)
    fast = {"eta": {"option": "learning_rate", "low": 0.5, "high": 1.0}, "momentum": {"low": 0.0, "high": 0.9}}
    trend = {"kind": "trend", "parameter": "momentum", "direction": "rising"}
    gone = stored(name="gone", **stating(trend, space=fast, training={"epochs": 6}))
    train(gone)
    (claim,) = known(gone)
    assert isinstance(claim.need, str)
    assert "no trial of the search has completed" in claim.need
    far = stored(name="far", **stating({**BETTER, "group": {"eta": {"above": 2.0}}}))
    train(far)
    assert known(far)[0].need == "the box of stage wide has no point for one of its groups"


def test_errors_end_it(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch whose trials all end in an error is not followed by another."""
    study = stored(**stating(BETTER))
    train(study)
    monkeypatch.setenv("FAKE_ERROR_BELOW", "2")
    settled(study)
    assert len({cohort_of(trial) for trial in study.anew().evidence()}) == 1


def test_what_is_expected_is_said_before(stored: Make) -> None:
    """For each open claim the units, steps and seconds that it takes, and at what odds; each look is told as it comes."""
    study = stored(**stating(BETTER, NOTHING))
    train(study)
    found = known(study)
    told = list(expectations(found, found, 1000.0, speed(study.now())))
    assert [line.partition(":")[0] for line in told] == ["claim 1, 'claim 0'", "claim 2, 'claim 1'"]
    assert all("training steps, about" in line for line in told)
    notes: list[str] = []
    settled(study, steps=1000, display=lambda event: notes.append(event.note) if isinstance(event, Noted) else None)
    assert all(note.startswith("claim ") and "more" in note for note in notes)
    assert any("p so far" in note for note in notes)
