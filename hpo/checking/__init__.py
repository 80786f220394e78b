"""Checks of a study before it is run. Nothing in here needs torch until a check is made."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .jobs import CheckJob, check_job, fitness_job
from .results import Check, Errors, Estimate, GradientCase, GradientReport, NetworkReport, ParameterErrors

if TYPE_CHECKING:
    from ..data import Prepared
    from ..engines import Engine
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
    "refuse_unfit",
]


def refuse_unfit(engine: "Engine", spec: "StudySpec", data: "Prepared") -> None:
    """Have an engine, made with engines.CHECKING, build and try the networks of a user's factory; others are known to do.

    Raises UsageError with all that is wrong with them.
    """
    from ..engines import JobFailure
    from ..errors import UsageError
    from ..spec import FactorySpec

    if not isinstance(spec.model, FactorySpec):
        return
    for _, outcome in engine.run([fitness_job(spec, data)], lambda progress: None):
        found = [outcome.error] if isinstance(outcome, JobFailure) else outcome.notes
        if found:
            raise UsageError("\n".join(found))


def check_gradients(spec: "StudySpec", data: "Prepared", say: Callable[[str], None] = lambda line: None) -> GradientReport:
    """Compare the gradients that train with difference quotients of the cost; `say` is told of each case before it begins.

    Raises UsageError when a case's batch is larger than the data, when the factory cannot be used, or when the cost is random.
    """
    from ..engines import CHECKING, make
    from ..training.arithmetic import exact
    from ..training.randomness import kept
    from .gradients import check

    refuse_unfit(make("serial", work=CHECKING), spec, data)
    with exact("cpu"), kept():
        return check(spec, data, say)


def check_network(
    spec: "StudySpec", data: "Prepared", workers: int, say: Callable[[str], None] = lambda line: None
) -> NetworkReport:
    """Look at a study's network before it is trained, and estimate what the study takes with so many workers.

    Raises UsageError when the factory cannot be used.
    """
    from ..engines import CHECKING, make
    from ..training.arithmetic import exact
    from ..training.randomness import kept
    from .network import check

    refuse_unfit(make("serial", work=CHECKING), spec, data)
    with exact("cpu"), kept():
        return check(spec, data, workers, say)
