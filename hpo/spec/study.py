"""A whole study file, with the rules that hold between its sections."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, model_validator

from ..section import Section
from ..space import Parameter
from .budget import Budget
from .data import DataSpec
from .final import FinalSpec
from .model import ModelSpec
from .options import Path, paths, resolve, with_values
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
    def _check(self, info: ValidationInfo) -> "StudySpec":
        from .rules import faults_between

        self._take_whole_numbers()
        if not (info.context or {}).get("draft"):
            faults = list(dict.fromkeys(faults_between(self)))
            if faults:
                raise ValueError("\n".join(faults))
        return self

    def _take_whole_numbers(self) -> None:
        """Let each parameter take whole numbers only where its option does; `rules` tells of those that cannot."""
        for name, parameter in self.space.items():
            with suppress(ValueError):
                self.space[name] = self.whole(name, parameter)

    def whole(self, name: str, parameter: Parameter) -> Parameter:
        """The parameter with `integer` as its option has it. Raises ValueError when there is none, or when it does not fit."""
        path = resolve(parameter.option or name, self.model, self.training)
        whole = paths(self.model, self.training).get(path)
        if not parameter.numeric or parameter.integer is not None or whole is None:
            return parameter
        return Parameter.model_validate({**parameter.model_dump(), "integer": whole})

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

    def budgets(self) -> Iterator[Budget]:
        """The budget of each stage."""
        yield from (stage.budget or self.training for stage in self.stage)

    @property
    def timed(self) -> bool:
        """Whether trials end by the clock, so that nobody can repeat them exactly."""
        return any(budget.seconds is not None for budget in self.budgets())

    @property
    def trials(self) -> int:
        """Trials of all stages together."""
        return sum(stage.trials for stage in self.stage)
