"""What pruned trials would have come to."""

from collections.abc import Callable

import numpy as np
import pytest
from optuna.trial import FrozenTrial, TrialState

from hpo.analysis.forward import carried_forward
from hpo.analysis.reading import read
from hpo.analysis.surface import Surface, surface

from ..fakes.made_studies import made
from .studies import study, trial


def completed(*reports: float, value: float | None = None) -> FrozenTrial:
    """A trial that reported these values from step 1 on, the last one its own unless another is given."""
    return trial({"rate": 0.1}, reports[-1] if value is None else value, reports=dict(enumerate(reports, 1)))


def pruned(*reports: float) -> FrozenTrial:
    """A trial that was given up after these values."""
    return trial({"rate": 0.1}, None, TrialState.PRUNED, dict(enumerate(reports, 1)))


def test_a_pruned_trial_gains_what_the_completed_did() -> None:
    """Its last value and the median gain from there; the spread of the gains is its uncertainty."""
    whole = [completed(1.0, 2.0, 3.0), completed(2.0, 2.5, 5.0), completed(0.0, 1.0, 4.0)]
    found = carried_forward(read(study([*whole, pruned(0.5), pruned(1.0, 1.5)])))
    assert found.rows.tolist() == [3, 4]
    assert found.values == pytest.approx([0.5 + 3.0, 1.5 + 2.5])
    assert found.deviations == pytest.approx([np.std([2, 3, 4], ddof=1), np.std([1, 2.5, 3], ddof=1)])


@pytest.mark.parametrize(
    "trials",
    [
        [completed(1.0, 2.0), completed(1.0, 2.0), pruned(0.5)],
        [*[completed(1.0, 2.0, value=80.0)] * 3, pruned(0.5)],
        [*[completed(1.0, 2.0)] * 3, trial({"rate": 0.1}, None, TrialState.PRUNED)],
        [*[completed(1.0, 2.0)] * 3, pruned(float("inf"))],
    ],
    ids=["too few completed", "judged by something else", "nothing reported", "not finite"],
)
def test_what_cannot_be_carried_forward(trials: list[FrozenTrial]) -> None:
    """Nothing is made up where the completed trials do not tell."""
    assert carried_forward(read(study(trials))).rows.size == 0


def test_a_surface_knows_where_trials_were_given_up() -> None:
    """After successive halving, which completes 7 of 50, the surface still falls where only pruned trials lie."""
    found = surface(read(made(50)), "eta", "lambda")
    assert isinstance(found, Surface)
    assert (found.trials, found.of, found.pruned) == (7, 7, 39)
    row = int(np.abs(np.log10(found.y) + 4).argmin())
    good, bad = map(nearest(found), (0.1, 0.003))
    assert found.mean[row, good] - found.mean[row, bad] > 2 * found.deviation[row, bad]


def nearest(found: Surface) -> Callable[[float], int]:
    """Which cell of the horizontal axis a value lies in."""
    return lambda eta: int(np.abs(np.log10(found.x) - np.log10(eta)).argmin())
