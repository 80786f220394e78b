"""Values that were reached with different budgets are never compared."""

from typing import Any

import pytest

from hpo.runner.planning import first_box
from hpo.search import ask, comparable

from ..fakes.studies import study_file, told

STAGES: list[dict[str, Any]] = [
    {"name": "wide", "trials": 30},
    {"name": "same", "trials": 30, "budget": {"epochs": 9}},
    {"name": "longer", "trials": 30, "budget": {"epochs": 20}},
]


def trials(stage: str, first: int) -> list[Any]:
    """Twenty told trials of a stage, better the lower their rate."""
    spec = study_file(stage=STAGES)
    return [
        told(spec, first + place, {"eta": 0.001 * (place + 1), "momentum": 0.5}, values=[1 - 0.01 * place], stage=stage)
        for place in range(20)
    ]


def test_stages_with_one_budget_are_comparable() -> None:
    """Trials of a stage are compared with those of stages that have its budget, and with no others."""
    spec = study_file(stage=STAGES)
    everything = [*trials("wide", 0), *trials("longer", 20)]
    assert [trial.number for trial in comparable(spec, "wide", everything)] == list(range(20))
    assert [trial.number for trial in comparable(spec, "longer", everything)] == list(range(20, 40))


@pytest.mark.parametrize("sampler", ["tpe", "gp", "cmaes"])
def test_sampler_learns_nothing_from_another_budget(sampler: str) -> None:
    """What is asked in a stage is the same with and without the trials of a stage with another budget."""
    spec = study_file(stage=STAGES, search={"sampler": sampler})
    numbers = range(40, 43)
    assert ask(spec, "longer", {}, trials("wide", 0), numbers) == ask(spec, "longer", {}, [], numbers)


def test_sampler_learns_from_its_own_budget() -> None:
    """Trials with the stage's own budget do change what is asked."""
    spec = study_file(stage=STAGES, search={"sampler": "tpe"})
    numbers = range(40, 43)
    assert ask(spec, "longer", {}, trials("longer", 0), numbers) != ask(spec, "longer", {}, [], numbers)


def test_box_narrows_around_what_is_given() -> None:
    """The best of the trials that are handed in make the box."""
    spec = study_file(stage=[*STAGES, {"name": "narrow", "trials": 5, "narrow": {"keep": 2, "margin": 0.0}}])
    found = comparable(spec, "longer", [*trials("wide", 0), *trials("longer", 20)])
    assert first_box(spec, spec.stage[3], {}, found)[1] == (20, 21)
