"""Whether as many more trials as would do, do: claims among several, corrected together."""

from collections.abc import Sequence

import numpy as np

from ..analysis.table import Floats, Table
from ..findings import Finding, evaluate
from ..spec import FindingSpec, FindingTest
from .planted import table

FIRST = 24
"""Trials of the study that is told how many more would do."""
MOST = 600
"""Trials of the study that has as many; more are not tried."""


def kept_promises(claims: int, studies: int, seed: int = 0, effect: float = 0.6) -> float:
    """Share of the claims that are decided in a new study which has as many more trials as were said to do; 0.8 is promised.

    The claims are about one parameter each, of which every value has the same effect. In the new study the one that was not
    decided has the effect and the noise that it seemed to have, and the others have none.
    """
    generator = np.random.default_rng(seed)
    decided = []
    for study in range(studies):
        found = evaluate(_study(generator, FIRST, np.full(claims, effect), 1.0, study), _claims(claims))
        undecided = [one for one in found if one.more_trials is not None and FIRST + one.more_trials <= MOST]
        if undecided:
            decided.append(_decided(generator, undecided[0], found, study))
    return float(np.mean(decided))


def _decided(generator: np.random.Generator, one: Finding, found: Sequence[Finding], seed: int) -> bool:
    place = found.index(one)
    assert one.more_trials is not None
    effects = np.zeros(len(found))
    effects[place] = one.effect
    again = _study(generator, FIRST + one.more_trials, effects, _noise(one), seed)
    return evaluate(again, _claims(len(found)))[place].verdict != "not enough evidence"


def _noise(found: Finding) -> float:
    """Standard deviation of a trial that the interval of a difference of two halves comes from."""
    from scipy.special import stdtrit

    assert found.low is not None
    assert found.high is not None
    error = (found.high - found.low) / 2 / float(stdtrit(found.n - 2, 0.975))
    return error * float(np.sqrt(found.n)) / 2


def _study(generator: np.random.Generator, trials: int, effects: Floats, noise: float, seed: int) -> Table:
    choices = generator.permuted(np.tile(np.arange(trials) % 2, (len(effects), 1)), axis=1).astype(np.float64)
    values = effects @ choices + noise * generator.standard_normal(trials)
    columns = {f"choice {place}": column for place, column in enumerate(choices)}
    return table({**columns, "other": generator.random(trials)}, values, seed=seed)


def _claims(count: int) -> list[FindingSpec]:
    return [
        FindingSpec(
            claim=name,
            test=FindingTest.model_validate(
                {"kind": "difference", "group": {name: 1}, "against": {name: 0}, "direction": "higher"}
            ),
        )
        for name in (f"choice {place}" for place in range(count))
    ]
