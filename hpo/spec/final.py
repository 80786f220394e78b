"""[final]: how the network is trained that the test images are for."""

from pydantic import PositiveInt

from ..section import Section
from .budget import Budget
from .data import DataSpec
from .training import Schedule, TrainingSpec


class FinalSpec(Section):
    """What differs from the search when its best point is trained once more, to be tested."""

    train: PositiveInt | None = None
    """Images to train on; None: all that the study trains and validates on, less those that are kept here to validate."""
    validation: PositiveInt | None = None
    """Images to validate on; None, or more than the study has for training and validation together: as in the search."""
    budget: Budget | None = None
    """None: that of the trial."""
    schedule: Schedule | None = None
    """None: that of the trial."""

    def data(self, data: DataSpec) -> DataSpec:
        """The images of the final network; the test images are the same."""
        kept = self.validation or data.validation
        kept = kept if kept < data.train + data.validation else data.validation
        return data.model_copy(update={"validation": kept, "train": self.train or data.train + data.validation - kept})

    def training(self, training: TrainingSpec) -> TrainingSpec:
        """The training of the final network. Raises pydantic.ValidationError when budget and schedule do not fit."""
        if self.schedule is not None:
            tree = {**training.model_dump(exclude_none=True), "schedule": self.schedule.model_dump(exclude_none=True)}
            training = TrainingSpec.model_validate(tree)
        return training.within(self.budget)
