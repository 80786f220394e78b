"""Budgets of a study, of its stages and of the final test; choices in one word; quantities and their expressions."""

from typing import Any

import pytest

from hpo.errors import InvalidSpec
from hpo.spec import Budget, StudySpec, parse
from hpo.spec.overrides import changed
from hpo.spec.training import Cyclic, TrainingSpec

CYCLIC = {"name": "cyclic", "half_cycle": 30}

FILE: dict[str, Any] = {
    "title": "A study",
    "data": {"name": "digits", "train": 1000, "validation": 200},
    "model": {"name": "mlp"},
    "space": {"eta": {"option": "learning_rate", "low": 0.01, "high": 1.0, "log": True}},
    "stage": [{"name": "wide", "trials": 4}],
}


def study(**sections: Any) -> StudySpec:
    """The study with other sections in place of its own."""
    return parse({**FILE, **sections})


@pytest.mark.parametrize(
    ("budget", "steps", "epochs"),
    [({"epochs": 3}, 30, 3), ({"steps": 25}, 25, 3), ({"cycles": 2, "schedule": CYCLIC}, 120, 12), ({}, 100, 10)],
)
def test_length_of_a_budget(budget: dict[str, Any], steps: int, epochs: int) -> None:
    """Ten steps an epoch: every unit tells how many steps and epochs there are; the default is ten epochs."""
    training = study(training=budget).training
    assert training.total_steps(training.steps_per_epoch(1000)) == steps
    assert training.total_epochs(1000) == epochs


def test_cycles_follow_the_size_of_the_data() -> None:
    """A half-cycle of two epochs is n_s = 2 n / batch: 900 steps with 45,000 images, 980 with 49,000."""
    training = TrainingSpec(cycles=3, schedule=Cyclic(name="cyclic", half_cycle_epochs=2))
    assert [training.total_steps(training.steps_per_epoch(images)) for images in (45_000, 49_000)] == [5400, 5880]


def test_stage_has_its_own_budget() -> None:
    """A trial's settings carry the budget of its stage."""
    spec = study(stage=[{"name": "coarse", "trials": 2}, {"name": "fine", "trials": 2, "budget": {"epochs": 20}}])
    assert [spec.settings({}, stage)[1].length for stage in ("coarse", "fine", None)] == [
        ("epochs", 10), ("epochs", 20), ("epochs", 10)
    ]  # fmt: skip


def test_final_network_has_what_validation_does_not_keep() -> None:
    """The final data are all of the search's, less those that are kept; budget and schedule are its own where given."""
    final = study(final={"validation": 100, "budget": {"epochs": 7}, "schedule": CYCLIC}).final
    data, training = final.data(study().data), final.training(study().training)
    assert (data.train, data.validation) == (1100, 100)
    assert (training.length, training.schedule) == (("epochs", 7), Cyclic(name="cyclic", half_cycle=30))


@pytest.mark.parametrize("assignment", ["training.steps=50", "training.cycles=2", "training.seconds=3"])
def test_a_budget_takes_the_place_of_the_other(assignment: str) -> None:
    """`--set` of one unit takes the other back, since a study has one of them."""
    spec = changed(study(training={"epochs": 4, "schedule": CYCLIC}), [assignment], "study")
    assert spec.training.length[0] == assignment.partition("=")[0].removeprefix("training.")


@pytest.mark.parametrize(("unit", "timed"), [("epochs", False), ("seconds", True)])
def test_what_the_clock_ends_is_known(unit: str, timed: bool) -> None:
    """A study is timed when any of its stages has a budget in seconds."""
    assert study(stage=[{"name": "wide", "trials": 4, "budget": {unit: 2}}]).timed is timed


@pytest.mark.parametrize(
    ("sections", "fault"),
    [
        ({"training": {"epochs": 3, "steps": 4}}, "exactly one of epochs, steps, cycles, seconds, got epochs and steps"),
        ({"training": {"cycles": 3}}, "a budget in cycles needs the cyclic schedule, got constant"),
        ({"training": {"seconds": 3, "schedule": "cosine"}}, "the cosine schedule needs to know its end"),
        ({"training": {"seconds": 3}, "search": {"pruner": "median"}}, "search.pruner: trials that end by the clock"),
        ({"stage": [{"name": "a", "trials": 3, "budget": {"cycles": 2}}]}, "stage.0.budget: a budget in cycles needs"),
        ({"stage": [{"name": "a", "trials": 3, "budget": {}}]}, "stage.0.budget: a budget is exactly one of"),
        ({"final": {"budget": {"cycles": 2}}}, "final: a budget in cycles needs the cyclic schedule"),
        ({"final": {"budgte": {}}}, "final.budgte: unknown key of [final] 'budgte': did you mean 'budget'?"),
        ({"derived": {"x": "learnin_rate * 2"}}, "derived.x: character 1: unknown name 'learnin_rate'"),
        ({"derived": {"x": "3 +"}}, "derived.x: character 4: expected a name"),
        ({"derived": {"eta": "3"}}, "derived.eta: 'eta' is the name of a parameter"),
        ({"search": {"sampler": "grid"}}, "space.eta: a grid needs its points: give values"),
        ({"stage": [{"name": "a", "trials": 3, "box": {"eta": [0.001, 0.1]}}]}, "a box lies within the space [0.01, 1.0]"),
        (
            {
                "search": {"sampler": "grid"},
                "space": {"eta": {"option": "learning_rate", "values": [0.1, 0.5]}},
                "stage": [{"name": "a", "trials": 3, "box": {"eta": [0.2, 0.3]}}],
            },
            "stage.0.box.eta: none of the grid's values [0.1, 0.5] lies in [0.2, 0.3]",
        ),
        (
            {
                "stage": [
                    {"name": "a", "trials": 9, "budget": {"epochs": 3}},
                    {"name": "b", "trials": 2},
                    {"name": "c", "trials": 2, "narrow": {"keep": 3}},
                ]
            },
            "stage.2.narrow.keep: 3 trials to keep, but only 2 come before this stage",
        ),
    ],
)
def test_faults(sections: dict[str, Any], fault: str) -> None:
    """Each fault is told with its key and the rule that it breaks."""
    with pytest.raises(InvalidSpec) as error:
        study(**sections)
    assert fault in str(error.value)


def test_choices_in_one_word() -> None:
    """An initialisation and widths may be choices, written in one word."""
    spec = study(space={"init": {"choices": ["he", "normal(1e-3)"]}, "hidden": {"choices": ["50", "50-30"]}})
    model, _ = spec.settings({"init": "normal(1e-3)", "hidden": "50-30"})
    assert (model.init.std, model.hidden) == (0.001, (50, 30))
    assert study(model={"name": "linear", "init": "normal(0.1)"}).model.init.std == 0.1


@pytest.mark.parametrize(
    ("word", "fault"), [("normal(x)", "unknown init 'normal(x)': it must be glorot, he or lecun"), ("normal(-1)", "above 0")]
)
def test_words_that_are_no_initialisation(word: str, fault: str) -> None:
    """A choice that means nothing is a fault of the file."""
    with pytest.raises(InvalidSpec, match="init"):
        study(space={"init": {"choices": ["he", word]}})
    with pytest.raises(InvalidSpec) as error:
        study(model={"name": "mlp", "init": word})
    assert fault in str(error.value)


def test_budget_is_told_in_its_unit() -> None:
    """A budget knows its unit and its size."""
    assert Budget(seconds=2.5).length == ("seconds", 2.5)
