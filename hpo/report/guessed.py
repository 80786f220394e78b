"""What a study's trials are worth against a guess, in sentences."""

from collections.abc import Iterator

import numpy as np

from ..analysis.baseline import BALANCED, Baseline
from ..analysis.table import Table, Unanswered
from ..findings.wording import counted, lower, subject
from .wording import a, exact


def no_better(table: Table, row: int, found: Baseline | Unanswered | None) -> str | None:
    """The first sentence of the answer, without its full stop, where the best trial is no better than a guess; else None."""
    if found is None or isinstance(found, Unanswered) or not found.values[row] <= found.bound:
        return None
    value = f"{a(lower(subject(found.metric)))} of {exact(found.metric, found.values[row])}"
    others = f", and none of {found.trials:,} completed trials is" if found.trials > 1 and not found.better else ""
    luck = f"; by luck it reaches up to {_reach(found)}" if found.values[row] > found.level else ""
    return f"The best trial, number {table.numbers[row]} with {value}, is no better than a guess{others}: {_guess(found)}{luck}"


def beside(found: Baseline | Unanswered | None) -> str:
    """What follows the value of a best trial that is better than a guess, where the classes are unbalanced."""
    return "" if found is None or isinstance(found, Unanswered) or not found.unbalanced else f"; {_guess(found)}"


def sentences(found: Baseline | Unanswered) -> Iterator[str]:
    """For the report: what a guess gets, how many trials are better, and what their balanced accuracy says."""
    if isinstance(found, Unanswered) or not found.matters:
        return
    guess = _guess(found)
    yield f"{guess[:1].upper()}{guess[1:]}."
    yield f"{_how_many(found)} than that by more than luck, which reaches up to {_reach(found)} on so many images."
    if found.metric != BALANCED and np.isfinite(found.balanced).any():
        highest = exact(BALANCED, float(np.nanmax(found.balanced)))
        yield f"The highest balanced accuracy of a completed trial is {highest}; every class counts alike in it."


def _reach(found: Baseline) -> str:
    return exact(found.metric, min(found.bound, 1.0))


def _how_many(found: Baseline) -> str:
    trials = counted(found.trials, "completed trial")
    if not found.better:
        return f"None of the {trials} is better"
    return f"{found.better:,} of the {trials} {'is' if found.better == 1 else 'are'} better"


def _guess(found: Baseline) -> str:
    level = exact(found.metric, found.level)
    if found.metric == BALANCED:
        return f"the balanced accuracy of a guess is {level}"
    if not found.unbalanced:
        return f"a guess is right in {level} of the validation images"
    return f"a guess of the commonest class, '{found.commonest}', is right in {level} of the validation images"
