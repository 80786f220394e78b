"""What an engine is asked to do and what it answers: plain data that crosses process borders. No torch in here."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from .importing import folders

if TYPE_CHECKING:
    from ..data import Prepared
    from ..spec import ModelSpec, TrainingSpec


class EpochMetrics(NamedTuple):
    """One epoch of one lane. Costs and losses in nats, accuracies in [0, 1].

    The training figures are means over the epoch's minibatches, each taken before its step; the validation figures are taken
    over the whole validation split after the epoch. `seconds` is the wall time of the lane's share of the epoch. The balanced
    accuracy is the mean over the classes in the validation split of the share of their images that is right; None where nobody
    has taken it.
    """

    epoch: int
    learning_rate: float
    training_cost: float
    training_loss: float
    training_accuracy: float
    validation_cost: float
    validation_loss: float
    validation_accuracy: float
    seconds: float
    validation_balanced_accuracy: float | None = None


class StepMetrics(NamedTuple):
    """A point of a lane's curve by steps, after so many of them; units as in EpochMetrics.

    The training figures are means over the steps since the point before, or since the beginning of the epoch; the learning rate
    is that of the last one.
    """

    step: int
    learning_rate: float
    training_cost: float
    training_loss: float
    training_accuracy: float
    validation_cost: float
    validation_loss: float
    validation_accuracy: float
    validation_balanced_accuracy: float | None = None


class Divergence(NamedTuple):
    """Training left the region where it can learn."""

    kind: Literal["non-finite", "exploded"]
    step: int
    """Step of training, counted from 1 over all epochs, at whose end it was seen."""
    epoch: int
    """Epoch of that step, counted from 1."""
    cost: float | None
    """The cost that was seen; None when it was not finite."""
    first: float
    """The cost of the first step."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One network: a trial's settings under one replicate, from scratch (checkpoint None) or from where it was left."""

    trial: int
    replicate: int
    model: "ModelSpec"
    training: "TrainingSpec"
    checkpoint: bytes | None = None
    number: int | None = None
    """Of its trial in the Optuna study, for messages, where that may be another."""

    @property
    def name(self) -> int:
        """How a message calls its trial."""
        return self.trial if self.number is None else self.number


@dataclass(frozen=True, slots=True)
class Job:
    """Lanes of one shape, from the end of epoch `begin` (0: the start) to the end of epoch `end`.

    A pure function's argument: the result depends on nothing else, seconds apart.
    """

    seed: int
    """The study's seed."""
    data: "Prepared"
    lanes: tuple[Lane, ...]
    begin: int
    end: int
    device: Literal["cpu", "cuda"] = "cpu"
    precision: Literal["float32", "bfloat16", "float64"] = "float32"
    last: bool = False
    """Whether nobody goes on from its end: no checkpoints come out."""
    folders: tuple[str, ...] = field(default_factory=folders)
    """Where the user's factory is looked for."""


@dataclass(frozen=True, slots=True)
class LaneResult:
    """What became of a lane: the epochs begin+1..end and the checkpoint after the last one.

    Fewer epochs when it diverged or when its budget, in seconds, was spent.
    """

    trial: int
    replicate: int
    epochs: tuple[EpochMetrics, ...]
    divergence: Divergence | None
    checkpoint: bytes | None
    """safetensors bytes; None when the lane diverged, and after a last job."""
    points: tuple[StepMetrics, ...] = ()
    """The curve by steps, where the study asks for one."""


@dataclass(frozen=True, slots=True)
class JobResult:
    """The lanes of a job, in its order."""

    lanes: tuple[LaneResult, ...]
    seconds: float
    lane_steps: int
    notes: tuple[str, ...] = ()
    """What the user should know of how the job was computed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """An epoch of a job has ended; for the display only."""

    lanes: int
    """That have come to the end of the epoch."""
    lane_steps: int
    epoch: int
    best: float | None
    """Best validation accuracy among the lanes at this epoch."""
    seconds_left: float = 0.0
    """For these lanes in this job, if its other epochs take as long."""
