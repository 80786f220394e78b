"""What pruned trials would have come to."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from hpo.analysis.forward import carried_forward
from hpo.analysis.observations import observations
from hpo.analysis.posterior import Posterior, posterior
from hpo.analysis.reading import read
from hpo.analysis.surface import Surface, surface
from hpo.analysis.table import Curve, Table

from ..fakes.made_studies import EPOCHS, RUNGS, made, truth


def test_values_are_seen_where_trials_were_pruned() -> None:
    """Each trial at every rung that it reached: whoever was let go on is seen beside those that were not."""
    table = read(made(50))
    seen = observations(table)
    assert seen.levels == 3
    settled = int((table.completed | (table.outcomes == "pruned")).sum())
    reached = [sum(len(table.curves(int(row))[0].at) >= rung for row in seen.rows) for rung in RUNGS]
    assert [int((seen.level == level).sum()) for level in range(3)] == reached
    assert (len(seen.rows), reached[0]) == (settled, settled)
    row = int(np.flatnonzero(table.completed)[0])
    mine = seen.trial == int(np.flatnonzero(seen.rows == row)[0])
    curve = table.curves(row)[0].metrics["validation_accuracy"]
    assert seen.values[mine] == pytest.approx([curve[rung - 1] for rung in RUNGS])


def test_pruned_trials_get_values_that_differ_by_what_is_unknown() -> None:
    """The truth of most lies among them; the completed keep their own."""
    study = made(50)
    table = read(study)
    found = carried_forward(table, count=200)
    used = found[0]
    assert used.completed.all()
    assert len(used) == int((table.completed | (table.outcomes == "pruned")).sum())
    finals = np.array([one.values[:, 0] for one in found])
    kept = np.isin(used.numbers, table.numbers[table.completed])
    assert np.ptp(finals[:, kept], axis=0).max() == 0
    low, high = np.quantile(finals[:, ~kept], [0.025, 0.975], axis=0)
    means = np.array([truth(study.trials[number].params) for number in used.numbers[~kept]])
    assert ((low <= means) & (means <= high)).mean() > 0.85
    assert np.corrcoef(finals[:, ~kept].mean(axis=0), means)[0, 1] > 0.8


def without_curves(table: Table) -> Table:
    """Nothing was reported."""
    return replace(table, curves_of=lambda row: ())


def judged_otherwise(table: Table) -> Table:
    """Values are not those that were reported."""
    return replace(table, values=table.values + 80.0)


def not_finite(table: Table) -> Table:
    """Pruned trials reported nothing that is a number."""
    curve = Curve("epoch", np.arange(1.0, EPOCHS + 1), {"validation_accuracy": np.full(EPOCHS, np.inf)})
    return replace(table, curves_of=lambda row: table.curves(row) if table.completed[row] else (curve,))


@pytest.mark.parametrize("change", [without_curves, judged_otherwise, not_finite])
def test_what_cannot_be_carried_forward(change: Callable[[Table], Table]) -> None:
    """Nothing is made up where the trials do not tell: the model is one of the completed trials then, and says so."""
    table = change(read(made(50)))
    assert carried_forward(table) == ()
    found = posterior(table)
    assert isinstance(found, Posterior)
    assert (found.completed, found.pruned) == (7, 0)


def test_a_surface_knows_where_trials_were_given_up() -> None:
    """After successive halving, which completes 7 of 50, the surface falls where only pruned ones lie, less sure of it."""
    found = surface(read(made(50)), "eta", "lambda")
    assert isinstance(found, Surface)
    assert (found.trials, found.of, found.pruned) == (7, 7, 39)
    row = int(np.abs(np.log10(found.y) + 4).argmin())
    good, bad = map(nearest(found), (0.1, 0.001))
    assert found.mean[row, good] - found.mean[row, bad] > 0.05
    assert found.deviation[row, bad] > 3 * found.deviation[row, good]


def nearest(found: Surface) -> Callable[[float], int]:
    """Which cell of the horizontal axis a value lies in."""
    return lambda eta: int(np.abs(np.log10(found.x) - np.log10(eta)).argmin())
