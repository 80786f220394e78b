"""What would bring the trials that a study has too few of, in the words of its state."""

from dataclasses import replace

import numpy as np
import pytest

from hpo.analysis.reading import read
from hpo.analysis.table import Table
from hpo.report.bringing import bringing, wanted
from hpo.spec import loads

from ..fakes.made_studies import SPEC, made


def ended(outcomes: str) -> Table:
    """Three trials that ended so: c completed, p pruned, d diverged."""
    names = {"c": "completed", "p": "pruned", "d": "diverged"}
    table = read(made(3))
    found = np.array([names[one] for one in outcomes])
    return replace(table, outcomes=found, values=np.where(found == "completed", 0.5, np.nan)[:, None])


@pytest.mark.parametrize(
    ("outcomes", "trials", "text"),
    [
        ("cpp", 50, "`hpo study run made` goes on with its 50 trials"),
        ("cpp", 3, "in a study made with `--set search.pruner=none` every trial trains to its end"),
        ("cdd", 3, "ranges in which fewer trials diverge would bring them"),
        ("ccc", 3, "a study of more trials would bring them"),
    ],
)
def test_what_would_bring_more(outcomes: str, trials: int, text: str) -> None:
    """Going on, where there is something to go on with; else another study."""
    spec = loads(SPEC)
    first = spec.stage[0].model_copy(update={"trials": trials})
    assert bringing(ended(outcomes), spec.model_copy(update={"stage": (first,)})) == text


def test_enough_and_unknown() -> None:
    """Nothing is said where there are trials enough, and no command is named for a study of another program."""
    assert wanted(made(50)) == ""
    assert wanted(made(3, known=False)) == "more trials of the study would bring them"
