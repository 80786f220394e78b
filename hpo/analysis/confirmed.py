"""What confirmations add to the values that a model of a study is made from."""

from collections.abc import Iterator

import numpy as np

from .fresh import Fresh
from .observations import Observations, fences
from .table import Table


def with_fresh(seen: Observations, table: Table) -> Observations:
    """The same with one more final value for each candidate of each confirmation: the mean of its networks.

    Candidates of which a network diverged have none (hpo.analysis.danger knows them), nor have those of a smaller budget.
    Values are drawn in to the fences of the trials' own; between such networks nothing is learnt of the noise.
    """
    found = list(_usable(seen, table))
    if not found:
        return seen
    rows = np.array([row for row, _ in found], dtype=np.int64)
    places = np.concatenate([seen.rows, np.setdiff1d(rows, seen.rows)])
    order = np.argsort(places, kind="stable")
    means = np.array([one.known.mean() for _, one in found])
    calm = np.clip(means, *fences(seen.values[seen.final]))
    squares = [((one.known - mean) ** 2).sum() for (_, one), mean, same in zip(found, means, calm == means, strict=True) if same]
    free = sum(len(one.known) - 1 for (_, one), same in zip(found, calm == means, strict=True) if same)
    return seen._replace(
        places=places,
        trial=np.concatenate([seen.trial, order[np.searchsorted(places, rows, sorter=order)]]),
        level=np.concatenate([seen.level, np.full(len(found), seen.levels - 1)]),
        look=np.concatenate([seen.look, np.array([one.look for _, one in found], dtype=np.int64)]),
        values=np.concatenate([seen.values, calm]),
        networks=np.concatenate([seen.networks, np.array([len(one.known) for _, one in found], dtype=np.int64)]),
        squares=seen.squares + float(sum(squares)),
        free=seen.free + free,
        drawn_in=seen.drawn_in + int((calm != means).sum()),
    )


def _usable(seen: Observations, table: Table) -> Iterator[tuple[int, Fresh]]:
    """Row and networks of the candidates that were trained as long as the trials whose values are final."""
    longest = set(table.stages[seen.rows[seen.trial[seen.final]]].tolist())
    for row, confirmed in table.fresh_by_row.items():
        if table.completed[row] and table.stages[row] in longest:
            yield from ((row, one) for one in confirmed if not one.diverged and np.isfinite(one.known).all() and len(one.known))
