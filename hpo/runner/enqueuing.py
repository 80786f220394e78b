"""Points that are to be tried before the sampler's own: Optuna's waiting trials, put there by us or by anyone.

A point may leave parameters out; these are drawn at random in the box of the stage that takes it up.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import optuna
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from ..attributes import evidence_of, stage_of
from ..errors import UsageError, unknown
from ..ownership import Ownership
from ..search import comparable, ranked
from ..space import Box, Parameter, as_choice
from ..spec import StudySpec
from .stored import Moment, StoredStudy

Point = dict[str, Any]


def points(spec: StudySpec, texts: Sequence[str]) -> list[Point]:
    """Points written as JSON objects. Raises UsageError with the faults of all of them at once."""
    found: list[Point] = []
    faults = ["a grid visits its own points: --enqueue takes a sampler that draws"] if spec.search.sampler == "grid" else []
    for text in texts:
        try:
            point = json.loads(text)
        except ValueError as error:
            faults.append(f"--enqueue {text}: not JSON, {error}: write it as '{{\"{next(iter(spec.space))}\": 0.1}}'")
            continue
        wrong = list(faults_of(spec, point))
        faults += [f"--enqueue {text}: {fault}" for fault in wrong]
        if not wrong:
            found.append(_typed(spec, point))
    if faults:
        raise UsageError("\n".join(faults))
    return found


def faults_of(spec: StudySpec, point: Any) -> Iterator[str]:
    """What is wrong with a point of this space; parameters may be left out, but not all."""
    if not isinstance(point, dict) or not point:
        yield "a point is an object with at least one parameter"
        return
    for name, value in point.items():
        parameter = spec.space.get(name)
        fault = unknown("parameter", name, spec.space) if parameter is None else _fault(parameter, value)
        if fault:
            yield fault if parameter is None else f"{name} {fault}"


def _fault(parameter: Parameter, value: Any) -> str:
    """What is wrong with a value, after the parameter's name; empty when nothing is."""
    if parameter.choices is not None:
        word = as_choice(value)
        known = any(type(word) is type(choice) and word == choice for choice in parameter.choices)
        return "" if known else f"must be one of {list(parameter.choices)}, got {value!r}"
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        return f"must be a number, got {value!r}"
    low, last = parameter.ends[0], parameter.last
    steps = "" if parameter.step is None else f" in steps of {parameter.step}"
    near = f": the nearest is {' or '.join(map(str, parameter.nearest(value)))}"
    if not low <= value <= last and parameter.written(value) != last:
        return f"must lie from {low} to {last}{steps}, got {value!r}{near}"
    if parameter.whole and value != int(value):
        return f"must be a whole number, got {value!r}"
    if parameter.step is not None and abs((place := (value - low) / parameter.step) - round(place)) > 1e-8:
        return f"must lie on the steps of {parameter.step} from {low}, got {value!r}{near}"
    return ""


def _typed(spec: StudySpec, point: Mapping[str, Any]) -> Point:
    """The point as the storage gives it back: 1 and 1.0 are one value."""
    found = {}
    for name, value in point.items():
        parameter = spec.space[name]
        found[name] = (
            as_choice(value) if not parameter.numeric else int(value) if parameter.whole else parameter.written(float(value))
        )
    return found


def enqueue(study: StoredStudy, found: Iterable[Point]) -> list[tuple[int, bool]]:
    """Put points into the queue, all or none: the number of each one's trial, and whether it is new.

    A point that has been put there before, or was tried as it is, is not put there again.
    """
    with study.database.alone(study.identifier):
        return [_enqueue(study, point) for point in found]


def _enqueue(study: StoredStudy, point: Point) -> tuple[int, bool]:
    now = study.now()
    known = sorted([*now.trials(), *waiting(now)], key=lambda trial: trial.number)
    same = [trial.number for trial in known if _written(study.spec, trial) == point]
    if same:
        return same[0], False
    study.optuna.enqueue_trial(point)
    return now.there, True


