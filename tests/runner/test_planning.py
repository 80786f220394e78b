"""How a stage starts."""

from collections.abc import Callable

import pytest

from hpo.attributes import SAME_AS
from hpo.runner import StoredStudy
from hpo.runner.enqueuing import enqueue
from hpo.runner.events import Event, StageStarted
from hpo.runner.planning import first_box

from ..fakes.studies import study_file, told
from .conftest import train

STAGES = [{"name": "wide", "trials": 8}, {"name": "narrow", "trials": 6, "narrow": {"keep": 3, "expand": 0.5}}]
SPEC = study_file(stage=STAGES)
POINTS = [{"eta": 0.01 * (place + 1), "momentum": 0.1 * place} for place in range(4)]


def test_fewer_trials_than_are_to_be_kept() -> None:
    """The box is drawn around those there are, and the stage says so."""
    trials = [told(SPEC, 0, POINTS[0]), told(SPEC, 1, POINTS[1]), told(SPEC, 2, POINTS[2], outcome="diverged")]
    start = first_box(SPEC, SPEC.stage[1], {}, trials)
    assert start.kept == (0, 1)
    assert start.notes == (
        "stage narrow narrows around the best 3 points, but only 2 got by without failing: it is drawn around these",
    )


@pytest.mark.parametrize("completed", [0, 1])
def test_nothing_to_narrow_to(completed: int) -> None:
    """With one trial or none the box stays as it was, and the stage says so."""
    trials = [told(SPEC, place, POINTS[place], outcome="completed" if place < completed else "diverged") for place in range(4)]
    start = first_box(SPEC, SPEC.stage[1], {"eta": (0.01, 0.1)}, trials)
    assert (start.box, start.kept) == ({"eta": (0.01, 0.1)}, ())
    assert start.notes[0].endswith(
        f"only {completed} got by without failing: that leaves nothing to narrow to, the box stays as it was"
    )


def test_a_point_counts_once() -> None:
    """Three results of one point are no three points to narrow around."""
    trials = [told(SPEC, place, POINTS[0 if place < 3 else 1], values=[0.9 - place / 10]) for place in range(4)]
    for trial in trials[1:3]:
        trial.user_attrs[SAME_AS] = 0
    assert first_box(SPEC, SPEC.stage[1], {}, trials).kept == (0, 3)


def test_a_stage_that_grows_says_so_and_keeps_it(stored: Callable[..., StoredStudy]) -> None:
    """The best rate, 0.1, lies outside the first box: the second reaches beyond its border, as its event and state say."""
    box = {"eta": [0.001, 0.02]}
    study = stored(stage=[{"name": "wide", "trials": 6, "box": box}, {"name": "fine", "trials": 4, "narrow": {"expand": 0.5}}])
    enqueue(study, [{"eta": 0.02}, {"eta": 0.019}, {"eta": 0.018}])
    seen: list[Event] = []
    train(study, display=seen.append)
    fine = study.stages()[1]
    assert fine.box is not None
    assert fine.box["eta"][1] == pytest.approx(0.02 * 20**0.5)
    assert fine.notes
    assert fine.notes[0].startswith("eta now reaches from ")
    assert fine.notes[0].endswith("to 0.08944, beyond the box before (0.001 to 0.02)")
    started = [event for event in seen if isinstance(event, StageStarted)]
    assert started[1].notes == fine.notes
    assert started[0].notes == ()
