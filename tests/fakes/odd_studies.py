"""Studies as they come: made by other programs, broken off, or with names that mean something to a page or a terminal."""

import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import optuna
from optuna import Study, Trial
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.trial import TrialState, create_trial

HOSTILE = "<script>alert('x')</script> $\\frac{a}$ {{ 7 * 7 }} | `b` \x1b[31m \u202e🎈\n"


def study(*directions: str, name: str = "odd") -> Study:
    """An empty study in memory."""
    return optuna.create_study(directions=directions or ["minimize"], study_name=name, sampler=optuna.samplers.RandomSampler(0))


def asked(objective: Callable[[Trial], object], trials: int, *directions: str, name: str = "odd") -> Study:
    """A study of an objective, whose errors fail their trials."""
    made = study(*directions, name=name)
    made.optimize(objective, n_trials=trials, catch=(ArithmeticError,))  # type: ignore[arg-type]  # a value or several
    return made


def no_trials() -> Study:
    """A study that was created and never run."""
    return study()


def one_trial() -> Study:
    """A study of one trial."""
    return asked(lambda trial: trial.suggest_float("x", 0, 1), 1)


def no_parameters() -> Study:
    """Trials that differ in nothing."""
    return asked(lambda trial: float(trial.number), 12)


def waiting() -> Study:
    """Trials that nobody has begun."""
    made = study()
    made.enqueue_trial({"x": 0.5})
    made.enqueue_trial({"x": 0.6})
    return made


def all_failed() -> Study:
    """Every trial ended in an error."""

    def objective(trial: Trial) -> float:
        return trial.suggest_float("x", 1e-3, 1, log=True) / 0

    return asked(objective, 8)


def all_diverged() -> Study:
    """Every trial reported NaN, and gave it."""

    def objective(trial: Trial) -> float:
        trial.report(float("nan"), 0)
        return trial.suggest_float("x", 0, 1) * float("nan")

    return asked(objective, 8)


def constant_values() -> Study:
    """Parameters that change nothing."""
    return asked(lambda trial: 0.5 + 0 * trial.suggest_float("x", 0, 1) + 0 * trial.suggest_int("n", 1, 9), 20)


def constant_parameter() -> Study:
    """A parameter whose range is one value, beside one that varies."""
    return asked(lambda trial: trial.suggest_float("x", 0.1, 0.1) + trial.suggest_float("y", 0, 1), 12)


def some_nan() -> Study:
    """NaN and infinity among the values and the reports of pruned trials."""

    def objective(trial: Trial) -> float:
        x = trial.suggest_float("x", 1e-4, 1.0, log=True)
        for step in range(5):
            trial.report(float("nan") if x > 0.3 and step > 1 else x / (step + 1), step)
            if step > 2 and x > 0.3:
                raise optuna.TrialPruned
        return float("inf") if x > 0.1 else x

    return asked(objective, 30)


def wild_values() -> Study:
    """Values over 600 orders of magnitude."""
    return asked(lambda trial: 10.0 ** trial.suggest_float("x", -300, 300), 25)


def several_objectives() -> Study:
    """Two objectives that pull in different directions."""

    def objective(trial: Trial) -> tuple[float, float]:
        x = trial.suggest_float("x", 0, 1)
        return x * x, (x - 1) ** 2 + 0.01 * trial.suggest_int("n", 0, 3)

    return asked(objective, 25, "minimize", "maximize")


def conditional() -> Study:
    """Parameters that only some trials have, and choices of every type."""

    def objective(trial: Trial) -> float:
        kind = trial.suggest_categorical("kind", ["a", 1, True, None, 0.5])
        if kind in ("a", None):
            return trial.suggest_float("only a", 0, 1, step=0.25)
        return 2 * trial.suggest_int("only others", 1, 1000, log=True) / 1000

    return asked(objective, 40)


def many_parameters() -> Study:
    """More parameters than any plot can show."""
    return asked(lambda trial: sum(trial.suggest_float(f"parameter_{place}", 0, 1) for place in range(15)), 40)


