"""A study's trials as columns of numbers: what every analysis reads, whoever ran the study."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .choices import identity, texts
from .fresh import Fresh

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]
Texts = NDArray[np.str_]

Outcome = Literal["completed", "pruned", "diverged", "error", "unfinished"]
OUTCOMES: tuple[Outcome, ...] = ("completed", "pruned", "diverged", "error", "unfinished")

INDEPENDENT = frozenset({"random", "grid", "qmc"})
"""Samplers that do not look at values."""


@dataclass(frozen=True, eq=False)
class Column:
    """One parameter, or one quantity derived from parameters, over all trials."""

    name: str
    values: Floats
    """By trial; codes into `choices` where there are any. NaN where the trial does not have the parameter."""
    low: float
    """Lower end of the distribution (of the values, for a derived quantity)."""
    high: float
    log: bool = False
    integer: bool = False
    step: float | None = None
    choices: tuple[Any, ...] | None = None
    derived: bool = False

    @property
    def numeric(self) -> bool:
        """Whether the values have an order."""
        return self.choices is None

    @cached_property
    def scaled(self) -> Floats:
        """The values on the scale on which they were drawn: their decimal logarithm where that is logarithmic."""
        return self.scale(self.values)

    def scale(self, values: Floats) -> Floats:
        """Values of this column on the scale on which they were drawn."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.log10(values) if self.log else values

    def unscale(self, values: Floats) -> Floats:
        """The inverse of `scale`."""
        return np.power(10.0, values) if self.log else values

    @property
    def constant(self) -> bool:
        """Whether all trials that have the parameter have it at one value."""
        present = self.values[~np.isnan(self.values)]
        return present.size == 0 or bool(np.ptp(present) == 0)

    def code(self, value: Any) -> float:
        """How `values` holds a value: itself for a number, its place among the choices; NaN when it is none of them."""
        if self.choices is None:
            return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else np.nan
        wanted = identity(value)
        return next((float(place) for place, choice in enumerate(self.choices) if identity(choice) == wanted), np.nan)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The choices as a reader tells them apart; empty for numbers."""
        return texts(self.choices or ())

    def take(self, rows: Integers) -> "Column":
        """The same column over some of the trials."""
        return replace(self, values=self.values[rows])


def there_are(count: int) -> str:
    """For the reason of an `Unanswered`: 'there is 1', 'there are 3'."""
    return f"there {'is' if count == 1 else 'are'} {count:,}"


class Unanswered(NamedTuple):
    """What an analysis gives instead of numbers when the trials do not hold the answer."""

    reason: str
    """A plain sentence without a full stop, for the reader of a report."""


class Curve(NamedTuple):
    """What one network reported while it trained."""

    axis: Literal["epoch", "step"]
    """What `at` counts: epochs from 1, or whatever a study made elsewhere gave to `Trial.report`."""
    at: Floats
    metrics: Mapping[str, Floats]
    """By name, one number for each entry of `at`; NaN where it was not finite."""


class Curves(Protocol):
    """Where the curves of a trial come from; they are read when they are asked for."""

    def __call__(self, row: int) -> tuple[Curve, ...]:
        """The curves of a trial by replicate; empty when nothing was reported."""
        ...


def no_curves(row: int) -> tuple[Curve, ...]:
    """For tables that are made of numbers alone."""
    return ()


_BY_TRIAL = (
    "numbers", "outcomes", "values", "stages", "cohorts", "seconds", "origin", "spared", "evidence", "first_network",
    "last", "feasible",
)  # fmt: skip
"""The arrays of a table that run over trials."""


@dataclass(frozen=True, eq=False)
class Table:
    """The trials of a study. Arrays run over trials in the order of their numbers.

    Raises ValueError on construction when the arrays disagree in length.
    """

    name: str
    metrics: tuple[str, ...]
    """Names of the objectives."""
    maximise: tuple[bool, ...]
    """For each objective, whether higher is better."""
    numbers: Integers
    outcomes: Texts
    values: Floats
    """(trials, objectives), as the study has them; NaN where a trial has no value."""
    columns: Mapping[str, Column]
    stages: Texts
    """Empty where a trial belongs to no stage."""
    cohorts: Integers
    """-1 where a trial belongs to no cohort."""
    seconds: Floats
    """From the start of a trial to its end; NaN while it runs."""
    curves_of: Curves = no_curves
    origin: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Row of `curves_of` for each trial."""
    last: Floats = field(default_factory=lambda: np.empty(0, dtype=np.float64))
    """By trial the last value of the first objective that it reported; NaN where it reported none, or something else."""
    seed: int = 0
    """The study's; every draw of an analysis is keyed by it."""
    sampler: str | None = None
    """Where it is known."""
    boxes: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=dict)
    """By stage, the part of the space that its trials were drawn from; parameters that are not in it have their whole range."""
    tolerance: float | None = None
    """What counts as no difference in the first objective, in its units; None: what one seed makes."""
    spared: Truths = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    """Trials that no pruner could have ended, whatever they reported; none by default."""
    evidence: Texts = field(default_factory=lambda: np.empty(0, dtype=np.str_))
    """What each trial was asked for after the search, `answer` or `claims`; empty for a trial of the search, as by default."""
    first_network: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """By trial the number of its first network among the replicates; 0 by default. Evidence has fresh ones."""
    feasible: Truths = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    """Trials that keep the study's constraints, all by default. Others are never the best, but tell of the objective."""
    searched: Mapping[str, int] = field(default_factory=dict)
    """By stage the trials of its search; those that a part of the table leaves out count, too."""
    looks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """By cohort of evidence for claims, the keys of these."""
    fresh: tuple[Fresh, ...] = ()
    """What confirmations made of trials; those of trials that a part of the table leaves out have no say in it."""

    def __post_init__(self) -> None:
        if self.origin.size == 0:
            object.__setattr__(self, "origin", np.arange(len(self.numbers)))
        if self.last.size == 0:
            object.__setattr__(self, "last", np.full(len(self.numbers), np.nan))
        if self.spared.size == 0:
            object.__setattr__(self, "spared", np.zeros(len(self.numbers), dtype=np.bool_))
        if self.evidence.size == 0:
            object.__setattr__(self, "evidence", np.full(len(self.numbers), "", dtype=np.str_))
        if self.first_network.size == 0:
            object.__setattr__(self, "first_network", np.zeros(len(self.numbers), dtype=np.int64))
        if self.feasible.size == 0:
            object.__setattr__(self, "feasible", np.ones(len(self.numbers), dtype=np.bool_))
        if not self.searched and len(self.stages) == len(self.evidence):
            object.__setattr__(self, "searched", dict(Counter(map(str, self.stages[self.evidence == ""]))))
        arrays: Sequence[Any] = (
            self.outcomes,
            self.values,
            self.stages,
            self.cohorts,
            self.seconds,
            self.origin,
            self.spared,
            self.evidence,
            self.first_network,
            self.last,
            self.feasible,
        )
        lengths = {len(self.numbers), *map(len, arrays), *(len(column.values) for column in self.columns.values())}
        if len(lengths) > 1:
            raise ValueError(f"the columns of a table are equally long, got lengths {sorted(lengths)}")
        if not len(self.metrics) == len(self.maximise) == self.values.shape[1]:
            raise ValueError(f"one metric and one direction for each objective, got {self.values.shape[1]} objectives")

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def search(self) -> "Table":
        """The trials of the search alone: its best, its history and its counts are theirs."""
        return self.take(self.evidence == "") if (self.evidence != "").any() else self

    @property
    def independent(self) -> bool:
        """Whether every trial of a stage is known to have been chosen without a look at the values of others."""
        return self.sampler in INDEPENDENT

    @property
    def metric(self) -> str:
        """Name of the first objective."""
        return self.metrics[0]

    @cached_property
    def completed(self) -> Truths:
        """Trials that ran to their end, with a finite value for every objective."""
        return np.asarray((self.outcomes == "completed") & np.isfinite(self.values).all(axis=1))

    @cached_property
    def diverged(self) -> Truths:
        """Trials that left the region where they can learn."""
        return np.asarray(self.outcomes == "diverged")

    @cached_property
    def settled(self) -> Truths:
        """Trials of which one can say whether they diverged: all but errors and the unfinished."""
        return np.asarray(np.isin(self.outcomes, ("completed", "pruned", "diverged")))

    def score(self, objective: int = 0) -> Floats:
        """What makes a trial the best: the objective, turned so that higher is better.

        NaN for trials that are not completed, and minus infinity for those that break a constraint.
        """
        sign = 1.0 if self.maximise[objective] else -1.0
        return np.where(self.completed, np.where(self.feasible, sign * self.values[:, objective], -np.inf), np.nan)

    @property
    def parameters(self) -> tuple[Column, ...]:
        """The columns that were searched, without the derived ones."""
        return tuple(column for column in self.columns.values() if not column.derived)

    @cached_property
    def points(self) -> Integers:
        """For each trial the number of its point: trials with equal parameters have the same."""
        if not self.parameters:
            return np.zeros(len(self), dtype=np.int64)
        matrix = np.column_stack([np.nan_to_num(column.values, nan=np.inf) for column in self.parameters])
        return np.unique(matrix, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)

    @cached_property
    def points_of_stages(self) -> Integers:
        """The same, apart for each stage: a point that two stages tried may have had two budgets."""
        stages = np.unique(self.stages, return_inverse=True)[1]
        return np.asarray(self.points * (int(stages.max(initial=0)) + 1) + stages, dtype=np.int64)

    @cached_property
    def fresh_by_row(self) -> Mapping[int, tuple[Fresh, ...]]:
        """By row of a trial what its confirmations made of it, the latest last."""
        numbers = self.numbers.tolist()
        confirmed = {one.number for one in self.fresh}
        rows = {number: row for row, number in enumerate(numbers) if number in confirmed}
        return {row: tuple(one for one in self.fresh if one.number == number) for number, row in sorted(rows.items())}

    def curves(self, row: int) -> tuple[Curve, ...]:
        """The curves of the trial in a row, by replicate."""
        return self.curves_of(int(self.origin[row]))

    def take(self, rows: NDArray[Any]) -> "Table":
        """Some of the trials, by row numbers or by a mask, in the order given. A row may come twice."""
        chosen = np.arange(len(self))[rows]
        parts = {name: getattr(self, name)[chosen] for name in _BY_TRIAL}
        return replace(self, **parts, columns={name: column.take(chosen) for name, column in self.columns.items()})

    def with_columns(self, columns: Sequence[Column]) -> "Table":
        """The table with more columns."""
        return replace(self, columns={**self.columns, **{column.name: column for column in columns}})
