"""What is said of evidence, before it is trained and while."""

from collections.abc import Iterator, Sequence

from ..findings.wording import counted, number
from .claims import Claim, level, prospect
from .needs import Need


def says(batch: Sequence[Claim], found: Sequence[Claim], units: int) -> str:
    """A batch for some claims: `claim 2: 3 of about 9 seeds, p so far 0.08; 3 more`."""
    return "; ".join(f"{_so_far(claim, found)}; {units:,} more" for claim in batch)


def _so_far(claim: Claim, found: Sequence[Claim]) -> str:
    assert isinstance(claim.need, Need)
    ahead, there = prospect(claim, level(found), float("inf")), claim.need.there
    known = f"{there:,} of about {_units(claim.need, there + ahead.units)}" if ahead else _units(claim.need, there)
    p = claim.finding.corrected
    return f"claim {claim.number}: {known}" + (f", p so far {number(p)}" if p is not None else "")


def _units(need: Need, count: int, more: str = "") -> str:
    """`9 seeds` of the grid's points, `9 trials`, or of several groups `9 trials in each group`; `9 more trials`."""
    if need.points:
        of = f" of {counted(len(need.points), 'setting')}" if len(need.points) > 1 else ""
        return f"{counted(count, f'{more}seed')}{of}"
    return counted(count, f"{more}trial") + (" in each group" if len(need.groups) > 1 else "")


def expectations(found: Sequence[Claim], left: Sequence[Claim], steps: float, speed: float | None) -> Iterator[str]:
    """For each claim without a verdict what it is expected to take, and at what odds; or why it cannot be served.

    `steps`: training steps that there is a budget for; `speed`: of them a second, where that is known.
    """
    for claim in left:
        yield f"claim {claim.number}, '{claim.finding.claim}': {expectation(claim, found, steps, speed)}"


def expectation(claim: Claim, found: Sequence[Claim], steps: float, speed: float | None) -> str:
    """The same of one of them, without its name."""
    need = claim.need
    if isinstance(need, str):
        return f"evidence cannot settle it: {need}"
    most = steps // need.steps
    ahead = prospect(claim, level(found), most)
    if ahead is None:
        first = f"{_units(need, need.next)} come first ({_cost(need, need.next, speed)})"
        return f"how much it takes cannot be said yet; {first}"
    takes = f"about {_units(need, ahead.units, 'more ')} ({_cost(need, ahead.units, speed)})"
    if ahead.units <= most:
        return f"{takes} would decide it with a chance of {_chance(ahead.chance)}, if the effect is as large as it looks"
    return f"{takes} would do; the budget pays for {most:,.0f}, a chance of {_chance(ahead.chance)}"


def _chance(share: float) -> str:
    return "less than 1 %" if share < 0.01 else f"about {100 * share:.0f} %"


def _cost(need: Need, units: int, speed: float | None) -> str:
    steps = units * need.steps
    return f"{steps:,.0f} training steps" + (f", about {_lasting(steps / speed)}" if speed else "")


def _lasting(seconds: float) -> str:
    return f"{max(1, round(seconds)):,} s" if seconds < 99.5 else f"{round(seconds / 60):,} min"
