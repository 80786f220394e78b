"""Samplers by name."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from optuna import samplers
from optuna.samplers import BaseSampler

from ..spec import SearchSpec
from .options import build, find

Memory = Literal["none", "trials", "own"]


@dataclass(frozen=True, slots=True)
class SamplerKind:
    """What has to be known of a sampler to ask it in a way that can be repeated."""

    sampler: type[BaseSampler]
    memory: Memory
    """What a suggestion depends on besides the seed: nothing, the trials told so far, or a state that it builds up while it
    is asked and told, so that its questions have to be repeated from the first one."""
    options: tuple[str, ...] | None
    """None: whatever the class takes."""
    learns_from_pruned: bool = True
    """Whether it takes a diverged trial in as one that was pruned; else it is told as a complete one with the worst value."""
    learns_from_constraints: bool = True
    """Whether it takes the constraint in that a diverged trial breaks."""


KINDS: Mapping[str, SamplerKind] = {
    "random": SamplerKind(samplers.RandomSampler, "none", ()),
    "qmc": SamplerKind(samplers.QMCSampler, "own", ("qmc_type", "scramble")),
    "tpe": SamplerKind(
        samplers.TPESampler, "trials", ("n_startup_trials", "n_ei_candidates", "multivariate", "group", "constant_liar")
    ),
    "gp": SamplerKind(samplers.GPSampler, "trials", ("n_startup_trials", "deterministic_objective"), learns_from_pruned=False),
    "cmaes": SamplerKind(
        samplers.CmaEsSampler,
        "own",
        ("x0", "sigma0", "n_startup_trials", "popsize", "use_separable_cma", "with_margin", "lr_adapt"),
        learns_from_pruned=False,
        learns_from_constraints=False,
    ),
    "nsga2": SamplerKind(
        samplers.NSGAIISampler,
        "own",
        ("population_size", "mutation_prob", "crossover_prob", "swapping_prob"),
        learns_from_pruned=False,
        learns_from_constraints=False,
    ),
}
"""All but the grid, which is no sampler here: its points are listed (grid.py)."""

_QUIET = {"warn_independent_sampling": False}


def kind_of(search: SearchSpec) -> SamplerKind:
    """The kind of the study's sampler. Raises UsageError for one of the user's own that cannot be had."""
    if search.sampler in KINDS:
        return KINDS[search.sampler]
    return SamplerKind(find("search.sampler", search.sampler, BaseSampler), "own", None)  # type: ignore[type-abstract]


def make_sampler(search: SearchSpec, seed: int) -> BaseSampler:
    """The study's sampler, freshly seeded. Raises UsageError, which names the known options."""
    kind = kind_of(search)
    return build("search.sampler_options", kind.sampler, search.sampler_options, kind.options, **_fixed(kind.sampler, seed))


@contextmanager
def one_thread(kind: SamplerKind) -> Iterator[None]:
    """Let a sampler that computes with torch do so with one thread.

    Its small matrices take five times longer with two (2 cores, 18 trials), and the points must not depend on the machine.
    """
    if kind.sampler is not samplers.GPSampler:
        yield
        return
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _fixed(sampler: type[BaseSampler], seed: int) -> dict[str, Any]:
    taken = inspect.signature(sampler).parameters
    quiet = _QUIET if sampler in (samplers.QMCSampler, samplers.CmaEsSampler, samplers.GPSampler) else {}
    return {**({"seed": seed} if "seed" in taken else {}), **quiet}
