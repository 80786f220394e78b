"""Epochs at whose end all live trials of a cohort have reported, so that pruning can be decided."""

from itertools import pairwise

from ..errors import UsageError
from ..spec import SearchSpec

REDUCTION = 3
"""Out of so many trials one is kept at a rung. 10 epochs make rungs at 1, 3 and 10, and of 20 trials 7 and 3 go on."""


def rung_epochs(search: SearchSpec, epochs: int) -> tuple[int, ...]:
    """The rungs of a study; the last one is the last epoch.

    Without a pruner the last epoch alone; for those that halve see `halving_epochs`; for the others every epoch.
    """
    if search.pruner == "none":
        return (epochs,)
    if search.pruner in ("successive-halving", "hyperband", "checked-halving"):
        return halving_epochs(epochs, *halving_options(search))
    return tuple(range(1, epochs + 1))


def halving_options(search: SearchSpec) -> tuple[int, int]:
    """min_resource (epochs before the first rung, at the least) and reduction_factor. Raises UsageError."""
    options = {"min_resource": 1, "reduction_factor": REDUCTION, **search.pruner_options}
    for (name, value), least in zip(options.items(), (1, 2), strict=False):
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise UsageError(f"search.pruner_options.{name} must be a whole number of at least {least}, got {value!r}")
    return options["min_resource"], options["reduction_factor"]


def kept_share(search: SearchSpec, epochs: int) -> float:
    """Share of all epochs that successive halving leaves to be trained; 1 for every other pruner, which nobody can foresee."""
    if search.pruner not in ("successive-halving", "hyperband"):
        return 1.0
    _, factor = halving_options(search)
    ends = (0, *rung_epochs(search, epochs))
    trained: float = sum((end - begin) / factor**place for place, (begin, end) in enumerate(pairwise(ends)))
    return trained / epochs


def halving_epochs(epochs: int, min_resource: int, reduction_factor: int) -> tuple[int, ...]:
    """Rungs at epochs / factor^k, rounded down, as long as they do not lie before `min_resource` (Li et al., 2018, algorithm 1).

    Counted from the last epoch: counted from the first (1, 3, 9, ...), a rung could lie right before the end and save nothing.
    """
    rungs = [epochs]
    while (rung := epochs // reduction_factor ** len(rungs)) >= min_resource:
        rungs.append(rung)
    return tuple(sorted(set(rungs)))
