"""Rungs: where pruning is decided."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo.errors import UsageError
from hpo.search import rung_epochs
from hpo.search.rungs import halving_epochs, kept_share
from hpo.spec import SearchSpec


@pytest.mark.parametrize(
    ("pruner", "epochs", "rungs"),
    [
        ("none", 10, (10,)),
        ("median", 4, (1, 2, 3, 4)),
        ("my.pruners:Mine", 2, (1, 2)),
        ("successive-halving", 10, (1, 3, 10)),
        ("hyperband", 10, (1, 3, 10)),
        ("successive-halving", 50, (1, 5, 16, 50)),
        ("successive-halving", 2, (2,)),
        ("successive-halving", 1, (1,)),
    ],
)
def test_rungs_of_a_pruner(pruner: str, epochs: int, rungs: tuple[int, ...]) -> None:
    """Without a pruner there is one rung, with halving few, with any other pruner one at every epoch."""
    assert rung_epochs(SearchSpec(pruner=pruner), epochs) == rungs


def test_options_move_the_rungs() -> None:
    """min_resource and reduction_factor decide on the first rung and on their distance."""
    search = SearchSpec(pruner="successive-halving", pruner_options={"min_resource": 4, "reduction_factor": 2})
    assert rung_epochs(search, 40) == (5, 10, 20, 40)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"min_resource": 0}, "min_resource must be a whole number of at least 1, got 0"),
        ({"min_resource": 1.5}, "got 1.5"),
        ({"reduction_factor": 1}, "reduction_factor must be a whole number of at least 2, got 1"),
        ({"reduction_factor": "three"}, "got 'three'"),
        ({"reduction_factor": True}, "got True"),
    ],
)
def test_bad_options_are_explained(options: dict[str, object], message: str) -> None:
    """An option out of its range is refused with the rule and the value."""
    with pytest.raises(UsageError, match=message):
        rung_epochs(SearchSpec(pruner="successive-halving", pruner_options=options), 10)


@given(epochs=st.integers(1, 300), least=st.integers(1, 50), factor=st.integers(2, 6))
def test_rungs_rise_to_the_last_epoch(epochs: int, least: int, factor: int) -> None:
    """Rungs rise, end with the last epoch, none lies before min_resource, and each is at least `factor` times the one before."""
    rungs = halving_epochs(epochs, least, factor)
    assert rungs[-1] == epochs
    assert all(later >= factor * earlier for earlier, later in itertools.pairwise(rungs))
    assert all(rung >= least for rung in rungs[:-1])


@pytest.mark.parametrize(
    ("pruner", "epochs", "share"), [("none", 10, 1.0), ("median", 10, 1.0), ("successive-halving", 10, 22 / 90)]
)
def test_share_that_halving_keeps(pruner: str, epochs: int, share: float) -> None:
    """Of 10 epochs with rungs at 1, 3 and 10, 1 + 2/3 + 7/9 are trained in the mean; other pruners cannot be foreseen."""
    assert kept_share(SearchSpec(pruner=pruner), epochs) == pytest.approx(share)
