"""How much each parameter matters: Optuna's three evaluators, with intervals over resampled trials."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ..seeds import derive
from .forward import carried_forward
from .optuna_trials import as_study
from .sampling import at_most
from .table import Column, Floats, Integers, Table, Unanswered, there_are

if TYPE_CHECKING:
    from optuna.importance import BaseImportanceEvaluator

Method = Literal["ped-anova", "fanova", "mean-decrease-impurity"]


class _Limits(NamedTuple):
    trials: int
    """Used at the most; the cost of fANOVA grows with the square of the number."""
    resamples: int
    """Fewer of forests, which take longer: a standard deviation over 16 has a standard error of 18 %, over 60 of 9 %."""
    wanted: int
    """Trials below which the numbers are little more than noise."""


METHODS: dict[Method, _Limits] = {
    # Optuna's documentation: at least 5 trials above the 0.1 quantile, and so 50 in all
    "ped-anova": _Limits(1000, 60, 50),
    "fanova": _Limits(300, 16, 30),
    "mean-decrease-impurity": _Limits(500, 16, 30),
}


IMPUTATIONS = 4
"""Tables with other values of the pruned trials that the shares are the mean of."""


class Share(NamedTuple):
    """One parameter's share of the importance of all."""

    parameter: str
    value: float
    """In [0, 1]; the shares of a study add up to 1, or are all 0 when no parameter matters."""
    low: float
    high: float
    """95 % interval: standard deviations over resampled trials to either side, as many as Student's t says for their number."""


class Importance(NamedTuple):
    """Shares of importance by one method, the largest first."""

    method: Method
    shares: tuple[Share, ...]
    trials: int
    """Completed trials that were used."""
    of: int
    """Completed trials that there are."""
    carried: int
    """Pruned trials that were used besides, each by what it may have come to: another value in every resample."""
    left_out: int
    """Diverged trials, and pruned ones that could not be carried forward: these numbers say nothing of them."""
    resamples: int
    warning: str | None
    """Why these numbers should not be trusted far, if there is a reason."""
    unjudged: Mapping[str, str] = {}
    """By parameter that the method says nothing of, why."""


@lru_cache(maxsize=64)
def importance(table: Table, method: Method = "ped-anova", objective: int = 0) -> Importance | Unanswered:
    """Importance of each searched parameter for the objective.

    ped-anova: Watanabe et al. (2023), what it takes to be among the best tenth. fanova: Hutter et al. (2014), the parameter's
    own share of the variance, over its whole range on its own scale. mean-decrease-impurity: of a random forest (Breiman,
    2001). The intervals are those of a bootstrap over trials (Efron, 1979). The completed ones were chosen by their values where
    others were pruned; those get values that the model of the study leaves possible (multiple imputation, Rubin, 1987).
    """
    from scipy.special import stdtrit

    finished = table.take(table.completed)
    if len(finished) < 4:
        return Unanswered(f"importance needs at least 4 completed trials, and {there_are(len(finished))}")
    if np.ptp(finished.values[:, objective]) == 0:
        return Unanswered("all completed trials have the same value")
    limits = METHODS[method]
    carried = carried_forward(table, objective, limits.resamples)
    used = carried[0] if carried else at_most(finished, limits.trials, f"importance {method}")
    parameters = usable(used, method)
    if not parameters:
        return Unanswered("no parameter was varied in every completed trial")
    completed = int(used.completed.sum()) if not carried else int((table.completed[np.isin(table.numbers, used.numbers)]).sum())
    made = [one if method == "ped-anova" else on_own_scales(one) for one in carried or (used,)]
    whole = np.arange(len(used))
    shares = np.mean([evaluate(one, method, parameters, whole, objective) for one in made[:IMPUTATIONS]], axis=0)
    spread = np.std(resampled(made, method, parameters, limits.resamples, objective), axis=0, ddof=1)
    ordered = sorted(zip(parameters, shares, spread, strict=True), key=lambda entry: (-entry[1], entry[0]))
    reach = float(stdtrit(limits.resamples - 1, 0.975))
    entries = tuple(Share(n, float(v), max(0.0, float(v - reach * s)), min(1.0, float(v + reach * s))) for n, v, s in ordered)
    left_out = int((table.settled & ~table.completed).sum()) - (len(used) - completed)
    return Importance(
        method, entries, completed, len(finished), len(used) - completed, left_out, limits.resamples,
        _warning(method, len(used) if carried else len(finished), limits.wanted), _unjudged(used, parameters),
    )  # fmt: skip


