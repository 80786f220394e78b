"""What would bring the completed trials that a study has too few of."""

from typing import TYPE_CHECKING

from ..analysis.surface import FEWEST_TRIALS
from ..analysis.table import Table
from ..errors import study_command
from ..spec import StudySpec
from .explanation import specification, tables

if TYPE_CHECKING:
    from optuna import Study


def bringing(table: Table, spec: StudySpec | None) -> str:
    """A clause with the command, where there is one; empty where a model of the study has trials enough."""
    search = table.search
    if int(search.completed.sum()) >= FEWEST_TRIALS:
        return ""
    if spec is None:
        return "more trials of the study would bring them"
    if int((search.outcomes != "unfinished").sum()) < spec.trials:
        return f"`{study_command('run', table.name)}` goes on with its {spec.trials:,} trials"
    if 2 * search.diverged.sum() > len(search):
        return "ranges in which fewer trials diverge would bring them"
    if (search.outcomes == "pruned").any():
        return "in a study made with `--set search.pruner=none` every trial trains to its end"
    return "a study of more trials would bring them"


def wanted(study: "Study") -> str:
    """The same of a stored study."""
    return bringing(tables(study), specification(study))
