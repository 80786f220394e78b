"""What fresh seeds made of the best trials, where there is no model of the study that tells it."""

from ..analysis.table import Table
from ..findings.wording import counted, lower, subject
from ..race import Raced, Standing, ends
from .wording import a, exact, settings, told


def raced(table: Table, row: int, race: Raced) -> str:
    """The first sentence of the answer, without its full stop; `row` is that of the best."""
    candidates = len(race.standings)
    if race.best is None:
        which = "the best trial" if candidates == 1 else f"each of the best {candidates} trials"
        return f"No setting can be relied on yet: of {which} a network diverged on fresh seeds"
    likeliest = "likeliest " if len(race.tied) > 1 else ""
    which = "The best trial" if candidates == 1 else f"The {likeliest}best of {candidates} candidates"
    return f"{which} is number {race.best.trial}{settings(told(table, row))}: {_expected(table, race.best)}"


def _expected(table: Table, best: Standing) -> str:
    value = f"{a(lower(subject(table.metric)))} of {exact(table.metric, best.expected or 0.0)}"
    interval = "" if (ends := limits(table, best)) is None else f"95 % interval {ends}, "
    return f"{value} is to be expected of it ({interval}by {counted(best.seeds, 'fresh seed')})"


def limits(table: Table, one: Standing) -> str | None:
    """Both ends of a candidate's interval; None with a single network."""
    found = ends(one, table.metric)
    return None if found is None else " to ".join(exact(table.metric, end) for end in found)
