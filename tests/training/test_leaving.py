"""A network that ends the process that trains it fails for itself; a signal that asks the process to end still ends it."""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

import pytest

from hpo import engines
from hpo.engines import JobFailure
from hpo.errors import UsageError
from hpo.training import Job, JobResult, run
from hpo.training.evaluating import Trained

from .test_strangers import BATCH, model

WORDS = r"a network must not end the process that trains it, but it raised SystemExit: enough \(.*faulty.py, line \d+\)"


def leaving(when: str, **options: Any) -> dict[str, Any]:
    """A network that leaves in a step, in an evaluation, or on the way back."""
    return {**model("Leaving"), "when": when, **options}


@pytest.mark.parametrize(
    ("when", "together"), [("step", True), ("evaluation", True), ("step", False), ("evaluation", False), ("back", False)]
)
def test_whoever_leaves_fails_alone(make_job: Callable[..., Job], when: str, together: bool) -> None:
    """In this process, whose next job is trained: from lanes and alone, however far it has come."""
    job = make_job(leaving(when, together=together), {"batch_size": BATCH}, [{}, {}], end=5)
    sound = make_job(model("Idle"), {"batch_size": BATCH}, [{}])
    with engines.make("serial") as engine:
        failed, trained = (outcome for _, outcome in engine.run([job, sound], lambda _: None))
    assert isinstance(failed, JobFailure)
    assert isinstance(trained, JobResult)
    with pytest.raises(UsageError, match=WORDS):
        run(job, lambda _: None)


def test_whoever_leaves_is_not_tested(make_job: Callable[..., Job]) -> None:
    """The final test says what it was."""
    job = make_job(leaving("never"), {"batch_size": BATCH}, [{}])
    checkpoint = run(job, lambda _: None).lanes[0].checkpoint
    assert checkpoint is not None
    there = make_job(leaving("evaluation", after=1), {"batch_size": BATCH}, [{}]).lanes[0].model
    with pytest.raises(UsageError, match=WORDS):
        Trained(there, checkpoint, job.data).test()


def leave(number: int, frame: FrameType | None) -> NoReturn:
    """As many programs handle a signal."""
    sys.exit(128 + number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_still_ends_the_process(make_job: Callable[..., Job], number: signal.Signals) -> None:
    """Wherever in a network it is found: its handler's sys.exit() is nobody's error."""
    job = make_job(leaving("step", number=int(number)), {"batch_size": BATCH}, [{}])
    before = signal.signal(number, leave)
    try:
        with engines.make("serial") as engine, pytest.raises(SystemExit) as stopped:
            list(engine.run([job], lambda _: None))
    finally:
        signal.signal(number, before)
    assert stopped.value.code == 128 + number
