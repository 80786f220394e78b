"""The race and what it says of its candidates, on numbers whose truth is known."""

import numpy as np
import pytest

from hpo.analysis.table import Floats
from hpo.race import Candidate, Confirmation, standings
from hpo.race.elimination import batches, race
from hpo.race.standings import SURE, drawn, noise_level


def made(seed: int, truths: list[float], seeds: int, noise: float = 0.01) -> Floats:
    """Scores with something in common at each seed, as a shared order of the images has it."""
    generator = np.random.default_rng(seed)
    common = noise * generator.standard_normal(seeds)
    return np.array(truths)[:, None] + common + noise * generator.standard_normal((len(truths), seeds))


def raced(values: list[list[float | None]], seeds: int, searched: float = 0.9) -> Confirmation:
    """A confirmation with these values."""
    parts = tuple(Candidate(number, {"eta": 0.1}, searched, tuple(each)) for number, each in enumerate(values))
    return Confirmation(0, len(parts), seeds, 1, 800, 400, 0, 0.0, "", parts)


@pytest.mark.parametrize(("seeds", "expected"), [(2, [2]), (4, [3, 4]), (8, [3, 6, 8]), (20, [5, 10, 15, 20])])
def test_batches_end_with_all_seeds(seeds: int, expected: list[int]) -> None:
    """At most four looks, none at fewer than three seeds unless there are no more."""
    assert batches(seeds) == expected


def test_equal_candidates_are_rarely_told_apart() -> None:
    """Where all are equal, at most 5 % of races say that any is worse (400 races: up to 29 of them in 99 % of cases)."""
    assert sum(race(made(seed, [0.9] * 4, 9), 9).out.any() for seed in range(400)) <= 29


def test_a_clearly_worse_one_is_out_early() -> None:
    """Ten standard deviations are seen at the first look in most races, at the second in nearly all."""
    early = [race(made(seed, [0.9, 0.9, 0.6], 4), 8).out for seed in range(40)]
    assert sum(bool(out[2]) for out in early) > 30
    assert not any(out[:2].any() for out in early)


def test_a_diverged_candidate_is_out_and_compared_with_none() -> None:
    """It beats nobody and is beaten by nobody."""
    scores = made(0, [0.9, 0.99, 0.5], 6)
    scores[1, 2] = -np.inf
    found = race(scores, 6)
    assert found.out.tolist() == [False, True, True]
    assert not found.beaten[1].any()
    assert not found.beaten[:, 1].any()


def test_differences_without_scatter_count_by_their_signs() -> None:
    """Three equal differences are no certainty: of two candidates, one is ahead in all three by chance one time in four."""
    assert not race(np.array([[0.9] * 3, [0.8] * 3]), 3).out.any()


def test_equal_candidates_are_rarely_ranked() -> None:
    """Where all are equal, at most 5 % of races end with any of them said to be better (300 races: up to 24 in 99 % of cases)."""
    assert sum(_any_better(drawn(made(seed, [0.9] * 5, 8), seed)) for seed in range(300)) <= 24


def _any_better(truths: Floats) -> bool:
    return bool(((truths[:, None, :] > truths[:, :, None]).mean(axis=0) >= SURE).any())


def test_what_is_likely_best_is_ranked_alone() -> None:
    """The probability and the rank never disagree: nobody shares the first rank of one that is best with 97.5 %."""
    sure = 0
    for seed in range(150):
        scores = made(seed, [0.92, 0.9, 0.88, 0.9], 8)
        found = standings(raced([list(map(float, row)) for row in scores], 8), maximise=True)
        first = [one.trial for one in found if one.out is None and one.rank == found[0].rank]
        assert first[0] == max(found, key=lambda one: one.best).trial or len(first) > 1
        if found[0].best >= SURE:
            sure += 1
            assert len(first) == 1
    assert sure > 20


def test_shrinking_helps() -> None:
    """Over many races the shrunk means lie nearer to the truth than the means, and the noise is read right."""
    generator = np.random.default_rng(3)
    before, after, levels = [], [], []
    for place in range(200):
        truths = 0.9 + 0.005 * generator.standard_normal(5)
        scores = truths[:, None] + 0.01 * generator.standard_normal((5, 4))
        before.append(((scores.mean(axis=1) - truths) ** 2).mean())
        after.append(((drawn(scores, place).mean(axis=0) - truths) ** 2).mean())
        levels.append(noise_level(scores))
    assert np.mean(after) < 0.85 * np.mean(before)
    assert np.mean(levels) == pytest.approx(0.01, rel=0.05)


def test_chances_are_what_they_say() -> None:
    """They add up to one; and of the candidates that are given 60 to 80 % about that many are best."""
    generator = np.random.default_rng(5)
    hits = []
    for _ in range(300):
        truths = 0.9 + 0.01 * generator.standard_normal(3)
        scores = truths[:, None] + 0.01 * generator.standard_normal((3, 5))
        found = standings(raced([list(map(float, row)) for row in scores], 5), maximise=True)
        assert sum(one.best for one in found) == pytest.approx(1)
        likeliest = max(found, key=lambda one: one.best)
        if 0.6 <= likeliest.best <= 0.8:
            hits.append(likeliest.trial == truths.argmax())
    assert len(hits) > 50
    assert 0.55 < np.mean(hits) < 0.85


def test_the_winners_interval_holds_the_truth() -> None:
    """Of ten equal candidates the best mean is too high; the interval about what to expect holds the truth all the same."""
    held = 0
    for seed in range(200):
        found = standings(raced([list(map(float, row)) for row in made(seed, [0.9] * 10, 8)], 8), maximise=True)
        best = found[0]
        assert best.low is not None
        assert best.high is not None
        held += best.low <= 0.9 <= best.high
    assert held >= 184


def test_candidates_without_noise_are_ranked_by_their_values() -> None:
    """Where every seed gives the same, what is higher is better."""
    found = standings(raced([[0.9] * 2, [0.8] * 2, [0.9] * 2], 2), maximise=True)
    assert [(one.trial, one.rank, one.best) for one in found] == [(0, 1, 0.5), (2, 1, 0.5), (1, 3, 0.0)]


def test_standings_are_in_the_units_of_the_metric() -> None:
    """Losses are better when lower; the gap is how much better the search made a point look, whichever way is better."""
    found = raced([[0.50, 0.52, 0.51, 0.50], [0.30, 0.31, 0.32, 0.30]], 4, searched=0.25)
    best, other = standings(found, maximise=False)
    assert (best.trial, other.trial) == (1, 0)
    assert best.mean == pytest.approx(0.3075)
    assert best.gap == pytest.approx(0.0575)
    assert best.low is not None
    assert best.high is not None
    assert best.low < best.mean < best.high
    (low,) = (one.mean for one in standings(raced([[0.8, 0.9]], 2), maximise=True))
    assert low == pytest.approx(0.85)


def test_a_network_that_diverges_takes_its_point_out() -> None:
    """It is last, with the mean of the networks that trained; a point without any has no mean."""
    good: list[float | None] = [0.9, 0.91, 0.9, 0.92]
    found = standings(raced([[0.95, None, 0.96, 0.95], good, [None] * 4], 4), maximise=True)
    assert [(one.trial, one.out, one.seeds) for one in found] == [(1, None, 4), (0, "diverged", 3), (2, "diverged", 0)]
    assert found[0].best == 1.0
    assert found[1].mean == pytest.approx((0.95 + 0.96 + 0.95) / 3)
    assert found[2].mean is None
