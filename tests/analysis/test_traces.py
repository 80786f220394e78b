"""Curves for pictures: whose, how many, and who left before the first report."""

import numpy as np
import pytest
from optuna.trial import TrialState

from hpo.analysis.reading import read
from hpo.analysis.table import Unanswered
from hpo.analysis.traces import Traces, traces
from hpo.attributes import OUTCOME
from hpo.errors import UsageError

from ..fakes.made_studies import made
from .studies import study, trial


def test_every_curve_as_it_was_reported() -> None:
    """Each ended trial has its curve, epoch by epoch, with what became of it."""
    source = made(50)
    found = traces(read(source), "validation_accuracy")
    assert isinstance(found, Traces)
    assert [(trace.number, trace.values.tolist()) for trace in found.traces] == [
        (trial.number, list(trial.intermediate_values.values())) for trial in source.trials
    ]
    assert (found.axis, found.trials, found.of, found.silent) == ("epoch", 50, 50, 0)


def test_a_sample_has_its_share_of_every_outcome() -> None:
    """Of more trials than can be told apart each outcome keeps as many, as far as there are; the same ones every time."""
    table = read(made(400))
    first, second = (traces(table, "validation_loss", 30) for _ in range(2))
    assert isinstance(first, Traces)
    assert isinstance(second, Traces)
    counts = {outcome: sum(trace.outcome == outcome for trace in first.traces) for outcome in ("completed", "pruned", "diverged")}
    assert counts == {"completed": 10, "pruned": 10, "diverged": 10}
    assert [trace.number for trace in first.traces] == [trace.number for trace in second.traces]
    assert first.of == 400


def test_trials_that_reported_nothing_are_counted() -> None:
    """A trial that diverged before its first report has no curve, and is not forgotten."""
    silent = trial({"rate": 0.5}, None, TrialState.PRUNED, **{OUTCOME: "diverged"})
    told = trial({"rate": 0.1}, 1.0, reports={0: 2.0, 1: 1.0})
    found = traces(read(study([told, silent])), "value")
    assert isinstance(found, Traces)
    assert (found.trials, found.silent, found.axis) == (1, 1, "step")


def test_no_curve_at_all_is_a_reason() -> None:
    """A study that reported nothing says so; a metric that nobody knows is the user's mistake."""
    table = read(study([trial({"rate": 0.1}, 1.0)]))
    assert traces(table, "value") == Unanswered("no trial has reported value while it trained")
    with pytest.raises(UsageError, match="unknown metric 'vale': did you mean 'value'"):
        traces(table, "vale")


def test_not_a_number_stays() -> None:
    """A report that was not finite leaves a gap and not a zero."""
    found = traces(read(study([trial({"rate": 0.1}, 1.0, reports={0: float("nan"), 1: 1.0})])), "value")
    assert isinstance(found, Traces)
    assert np.isnan(found.traces[0].values[0])
