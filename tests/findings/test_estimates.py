"""The statistics behind the kinds, against SciPy and against brute force."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hpo.analysis.holm import holm
from hpo.findings import proportions
from hpo.findings.concordance import concordance
from hpo.findings.contrast import contrast, difference, within_pairs
from hpo.findings.estimate import Estimate, Region, by_student, judge, judge_all, more
from hpo.findings.hodges_lehmann import shift

GENERATOR = np.random.default_rng(0)
FEW, MANY = GENERATOR.standard_normal(5), GENERATOR.standard_normal(500)


def test_few_values_are_compared_by_welch() -> None:
    """With few values the difference, its interval and its p are SciPy's Welch test."""
    other = FEW[:4] * 3 + 1
    ours, theirs = difference(FEW, other, 0), stats.ttest_ind(FEW, other, equal_var=False)
    interval = theirs.confidence_interval()
    assert (ours.low, ours.high) == pytest.approx((interval.low, interval.high))
    assert ours.p(0.0) == pytest.approx(theirs.pvalue)


def test_permutations_agree_with_student_where_both_hold() -> None:
    """With normal values the permuted interval is Student's, within what 2,000 draws can tell."""
    first, second = GENERATOR.standard_normal(30), GENERATOR.standard_normal(30) + 1
    permuted, student = difference(first, second, 0), contrast([first, second], [1.0, -1.0])
    assert permuted.low == pytest.approx(student.low, abs=0.06)
    assert permuted.high == pytest.approx(student.high, abs=0.06)
    assert permuted.p(-1.0) == pytest.approx(student.p(-1.0), abs=0.05)


def test_the_same_seed_gives_the_same_permutations() -> None:
    """An interval does not change when it is asked for again."""
    assert difference(MANY[:20], MANY[20:40], 3)[:4] == difference(MANY[:20], MANY[20:40], 3)[:4]


def test_values_that_do_not_vary_are_not_certain() -> None:
    """Two against two constants cannot be told apart at 5 %: chance alone deals them out like this once in six."""
    found = difference(np.zeros(2), np.ones(2), 0)
    assert found.p(0.0) == pytest.approx(2 / 6)
    assert difference(np.zeros(6), np.ones(6), 0).p(0.0) == pytest.approx(2 / math.comb(12, 6))
    assert within_pairs(np.ones(6), 0).p(0.0) == pytest.approx(2**-5)


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (0, 170), (5, 5)])
def test_mid_p_lies_inside_the_exact_interval(successes: int, trials: int) -> None:
    """The mid-p interval is never wider than Clopper and Pearson's, and p at its ends is 5 %."""
    found = proportions.share(successes, trials)
    exact = stats.binomtest(successes, trials).proportion_ci()
    assert exact.low <= found.low + 1e-9
    assert found.high <= exact.high + 1e-9
    for end in (found.low, found.high):
        assert end in (0.0, 1.0) or found.p(end) == pytest.approx(0.05, abs=1e-6)


def test_five_of_five_is_a_majority() -> None:
    """The least count that can show a majority at 5 % is five of five."""
    assert proportions.share(5, 5).p(0.5) <= 0.05
    assert proportions.share(4, 4).p(0.5) > 0.05


@given(st.lists(st.integers(0, 4), min_size=4, max_size=12), st.data())
def test_concordance_counts_pairs(x: list[int], data: st.DataObject) -> None:
    """The share is that of the pairs that differ in x in which y goes the same way, ties of y counting half."""
    y = data.draw(st.lists(st.integers(0, 4), min_size=len(x), max_size=len(x)))
    apart = [(x[j] - x[i], y[j] - y[i]) for i, j in combinations(range(len(x)), 2) if x[i] != x[j]]
    if not apart:
        return
    expected = np.mean([0.5 if dy == 0 else float(dx * dy > 0) for dx, dy in apart])
    found = concordance(np.array(x, dtype=np.float64), np.array(y, dtype=np.float64), 0)
    assert found.effect == pytest.approx(expected)
    assert -1e-9 <= found.low <= found.effect + 1e-9
    assert found.effect - 1e-9 <= found.high <= 1 + 1e-9


