"""Pruners by name."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from optuna import pruners
from optuna.pruners import BasePruner

from ..errors import HpoError, InvalidSpec
from ..spec import SearchSpec, StudySpec
from .checked import CheckedHalving
from .halving import AsynchronousHalving, SuccessiveHalving, hyperband
from .options import build, find
from .rungs import halving_options, rung_epochs
from .samplers import kind_of, make_sampler


class _PrunerKind(NamedTuple):
    pruner: type[BasePruner]
    options: tuple[str, ...] | None
    fixed: Mapping[str, object] = {}


_KINDS: Mapping[str, _PrunerKind] = {
    "none": _PrunerKind(pruners.NopPruner, ()),
    "median": _PrunerKind(pruners.MedianPruner, ("n_startup_trials", "n_warmup_steps", "interval_steps", "n_min_trials")),
    "percentile": _PrunerKind(
        pruners.PercentilePruner, ("percentile", "n_startup_trials", "n_warmup_steps", "interval_steps", "n_min_trials")
    ),
    "patient": _PrunerKind(pruners.PatientPruner, ("patience", "min_delta"), {"wrapped_pruner": None}),
    "threshold": _PrunerKind(pruners.ThresholdPruner, ("lower", "upper", "n_warmup_steps", "interval_steps")),
    "wilcoxon": _PrunerKind(pruners.WilcoxonPruner, ("p_threshold", "n_startup_steps")),
}
"""Optuna's own. Those that halve are ours (halving.py, checked.py)."""

_HALVING: Mapping[str, Callable[[Sequence[int], int], BasePruner]] = {
    "successive-halving": SuccessiveHalving,
    "hyperband": hyperband,
    "checked-halving": CheckedHalving,
}

_COMPARE_WITH_COMPLETE = ("median", "percentile", "wilcoxon", "checked-halving")


def make_pruner(search: SearchSpec, epochs: int, asynchronous: bool = False) -> BasePruner:
    """The study's pruner for trials of so many epochs, asked together or one by one.

    Raises UsageError, which names the known options.
    """
    key = "search.pruner_options"
    if search.pruner in _HALVING:
        build(key, dict, search.pruner_options, ("min_resource", "reduction_factor"))
        _, factor = halving_options(search)
        if asynchronous:
            return AsynchronousHalving(factor)
        return _HALVING[search.pruner](rung_epochs(search, epochs), factor)
    if search.pruner in _KINDS:
        kind = _KINDS[search.pruner]
        return build(key, kind.pruner, search.pruner_options, kind.options, **kind.fixed)
    own = find("search.pruner", search.pruner, BasePruner)  # type: ignore[type-abstract]
    return build(key, own, search.pruner_options, None)


def remembers(search: SearchSpec) -> bool:
    """Whether a trial profits from the trials told before it, so that fewer should be asked at once.

    That is a sampler that learns, or a pruner that compares with complete trials.
    """
    learns = search.sampler != "grid" and search.sampler != "qmc" and kind_of(search).memory != "none"
    return learns or compares(search)


def compares(search: SearchSpec) -> bool:
    """Whether a study's pruner compares a trial with those of other cohorts."""
    return search.pruner in _COMPARE_WITH_COMPLETE or ":" in search.pruner


def check(spec: StudySpec, source: str) -> None:
    """Raise InvalidSpec when the sampler or the pruner of a study cannot be made, with the faults of both."""
    if faults := faults_of(spec):
        raise InvalidSpec(source, faults)


def faults_of(spec: StudySpec) -> list[str]:
    """Why the pruner and the sampler of a study cannot be made, each fault with its key; none when they can."""
    faults = []
    makers: list[Callable[[], object]] = [lambda: make_pruner(spec.search, spec.training.epochs or 1)]
    if spec.search.sampler == "grid":
        makers.append(lambda: build("search.sampler_options", dict, spec.search.sampler_options, ()))
    else:
        makers.append(lambda: make_sampler(spec.search, 0))
    for make in makers:
        try:
            make()
        except HpoError as error:
            faults += str(error).split("\n")
    return faults
