"""Studies in a storage, and the run that carries them out: the fold over stages, cohorts and rungs, and the only writer."""

from .creating import create, delete, load, names
from .events import Display, Event
from .retrying import retry_errors
from .running import Summary, run
from .stopping import StopRules
from .stored import StageState, StoredStudy
from .table import trial_table_hash

__all__ = [
    "Display",
    "Event",
    "StageState",
    "StopRules",
    "StoredStudy",
    "Summary",
    "create",
    "delete",
    "load",
    "names",
    "retry_errors",
    "run",
    "trial_table_hash",
]
