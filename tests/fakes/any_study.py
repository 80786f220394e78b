"""Study files of every shape, for properties that all of them have."""

from typing import Any

from hypothesis import reject
from hypothesis import strategies as some

from hpo.errors import InvalidSpec
from hpo.spec import StudySpec, parse

#: Options of [training] and [model], with a range that any of them may be searched in.
RANGES: dict[str, dict[str, Any]] = {
    "learning_rate": {"low": 0.001, "high": 1.0, "log": True},
    "l2": {"low": 1e-8, "high": 0.1, "log": True},
    "momentum": {"low": 0.0, "high": 0.99},
    "batch_size": {"low": 8, "high": 64, "log": True},
    "epochs": {"low": 1, "high": 5},
    "optimizer": {"choices": ["sgd", "momentum", "adam"]},
}

#: Any letters that TOML has, those that steer a terminal among them.
texts = some.text(some.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
models = some.one_of(
    some.just({"name": "linear"}),
    some.fixed_dictionaries({
        "name": some.just("mlp"),
        "hidden": some.lists(some.integers(1, 300), min_size=1, max_size=3),
        "batch_norm": some.booleans(),
        "init": some.sampled_from(["he", "glorot", {"std": 0.01}]),
    }),
    some.fixed_dictionaries({"name": some.just("cnn"), "blocks": some.integers(1, 2), "filters": some.integers(1, 64)}),
)  # fmt: skip
trainings = some.fixed_dictionaries({
    "epochs": some.integers(1, 50),
    "batch_size": some.integers(1, 100),
    "learning_rate": some.floats(1e-6, 10),
    "schedule": some.sampled_from([{"name": "constant"}, {"name": "exponential", "decay": 0.9}, {"name": "cosine"}]),
})  # fmt: skip
images = some.fixed_dictionaries({
    "name": some.sampled_from(["digits", "cifar10", "some/folder"]),
    "train": some.integers(100, 50_000),
})  # fmt: skip
searches = some.fixed_dictionaries({
    "sampler": some.sampled_from(["random", "tpe", "qmc"]),
    "pruner": some.sampled_from(["none", "successive-halving", "median"]),
    "replicates": some.integers(1, 5),
    "metric": some.sampled_from(["validation_accuracy", "training_loss"]),
})  # fmt: skip


@some.composite
def studies(draw: some.DrawFn) -> StudySpec:
    """A study that is valid."""
    options = draw(some.lists(some.sampled_from(sorted(RANGES)), min_size=1, max_size=4, unique=True))
    names = draw(some.lists(texts, min_size=len(options), max_size=len(options), unique=True))
    sizes = draw(some.lists(some.integers(3, 10**6), min_size=1, max_size=3))
    stages: list[dict[str, Any]] = [{"name": f"stage-{place}", "trials": size} for place, size in enumerate(sizes)]
    for stage in stages[1:]:
        stage["narrow"] = {"keep": draw(some.integers(2, 3)), "margin": draw(some.floats(0, 1))}
    return _parsed({
        "title": draw(texts),
        "seed": draw(some.integers(0, 2**63 - 1)),
        "data": draw(images),
        "model": draw(models),
        "training": draw(trainings),
        "space": {name: {"option": option, **RANGES[option]} for name, option in zip(names, options, strict=True)},
        "search": draw(searches),
        "stage": stages,
        "finding": [{"claim": draw(texts), "test": {"kind": "best-region", "parameter": names[0], "low": 0.1, "high": 0.2}}],
    })  # fmt: skip


def _parsed(tree: dict[str, Any]) -> StudySpec:
    try:
        return parse(tree)
    except InvalidSpec:
        reject()  # Such as a batch of more images than there are.
