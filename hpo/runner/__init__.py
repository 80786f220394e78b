"""Studies in a storage, and the run that carries them out: the fold over stages, cohorts and rungs, and the only writer."""

from .creating import create, delete, load, names
from .events import Display, Event
from .evidence import Batch, Gathering
from .retrying import retry_errors
from .running import Summary, gather, run
from .stopping import StopRules
from .stored import StageState, StoredStudy
from .table import trial_table_hash

__all__ = [
    "Batch",
    "Display",
    "Event",
    "Gathering",
    "StageState",
    "StopRules",
    "StoredStudy",
    "Summary",
    "create",
    "delete",
    "gather",
    "load",
    "names",
    "retry_errors",
    "run",
    "trial_table_hash",
]
