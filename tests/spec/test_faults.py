"""Every fault of a study file is told in one run, in plain words, and nothing that only follows from another."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo.cli.study.asked import Asked
from hpo.errors import DataUnavailable, InvalidSpec
from hpo.spec import loads, parse
from hpo.spec.reading import tree

GOOD = """
title = "A good study"
seed = 3
[model]
name = "mlp"
hidden = [32, 16]
[data]
name = "digits"
validation = 500
train = 500
[training]
epochs = 5
batch_size = 50
optimizer = "momentum"
schedule = { name = "cyclic", half_cycle = 20 }
[space]
eta = { option = "learning_rate", low = 0.01, high = 0.5, log = true }
lambda = { option = "l2", low = 1e-6, high = 0.1, log = true }
size = { option = "dropout", low = 0.0, high = 0.5 }
init = { choices = ["he", "glorot"] }
[derived]
ratio = "eta / batch_size"
[search]
sampler = "tpe"
sampler_options = { n_ei_candidates = 12 }
pruner = "successive-halving"
pruner_options = { reduction_factor = 3 }
replicates = 2
[[stage]]
name = "wide"
trials = 20
[[stage]]
name = "narrow"
trials = 10
box = { eta = [0.1, 0.2] }
[[stage]]
name = "last"
trials = 10
narrow = { keep = 5 }
[final]
budget = { epochs = 9 }
[[finding]]
claim = "eta matters more than lambda"
test = { kind = "importance-order", order = ["eta", "lambda"] }
[[finding]]
claim = "accuracy rises with eta"
test = { kind = "trend", parameter = "eta", metric = "validation_accuracy", direction = "rising" }
[execution]
lanes = 8
"""

Plant = tuple[str, Callable[[dict[str, Any]], Any], str]


def put(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    """A fault that sets a key."""

    def plant(values: dict[str, Any]) -> None:
        branch: Any = values
        for part in path[:-1]:
            branch = branch[part]
        branch[path[-1]] = value

    return plant


def rename(section: str, key: str, to: str) -> Callable[[dict[str, Any]], None]:
    """A fault that spells a key wrongly."""
    return lambda values: values[section].update({to: values[section].pop(key)})


def rename_top(key: str, to: str) -> Callable[[dict[str, Any]], None]:
    """A fault that spells a section wrongly."""
    return lambda values: values.update({to: values.pop(key)})


#: Faults that do not meet: the key that each is told under, how it is planted, and words of its message.
FAULTS: list[Plant] = [
    ("title", lambda v: v.pop("title"), "this key is required"),
    ("minuts", put("minuts", value=3), "did you mean 'minutes'?"),
    ("seed", put("seed", value=-1), "must be at least 0, got -1"),
    ("data.name", put("data", "name", value="digit"), "did you mean 'digits'?"),
    ("data.split_seed", put("data", "split_seed", value=-2), "must be at least 0, got -2"),
    ("data.validation", put("data", "validation", value="all"), "must be a whole number, got 'all'"),
    ("data.scale", put("data", "scale", value="units"), "did you mean 'unit'?"),
    ("data.shape", put("data", "shape", value=[8, 8]), "must be three whole numbers, [channels, height, width], got [8, 8]"),
    ("model.hiden", rename("model", "hidden", "hiden"), "did you mean 'hidden'?"),
    ("model.dropout", put("model", "dropout", value=1.5), "must be below 1, got 1.5"),
    ("model.batch_norm", put("model", "batch_norm", value=1), "must be true or false, got 1"),
    ("training.epochs", put("training", "epochs", value=2.5), "must be a whole number, got 2.5"),
    ("training.batch_size", put("training", "batch_size", value=501), "a batch holds at most all 500 training images, got 501"),
    ("training.optimizer", put("training", "optimizer", value="momentun"), "did you mean 'momentum'?"),
    ("training.momentum", put("training", "momentum", value=2), "must be at most 1, got 2"),
    ("training.schedule", put("training", "schedule", "half_cycle_epochs", value=2.0), "give exactly one of half_cycle"),
    ("training.beta", put("training", "beta", value=0.9), "did you mean 'beta2'?"),
    ("space.eta", put("space", "eta", "low", value=0), "a log range must lie above zero, got low=0"),
    ("space.lambda", put("space", "lambda", "option", value="l3"), "unknown option 'l3'"),
    ("space.size", put("space", "size", "high", value=1.2), "dropout cannot be 1.2: it must be below 1"),
    ("space.init", put("space", "init", "choices", value=["he", "glorott"]), "init cannot be 'glorott'"),
    ("space.more", put("space", "more", value={"option": "momentum", "low": 0.9, "high": 0.5}), "low must be below high"),
    ("derived.ratio", put("derived", "ratio", value="eta / bach_size"), "bach_size"),
    ("search.sampler_options.n_ei", put("search", "sampler_options", value={"n_ei": 3}), "unknown option 'n_ei'"),
    ("search.pruner", put("search", "pruner", value="hyperbad"), "did you mean 'hyperband'?"),
    ("search.metric", put("search", "metric", value="acuracy"), "unknown metric 'acuracy'"),
    ("search.replicates", put("search", "replicates", value=True), "must be a whole number, got true"),
    ("stage.0.trials", put("stage", 0, "trials", value="20"), "must be a whole number, got '20'"),
    ("stage.1.name", put("stage", 1, "name", value="Narrow!"), "must be of a-z, 0-9 and -"),
    ("stage.1.box.etta", put("stage", 1, "box", "etta", value=[0.1, 0.2]), "did you mean 'eta'?"),
    ("stage.2.narrow.keep", put("stage", 2, "narrow", "keep", value=1), "must be at least 2, got 1"),
    ("final.budget", put("final", "budget", "steps", value=9), "a budget is exactly one of"),
    ("finding.0.test.kind", put("finding", 0, "test", "kind", value="importance-odrer"), "did you mean 'importance-order'?"),
    ("finding.1.test.metric", put("finding", 1, "test", "metric", value="acuracy"), "unknown metric 'acuracy'"),
    ("finding.1.claim", put("finding", 1, "claim", value=""), "must not be empty, got ''"),
    ("execution.lane", rename("execution", "lanes", "lane"), "did you mean 'lanes'?"),
]


def told(values: dict[str, Any]) -> list[str]:
    """The faults of a study file as `hpo study create` and `hpo study run` find them."""
    try:
        Asked("mine.toml", "sqlite:///hpo.db").checked(values)
    except InvalidSpec as error:
        return list(error.faults)
    except DataUnavailable as error:  # Where only the images are not known.
        return [f"data.name: {error}"]
    return []


def without_choices(fault: str) -> str:
    """A fault without the names that there are: those depend on the other faults."""
    return fault.partition(" it must be ")[0]


def test_the_good_file_is_good() -> None:
    """There is nothing wrong before anything is planted."""
    assert told(tree(GOOD, "good")) == []


@cache
def alone(place: int) -> str:
    """What a fault is told as when it is the only one."""
    values = tree(GOOD, "good")
    FAULTS[place][1](values)
    (fault,) = told(values)
    return without_choices(fault)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault[0])
def test_one_fault_is_one_line(fault: Plant) -> None:
    """A fault is told under its key, in its words; a stand-in for it raises no other."""
    key, plant, words = fault
    values = tree(GOOD, "good")
    plant(values)
    (line,) = told(values)
    assert line.startswith(f"{key}: ")
    assert words in line


@given(st.sets(st.integers(0, len(FAULTS) - 1), min_size=2))
def test_all_faults_are_told_at_once(places: set[int]) -> None:
    """Whatever faults come together, each is told in the same run, once and in the same words as alone, and no other is."""
    values = tree(GOOD, "good")
    for place in places:
        FAULTS[place][1](values)
    assert sorted(map(without_choices, told(values))) == sorted(map(alone, places))


def test_a_section_under_a_wrong_name_is_looked_into() -> None:
    """What a misspelt section holds is checked as that of the section that was meant."""
    values = tree(GOOD, "good")
    rename_top("training", "trainning")(values)
    values["trainning"]["momentum"] = 2
    misspelt, wrong = told(values)
    assert "did you mean 'training'?" in misspelt
    assert wrong == "training.momentum: must be at most 1, got 2"


def test_images_elsewhere_are_no_fault_of_their_own() -> None:
    """A path that is not here may lie on the machine that the study is for; beside other faults it is told with them."""
    values = tree(GOOD, "good")
    values["data"]["name"] = "no/such/images"
    assert told(values) == []
    values["seed"] = -1
    assert [fault.partition(":")[0] for fault in told(values)] == ["seed", "data.name"]


def test_keys_tell_which_network_is_meant() -> None:
    """Where its name is missing, what else is wrong with the network is told all the same."""
    values = tree(GOOD, "good")
    del values["model"]["name"]
    values["model"] |= {"type": "mlp", "hidden": [64, "32"]}
    missing, width, unknown = sorted(told(values))
    assert missing.startswith("model.hidden.1: must be a whole number, got '32'")
    assert width.startswith("model.type: unknown key of [model] 'type'")
    assert unknown.startswith("model: name is required: cnn, linear, mlp")


def test_names_in_a_faulty_claim_are_told_too() -> None:
    """A test with a wrong option and unknown names is told with all of them."""
    values = tree(GOOD, "good")
    values["finding"][1]["test"] = {"kind": "trend", "parameter": "etta", "metric": "acuracy", "direction": "up"}
    assert [fault.partition(":")[0] for fault in told(values)] == [
        "finding.1.test.direction",
        "finding.1.test.parameter",
        "finding.1.test.metric",
    ]


@pytest.mark.parametrize("word", ["mpl", "resnet", "lineear"])
def test_an_unknown_network_holds_nothing_back(word: str) -> None:
    """The rest of the file is checked, without faults that only follow from the network's name."""
    values = tree(GOOD, "good")
    values["model"]["name"] = word
    values["space"]["lambda"]["option"] = "l3"
    faults = [fault for fault in told(values) if not fault.startswith("space.size") or word != "lineear"]
    assert any(fault.startswith(f"model: unknown network '{word}'") for fault in faults)
    assert any(fault.startswith("space.lambda: unknown option 'l3'") for fault in faults)
    if word != "lineear":
        assert len(faults) == 2


