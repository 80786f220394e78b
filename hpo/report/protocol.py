"""What was done: the question of a study, and its settings in words."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..analysis.table import Column, Unanswered
from ..findings.wording import amount, counted, evidence, lower, subject
from ..spec import StudySpec
from ..spec.training import OPTIMIZER_SETTINGS
from .explanation import Explanation
from .wording import MOST_SETTINGS, exact, listed, setting

SECTIONS = ("data", "model", "training", "search", "final")


class Fact(NamedTuple):
    """One line of a list: what it is about, and what is to be said."""

    name: str
    text: str


def question(explanation: Explanation) -> str:
    """What the study asks: the title of its file, or what its parameters and its objective amount to."""
    if explanation.spec is not None:
        return explanation.spec.title
    table = explanation.table
    names = [column.name for column in table.parameters]
    ways = [
        f"the {'highest' if up else 'lowest'} {lower(subject(metric))}"
        for metric, up in zip(table.metrics, table.maximise, strict=True)
    ]
    if len(names) > MOST_SETTINGS:
        names = [*names[:MOST_SETTINGS], f"{len(names) - MOST_SETTINGS} more"]
    return f"Which {listed(names) if names else 'setting'} {'give' if len(names) > 1 else 'gives'} {listed(ways)}?"


def protocol(explanation: Explanation) -> list[Fact]:
    """How the study went about it."""
    spec, table = explanation.spec, explanation.table
    facts = [] if spec is None else list(_of_file(explanation, spec))
    space = [Fact(column.name, range_of(column)) for column in table.parameters]
    derived = [] if spec is None else [Fact(name, expression) for name, expression in spec.derived.items()]
    ends = [
        f"{metric}, {'higher' if up else 'lower'} is better" for metric, up in zip(table.metrics, table.maximise, strict=True)
    ]
    return [*facts, Fact("objective", "; ".join(ends)), Fact("trials", _trials(explanation)), *space, *derived]


def _of_file(explanation: Explanation, spec: StudySpec) -> Iterator[Fact]:
    if spec.source:
        yield Fact("source", spec.source)
    tree = spec.model_dump(mode="json", exclude_none=True)
    idle = _idle(spec)
    for section in SECTIONS:
        text = ", ".join(f"{key} {value}" for key, value in _flat(tree.get(section, {})) if (section, key) not in idle)
        if text:
            yield Fact(section, text)
    for note in explanation.data.get("notes", ()):
        yield Fact("images", str(note))
    yield Fact("seed", str(spec.seed))


def _idle(spec: StudySpec) -> set[tuple[str, str]]:
    """Settings that say nothing of this study: those that each trial draws for itself, and those of other optimizers."""
    drawn = {(parameter.option or name).split(".")[-1] for name, parameter in spec.space.items()}
    if "optimizer" not in drawn:
        used = OPTIMIZER_SETTINGS[spec.training.optimizer]
        drawn |= {name for names in OPTIMIZER_SETTINGS.values() for name in names if name not in used}
    return {(section, name) for section in ("model", "training") for name in drawn}


def _flat(value: Mapping[str, Any], key: str = "") -> Iterator[tuple[str, str]]:
    for name, part in value.items():
        path = f"{key}.{name}" if key else str(name)
        if isinstance(part, dict):
            yield from _flat(part, path)
        elif isinstance(part, list):
            yield path, " ".join(map(setting, part)) or "none"
        else:
            yield path, setting(part).lower() if isinstance(part, bool) else setting(part)


def range_of(column: Column) -> str:
    """What a parameter was drawn from, and how many trials have it where not all do."""
    having = int((column.values == column.values).sum())
    return _range(column) + (f"; in {having:,} of {counted(len(column.values), 'trial')}" if having < len(column.values) else "")


def _range(column: Column) -> str:
    if column.choices is not None:
        return " | ".join(column.names)
    kind = (", whole" if column.integer else "") + (", logarithmic" if column.log else "")
    step = f" in steps of {column.step:g}" if column.step is not None and not (column.integer and column.step == 1) else ""
    low, high = (f"{end:.0f}" if column.integer else f"{end:g}" for end in (column.low, column.high))
    return f"{low} to {high}{step}{kind}"


def test(explanation: Explanation) -> list[Fact]:
    """What the test images said; empty while they have not been looked at."""
    found = explanation.tested
    if isinstance(found, Unanswered):
        return []
    metric = "test_accuracy"
    error = amount(metric, found.error)
    right = f"{exact(metric, found.accuracy)} of {found.images:,} images right (standard error {error})"
    guess = found.guess
    balanced = (
        f"{exact(metric, found.balanced_accuracy)}, every class counted alike; a guess of the commonest class,"
        f" '{guess.commonest}', is right in {exact(metric, guess.share)}"
    )
    return [
        Fact("test images", f"{right}, loss {found.loss:.4g} nats, by trial {found.trial} after its final training"),
        *([Fact("balanced accuracy", balanced)] if guess.unbalanced else []),
        Fact("looks", f"{counted(found.looks, 'look')} at the test images in all"),
    ]


def _trials(explanation: Explanation) -> str:
    spec = explanation.spec
    count = counted(len(explanation.table), "trial")
    if spec is None:
        return count
    after = [len(explanation.whole.curves(int(row))) for row in np.flatnonzero(explanation.whole.evidence != "")]
    planned = f"{count}, of {spec.trials:,} planned in {counted(len(spec.stage), 'stage')}"
    return f"{planned}, and {evidence(after)}" if after else planned
