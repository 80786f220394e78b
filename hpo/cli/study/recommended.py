"""The setting that a study recommends, to be trained in a study of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import UsageError
from .asked import stored_study


@dataclass(frozen=True, slots=True)
class Setting:
    """Where in its space, and of which trials it is the recommendation."""

    params: Mapping[str, Any]
    stage: str
    """Whose budget it is trained with."""
    trials: int
    """That had ended, and candidates of confirmations; another number of them may recommend another setting."""


def recommended(study: str, storage: str) -> Setting:
    """The recommendation of a stored study. Raises NotFound, and UsageError where there is none."""
    from ... import report
    from ...analysis.recommendation import Recommendation
    from ...settling.candidates import recommended as point
    from ...storage import explained

    stored = stored_study(study, storage)
    with explained(stored.database.address):
        found = report.explain(stored.optuna)
    best, table = found.analysis.recommendation, found.whole
    if not isinstance(best, Recommendation):
        raise UsageError(f"study '{stored.name}' recommends no setting yet: {best.reason}")
    return Setting(point(stored, table, best), str(table.stages[best.row]), int(table.settled.sum()) + len(table.fresh))
