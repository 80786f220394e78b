"""How likely training is to break at a setting."""

from collections.abc import Callable

import numpy as np

from .coordinates import placed
from .pruned import until_pruning
from .table import Column, Floats, Table

MOST_SQUARED = 5
"""Numbers up to which squares and products are looked at, too."""


def danger(table: Table, columns: dict[str, Column]) -> Callable[[dict[str, Floats]], Floats]:
    """A function of settings (hpo.analysis.settings) that gives the probability that one of their networks diverges.

    1 for settings that lie closer to a trial of which a network diverged when it was confirmed than to any other that ended well.
    """
    likely = _by_search(table, columns)
    broken = np.isin(
        np.arange(len(table)), [row for row, all_ in table.fresh_by_row.items() if any(one.diverged for one in all_)]
    )
    if not broken.any():
        return likely
    from scipy.spatial import KDTree

    well = table.settled & ~table.diverged & ~broken
    where = _inputs(columns, {name: table.columns[name].values for name in columns})

    def risk(settings: dict[str, Floats]) -> Floats:
        at = _inputs(columns, settings)
        near, far = (KDTree(where[rows]).query(at)[0] for rows in (broken, well))
        return np.where(near <= far, 1.0, likely(settings))

    return risk


def _by_search(table: Table, columns: dict[str, Column]) -> Callable[[dict[str, Floats]], Floats]:
    """Logistic regression on all parameters, numbers on their own scales with squares and products, choices as they are.

    With a ridge of one unit, so that it stays finite where the diverged and the others separate.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import PolynomialFeatures

    early = until_pruning(table)
    settled = table.take(early.settled)
    diverged = early.diverged[early.settled]
    if not diverged.any() or diverged.all():
        return lambda settings: np.full(_count(settings), float(diverged.any()))
    numbers = sum(column.numeric for column in columns.values())
    features = PolynomialFeatures(2 if numbers <= MOST_SQUARED else 1, include_bias=False)
    inputs = features.fit_transform(_inputs(columns, {name: settled.columns[name].values for name in columns}))
    model = LogisticRegression(C=10.0, max_iter=500).fit(inputs, diverged)
    return lambda settings: np.asarray(model.predict_proba(features.transform(_inputs(columns, settings)))[:, 1])


def _count(settings: dict[str, Floats]) -> int:
    return len(next(iter(settings.values())))


def _inputs(columns: dict[str, Column], settings: dict[str, Floats]) -> Floats:
    """Numbers from -1 to 1, for which a ridge of one unit is mild; a column for each choice."""
    parts = []
    for name, column in columns.items():
        at = placed(column, settings[name])
        parts += (
            [2 * at - 1] if column.numeric else [(at == code).astype(np.float64) for code in range(len(column.choices or ()))]
        )
    return np.column_stack(parts)
