"""The points that the answer of a study is about: the recommended one, and that of the trial that looks best."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..analysis.recommendation import recommendation
from ..analysis.table import Table, Unanswered
from ..runner.evidence import Point
from ..runner.stored import Moment
from ..space import Parameter
from .after_search import Candidate


def candidates(now: Moment, table: Table) -> Sequence[Candidate]:
    """Both; none where the model of the study gives no answer, as with two objectives."""
    found = recommendation(table)
    if isinstance(found, Unanswered):
        return ()
    number = int(table.numbers[found.row])
    best = next(trial.params for trial in now.trials() if trial.number == number)
    return ("the recommended setting", _point(now, table, found.settings, best)), (f"trial {number}", best)


def _point(now: Moment, table: Table, settings: Mapping[str, float], best: Point) -> Point:
    """A setting of the model as a point of the space; what the model leaves out is as in the best trial."""
    space = now.study.spec.space
    return {
        name: _value(parameter, table.columns[name].choices, settings[name]) if name in settings else best[name]
        for name, parameter in space.items()
    }


def _value(parameter: Parameter, choices: Sequence[Any] | None, value: float) -> Any:
    if parameter.choices is not None:
        return (choices or parameter.choices)[round(value)]
    points = parameter.grid() if parameter.values is not None else None
    if points is not None:
        return min(points, key=lambda point: abs(point - value))
    low, last = parameter.ends[0], parameter.last
    within = float(min(max(value, low), last))
    if parameter.step is not None:
        return min(parameter.nearest(within), key=lambda point: abs(point - within))
    return round(within) if parameter.whole else within