def hostile_names() -> Study:
    """Names that would be markup, mathematics or control characters if they were not escaped."""

    def objective(trial: Trial) -> float:
        return trial.suggest_float(HOSTILE, 0, 1) + len(trial.suggest_categorical(f"choice {HOSTILE}", [HOSTILE, "b" * 300]))

    made = asked(objective, 12, name=HOSTILE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        made.set_metric_names([HOSTILE])
    return made


def changed_range() -> Study:
    """A parameter whose range was widened, and then made whole, in mid-study."""
    made = study()
    for number in range(10):
        wide = optuna.distributions.FloatDistribution(0, 1 if number < 5 else 10)
        made.add_trial(create_trial(value=number, params={"x": number / 10}, distributions={"x": wide}))
    return made


def still_running() -> Study:
    """Trials that have not ended beside some that have."""
    made = asked(lambda trial: trial.suggest_float("x", 0, 1), 6)
    made.ask({"x": optuna.distributions.FloatDistribution(0, 1)}).report(0.3, 0)
    made.add_trial(create_trial(state=TrialState.WAITING))
    return made


def told(points: Iterable[tuple[Mapping[str, Any], Mapping[str, BaseDistribution], float]], *directions: str) -> Study:
    """A study of completed trials, each with distributions of its own."""
    made = study(*directions or ["maximize"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of choices that are lists: Optuna advises against them and takes them.
        for params, distributions, value in points:
            made.add_trial(create_trial(value=value, params=dict(params), distributions=dict(distributions)))
    return made


def listed(lists: Iterable[Sequence[Any]], value_of: Callable[[Any], float], name: str = "kind") -> Study:
    """Trials that go through the choices of one list after the other, beside a rate that changes nothing."""
    rate = FloatDistribution(1e-4, 1.0, log=True)
    rates = np.random.default_rng(0).uniform(-4, 0, 1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kinds = [CategoricalDistribution(one) for one in lists]
    drawn = [(kind, choice) for kind in kinds for choice in kind.choices]
    return told(
        ({name: choice, "rate": 10**x}, {name: kind, "rate": rate}, value_of(choice) + 0.01 * n % 0.05)
        for n, ((kind, choice), x) in enumerate(zip(drawn, rates, strict=False))
    )


OPTIMIZERS = {"adam": 0.9, "sgd": 0.5, "rmsprop": 0.1, "lion": 0.3}
MIXED = [None, "None", 0, "0", False, 0.5, "0.5", 1, True, 1.0, "True", "true", "", " ", "[1]", "a"]
LAYERS = [[16, 16], [32], [64], {"width": [8], "norm": None}]


def reordered_choices() -> Study:
    """Two scripts whose lists have the same choices in another order."""
    return listed([["adam", "sgd", "rmsprop"], ["rmsprop", "adam", "sgd"]] * 10, OPTIMIZERS.__getitem__, "optimizer")


def grown_choices() -> Study:
    """A choice more in the second half."""
    return listed([["sgd", "rmsprop"]] * 10 + [["adam", "rmsprop", "sgd"]] * 7, OPTIMIZERS.__getitem__, "optimizer")


def shrunk_choices() -> Study:
    """A choice less in the second half, and another one later."""
    lists = [["adam", "sgd", "rmsprop"]] * 7 + [["rmsprop", "sgd"]] * 6 + [["lion", "sgd"]] * 6
    return listed(lists, OPTIMIZERS.__getitem__, "optimizer")


def mixed_choices() -> Study:
    """Choices that look alike and are of different types."""
    return listed([MIXED] * 4, lambda choice: MIXED.index(choice) / 20, "weights")


def lists_as_choices() -> Study:
    """Lists and a mapping as choices."""
    return listed([LAYERS] * 8, lambda choice: len(str(choice)) / 40, "layers")


def choice_of_nan() -> Study:
    """NaN and infinity as choices."""
    return listed([[math.nan, math.inf, -math.inf, 1.0]] * 6, lambda choice: 0.5 if choice == 1.0 else 0.1, "clip")


def many_choices() -> Study:
    """More choices than an axis has room for, long ones that begin and end alike."""
    names = [f"a very long name of a network, number {place:03d}, as one finds it in a zoo of networks" for place in range(40)]
    return listed([names], lambda name: len(name) / 100 + int(name[37:40]) / 100, "network")


def numbers_then_range() -> Study:
    """A parameter that was a choice among numbers and became a range."""
    few, wide = CategoricalDistribution([16, 32, 64]), IntDistribution(8, 128)
    points = [(few, [16, 32, 64][n % 3]) if n < 12 else (wide, 8 + 5 * (n - 12)) for n in range(30)]
    return told(({"batch": value}, {"batch": one}, value / 128) for one, value in points)


def range_or_word() -> Study:
    """A number in some trials, a word in others."""
    word, number = CategoricalDistribution(["auto", "none"]), FloatDistribution(0, 1)
    points: list[tuple[BaseDistribution, Any]] = [
        (word, ["auto", "none"][n % 2]) if n % 3 else (number, n / 40) for n in range(30)
    ]
    return told(({"clip": value}, {"clip": one}, n / 30) for n, (one, value) in enumerate(points))


def whole_then_fraction() -> Study:
    """Whole numbers first, then any; linear first, then logarithmic; on steps first, then between them."""
    before = {"a": IntDistribution(1, 8), "b": FloatDistribution(0.0, 1.0), "c": FloatDistribution(0.0, 1.0, step=0.25)}
    after = {"a": FloatDistribution(0.5, 8.0), "b": FloatDistribution(1e-3, 1.0, log=True), "c": FloatDistribution(0.1, 0.9)}
    return told(
        ({"a": n % 8 + 1, "b": n / 20, "c": 0.25 * (n % 5)}, before, n / 40) if n < 20
        else ({"a": 0.5 + n / 10, "b": n / 1000, "c": 0.13 + n / 100}, after, n / 40) for n in range(40)
    )  # fmt: skip


def own_ranges() -> Study:
    """Each trial has a range of its own, and one a value beyond it."""
    made = asked(lambda trial: trial.suggest_float("x", 0, 1 + trial.number) + trial.suggest_int("n", 0, trial.number + 1), 25)
    made.enqueue_trial({"x": -3.0, "n": 1})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of the value out of range, which is taken all the same.
        made.optimize(lambda trial: trial.suggest_float("x", 0, 1) + trial.suggest_int("n", 0, 3), n_trials=1)
    return made


def never_together() -> Study:
    """Two branches whose parameters never occur in one trial, and whose values lie far apart."""

    def objective(trial: Trial) -> float:
        if trial.suggest_categorical("kind", ["svm", "forest"]) == "svm":
            return -abs(trial.suggest_float("c", 1e-3, 1e3, log=True) - 1) / 1e3 + 0.001 * trial.number
        return trial.suggest_int("depth", 2, 32, log=True) / 64 + 0.001 * trial.number

    return asked(objective, 40, "maximize")


def outlier() -> Study:
    """One value of 1e30 among values near one."""

    def objective(trial: Trial) -> float:
        return (
            trial.suggest_float("x", 0, 1) + trial.suggest_float("y", 0, 1)
            if trial.number != 7
            else 1e30 + trial.suggest_float("x", 0, 1)
        )

    return asked(objective, 30)


def group_far_away() -> Study:
    """A choice with few trials, all of whose values lie far from the others'."""
    return listed([["relu", "tanh", "gelu"]] * 12 + [["sigmoid"]] * 4, lambda kind: 0.1 if kind == "sigmoid" else 0.9)


def infinities() -> Study:
    """Infinite values of both signs, and numbers at the end of what a number can be."""

    def objective(trial: Trial) -> float:
        trial.suggest_float("x", 0, 1)
        return [math.inf, -math.inf, 1e300, -1e300, 0.5, 0.6, 0.7][trial.number % 7]

    return asked(objective, 28, "maximize")


def only_pruned() -> Study:
    """Every trial was pruned after it had reported."""

    def objective(trial: Trial) -> float:
        trial.report(trial.suggest_float("x", 0, 1), 3)
        raise optuna.TrialPruned

    return asked(objective, 12)


def mostly_pruned() -> Study:
    """Few completed trials, many pruned ones with a last value, and some that were pruned before they reported."""

    def objective(trial: Trial) -> float:
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 1e-4, 1, log=True)
        for step in range(4):
            if trial.number % 7 == 3:
                raise optuna.TrialPruned
            trial.report(x * (step + 1) / 4, step)
            if trial.number % 5 and step == trial.number % 3:
                raise optuna.TrialPruned
        return x + 0.01 * y

    return asked(objective, 40, "maximize")


def constrained() -> Study:
    """Trials that keep a constraint, and trials that break it."""
    made = optuna.create_study(study_name="odd", sampler=optuna.samplers.RandomSampler(0))

    def objective(trial: Trial) -> float:
        x = trial.suggest_float("x", 0, 1)
        trial.set_constraint("budget", x - 0.5)
        return x

    made.optimize(objective, n_trials=15)
    return made


def attributes_of_any_kind() -> Study:
    """User attributes as people set them, some with the names that hpo has for its own."""
    odd: dict[str, Any] = {"stage": "late", "outcome": [1, {"a": None}], "cohort": "x", "curves": 3, "seconds": "long", "": 1}

    def objective(trial: Trial) -> float:
        for key, value in list(odd.items())[: trial.number]:
            trial.set_user_attr(key, value)
        trial.set_user_attr("nan", float("nan"))
        return trial.suggest_float("value", 0, 1) + trial.suggest_float("number", 0, 1) + trial.suggest_float("outcome", 0, 1)

    made = asked(objective, 12)
    made.set_user_attr("notes", {"by": "a stranger", "seen": [1, None, "x"]})
    return made


def three_objectives() -> Study:
    """Three objectives with names, one of them the same in every trial."""
    made = asked(
        lambda trial: (trial.suggest_float("x", 0, 1), 100 * trial.suggest_float("y", 0, 1), 1.0), 20,
        "minimize", "maximize", "minimize",
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        made.set_metric_names(["loss", "accuracy", "size"])
    return made


ODD: Mapping[str, Callable[[], Study]] = {
    make.__name__: make
    for make in (
        no_trials, one_trial, no_parameters, waiting, all_failed, all_diverged, constant_values, constant_parameter, some_nan,
        wild_values, several_objectives, conditional, many_parameters, hostile_names, changed_range, still_running,
        reordered_choices, grown_choices, shrunk_choices, mixed_choices, lists_as_choices, choice_of_nan, many_choices,
        numbers_then_range, range_or_word, whole_then_fraction, own_ranges, never_together, outlier, group_far_away, infinities,
        only_pruned, mostly_pruned, constrained, attributes_of_any_kind, three_objectives,
    )
}  # fmt: skip


def every() -> Iterator[tuple[str, Study]]:
    """All of them, by name."""
    for name, make in ODD.items():
        yield name, make()
