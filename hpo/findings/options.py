"""What the options of every kind of test have in common."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from ..section import Section
from .conditions import Conditions

Name = Annotated[str, Field(min_length=1)]
Margin = Annotated[float, Field(gt=0)]
Rise = Literal["rising", "falling"]


class Test(Section):
    """Options of a test besides its kind."""

    __test__ = False  # not a test of pytest's

    where: Conditions = Field(default_factory=dict)
    """The trials that the claim speaks of; all of them by default."""

    def conditions(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each condition of the test with its key."""
        yield "where", self.where

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Each name of a parameter or derived quantity in the test, with its key."""
        yield from ()

    def metrics(self) -> Iterator[tuple[str, str]]:
        """Each name of a metric in the test, with its key."""
        for key in ("metric", "against_metric"):
            if (name := getattr(self, key, None)) is not None:
                yield key, name


class Measured(Test):
    """Options of a test that looks at a metric."""

    metric: Name | None = None
    """`validation_accuracy`, `training_loss@8` (at epoch 8), `diverged`, `seconds` ...; what the study optimises by default."""