def _written(spec: StudySpec, trial: FrozenTrial) -> Point:
    """What a trial was told to try, or tried."""
    given = trial.system_attrs.get("fixed_params", trial.params)
    return {name: spec.space[name].written(value) if name in spec.space else value for name, value in given.items()}


def waiting(now: Moment) -> list[FrozenTrial]:
    """The queue, in order. Points that others have put there and that are none of this space stay where they are."""
    spec = now.study.spec
    if spec.search.sampler == "grid":
        return []
    return [trial for trial in now.queue if _is_bare(trial) and not any(faults_of(spec, fixed_point(trial)))]


def _is_bare(trial: FrozenTrial) -> bool:
    """Whether a trial is as Optuna enqueues one: with nothing but fixed parameters that it is to have."""
    return not trial.params and not trial.intermediate_values and not trial.values


def of_others(now: Moment) -> int:
    """Trials that others have put into the Optuna study, points of the queue included that are none of this space."""
    return now.there - now.asked - len(now.evidence) - len(waiting(now))


def fixed_point(trial: FrozenTrial) -> Point:
    """The parameters that a waiting trial has been given."""
    found = trial.system_attrs.get("fixed_params", {})
    return dict(found) if isinstance(found, dict) else {}


def best_first(study: optuna.Study, spec: StudySpec | None) -> list[FrozenTrial]:
    """The completed trials of any study with one objective, the best first; of hpo's those of its last budget.

    Raises UsageError when it has several objectives or no completed trial.
    """
    if len(study.directions) > 1:
        raise UsageError(f"the best of a study takes one objective, got {len(study.directions)} in '{study.study_name}'")
    own = Ownership.of(study.user_attrs).all(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))
    complete = [trial for trial in own if evidence_of(trial) is None]
    if not complete:
        raise UsageError(f"there must be a completed trial to start from, got none in '{study.study_name}': run it first")
    if spec is not None:
        stages = [stage.name for stage in spec.stage]
        last = max((stage_of(trial) for trial in complete), key=lambda stage: stages.index(str(stage)) if stage in stages else -1)
        complete = comparable(spec, str(last), complete)
    return ranked(complete, "maximize" if study.direction == StudyDirection.MAXIMIZE else "minimize")


def best_inside(spec: StudySpec, box: Box, trials: Sequence[FrozenTrial]) -> tuple[FrozenTrial, Point]:
    """The first of the trials that lies in the box, and what it has of this space.

    Raises UsageError when none has a parameter of this space, and when none lies in the box.
    """
    shared = [{name: value for name, value in trial.params.items() if name in spec.space} for trial in trials]
    if not any(shared):
        theirs = sorted({name for trial in trials for name in trial.params})
        raise UsageError(f"the studies must share a parameter, got {', '.join(theirs)} there and {', '.join(spec.space)} here")
    for trial, point in zip(trials, shared, strict=True):
        if point and not any(faults_of(spec, point)) and _in_box(box, point):
            return trial, _typed(spec, point)
    raise UsageError(f"none of the {len(trials)} completed trials there lies in the box of this study: {_box_text(spec, box)}")


def _in_box(box: Box, point: Point) -> bool:
    return all(low <= point[name] <= high for name, (low, high) in box.items() if name in point)


def _box_text(spec: StudySpec, box: Box) -> str:
    ends = {name: box.get(name, parameter.ends) for name, parameter in spec.space.items() if parameter.numeric}
    return ", ".join(f"{name} from {low:g} to {high:g}" for name, (low, high) in ends.items())


def next_box(study: StoredStudy) -> Box:
    """The box of the stage that asks next, as far as it is known: before it starts, that of the stage before."""
    box: Box = {}
    for stage, state in zip(study.spec.stage, study.stages(), strict=True):
        box = state.box if state.box is not None else stage.box if stage.narrow is None else box
        if state.asked < state.trials:
            break
    return box
