"""The rules that hold between the sections of a study file. A rule about a key that is lost is not put to its stand-in."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..errors import InvalidSpec
from ..expressions import Expression
from ..space import Parameter
from .lost import Lost
from .model import MODELS, CnnSpec
from .options import Path, option_names, resolve
from .quantities import names
from .search_rules import search_faults
from .stage_rules import stage_faults
from .wording import plain, short

if TYPE_CHECKING:
    from .study import StudySpec

NOTHING_LOST = Lost()


def faults_between(spec: "StudySpec", lost: Lost = NOTHING_LOST) -> Iterator[str]:
    """Every fault between the sections of a study, each with its key."""
    options: dict[str, Path] = {}
    if not lost.under(("space",)):
        yield from _option_faults(spec, lost, options)
    good = frozenset(options) - {name for name in options if lost.has("space", name)}
    values = {name: list(_value_faults(spec, lost, name, options[name])) for name in sorted(good, key=list(spec.space).index)}
    for faults in values.values():
        yield from faults
    yield from _derived_faults(spec, lost, options)
    yield from stage_faults(spec, lost)
    yield from search_faults(spec, lost)
    yield from _size_faults(spec, lost, {name: options[name] for name, faults in values.items() if not faults})


def _option_faults(spec: "StudySpec", lost: Lost, found: dict[str, Path]) -> Iterator[str]:
    """What is wrong with what the parameters set; the paths of those that set something."""
    owners: dict[Path, str] = {}
    for name, parameter in spec.space.items():
        if lost.under(("space", name, "option")):
            continue
        option = parameter.option or name
        try:
            path = resolve(option, spec.model, spec.training)
        except ValueError as error:
            if not _may_be(option, lost):
                yield f"space.{name}: {error}"
            continue
        if path in owners:
            yield f"space.{name}: {'.'.join(path)} is set by {owners[path]} already"
        owners[path] = name
        found[name] = path


def _may_be(option: str, lost: Lost) -> bool:
    """Whether an option may belong to the network or schedule that the file names wrongly."""
    asked = option.removeprefix("model.").removeprefix("training.")
    networks = {name for model in MODELS.values() for name in option_names(model)} if lost.under(("model",)) else set()
    return asked in networks or (asked.startswith("schedule.") and lost.has("training", "schedule"))


def _value_faults(spec: "StudySpec", lost: Lost, name: str, path: Path) -> Iterator[str]:
    """Try the option of a parameter with every extreme value."""
    parameter = spec.space[name]
    try:
        spec.whole(name, parameter)
    except ValidationError as error:
        yield from (f"space.{name}: {fault}" for fault in str(error.errors()[0]["ctx"]["error"]).split("\n"))
        return
    for value in parameter.choices or parameter.ends:
        try:
            spec.settings({name: value})
        except ValidationError as error:
            detail = error.errors()[0]
            of_the_section = detail["type"] == "value_error" and not detail["loc"]
            if not (of_the_section and lost.has(path[0])):
                told = plain([{**detail, "loc": path}]).replace(f", got {short(detail['input'])}", "")
                yield (
                    f"space.{name}: {'.'.join(path[1:])} cannot be {short(value)}: it {told}"
                    if not of_the_section
                    else (f"space.{name}: {'.'.join(path[1:])} cannot be {short(value)}: {told}")
                )


def _derived_faults(spec: "StudySpec", lost: Lost, options: dict[str, Path]) -> Iterator[str]:
    if lost.under(("space",)) or lost.under(("model",)) or lost.under(("derived",)):
        return
    known = names({name: spec.space[name] for name in options}, spec.model, spec.training) | set(spec.space)
    for name, text in spec.derived.items():
        if name in spec.space:
            yield f"derived.{name}: '{name}' is the name of a parameter"
        try:
            Expression.parse(text, known)
        except InvalidSpec as error:
            yield from (f"derived.{name}: {fault}" for fault in error.faults)


def _size_faults(spec: "StudySpec", lost: Lost, options: dict[str, Path]) -> Iterator[str]:
    """Whether the largest batch and the largest filters fit: each numeric parameter at its upper end."""
    model, training = spec.settings(
        {name: _largest(spec.space[name]) for name in options if _size(spec.space[name], options[name])}
    )
    there, batch = spec.data.train, training.batch_size
    wrong = lost.has("data", "train") or lost.has("training", "batch_size") or _sets(spec, lost, "batch_size")
    if batch > there and not wrong:
        key = next((f"space.{name}" for name, path in options.items() if path[1:] == ("batch_size",)), "training.batch_size")
        yield f"{key}: a batch holds at most all {there} training images, got {batch}"
    shape = spec.data.input_shape()
    wrong = (
        lost.has("model") or lost.has("data", "name") or lost.has("data", "shape") or _sets(spec, lost, "blocks", "filter_size")
    )
    if isinstance(model, CnnSpec) and shape is not None and not model.fits(shape) and not wrong:
        yield (
            f"model.filter_size: {model.blocks} blocks of {model.filter_size}x{model.filter_size} {model.padding} filters"
            f" do not fit into an image of {shape[1]}x{shape[2]} pixels"
        )


def _sets(spec: "StudySpec", lost: Lost, *options: str) -> bool:
    """Whether one of these options is set by a parameter that is wrong."""
    setters = [name for name, parameter in spec.space.items() if (parameter.option or name).split(".")[-1] in options]
    return lost.under(("space",)) or any(lost.has("space", name) for name in setters)


def _size(parameter: Parameter, path: Path) -> bool:
    return (path[0] == "model" or path[1:] == ("batch_size",)) and _largest(parameter) is not None


def _largest(parameter: Parameter) -> Any:
    if parameter.choices is None:
        return parameter.ends[1]
    numbers = [each for each in parameter.choices if isinstance(each, (int, float)) and not isinstance(each, bool)]
    return max(numbers, default=parameter.choices[0])
