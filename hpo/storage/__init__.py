"""Where studies are kept: a storage URL becomes an Optuna storage that survives kills, several writers and odd names."""

from ..errors import hidden
from .address import DEFAULT_URL
from .bulk import End, add_trials, end_trials, extend_trials, fill_trial, identifier_of, reopen_trials
from .connecting import Mode, check, connect
from .database import Database
from .explaining import DATABASE_ERRORS, RESCUE, explained, meaning
from .leases import Lease, LeaseLost, Leases

__all__ = [
    "DATABASE_ERRORS",
    "DEFAULT_URL",
    "RESCUE",
    "Database",
    "End",
    "Lease",
    "LeaseLost",
    "Leases",
    "Mode",
    "add_trials",
    "check",
    "connect",
    "end_trials",
    "explained",
    "extend_trials",
    "fill_trial",
    "hidden",
    "identifier_of",
    "meaning",
    "reopen_trials",
]
