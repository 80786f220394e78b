"""Samplers and pruners by name, with their options."""

import pytest
from optuna import pruners

from hpo.errors import InvalidSpec
from hpo.search import check, make_pruner, remembers
from hpo.search.halving import SuccessiveHalving
from hpo.search.samplers import KINDS
from hpo.spec import SearchSpec
from hpo.spec.search import PRUNERS, SAMPLERS

from ..fakes.studies import study_file


def test_every_name_of_the_study_file_is_there() -> None:
    """What a study file may name can be made."""
    assert {*KINDS, "grid"} == set(SAMPLERS)
    needed = {"percentile": {"percentile": 25.0}, "patient": {"patience": 2}, "threshold": {"lower": 0.1}}
    for name in PRUNERS:
        check(study_file(search={"pruner": name, "pruner_options": needed.get(name, {})}), "study")
    for name in KINDS:
        check(study_file(search={"sampler": name}), "study")


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ({"sampler": "tpe", "sampler_options": {"n_startup": 3}}, "sampler_options.n_startup: .*did you mean 'n_startup_trials'"),
        ({"sampler": "tpe", "sampler_options": {"seed": 3}}, "unknown option 'seed'"),
        ({"sampler": "random", "sampler_options": {"scramble": True}}, "sampler_options.scramble: there are no options here"),
        ({"sampler": "qmc", "sampler_options": {"qmc_type": "sobel"}}, "sampler_options: The `qmc_type='sobel'` is invalid"),
        ({"pruner": "median", "pruner_options": {"warmup": 3}}, "pruner_options.warmup: .*did you mean 'n_warmup_steps'"),
        ({"pruner": "percentile"}, "pruner_options: .*percentile"),
        ({"pruner": "percentile", "pruner_options": {"percentile": 200.0}}, "must be between 0 and 100"),
        ({"pruner": "hyperband", "pruner_options": {"max_resource": 9}}, "it must be min_resource or reduction_factor"),
        ({"pruner": "successive-halving", "pruner_options": {"reduction_factor": 1}}, "at least 2, got 1"),
        ({"sampler": "no_such_module:Sampler"}, "'no_such_module:Sampler' cannot be imported"),
        ({"sampler": "math:Sampler"}, "'math:Sampler' cannot be imported"),
        ({"sampler": "math:pi"}, "must be a subclass of optuna's BaseSampler"),
        ({"pruner": "optuna.samplers:TPESampler"}, "must be a subclass of optuna's BasePruner"),
    ],
)
def test_bad_choice_is_explained(search: dict[str, object], message: str) -> None:
    """An option or a class that does not exist is refused when the study is created, with the known ones."""
    with pytest.raises(InvalidSpec, match=message):
        check(study_file(search=search), "study")


def test_all_faults_at_once() -> None:
    """The faults of the sampler and of the pruner are reported together."""
    spec = study_file(search={"sampler_options": {"x": 1}, "pruner": "median", "pruner_options": {"y": 1}})
    with pytest.raises(InvalidSpec) as caught:
        check(spec, "study")
    assert len(caught.value.faults) == 2


def test_own_pruner() -> None:
    """A pruner of the user's own is made from its import path, with whatever options it takes."""
    search = SearchSpec(pruner="optuna.pruners:MedianPruner", pruner_options={"n_startup_trials": 2})
    assert isinstance(make_pruner(search, 10), pruners.MedianPruner)


def test_halving_is_ours() -> None:
    """Successive halving and hyperband keep no notes in the storage, as Optuna's own do."""
    assert isinstance(make_pruner(SearchSpec(pruner="successive-halving"), 10), SuccessiveHalving)
    assert isinstance(make_pruner(SearchSpec(pruner="hyperband"), 10), SuccessiveHalving)


@pytest.mark.parametrize(
    ("sampler", "pruner", "expected"),
    [
        ("random", "none", False),
        ("random", "successive-halving", False),
        ("grid", "hyperband", False),
        ("qmc", "threshold", False),
        ("tpe", "none", True),
        ("gp", "none", True),
        ("cmaes", "successive-halving", True),
        ("random", "median", True),
        ("random", "checked-halving", True),
        ("random", "optuna.pruners:MedianPruner", True),
    ],
)
def test_searches_that_profit_from_small_cohorts(sampler: str, pruner: str, expected: bool) -> None:
    """A sampler that models, and a pruner that compares with complete trials, should not be asked for many trials at once."""
    assert remembers(SearchSpec(sampler=sampler, pruner=pruner)) is expected
