"""Budgets: how long one network is trained."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PositiveInt, model_validator

from ..section import Section

BUDGETS = ("epochs", "steps", "cycles", "seconds")
"""Keys of which exactly one is given."""

MOST_EPOCHS = 100_000
"""A budget in seconds ends by the clock, or here."""

PositiveNumber = Annotated[float, Field(gt=0)]


class Budget(Section):
    """A length of training, in one of four units."""

    epochs: PositiveInt | None = None
    steps: PositiveInt | None = None
    cycles: PositiveNumber | None = None
    """Of the cyclic schedule."""
    seconds: PositiveNumber | None = None
    """Wall time of the network's share of its job; the result depends on the machine and its load."""

    @model_validator(mode="after")
    def _exactly_one(self) -> "Budget":
        given = [name for name in BUDGETS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a budget is exactly one of {', '.join(BUDGETS)}, got {' and '.join(given) or 'none'}")
        return self

    @property
    def length(self) -> tuple[str, float]:
        """The unit that is given, and how many of it."""
        return next((name, value) for name in BUDGETS if (value := getattr(self, name)) is not None)


def drop_budget(tree: dict[str, Any]) -> None:
    """Take the budget out of the tree of a section, so that another can take its place."""
    for name in BUDGETS:
        tree.pop(name, None)


def with_budget(tree: Mapping[str, Any], budget: Budget) -> dict[str, Any]:
    """The tree of a section with a budget in place of its own."""
    name, value = budget.length
    changed = {**tree}
    drop_budget(changed)
    return {**changed, name: value}
