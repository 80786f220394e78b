"""Named points of a run at which it can be made to crash: kill -9 of its process group, at a moment that a timer never hits."""

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any

from ..data import storing
from ..engines.serial import Serial
from ..runner import asking, checkpoints, running, telling
from ..runner.checkpoints import Checkpoints
from ..storage import Leases, bulk

POINTS: Mapping[str, tuple[Any, str, str]] = {
    "before the first question": (running, "open_cohort", "before"),
    "after the answer, before the cohort is stored": (asking, "ask", "after"),
    "within the cohort's transaction": (bulk, "_params", "after"),
    "after the cohort is taken, before its trials are stored": (Leases, "take", "after"),
    "after the cohort is stored": (running._Run, "_ask", "after"),
    "before a job": (Serial, "run", "before"),
    "within a checkpoint": (os, "fsync", "before"),
    "between two checkpoints of a job": (checkpoints, "write_whole", "after"),
    "after the checkpoints of a job": (Checkpoints, "write", "after"),
    "after the decisions, before the report": (running, "judged", "after"),
    "within the report": (bulk, "_values", "after"),
    "between report and tell": (telling, "end_trials", "before"),
    "after the last tell, before the commit": (telling, "end_trials", "after"),
    "after the report": (running, "tell", "after"),
    "after tidying": (Checkpoints, "forget", "after"),
    "before the lease is given back": (Leases, "give_back", "before"),
}
"""Where to find the function that marks the point, and on which side of it."""

CACHE_POINTS: Mapping[str, tuple[Any, str, str]] = {
    "within a cache write": (storing, "_write_array", "after"),
    "before a cache entry is in its place": (storing, "_publish", "before"),
}
"""Passed only where images are read for the first time."""


def crash_at(point: str, occurrence: int = 1) -> None:
    """Arrange for the crash of this process group when it passes a point for that time."""
    owner, name, side = {**POINTS, **CACHE_POINTS}[point]
    original: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def marked(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if side == "before" and calls == occurrence:
            os.killpg(0, signal.SIGKILL)
        result = original(*args, **options)
        if side == "after" and calls == occurrence:
            os.killpg(0, signal.SIGKILL)
        return result

    setattr(owner, name, marked)
