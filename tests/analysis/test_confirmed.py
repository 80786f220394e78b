"""Confirmations in the model of a study: their values count, their split does not, and what broke is kept away from."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from hpo.analysis.confirmed import with_fresh
from hpo.analysis.fresh import Fresh, fresh
from hpo.analysis.model import SHIFT
from hpo.analysis.observations import observations
from hpo.analysis.posterior import Posterior, posterior
from hpo.analysis.recommendation import Recommendation, recommendation
from hpo.analysis.table import Table
from hpo.attributes import CONFIRMATIONS
from hpo.testing.planted_surfaces import Planted, Situation, confirmed, planted

BOWL = Situation("a bowl over 2", "bowl", 20, 2, noise=0.5)
STUDIES = 20


@lru_cache
def studies() -> list[Planted]:
    """Without a confirmation."""
    generator = np.random.default_rng(3)
    return [planted(BOWL, generator, seed) for seed in range(STUDIES)]


def best(table: Table) -> Recommendation:
    """Which there is."""
    found = recommendation(table)
    assert isinstance(found, Recommendation)
    return found


def worth(made: Planted, settings: dict[str, float]) -> float:
    """The truth of a setting."""
    return float(made.truth(np.array([[settings["x0"], settings["x1"]]]), np.zeros(1, dtype=np.int64))[0])


@lru_cache
def judged(shift: float | None) -> tuple[float, float, float]:
    """Mean worth of what is recommended, how often its interval holds that, and the width; None: without a confirmation."""
    generator, found = np.random.default_rng(5), []
    for made in studies():
        one = best((made if shift is None else confirmed(BOWL, made, generator, shift=shift)).table)
        true = worth(made, dict(one.settings))
        found.append((true, one.low <= true <= one.high, one.high - one.low))
    gained, held, width = np.mean(found, axis=0)
    return float(gained), float(held), float(width)


@pytest.mark.parametrize("shift", [0.0, 3.0, -3.0])
def test_it_is_no_worse_and_better_known(shift: float) -> None:
    """Whatever the split adds to all values, in units of the noise: the setting is as good, its interval narrower and true."""
    before, after = judged(None), judged(shift)
    assert after[0] >= before[0]
    assert after[1] >= 0.85
    assert after[2] < 0.9 * before[2]


def test_the_split_is_no_luck_of_one() -> None:
    """Eight networks of five candidates, all worse by five noises: that is the split's, and their settings are not called bad."""
    made = studies()[0]
    table = confirmed(BOWL, made, np.random.default_rng(0)).table
    down = replace(
        table, fresh=tuple(one._replace(values=tuple(value - 2.5 for value in one.values if value)) for one in table.fresh)
    )
    first, second = posterior(table), posterior(down)
    assert isinstance(first, Posterior)
    assert isinstance(second, Posterior)
    settings = {name: column.values for name, column in table.columns.items()}
    fall = first.moments(settings)[0] - second.moments(settings)[0]
    assert np.abs(fall).max() < 0.4 * 2.5


@pytest.mark.parametrize("seed", range(4))
def test_a_lucky_best_that_comes_last_is_not_recommended(seed: int) -> None:
    """Nor its neighbourhood: its expected value goes down below that of what is recommended."""
    table = confirmed(BOWL, studies()[seed], np.random.default_rng(seed)).table
    lucky, *others = table.fresh
    table = replace(table, fresh=(lucky._replace(values=tuple(-9.0 + 0.4 * (-1) ** place for place in range(8))), *others))
    found = best(table)
    assert found.number == lucky.number
    assert found.best_expected < found.expected - found.noise
    assert np.hypot(*(found.settings[name] - table.columns[name].values[found.row] for name in ("x0", "x1"))) > 0.02


