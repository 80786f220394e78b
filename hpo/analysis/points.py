"""Trials as points: where they lie in the space, what became of them and how they rank."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from .metrics import within
from .posterior import posterior
from .table import Column, Floats, Integers, Table, Texts, Truths, Unanswered


class Points(NamedTuple):
    """The trials that have ended, for pictures. Arrays run over trials."""

    columns: tuple[Column, ...]
    """The parameters that are looked at."""
    numbers: Integers
    outcomes: Texts
    """As in a table; `evidence` for completed trials that were asked for after the search."""
    stages: Texts
    values: Floats
    """Of the objective; NaN for trials that are not completed."""
    last: Floats
    """What pruned trials had last reported of the objective; NaN for all others."""
    ranks: Floats
    """Share of the completed trials that are better, in [0, 1]; NaN for trials that are not completed."""
    metric: str
    maximise: bool
    boxes: Mapping[str, Mapping[str, tuple[float, float]]]
    """By stage, in the order of the stages."""
    unfinished: int
    """Trials that are left out because they have not ended."""
    finals: Floats | None = None
    """What pruned trials would have come to, by the model of the study; NaN for all others. None where it was not asked."""

    @property
    def known(self) -> Floats:
        """The final value, or of a pruned trial what it would have come to, else its last one; NaN for trials without any."""
        return np.where(np.isnan(self.values), self.last if self.finals is None else self.finals, self.values)

    @property
    def unseen(self) -> Truths:
        """Pruned trials of a large study on which its model does not rest, so that nobody knows what they would have come to."""
        return np.isfinite(self.last) & np.isnan(self.last if self.finals is None else self.finals)

    @property
    def whole(self) -> Truths:
        """Trials that have every one of the columns."""
        rows = np.ones(len(self.numbers), dtype=np.bool_)
        for column in self.columns:
            rows &= ~np.isnan(column.values)
        return rows


def points(table: Table, parameters: Sequence[str], objective: int = 0) -> Points | Unanswered:
    """The ended trials over some of the parameters."""
    ended = table.take(table.outcomes != "unfinished")
    if not len(ended):
        return Unanswered("no trial has ended")
    return Points(
        columns=tuple(ended.columns[name] for name in parameters),
        numbers=ended.numbers,
        outcomes=np.where((ended.evidence != "") & (ended.outcomes == "completed"), "evidence", ended.outcomes),
        stages=ended.stages,
        values=np.where(ended.completed, ended.values[:, objective], np.nan),
        last=np.where((ended.outcomes == "pruned") & (objective == 0) & np.isfinite(ended.last), ended.last, np.nan),
        ranks=_ranks(ended.score(objective)),
        metric=table.metrics[objective],
        maximise=table.maximise[objective],
        boxes={stage: table.boxes.get(stage, {}) for stage in _in_order(ended.stages)},
        unfinished=len(table) - len(ended),
    )


def _ranks(score: Floats) -> Floats:
    ranks = np.full(len(score), np.nan)
    known = np.sort(score[~np.isnan(score)])
    if known.size:
        better = known.size - np.searchsorted(known, score, side="right")
        ranks = np.where(np.isnan(score), np.nan, better / max(1, known.size - 1))
    return ranks


def _in_order(stages: Iterable[str]) -> list[str]:
    return [stage for stage in dict.fromkeys(map(str, stages)) if stage]


def foresee(found: Points, table: Table, objective: int = 0) -> Points:
    """The same with what each pruned trial would have come to: the mean by the model of the study, from its own early values.

    As they were where nothing was pruned, or where there is no model.
    """
    model = posterior(table, objective)
    if isinstance(model, Unanswered) or not model.pruned:
        return found
    places = np.flatnonzero(table.outcomes[model.rows] == "pruned")
    values = within(table, objective, model.expected_finals(places))
    finals = dict(zip(table.numbers[model.rows[places]].tolist(), values.tolist(), strict=True))
    return found._replace(finals=np.array([finals.get(int(number), np.nan) for number in found.numbers]))
