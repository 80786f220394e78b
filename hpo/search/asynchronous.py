"""What a search must be like for its trials to be asked one by one, whenever there is room."""

from ..errors import UsageError
from ..spec import SearchSpec
from .samplers import kind_of

_OF_COHORTS = {"hyperband": "shares one out among its brackets", "checked-halving": "has witnesses in each"}


def sees_trials(search: SearchSpec) -> bool:
    """Whether the sampler is to be shown the trials so far, open ones included."""
    return search.sampler == "grid" or kind_of(search).memory != "none"


def check_asynchronous(search: SearchSpec) -> None:
    """Raise UsageError, with all faults, for a search that needs whole cohorts."""
    faults = []
    if search.sampler != "grid" and kind_of(search).memory == "own":
        faults.append(
            f"--asynchronous takes a sampler that can be asked in any order, random, grid, tpe or gp, got {search.sampler}: leave"
            " --asynchronous out"
        )
    if search.pruner in _OF_COHORTS:
        faults.append(
            f"--asynchronous has no cohorts, and {search.pruner} {_OF_COHORTS[search.pruner]}: leave --asynchronous out, or begin"
            " anew with successive-halving"
        )
    if faults:
        raise UsageError("\n".join(faults))