WORDS = ("valid tuple", "Input", "input", "union", "valid dictionary", "valid integer", "valid number", "pattern", "validation,")


@given(st.sampled_from(["title", "seed", "data", "model", "training", "space", "search", "stage", "final", "finding", "derived"]),
       st.sampled_from([None, 5, -1.5, "x", True, [], [1], {}, {"a": 1}, [[1]], [{"a": [2]}]]),
       st.integers(0, 2))  # fmt: skip
def test_any_value_anywhere_is_answered_in_plain_words(section: str, value: Any, depth: int) -> None:
    """A value of any other type, at any depth, gives messages without the words of a library, and each names its key."""
    values = deepcopy(tree(GOOD, "good"))
    branch, key = values, section
    for _ in range(depth):
        below = branch[key]
        if isinstance(below, list) and below:
            branch, key = below, 0  # type: ignore[assignment]  # a place in a list
        elif isinstance(below, dict):
            branch, key = below, sorted(below)[0]
    branch[key] = value
    for fault in told(values):
        assert not any(word in fault for word in WORDS), fault
        assert ": " in fault


@pytest.mark.parametrize(
    ("hidden", "widths"), [("32", (32,)), ("[32, 64]", (32, 64)), ('"32-64"', (32, 64)), ('"32"', (32,)), ("[32]", (32,))]
)
def test_hidden_layers_are_numbers(hidden: str, widths: tuple[int, ...]) -> None:
    """One layer is a number, more are a list."""
    assert loads(GOOD.replace("[32, 16]", hidden)).model.hidden == widths  # type: ignore[union-attr]  # an mlp


@pytest.mark.parametrize("hidden", ["32.5", "true", '"wide"', "{}", "[[32]]", '[32, "64"]', "-3", "[0]"])
def test_what_is_no_width_is_told(hidden: str) -> None:
    """With the value, and what it might be."""
    with pytest.raises(InvalidSpec, match=r"model\.hidden.*(whole number|above 0).*, got "):
        loads(GOOD.replace("[32, 16]", hidden))


def test_hidden_layers_as_parameters() -> None:
    """A parameter chooses among numbers, lists and words alike, or draws whole numbers from a range."""
    values = tree(GOOD, "good")
    values["space"]["hidden"] = {"choices": [32, [32, 64], "8-4"]}
    spec = parse(values)
    chosen = [spec.settings({"hidden": choice})[0].hidden for choice in spec.space["hidden"].choices or ()]
    assert chosen == [(32,), (32, 64), (8, 4)]
    values["space"]["hidden"] = {"low": 16, "high": 64}
    spec = parse(values)
    assert spec.space["hidden"].whole
    assert spec.settings({"hidden": 20})[0].hidden == (20,)
