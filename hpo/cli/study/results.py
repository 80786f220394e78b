"""The best trials of each stage, as the course reports print them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..figures import heading, measured, outcome_counts, significant
from ..output import clean_line, write
from ..table import Column, print_table

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

    from ...runner import StageState, StoredStudy

SHOWN = 3


def best_trials(stored: "StoredStudy", stage: str) -> list["FrozenTrial"]:
    """The best trials of a stage: completed ones first, then pruned ones, those that came further first."""
    from ...search import ranked

    return ranked(stored.trials(stage), stored.spec.search.direction)[:SHOWN]


def print_stages(stored: "StoredStudy") -> None:
    """A table for each stage that has begun, with its three best trials and their parameters."""
    for state in stored.stages():
        best = best_trials(stored, state.name)
        if best:
            _print_stage(stored, state, best)
        elif state.told:
            write(clean_line(f"{state.name}: {progress(state)}"))


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


def _parameters(values: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [significant(values[name]) if name in values else "" for name in names]