def test_a_perfect_order_is_not_certain() -> None:
    """Seven values in order show a trend, and still leave room below one."""
    found = concordance(np.arange(7.0), np.arange(7.0), 0)
    assert found.effect == 1
    assert found.low < 0.95
    assert found.p(0.5) < 0.05


def test_the_typical_difference_is_the_median_of_all() -> None:
    """Hodges and Lehmann's estimate is the median difference, and one value gone wrong hardly moves it."""
    first, second = MANY[:20], MANY[20:40]
    found = shift([(first, second)], 0)
    assert found.effect == pytest.approx(np.median(np.subtract.outer(first, second)))
    wild = shift([(np.append(first, -1e6), second)], 0)
    assert wild.effect == pytest.approx(found.effect, abs=0.3)
    assert wild.low > -10


def test_the_typical_difference_stays_within_strata() -> None:
    """A large difference is found as it is, however unevenly the groups are spread over strata of different levels."""
    held = 0
    for seed in range(200):
        generator = np.random.default_rng(seed)
        pairs = []
        for level, first, second in ((0.0, 7, 2), (30.0, 2, 7), (-50.0, 5, 5), (5.0, 1, 8)):
            pairs.append((level + 40 + generator.standard_normal(first), level + generator.standard_normal(second)))
        found = shift(pairs, 0)
        assert found.effect == pytest.approx(40, abs=2)
        held += found.low <= 40 <= found.high
    assert 184 <= held <= 198


@given(st.floats(-5, 5), st.floats(0.1, 2), st.floats(-5, 5), st.floats(-5, 5))
def test_p_and_interval_agree(effect: float, error: float, one: float, other: float) -> None:
    """A claim is judged at 5 % exactly when the 95 % interval lies wholly on one side of its border."""
    estimate = by_student(effect, error, 10)
    region = Region(min(one, other), max(one, other))
    holds, p = judge(estimate, region)
    inside = region.low <= estimate.low and estimate.high <= region.high
    outside = estimate.high < region.low or estimate.low > region.high
    assert (p <= 0.05) == (inside if holds else outside) or p == pytest.approx(0.05, abs=1e-6)


def test_all_parts_must_hold() -> None:
    """The least sure part decides for a claim, the surest one against it."""
    sure, unsure = by_student(1.0, 0.1, 50), by_student(1.0, 0.9, 50)
    above = Region(low=0.0)
    assert judge_all([(sure, above, 9), (unsure, above, 9)]) == judge(unsure, above)
    holds, p = judge_all([(sure, Region(low=2.0), 9), (unsure, above, 9)])
    assert not holds
    assert p == pytest.approx(2 * sure.p(2.0), abs=1e-12)


def test_how_many_more_would_do() -> None:
    """Twice the standard error takes four times the trials; at the border no number does."""
    above = Region(low=0.0)
    close, far = (by_student(1.0, error, 50) for error in (1.0, 2.0))
    counts = [more(estimate, above, 10, 0.05) for estimate in (close, far)]
    assert counts[0] is not None
    assert counts[1] is not None
    assert (counts[1] + 10) == pytest.approx(4 * (counts[0] + 10), rel=0.05)
    assert more(by_student(0.0, 1.0, 50), above, 10, 0.05) is None


@pytest.mark.parametrize("claims", [1, 5, 10])
def test_the_number_that_would_do_does(claims: int) -> None:
    """With as many values as were said to do, four of five studies decide, also where Holm's correction spans many claims."""
    above, level = Region(low=0.0), 0.05 / claims
    asked = more(by_student(0.5, 1 / math.sqrt(10), 9), above, 10, level)
    assert asked is not None
    decided = 0
    for _ in range(200):
        estimate: Estimate = within_pairs(GENERATOR.standard_normal(10 + asked) + 0.5, 0)
        decided += estimate.p(0.0) <= level
    assert 0.7 < decided / 200 < 0.9


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_between_nothing_and_bonferroni(values: list[float]) -> None:
    """A corrected p is never below p, never above p times the number of tests, and keeps their order."""
    corrected = holm(values)
    for p, q in zip(values, corrected, strict=True):
        assert p <= q <= min(1.0, p * len(values)) + 1e-12
    order = np.argsort(values, kind="stable")
    assert np.all(np.diff(np.array(corrected)[order]) >= 0)


def test_holm_by_the_book() -> None:
    """The example of Holm's step-down procedure."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
