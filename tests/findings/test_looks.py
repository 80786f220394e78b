"""Looks at a claim: after the search and after each batch of evidence; looking again costs no false verdict."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from hpo.analysis.table import Table
from hpo.findings import evaluate
from hpo.findings.looks import key, looks, weight
from hpo.findings.reach import out_of_reach
from hpo.testing import planted
from hpo.testing.settled_studies import CLAIMS, false_settled

from ..fakes.studies import study_file
from .test_evaluating import UP, claim


def grown(shift: float, sizes: list[int], seed: int = 0, claims: tuple[str, ...] = (), later: float | None = None) -> Table:
    """Two groups, the second higher by `shift`: so many trials of each in the search, and in each batch (there by `later`)."""
    generator = np.random.default_rng(seed)
    part = np.repeat(np.arange(len(sizes)), 2 * np.array(sizes))
    choice = np.concatenate([np.repeat([0.0, 1.0], size) for size in sizes])
    values = np.where(part == 0, shift, shift if later is None else later) * choice + generator.standard_normal(len(part))
    table = planted.table({"choice": choice, "other": np.arange(len(part)) / len(part)}, values, seed=seed)
    return replace(
        table,
        cohorts=part,
        evidence=np.where(part == 0, "", "claims"),
        spared=part > 0,
        first_network=part.astype(np.int64),
        looks={int(batch): claims or (key(UP.test),) for batch in range(1, len(sizes))},
    )


def test_the_shares_of_all_looks_add_up_to_one() -> None:
    """The search has four fifths; whatever the number of looks at evidence, they share the last fifth, and each has some."""
    shares = [weight(look) for look in range(10_000)]
    assert shares[0] == 0.8
    assert 0.9999 < sum(shares) < 1.0
    assert all(one > later > 0 for one, later in pairwise(shares[1:]))


def test_a_look_sees_the_batches_up_to_it() -> None:
    """The first sees the search; evidence for the answer, or for another claim, is in none."""
    table = grown(0.0, [5, 4, 4, 4])
    table = replace(
        table, looks={**table.looks, 2: ("another",)}, evidence=np.where(table.cohorts == 3, "answer", table.evidence)
    )
    del table.looks[3]  # type: ignore[attr-defined]  # a dictionary here
    assert [len(seen) for seen in looks(table, key(UP.test))] == [10, 18]
    assert [len(seen) for seen in looks(table, "another")] == [10, 18]
    assert [len(seen) for seen in looks(table, "nothing")] == [10]


def test_a_batch_that_is_under_way_is_no_look() -> None:
    """Whoever asks while evidence is trained hears what was known before it."""
    table = grown(0.0, [5, 4, 4])
    table = replace(table, outcomes=np.where(table.numbers == len(table) - 1, "unfinished", table.outcomes))
    assert [len(seen) for seen in looks(table, key(UP.test))] == [10, 18]


def test_the_search_alone_has_its_share() -> None:
    """Without evidence p is divided by four fifths, since more may always be asked for."""
    (found,) = evaluate(grown(1.0, [10]), [UP])
    from hpo.findings import KINDS

    kind = KINDS["difference"]
    alone = kind.measure(grown(1.0, [10]), kind.options.model_validate(UP.test.options()))
    assert found.p == pytest.approx(alone.p / 0.8)
    assert found.sentence == alone.sentence


def test_a_verdict_stands_whatever_comes_later() -> None:
    """The smallest p over the looks counts, with the sentence of its look; an open claim is told by all that there is."""
    early, late = grown(4.0, [8]), grown(4.0, [8, 8], later=0.0)
    first, second = evaluate(early, [UP])[0], evaluate(late, [UP])[0]
    assert (first.verdict, second.verdict) == ("supported", "supported")
    assert second.sentence == first.sentence
    assert second.n == 16
    (open_,) = evaluate(grown(0.1, [8, 8], 3), [UP])
    assert (open_.verdict, open_.n) == ("not enough evidence", 32)
    assert any("16 trials of evidence after the search, look 1 at them" in note for note in open_.notes)


def test_evidence_decides_what_the_search_left_open() -> None:
    """What 5 against 5 cannot show, 45 against 45 can; the look's share is paid for."""
    (before,), (after,) = evaluate(grown(1.0, [5], 1), [UP]), evaluate(grown(1.0, [5, 5, 10, 25], 1), [UP])
    assert (before.verdict, after.verdict) == ("not enough evidence", "supported")
    assert after.p is not None
    assert after.p < 0.05