def on_own_scales(table: Table) -> Table:
    """The table with the logarithm of each parameter that is drawn on a logarithmic scale in its place.

    Optuna 5.0's fANOVA takes the variance over a space that is even in the values as they are: of a rate from 0.001 to 1, drawn
    on a logarithmic scale, nine tenths of that space lie above 0.1. PED-ANOVA minds the scale by itself.
    """
    columns = {name: _on_own_scale(column) for name, column in table.columns.items()}
    return replace(table, columns=columns)


def _on_own_scale(column: Column) -> Column:
    if not column.log:
        return column
    low, high = map(float, column.scale(np.array([column.low, column.high])))
    return replace(column, values=column.scaled, low=low, high=high, log=False, integer=False, step=None)


def usable(table: Table, method: Method) -> list[str]:
    """Parameters that the method can judge: varied, and but for ped-anova present in every trial of the table."""
    columns = [column for column in table.parameters if not column.constant]
    return [column.name for column in columns if method == "ped-anova" or not np.isnan(column.values).any()]


def _unjudged(table: Table, parameters: Sequence[str]) -> dict[str, str]:
    left = [column for column in table.parameters if column.name not in parameters]
    return {column.name: "which never changes" if column.constant else "which not every trial has" for column in left}


def resampled(tables: Sequence[Table], method: Method, parameters: list[str], count: int, objective: int = 0) -> Floats:
    """Shares in `count` resamples of the trials with replacement, each of the next table in turn: (resamples, parameters)."""
    generator = np.random.default_rng(derive(tables[0].seed, f"importance {method} resamples"))
    shares: list[Floats] = []
    while len(shares) < count:
        table = tables[len(shares) % len(tables)]
        rows = generator.integers(len(table), size=len(table))
        if np.ptp(table.values[rows, objective]) > 0:
            shares.append(evaluate(table, method, parameters, rows, objective))
    return np.array(shares)


def evaluate(table: Table, method: Method, parameters: list[str], rows: Integers, objective: int = 0) -> Floats:
    """Shares of the parameters by some rows of a table of completed trials."""
    with warnings.catch_warnings():
        # Too few trials above the quantile, or many equal values: said in `warning`, or seen in the intervals.
        warnings.simplefilter("ignore")
        # In alphabetical order: Optuna 5.0's mean decrease impurity gives the shares of sorted names to the names as listed.
        found = _evaluator(method, table.seed).evaluate(
            as_study(_evened(table, rows, objective), rows, objective), sorted(parameters)
        )
    shares = np.array([found[name] for name in parameters], dtype=np.float64)
    return shares / shares.sum() if shares.sum() > 0 else np.zeros(len(parameters))


def _evened(table: Table, rows: Integers, objective: int) -> Table:
    """The table with the values of the rows from 0 to about 1: a forest takes a variance near 1e-16 for none at all."""
    half = table.values / 2
    above = half[:, objective] - half[rows, objective].min()
    half[:, objective] = np.ldexp(above, -int(np.frexp(above[rows].max())[1]))
    return replace(table, values=half)


def _evaluator(method: Method, seed: int) -> "BaseImportanceEvaluator":
    from optuna.importance import FanovaImportanceEvaluator, MeanDecreaseImpurityImportanceEvaluator, PedAnovaImportanceEvaluator

    if method == "ped-anova":
        return PedAnovaImportanceEvaluator()
    forest = FanovaImportanceEvaluator if method == "fanova" else MeanDecreaseImpurityImportanceEvaluator
    # 16 trees of depth 6 give the shares of 64 full ones to within 0.03 and a tenth of the time, n = 200 to 1,000.
    return forest(n_trees=16, max_depth=6, seed=derive(seed, f"importance {method}"))


def _warning(method: Method, trials: int, wanted: int) -> str | None:
    return None if trials >= wanted else f"{method} wants at least {wanted} trials, and there are {trials}"
