"""Checks of a study before it is run. Nothing in here needs torch until a check is made."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .jobs import CheckJob, check_job
from .results import Check, Errors, Estimate, GradientCase, GradientReport, NetworkReport, ParameterErrors

if TYPE_CHECKING:
    from ..data import Prepared
    from ..spec import StudySpec

__all__ = [
    "Check",
    "CheckJob",
    "Errors",
    "Estimate",
    "GradientCase",
    "GradientReport",
    "NetworkReport",
    "ParameterErrors",
    "check_gradients",
    "check_job",
    "check_network",
]


def check_gradients(spec: "StudySpec", data: "Prepared", say: Callable[[str], None] = lambda line: None) -> GradientReport:
    """Compare the gradients that train with difference quotients of the cost; `say` is told of each case before it begins.

    Raises UsageError when a case's batch is larger than the data, when the factory cannot be used, or when the cost is random.
    """
    from ..training.arithmetic import exact
    from .gradients import check

    with exact("cpu"):
        return check(spec, data, say)


def check_network(
    spec: "StudySpec", data: "Prepared", workers: int, say: Callable[[str], None] = lambda line: None
) -> NetworkReport:
    """Look at a study's network before it is trained, and estimate what the study takes with so many workers.

    Raises UsageError when the factory cannot be used.
    """
    from ..training.arithmetic import exact
    from .network import check

    with exact("cpu"):
        return check(spec, data, workers, say)
