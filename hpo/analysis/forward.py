"""What pruned trials would have come to, had they been trained to the end."""

from dataclasses import replace

import numpy as np

from .posterior import posterior
from .table import Table, Unanswered


def carried_forward(table: Table, objective: int = 0, count: int = 1) -> tuple[Table, ...]:
    """Tables of completed and pruned trials in which the pruned ones have final values too, other ones in each of `count`.

    Drawn from the model of the study (hpo.analysis.posterior), so that they differ by as much as is unknown. None where nothing
    was pruned, or where there is no model. Of a large study the trials that the model rests on.
    """
    if not (table.outcomes == "pruned").any() or len(table.metrics) > 1:
        return ()
    found = posterior(table, objective)
    if isinstance(found, Unanswered) or not found.pruned:
        return ()
    used = table.take(found.rows)
    early = np.setdiff1d(np.arange(len(used)), found.model.seen.trial[found.model.seen.final])
    return tuple(_filled(used, early, values) for values in found.finals(early, count))


def _filled(used: Table, rows: np.ndarray, finals: np.ndarray) -> Table:
    values = used.values.copy()
    values[rows, 0] = finals
    return replace(used, values=values, outcomes=np.full(len(used), "completed"))
