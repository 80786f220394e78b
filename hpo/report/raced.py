"""What fresh seeds made of the best trials, as the answer and the report tell it."""

from ..analysis.table import Table
from ..findings.wording import counted, lower, subject
from ..race import Raced, Standing, ends
from .wording import a, exact, listed, settings, told


def raced(table: Table, row: int, race: Raced) -> str:
    """The first sentence of the answer, without its full stop; `row` is that of the best."""
    candidates = len(race.standings)
    if race.best is None:
        which = "the best trial" if candidates == 1 else f"each of the best {candidates} trials"
        return f"No setting can be relied on yet: of {which} a network diverged on fresh seeds"
    number = f"number {race.best.trial}{settings(told(table, row))}"
    said = f"{_expected(table, race.best)}; {_luck(table, race)}"
    if candidates == 1:
        return f"The best trial is {number}: {said}"
    if len(race.tied) == 1:
        return f"The best of {candidates} candidates is {number}: {said}"
    tied = f"Trials {listed([str(trial) for trial in race.tied])} cannot be told apart on fresh seeds"
    return f"{tied}; the likeliest best is {number}: {said}"


def _expected(table: Table, best: Standing) -> str:
    value = f"{a(lower(subject(table.metric)))} of {exact(table.metric, best.expected or 0.0)}"
    interval = "" if (ends := limits(table, best)) is None else f"95 % interval {ends}, "
    return f"{value} is to be expected of it ({interval}by {counted(best.seeds, 'fresh seed')})"


def _luck(table: Table, race: Raced) -> str:
    """What the search's best has come to."""
    assert race.best is not None
    first = race.confirmation.candidates[0]
    searched = exact(table.metric, first.searched)
    if first.trial == race.best.trial:
        return f"it had {searched} in the search"
    return f"number {first.trial} looked best in the search with {searched}, but {_came_to(table, race.standing(first.trial))}"


def _came_to(table: Table, first: Standing) -> str:
    if first.out == "diverged" or first.mean is None:
        return "a network of it diverged on fresh seeds"
    return f"has {exact(table.metric, first.mean)} on {counted(first.seeds, 'fresh seed')}"


def limits(table: Table, one: Standing) -> str | None:
    """Both ends of a candidate's interval; None with a single network."""
    found = ends(one, table.metric)
    return None if found is None else " to ".join(exact(table.metric, end) for end in found)
