"""The best trials of each stage, as the course reports print them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..figures import counted, heading, measured, outcome_counts, significant
from ..output import clean_line, write
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
            write(clean_line(f"{state.name}: {progress(state)}"))
        for line in _remarks(stored.trials(state.name)):
            write(clean_line(line))


def _print_stage(stored: "StoredStudy", state: "StageState", best: Sequence["FrozenTrial"]) -> None:
    metric = stored.spec.search.metric
    names = list(stored.spec.space)
    columns = [Column(name, number=True) for name in ("trial", heading(metric), "epochs", *names)]
    rows = [
        [str(trial.number), measured(trial.value, metric), str(trial.last_step), *_parameters(trial.params, names)]
        for trial in best
    ]
    print_table(columns, rows, title=f"{state.name}: {progress(state)}")


def progress(state: "StageState") -> str:
    """'20 of 20 trials (8 completed, 10 pruned, 2 diverged)'."""
    outcomes = ", ".join(outcome_counts(state.outcomes))
    return f"{state.told} of {state.trials} trials" + (f" ({outcomes})" if outcomes else "")


def _remarks(trials: Sequence["FrozenTrial"]) -> list[str]:
    """Of trials that learnt nothing, and of those that were not trained because their points had been."""
    from ...attributes import at_chance_of, same_as_of

    groups = {
        "stuck at chance": [trial.number for trial in trials if at_chance_of(trial) == "stuck"],
        "fallen back to chance": [trial.number for trial in trials if at_chance_of(trial) == "late"],
        "not trained again, their points were tried before": [t.number for t in trials if same_as_of(t) is not None],
    }
    return [f"{counted(len(numbers), 'trial')} {what}: {_listed(numbers)}" for what, numbers in groups.items() if numbers]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:LISTED])) + (", ..." if len(numbers) > LISTED else "")


def _parameters(values: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [significant(values[name]) if name in values else "" for name in names]
