"""Claims become findings: verdicts, corrections, and what is said when nothing can be."""

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from hpo.errors import InvalidSpec
from hpo.findings import KINDS, evaluate
from hpo.spec import FindingSpec, FindingTest
from hpo.testing import planted, scenarios

from ..analysis.studies import diverging_trials, random_trials, study, trial
from .test_checking import GOOD


def claim(kind: str, printed: str | None = None, **options: Any) -> FindingSpec:
    """A claim as a study file has it."""
    return FindingSpec(claim=f"a {kind}", test=FindingTest.model_validate({"kind": kind, **options}), printed=printed)


def noisy(shift: float, n: int = 8) -> Any:
    """A study of two groups that differ by so many deviations."""
    return scenarios.two_groups(n, n, shift, scenarios.normal)(np.random.default_rng(3), 0)


UP = claim("difference", "1.5", group={"choice": 1}, against={"choice": 0}, direction="higher")
DOWN = claim("difference", group={"choice": 1}, against={"choice": 0}, direction="lower")


def test_three_verdicts() -> None:
    """A claim is supported, contradicted, or left open with how many more trials would do."""
    supported, contradicted = evaluate(noisy(4.0), [UP, DOWN])
    (undecided,) = evaluate(noisy(0.3), [UP])
    assert (supported.verdict, supported.conclusion, supported.printed) == ("supported", "Supported.", "1.5")
    assert (contradicted.verdict, contradicted.conclusion) == ("contradicted", "Contradicted.")
    assert undecided.verdict == "not enough evidence"
    assert undecided.more_trials is not None
    assert f"about {undecided.more_trials:,} more would do" in undecided.conclusion
    assert supported.more_trials is None
    assert not supported.exploratory
    assert supported.source == KINDS["difference"].source


def test_claims_are_corrected_together() -> None:
    """A claim that stands by itself may fall among many others: Holm's correction spans all of a study's claims."""
    table = noisy(1.5, 10)
    (alone,) = evaluate(table, [UP])
    others = [
        claim("trend", parameter="other", direction="rising", where={"other": [0.0, end]}) for end in np.linspace(0.3, 0.9, 19)
    ]
    among = evaluate(table, [UP, *others])[0]
    assert alone.p is not None
    assert alone.p == among.p
    assert alone.corrected == alone.p
    assert among.corrected == pytest.approx(min(1.0, 20 * alone.p))
    assert (alone.verdict, among.verdict) == ("supported", "not enough evidence")


def test_an_undecidable_claim_does_not_weigh_on_the_others() -> None:
    """A claim without any evidence takes no part in the correction, and says why it has none."""
    missing = claim("trend", parameter="nothing", direction="rising")
    first, second = evaluate(noisy(4.0), [missing, UP])
    assert (first.verdict, first.effect, first.p, first.corrected) == ("not enough evidence", None, None, None)
    assert first.sentence == "The study has no numeric parameter or derived quantity 'nothing'."
    assert second.corrected == second.p


def test_a_sampler_that_learns_is_a_caveat() -> None:
    """Trials that were chosen by the values of earlier ones are not independent, and each finding says so."""
    for sampler, expected in (("random", ""), ("tpe", "the tpe sampler chose"), (None, "the sampler is not known")):
        (found,) = evaluate(replace(noisy(4.0), sampler=sampler), [UP])
        assert any(note.startswith(expected) for note in found.notes) if expected else not found.notes


def test_a_wrong_test_is_refused() -> None:
    """A claim that was never checked is refused with its name, not with a traceback from the depths."""
    for wrong in (claim("trend", parameter="rate"), claim("trends")):
        with pytest.raises(InvalidSpec, match="claim 'a trend"):
            evaluate(noisy(0.0), [wrong])


TRIALS = {
    "none": [],
    "one": random_trials(1),
    "three": random_trials(3),
    "constant": [trial({"rate": 0.01 * (n + 1), "width": 8 + n}, 1.0) for n in range(12)],
    "one point": [trial({"rate": 0.01}, float(n)) for n in range(6)],
    "all diverged": diverging_trials(12, border=0.0),
    "some": diverging_trials(40, border=0.05),
}
RENAMED = json.loads(
    json.dumps(GOOD).replace("batch_size", "layers").replace("effective_rate", "rate").replace("batch_norm", "kind")
)


@pytest.mark.parametrize("name", TRIALS)
def test_any_study_gets_its_findings(name: str) -> None:
    """Whatever the trials are like, every kind of claim gets a verdict and a sentence, and goes into JSON."""
    from hpo.analysis.reading import read

    table = read(study(TRIALS[name]))
    claims = [claim(kind, **options) for kind, options in RENAMED.items()]
    found = evaluate(table, claims)
    assert [one.kind for one in found] == list(RENAMED)
    assert all(one.sentence.endswith(".") and "nan" not in one.sentence.lower() for one in found)
    json.dumps([asdict(one) for one in found], allow_nan=False)
    if name != "some":
        assert {one.verdict for one in found} == {"not enough evidence"}


def test_the_same_trials_give_the_same_findings() -> None:
    """Nothing is drawn that the study's seed does not fix."""
    table = planted.table({"choice": np.repeat([0.0, 1.0], 12), "other": np.arange(24.0)}, np.random.default_rng(0).random(24))
    assert evaluate(table, [UP]) == evaluate(table, [UP])
