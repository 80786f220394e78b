"""[training]: optimizer, schedule and budget of one network."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, model_validator

from ..section import Section
from .budget import BUDGETS, MOST_EPOCHS, Budget, with_budget

Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]


class Constant(Section):
    """The learning rate stays as it is."""

    name: Literal["constant"] = "constant"


class Exponential(Section):
    """Multiplied by `decay` after every epoch."""

    name: Literal["exponential"]
    decay: Annotated[float, Field(gt=0, le=1)]


class Step(Section):
    """Multiplied by `factor` after every `every` epochs."""

    name: Literal["step"]
    every: PositiveInt
    factor: Annotated[float, Field(gt=0, le=1)]


class Cyclic(Section):
    """Triangular (Smith, 2017): from `low` up to the learning rate in `half_cycle` steps, and back in as many."""

    name: Literal["cyclic"]
    low: Positive = 1e-5
    half_cycle: PositiveInt | None = None
    """Steps from the lowest to the highest rate."""
    half_cycle_epochs: Positive | None = None
    """The same in epochs, for a half-cycle that follows the size of the data."""

    @model_validator(mode="after")
    def _one_length(self) -> "Cyclic":
        if (self.half_cycle is None) == (self.half_cycle_epochs is None):
            raise ValueError("give exactly one of half_cycle (steps) and half_cycle_epochs")
        return self

    def half_cycle_steps(self, steps_per_epoch: int) -> int:
        """Steps from the lowest to the highest rate."""
        return self.half_cycle or max(1, round((self.half_cycle_epochs or 0) * steps_per_epoch))


class Cosine(Section):
    """From the learning rate down to `low` along half a cosine over the whole budget (Loshchilov and Hutter, 2017)."""

    name: Literal["cosine"]
    low: NonNegative = 0.0


class OneCycle(Section):
    """Cosine up to the learning rate, then cosine down to nearly nothing (Smith and Topin, 2018)."""

    name: Literal["one-cycle"]
    warm_up: Annotated[float, Field(gt=0, lt=1)] = 0.3
    """Share of the steps that go up."""
    start_factor: Annotated[float, Field(gt=0, le=1)] = 0.04
    """First rate over the highest."""
    end_factor: Annotated[float, Field(gt=0, le=1)] = 4e-6
    """Last rate over the highest."""


Schedule = Annotated[Constant | Exponential | Step | Cyclic | Cosine | OneCycle, Field(discriminator="name")]


DEFAULT_EPOCHS = 10
"""The budget of a study file that gives none."""


OPTIMIZER_SETTINGS: dict[str, tuple[str, ...]] = {
    "sgd": (),
    "momentum": ("momentum",),
    "nesterov": ("momentum",),
    "adam": ("beta1", "beta2", "epsilon"),
    "adamw": ("beta1", "beta2", "epsilon"),
}
"""What each optimizer uses besides the learning rate and l2."""


class TrainingSpec(Budget):
    """How one network is trained. The cost is J = mean cross-entropy + l2 * sum of the squared weights."""

    optimizer: Literal["sgd", "momentum", "nesterov", "adam", "adamw"] = "sgd"
    learning_rate: Positive = 0.01
    momentum: Annotated[float, Field(ge=0, le=1)] = 0.9
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    epsilon: Positive = 1e-8
    l2: NonNegative = 0.0
    """lambda of the cost; PyTorch's weight_decay is 2 * l2. Decoupled from the gradient with adamw."""
    batch_size: PositiveInt = 100
    """Images a step; an epoch leaves out the images that do not fill a batch."""
    schedule: Schedule = Constant()
    order: Literal["own", "shared"] = "own"
    """own: each network draws its own order of the images; shared: the replicates of one number see the same order in every
    trial (common random numbers), which lets many networks read one minibatch together."""
    explode_at: Annotated[float, Field(gt=1)] = 3.0
    """Training has diverged when its cost exceeds this many times its first value."""
    curve_every: PositiveInt | None = None
    """Steps between two points of a curve by steps, which are kept besides those by epochs."""

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        if isinstance(values.get("schedule"), str):
            values = {**values, "schedule": {"name": values["schedule"]}}
        return values if any(values.get(name) is not None for name in BUDGETS) else {**values, "epochs": DEFAULT_EPOCHS}

    @model_validator(mode="after")
    def _known_length(self) -> "TrainingSpec":
        if self.cycles is not None and not isinstance(self.schedule, Cyclic):
            raise ValueError(f"a budget in cycles needs the cyclic schedule, got {self.schedule.name}")
        if self.seconds is not None and isinstance(self.schedule, Cosine | OneCycle):
            raise ValueError(f"the {self.schedule.name} schedule needs to know its end, which seconds leave open: give epochs")
        return self

    def steps_per_epoch(self, images: int) -> int:
        """Full batches in an epoch; one smaller batch when there are fewer images than a batch holds."""
        return max(1, images // self.batch_size)

    def total_steps(self, steps_per_epoch: int) -> int:
        """Steps of the whole budget, at the most where it is in seconds."""
        if self.steps is not None:
            return self.steps
        if self.cycles is not None and isinstance(self.schedule, Cyclic):
            return max(1, round(2 * self.cycles * self.schedule.half_cycle_steps(steps_per_epoch)))
        return (self.epochs or MOST_EPOCHS) * steps_per_epoch

    def total_epochs(self, images: int) -> int:
        """Epochs of the whole budget on so many images; the last one may be cut short."""
        steps = self.steps_per_epoch(images)
        return -(-self.total_steps(steps) // steps)

    def steps_between(self, begin: int, end: int, images: int) -> int:
        """Steps from the end of one epoch to the end of another on so many images, at the most where the budget is in seconds."""
        per_epoch = self.steps_per_epoch(images)
        return min(end * per_epoch, self.total_steps(per_epoch)) - begin * per_epoch

    def within(self, budget: Budget | None) -> "TrainingSpec":
        """The same training with another budget. Raises pydantic.ValidationError when the schedule has no use for it."""
        if budget is None:
            return self
        return TrainingSpec.model_validate(with_budget(self.model_dump(exclude_none=True), budget))
