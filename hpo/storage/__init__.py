"""Where studies are kept: a storage URL becomes an Optuna storage that survives kills, several writers and odd names."""

from .address import DEFAULT_URL, hidden
from .connecting import Mode, check, connect
from .database import Database
from .explaining import explained

__all__ = ["DEFAULT_URL", "Database", "Mode", "check", "connect", "explained", "hidden"]