def test_what_diverged_is_kept_away_from() -> None:
    """One network of a candidate is enough, even where all fresh values of it were the best; it is no value of the model."""
    made = studies()[1]
    table = confirmed(BOWL, made, np.random.default_rng(0)).table
    first, *others = table.fresh
    table = replace(table, fresh=(first._replace(values=(5.0, 5.0, None, 5.0)), *others))
    found = best(table)
    assert found.number == first.number
    assert found.danger == 0
    far = [np.hypot(*(found.settings[name] - table.columns[name].values for name in ("x0", "x1")))]
    assert int(np.argmin(far)) != found.row
    assert (with_fresh(observations(table), table).look >= 0).sum() == len(others)


def test_counts_are_those_of_trials() -> None:
    """Networks of a confirmation are no trials, and its values have a luck of their own."""
    made = studies()[2]
    table = confirmed(BOWL, made, np.random.default_rng(0)).table
    plain, found = posterior(made.table), posterior(table)
    assert isinstance(plain, Posterior)
    assert isinstance(found, Posterior)
    assert (found.completed, found.pruned, found.rows.tolist()) == (plain.completed, plain.pruned, plain.rows.tolist())
    seen = found.model.seen
    assert (seen.free, seen.networks[~seen.own].tolist()) == (5 * 7, [8] * 5)
    assert seen.squares == pytest.approx(sum(float(((one.known - one.known.mean()) ** 2).sum()) for one in table.fresh))
    luck, (first, second) = found.model.shared_luck, found.model.pairs
    one, other = first[luck > 0], second[luck > 0]
    assert (seen.look[one] == seen.look[other]).all()
    assert sorted(luck[(first != second) & (luck > 0)].tolist()) == [SHIFT] * 10
    assert recommendation(table) == recommendation(replace(table))


def test_candidates_outside_of_the_sample_count() -> None:
    """Of a large study some trials are drawn by chance: those that were confirmed have their fresh values all the same."""
    kind = Situation("300 trials", "bowl", 300, 2, noise=0.5)
    table = confirmed(kind, planted(kind, np.random.default_rng(0), 0), np.random.default_rng(1)).table
    seen = with_fresh(observations(table), table)
    assert seen.rows.tolist() == observations(table).rows.tolist()
    assert len(seen.places) > len(seen.rows)
    assert set(table.numbers[seen.places[seen.trial[~seen.own]]].tolist()) == {one.number for one in table.fresh}
    values = dict(zip(table.numbers[seen.places[seen.trial[~seen.own]]].tolist(), seen.values[~seen.own].tolist(), strict=True))
    assert values == {one.number: pytest.approx(one.known.mean()) for one in table.fresh}
    found = best(table)
    assert found.trials == 120


def test_a_part_of_a_table_has_the_confirmations_of_its_trials() -> None:
    """Whatever the order of its rows."""
    table = confirmed(BOWL, studies()[0], np.random.default_rng(0)).table
    kept = table.fresh[0].number
    part = table.take(np.flatnonzero(table.numbers == kept))
    assert [one.number for all_ in part.fresh_by_row.values() for one in all_] == [kept]
    assert (with_fresh(observations(part), part).look >= 0).sum() == 1


def test_what_is_on_record_is_read() -> None:
    """By confirmation and candidate; one that was cut short has no head, and is not read."""
    attributes = {
        f"{CONFIRMATIONS}:10": {"candidates": [3]},
        f"{CONFIRMATIONS}:10:3": {"values": [0.5, None]},
        f"{CONFIRMATIONS}:2": {"candidates": [4, 3]},
        f"{CONFIRMATIONS}:2:3": {"values": [0.1, 0.2]},
        f"{CONFIRMATIONS}:2:4": {"values": [0.3, 0.4]},
        f"{CONFIRMATIONS}:11:4": {"values": [0.3, 0.4]},
    }
    assert fresh(attributes) == (Fresh(4, 2, (0.3, 0.4)), Fresh(3, 2, (0.1, 0.2)), Fresh(3, 10, (0.5, None)))