def test_evidence_is_not_mixed_with_trials_that_a_sampler_chose() -> None:
    """Where the sampler learns, trials are compared with their neighbours; evidence is a part of its own."""
    from hpo.analysis.comparable import neighbours

    table = replace(grown(0.0, [12, 6]), sampler="tpe", stages=np.full(36, "wide"))
    labels = neighbours(table)
    assert set(labels[:24]) & set(labels[24:]) == set()
    assert set(labels[24:]) == {"wide evidence"}


def test_fresh_networks_are_units_of_their_own() -> None:
    """Networks trained after the search at the same two points count besides those of the search, pair by pair."""
    runs = np.random.default_rng(0).standard_normal((4, 3))
    table = planted.table({"choice": np.array([0.0, 1.0, 0.0, 1.0])}, runs.mean(axis=1), replicates=runs)
    after = np.array([False, False, True, True])
    for paired in (False, True):
        stated = claim("difference", group={"choice": 1}, against={"choice": 0}, direction="higher", paired=paired)
        asked: dict[str, Any] = {"evidence": np.where(after, "claims", ""), "cohorts": np.where(after, 1, 0)}
        grown_ = replace(table, **asked, first_network=np.where(after, 3, 0), looks={1: (key(stated.test),)})
        (found,) = evaluate(grown_, [stated])
        assert found.n == (6 if paired else 12)


@pytest.mark.parametrize(("sampler", "seen"), [("random", 160), ("tpe", 120)])
def test_the_best_region_with_evidence_is_that_of_one_box(sampler: str, seen: int) -> None:
    """It looks at what was drawn at random from the box; the best keep their share, so that more trials tell more."""
    generator = np.random.default_rng(0)
    rate, part = generator.random(170), np.repeat([0, 0, 1], [40, 10, 120])
    table = planted.table({"rate": rate}, -np.abs(rate - 0.8) + 0.05 * generator.standard_normal(170))
    stated = claim("best-region", parameter="rate", low=0.0, high=0.5, top=5)
    table = replace(
        table,
        stages=np.repeat(["wide", "narrow", "wide"], [40, 10, 120]),
        searched={},
        sampler=sampler,
        cohorts=part,
        evidence=np.where(part, "claims", ""),
        looks={1: (key(stated.test),)},
    )
    (found,) = evaluate(table, [stated])
    assert (found.verdict, found.n) == ("contradicted", seen)
    assert f"0 of the {seen // 10} best trials" in found.sentence
    (before,) = evaluate(table.search, [stated])
    assert before.verdict == "not enough evidence"


@pytest.mark.parametrize("claimed", CLAIMS)
def test_false_verdicts_under_repeated_looks(claimed: str) -> None:
    """Of pure noise, looked at up to six times and left alone at the first verdict, at most 5 % get one, but for chance."""
    assert false_settled(60, 1, claimed) <= 0.1


def test_reach_reckons_with_the_share_of_the_search() -> None:
    """Six of six have p of 0.0156 in the best case: below 5 % for three claims, above four fifths of that."""
    test = {"kind": "best-region", "parameter": "eta", "low": 0.01, "high": 0.1, "top": 6}
    two, three = ([{"claim": f"{count}", "test": test} for count in range(claims)] for claims in (2, 3))
    assert not out_of_reach(study_file(finding=two))
    assert all("top = 7 would do" in told for told in out_of_reach(study_file(finding=three)))
