"""Whether the test of a claim is well put: every fault at once, each with its key."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..analysis.metrics import FACTS as OF_A_TRIAL
from ..analysis.metrics import TRAINED
from ..analysis.table import OUTCOMES
from ..errors import unknown
from ..space import Parameter
from ..spec import FindingTest, StudySpec
from ..spec.wording import plain
from .choosing import CHOSEN
from .conditions import FACTS, TAGS, Bound
from .fairness import CIRCULAR, circular, ranks
from .options import Test
from .registry import KINDS


def check(test: FindingTest, spec: StudySpec) -> list[str]:
    """Faults of a test in a study file, each beginning with its key; none when the test can be put to the study's trials."""
    if test.kind not in KINDS:
        return [f"kind: {unknown('kind of test', test.kind, KINDS)}"]
    try:
        options = parse(test)
    except ValidationError as error:
        faults = [_fault(detail, test.kind) for detail in error.errors()]
        return list(dict.fromkeys([*faults, *_names_beside(test, error, spec)]))
    return [*_name_faults(options, spec), *_condition_faults(options, spec), *_choice_faults(options, spec)]


def _names_beside(test: FindingTest, error: ValidationError, spec: StudySpec) -> list[str]:
    """Unknown parameters and metrics of a test whose other options are wrong."""
    wrong = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}
    options = KINDS[test.kind].options
    right = {key: value for key, value in test.options().items() if key in options.model_fields and key not in wrong}
    partial = options.model_construct(**right)
    try:
        faults = [*_name_faults(partial, spec), *_condition_faults(partial, spec)]
        return [fault for fault in faults if re.split("[.:]", fault)[0] in right]
    except (AttributeError, TypeError):  # Those that are wrong tell which names are meant.
        return []


def parse(test: FindingTest) -> Test:
    """The options of a test, checked by themselves. Raises pydantic.ValidationError; the kind must be known."""
    # Strict JSON, as study files are read: "5" is no number, while a list is a good tuple.
    return KINDS[test.kind].options.model_validate_json(json.dumps(test.options()), strict=True)


def _fault(detail: ErrorDetails, kind: str) -> str:
    parts = [str(part) for part in detail["loc"] if part not in TAGS]
    key = ".".join(parts)
    match detail["type"]:
        case "extra_forbidden" if len(parts) == 1:
            return f"{key}: {unknown(f'key of a {kind} test', key, KINDS[kind].options.model_fields)}"
        case "extra_forbidden":
            return f"{key}: {unknown('key of a bound', parts[-1], Bound.model_fields)}"
        case "missing":
            return f"{key}: a {kind} test requires this key"
        case "value_error":
            return f"{key}: {detail['ctx']['error']}" if key else str(detail["ctx"]["error"])
        case _:
            return f"{key}: {plain([detail])}"


def _name_faults(options: Test, spec: StudySpec) -> Iterator[str]:
    known = {*spec.space, *spec.derived}
    for key, name in options.parameters():
        if name not in known:
            yield f"{key}: {unknown('parameter or derived quantity', name, known)}"
        elif key != "order" and name in spec.space and not spec.space[name].numeric:
            yield f"{key}: {name} has choices, which have no order"
    for key, name in options.metrics():
        yield from _metric_faults(key, name)


def _metric_faults(key: str, name: str) -> Iterator[str]:
    plain, at, epoch = name.partition("@")
    if plain not in (*TRAINED, *OF_A_TRIAL):
        yield f"{key}: {unknown('metric', plain, (*TRAINED, *OF_A_TRIAL))}, with @8 after it for epoch 8"
    elif at and (plain in OF_A_TRIAL or not epoch.isdigit() or int(epoch) < 1):
        yield f"{key}: a metric of training is read at an epoch from 1, such as training_loss@8, got '{name}'"


def _condition_faults(options: Test, spec: StudySpec) -> Iterator[str]:
    for key, conditions in options.conditions():
        for name, condition in conditions.items():
            yield from _one_condition(f"{key}.{name}", name, condition, spec)


def _choice_faults(options: Test, spec: StudySpec) -> Iterator[str]:
    """Conditions that choose trials by what the claim then tests."""
    yield from (f"{key}: {CIRCULAR}" for key in circular(options, spec.search.metric))
    if spec.search.replicates < 2:
        yield from (f"{key}: {CHOSEN}" for key in ranks(options))


def _one_condition(key: str, name: str, condition: Any, spec: StudySpec) -> Iterator[str]:
    stages = [stage.name for stage in spec.stage]
    plain = name.partition("@")[0]
    if name == "stage":
        yield from _one_of(key, "stage", condition, stages)
    elif name == "outcome":
        yield from _one_of(key, "outcome", condition, OUTCOMES)
    elif name in spec.space:
        yield from _value_faults(key, condition, spec.space[name])
    elif name not in (*spec.derived, *FACTS) and plain not in (*TRAINED, *OF_A_TRIAL):
        yield f"{key}: {unknown('parameter or metric', name, [*spec.space, *spec.derived, *FACTS, *TRAINED, *OF_A_TRIAL])}"
    elif isinstance(condition, (str, bool)):
        yield f"{key}: {name} is a number, got {condition!r}"


def _one_of(key: str, kind: str, condition: Any, known: "tuple[str, ...] | list[str]") -> Iterator[str]:
    if condition not in known:
        yield f"{key}: {unknown(kind, str(condition), known)}"


def _value_faults(key: str, condition: Any, parameter: Parameter) -> Iterator[str]:
    if parameter.choices is not None:
        if not any(type(choice) is type(condition) and choice == condition for choice in parameter.choices):
            yield f"{key}: one of the choices {list(parameter.choices)}, got {condition!r}"
    elif isinstance(condition, (str, bool)):
        yield f"{key}: a number, [low, high], {{ above = x }} or {{ below = x }}, got {condition!r}"
    elif isinstance(condition, (int, float)):
        yield from _number_faults(key, condition, parameter)


def _number_faults(key: str, number: float, parameter: Parameter) -> Iterator[str]:
    points = parameter.grid()
    if points is not None and number not in points:
        yield f"{key}: one of the grid's values {points}, got {number:g}"
    elif points is None and not parameter.whole:
        yield f"{key}: no two trials share a value of a continuous range; give [low, high], {{ above = x }} or {{ below = x }}"


def faults_of(spec: StudySpec) -> Mapping[int, list[str]]:
    """Faults of every claim of a study file, by its place; claims without any are left out."""
    found = {place: check(finding.test, spec) for place, finding in enumerate(spec.finding)}
    return {place: faults for place, faults in found.items() if faults}
