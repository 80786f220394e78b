"""The best trials of each stage, as the course reports print them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..figures import counted, heading, measured, outcome_counts, progressed, significant
from ..output import tell
from ..table import Column, print_table

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from ...runner import StageState, StoredStudy

SHOWN = 3
LISTED = 10


def best_trials(stored: "StoredStudy", stage: str) -> list["FrozenTrial"]:
    """The best trials of a stage, each point once: completed ones first, then pruned ones, those that came further first."""
    from ...attributes import same_as_of
    from ...search import ranked

    return ranked([trial for trial in stored.trials(stage) if same_as_of(trial) is None], stored.spec.search.direction)[:SHOWN]


def print_stages(stored: "StoredStudy") -> None:
    """A table for each stage that has begun, with its three best trials and their parameters."""
    for state in stored.stages():
        best = best_trials(stored, state.name)
        if best:
            _print_stage(stored, state, best)
        elif state.told:
            tell(f"{state.name}: {progress(state)}")
        tell(*_remarks(stored.trials(state.name)))


def _print_stage(stored: "StoredStudy", state: "StageState", best: Sequence["FrozenTrial"]) -> None:
    title = f"{state.name}: {progress(state)}"
    _print_trials(stored, best, title)


def print_front(stored: "StoredStudy", numbers: Sequence[int]) -> None:
    """The trials of a front, in its order."""
    trials = {trial.number: trial for trial in stored.trials()}
    known = [trials[number] for number in numbers]
    _print_trials(stored, known[:LISTED], f"{counted(len(known), 'trial')} that no other beats in both objectives:")
    if len(known) > LISTED:
        tell(f"... and {len(known) - LISTED} more; `hpo study show --json` lists them all")


def _print_trials(stored: "StoredStudy", trials: Sequence["FrozenTrial"], title: str) -> None:
    metrics, names = stored.spec.search.metrics, list(stored.spec.space)
    columns = [Column(name, number=True) for name in ("trial", *map(heading, metrics), "epochs", *names)]
    rows = [
        [str(trial.number), *_values(trial, metrics), str(trial.last_step), *_parameters(trial.params, names)] for trial in trials
    ]
    print_table(columns, rows, title=title)


def _values(trial: "FrozenTrial", metrics: Sequence[str]) -> list[str]:
    """A cell for each objective; a trial that did not complete may have none."""
    values = [*(trial.values or ()), *[None] * len(metrics)]
    return [measured(value, metric) for value, metric in zip(values, metrics, strict=False)]


def progress(state: "StageState") -> str:
    """'20 of 20 trials (8 completed, 10 pruned, 2 diverged)'."""
    outcomes = ", ".join(outcome_counts(state.outcomes))
    return progressed(state.told, state.trials) + (f" ({outcomes})" if outcomes else "")


def _remarks(trials: Sequence["FrozenTrial"]) -> list[str]:
    """Of trials that learnt nothing, and of those that were not trained because their points had been."""
    from ...attributes import at_chance_of, same_as_of

    again = [trial.number for trial in trials if same_as_of(trial) is not None]
    tried = "its point was" if len(again) == 1 else "their points were"
    groups = {
        "stuck at chance": [trial.number for trial in trials if at_chance_of(trial) == "stuck"],
        "fallen back to chance": [trial.number for trial in trials if at_chance_of(trial) == "late"],
        f"not trained again, because {tried} tried before": again,
    }
    return [f"{counted(len(numbers), 'trial')} {what}: {_listed(numbers)}" for what, numbers in groups.items() if numbers]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:LISTED])) + (", ..." if len(numbers) > LISTED else "")


def _parameters(values: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [significant(values[name]) if name in values else "" for name in names]
