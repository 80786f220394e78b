"""A whole study file, with the rules that hold between its sections."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from ..errors import InvalidSpec, unknown
from ..expressions import Expression
from ..section import Section
from ..space import Parameter
from .budget import Budget
from .data import DataSpec
from .final import FinalSpec
from .model import CnnSpec, ModelSpec
from .options import Path, paths, resolve, with_values
from .quantities import names
from .search import ExecutionSpec, FindingSpec, SearchSpec, StageSpec
from .training import TrainingSpec


class StudySpec(Section):
    """What a study asks and how it answers: the study file, checked."""

    title: Annotated[str, Field(min_length=1)]
    source: str | None = None
    """Where the experiment comes from."""
    minutes: Annotated[float, Field(gt=0)] | None = None
    """How long the study takes on two cores."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    data: DataSpec
    model: ModelSpec
    training: TrainingSpec = TrainingSpec()
    space: Annotated[dict[str, Parameter], Field(min_length=1)]
    derived: dict[str, str] = {}
    """Quantities computed from parameters and options, by name: `learning_rate / ((1 - momentum) * batch_size)`."""
    search: SearchSpec = SearchSpec()
    stage: Annotated[tuple[StageSpec, ...], Field(min_length=1)]
    final: FinalSpec = FinalSpec()
    finding: tuple[FindingSpec, ...] = ()
    execution: ExecutionSpec = ExecutionSpec()

    @model_validator(mode="after")
    def _check(self) -> "StudySpec":
        faults = [*self._space_faults()]
        faults = faults or [
            *self._derived_faults(), *self._stage_faults(), *self._budget_faults(), *self._search_faults(), *self._size_faults()
        ]  # fmt: skip
        if not faults and self.search.sampler == "grid":
            faults = [*self._empty_stages()]
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _space_faults(self) -> Iterator[str]:
        owners: dict[Path, str] = {}
        for name, parameter in self.space.items():
            try:
                path = resolve(parameter.option or name, self.model, self.training)
            except ValueError as error:
                yield f"space.{name}: {error}"
                continue
            if path in owners:
                yield f"space.{name}: {'.'.join(path)} is set by {owners[path]} already"
            owners[path] = name
            yield from self._adopt(name, parameter, path)

    def _adopt(self, name: str, parameter: Parameter, path: Path) -> Iterator[str]:
        """Take whether the parameter is whole from its option, and try the option with every extreme value."""
        if parameter.numeric and parameter.integer is None:
            whole = paths(self.model, self.training).get(path)
            if whole is not None:
                try:
                    parameter = Parameter.model_validate({**parameter.model_dump(), "integer": whole})
                except ValidationError as error:
                    yield f"space.{name}: {error.errors()[0]['ctx']['error']}"
                    return
                self.space[name] = parameter
        for value in parameter.choices or parameter.ends:
            try:
                self.settings({name: value})
            except ValidationError as error:
                yield f"space.{name}: {'.'.join(path[1:])} cannot be {value!r}: {error.errors()[0]['msg']}"

    def _derived_faults(self) -> Iterator[str]:
        known = names(self.space, self.model, self.training)
        for name, text in self.derived.items():
            if name in self.space:
                yield f"derived.{name}: '{name}' is the name of a parameter"
            try:
                Expression.parse(text, known)
            except InvalidSpec as error:
                yield from (f"derived.{name}: {fault}" for fault in error.faults)

    def _stage_faults(self) -> Iterator[str]:
        for index, stage in enumerate(self.stage):
            # Those that may be compared: trained with the budget of the stage before.
            before = sum(each.trials for each in self.stage[:index] if each.budget == self.stage[index - 1].budget)
            if stage.name in {earlier.name for earlier in self.stage[:index]}:
                yield f"stage.{index}.name: '{stage.name}' is the name of an earlier stage"
            if stage.narrow and before < stage.narrow.keep:
                yield f"stage.{index}.narrow.keep: {stage.narrow.keep} trials to keep, but only {before} come before this stage"
            for name, (low, high) in stage.box.items():
                yield from self._box_faults(f"stage.{index}.box.{name}", name, low, high)

    def _box_faults(self, key: str, name: str, low: float, high: float) -> Iterator[str]:
        parameter = self.space.get(name)
        if parameter is None:
            yield f"{key}: {unknown('parameter', name, self.space)}"
        elif not parameter.numeric:
            yield f"{key}: {name} has choices, which have no order; a box needs low and high"
        elif low < parameter.ends[0] or high > parameter.ends[1]:
            yield f"{key}: a box lies within the space {list(parameter.ends)}, got [{low}, {high}]"

    def _budget_faults(self) -> Iterator[str]:
        changes: dict[str, Callable[[TrainingSpec], TrainingSpec]] = {
            f"stage.{index}.budget": partial(TrainingSpec.within, budget=stage.budget) for index, stage in enumerate(self.stage)
        }
        for key, change in {**changes, "final": self.final.training}.items():
            try:
                change(self.training)
            except ValidationError as error:
                yield f"{key}: {error.errors()[0]['ctx']['error']}"
        if self.search.pruner != "none" and any(budget.seconds is not None for budget in self._budgets()):
            yield f"search.pruner: trials that end by the clock have no epochs in common, got {self.search.pruner}: give none"

    def _budgets(self) -> Iterator[Budget]:
        yield from (stage.budget or self.training for stage in self.stage)

    def _search_faults(self) -> Iterator[str]:
        for name, parameter in self.space.items():
            if self.search.sampler == "grid" and parameter.grid() is None:
                yield f"space.{name}: a grid needs its points: give values = [...] instead of low and high"
            if self.search.sampler != "grid" and parameter.values is not None:
                yield f"space.{name}: values are for a grid, got sampler {self.search.sampler}: give low and high, or choices"
        if self.search.against is not None:
            yield from self._objective_faults(self.search.against)

    def _objective_faults(self, against: str) -> Iterator[str]:
        """Of two objectives: what compares trials by one of them makes no sense."""
        if self.search.pruner != "none":
            yield f"search.pruner: a pruner compares one objective, got {self.search.pruner} with against = {against}: give none"
        if self.search.sampler == "cmaes":
            yield f"search.sampler: cmaes takes one objective, got against = {against}: give nsga2, tpe, gp, qmc, grid or random"
        if against == "multiply_adds" and self.timed:
            yield "search.against: the clock ends training after no fixed number of multiply_adds: give epochs, or parameters"
        for index, stage in enumerate(self.stage):
            if stage.narrow is not None:
                yield f"stage.{index}.narrow: the best trials are those of one objective, got against = {against}: give a box"

    def _empty_stages(self) -> Iterator[str]:
        for index, stage in enumerate(self.stage):
            for name, (low, high) in stage.box.items():
                points = self.space[name].grid() or ()
                if not any(low <= point <= high for point in points):
                    yield f"stage.{index}.box.{name}: none of the grid's values {list(points)} lies in [{low}, {high}]"

    def _size_faults(self) -> Iterator[str]:
        for model, training in self._extremes():
            there, batch = self.data.train, training.batch_size
            if batch > there:
                yield f"training.batch_size: a batch holds at most all {there} training images, got {batch}"
            shape = self.data.input_shape()
            if isinstance(model, CnnSpec) and shape is not None and not model.fits(shape):
                yield (
                    f"model.filter_size: {model.blocks} blocks of {model.filter_size}x{model.filter_size} {model.padding} filters"
                    f" do not fit into an image of {shape[1]}x{shape[2]} pixels"
                )

    def _extremes(self) -> Iterator[tuple[Any, TrainingSpec]]:
        """The settings with each numeric parameter at its upper end: the largest batch and the largest filters."""
        highest = {name: parameter.ends[1] for name, parameter in self.space.items() if parameter.numeric}
        choices = {name: max(c, default=c[0]) for name, p in self.space.items() if (c := _numbers(p))}
        yield self.settings({**highest, **choices})

    def settings(self, values: Mapping[str, Any], stage: str | None = None) -> tuple[Any, TrainingSpec]:
        """The model and the training of a trial with these parameter values; parameters that are left out stay as in the file.

        The budget is that of the stage, if one is named that has its own.

        Raises pydantic.ValidationError when a value breaks a rule of its option.
        """
        by_section: dict[str, dict[Path, Any]] = {"model": {}, "training": {}}
        for name, value in values.items():
            path = resolve(self.space[name].option or name, self.model, self.training)
            by_section[path[0]][path[1:]] = value
        training: TrainingSpec = with_values(self.training, by_section["training"])
        return with_values(self.model, by_section["model"]), training.within(self.budget(stage))

    def budget(self, stage: str | None) -> Budget | None:
        """The budget of a stage that has its own; None for any other."""
        return next((each.budget for each in self.stage if each.name == stage), None)

    @property
    def timed(self) -> bool:
        """Whether trials end by the clock, so that nobody can repeat them exactly."""
        return any(budget.seconds is not None for budget in self._budgets())

    @property
    def trials(self) -> int:
        """Trials of all stages together."""
        return sum(stage.trials for stage in self.stage)


def _numbers(parameter: Parameter) -> list[float]:
    return [choice for choice in parameter.choices or () if isinstance(choice, (int, float)) and not isinstance(choice, bool)]
