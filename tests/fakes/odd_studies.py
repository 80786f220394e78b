"""Studies as they come: made by other programs, broken off, or with names that mean something to a page or a terminal."""

import warnings
from collections.abc import Callable, Iterator, Mapping

import optuna
from optuna import Study, Trial
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


ODD: Mapping[str, Callable[[], Study]] = {
    make.__name__: make
    for make in (
        no_trials, one_trial, no_parameters, waiting, all_failed, all_diverged, constant_values, constant_parameter, some_nan,
        wild_values, several_objectives, conditional, many_parameters, hostile_names, changed_range, still_running,
    )
}  # fmt: skip


def every() -> Iterator[tuple[str, Study]]:
    """All of them, by name."""
    for name, make in ODD.items():
        yield name, make()
