"""A tally in words."""

from typing import TYPE_CHECKING

from ..figures import lasting, measured, outcome_counts, progressed, significant
from ..output import clean_line
from .tally import Best, Tally

if TYPE_CHECKING:
    from ...runner.events import Settled, StorageBack, StorageLost, Waiting


def counts(tally: Tally) -> str:
    """'12 of 50 trials, 10 running, 4 completed, 7 pruned, 1 diverged'."""
    running = [f"{tally.running} running"] if tally.running else []
    after = [f"{tally.evidence:,} of evidence"] if tally.evidence else []
    return ", ".join([progressed(tally.told, tally.planned), *running, *outcome_counts(tally.outcomes), *after])


def speed(tally: Tally) -> str:
    """'12,345 training steps/s, about 40 s left'; empty before there is anything to measure."""
    if tally.pace is None:
        return ""
    pace = f"{tally.pace:,.0f} training steps/s"
    return pace if tally.left is None or tally.told == tally.planned else f"{pace}, about {lasting(tally.left)} left"


def best(found: Best | None, metric: str) -> str:
    """'best validation accuracy 45.02 % (trial 7: eta 0.08640, lambda 0.0001824)'; empty before there is one."""
    if found is None:
        return ""
    settings = ", ".join(f"{name} {significant(value)}" for name, value in found.params.items())
    unit = " %" if metric.endswith("accuracy") else ""
    return clean_line(f"best {metric.replace('_', ' ')} {measured(found.value, metric)}{unit} (trial {found.number}: {settings})")


def settled(event: "Settled") -> str:
    """'up to 32 networks are trained together as one, in bfloat16 on the CPU'."""
    execution, most = event.execution, event.execution.lanes or 1
    together = "networks are trained one by one" if most == 1 else f"up to {most:,} networks are trained together as one"
    return f"{together}, in {execution.precision} on the {'CPU' if execution.device == 'cpu' else 'GPU'}"


def waiting(event: "Waiting") -> str:
    """'waiting for process 123 on laptop, which works on this study too: ...'."""
    who = clean_line(f"process {event.process} on {event.host}")
    return (
        f"waiting for {who}, which works on this study too: the next trials depend on its own; should it end, they are taken over"
    )


def lost(event: "StorageLost") -> str:
    """'the storage does not answer (...): waiting for it, at most 10 min; nothing is lost'."""
    return clean_line(f"the storage does not answer ({event.reason}): waiting, at most {lasting(event.seconds)}; nothing is lost")


def back(event: "StorageBack") -> str:
    """'the storage answers again after 12 s: going on'."""
    return f"the storage answers again after {lasting(event.seconds)}: going on"
