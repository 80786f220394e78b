"""Parameters of the search space, and the boxes that stages sample them from.

A parameter's distribution never changes during a study: Optuna's joint sampling, importance and plots rely on it. A stage
moves the box instead, the part of the distribution that its trials are drawn from.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from .section import Section

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Choice = bool | int | float | str
Choices = Annotated[tuple[Choice, ...], BeforeValidator(lambda value: _words(value))]
Interval = tuple[float, float]
Box = Mapping[str, Interval]
"""Lower and upper end by parameter name; a parameter that is not in it keeps its whole range."""


class Parameter(Section):
    """One dimension of the space: a range (`low`, `high`), the points of a grid (`values`), or `choices` without an order."""

    option: str | None = None
    """What it sets, a key of [training] or [model] such as `learning_rate` or `init.std`; the parameter's own name by default."""
    low: int | float | None = None
    high: int | float | None = None
    log: bool = False
    step: int | float | None = Field(default=None, gt=0)
    values: tuple[int | float, ...] | None = Field(default=None, min_length=1)
    choices: Choices | None = Field(default=None, min_length=1)
    integer: bool | None = None
    """Whole numbers only. By default what the option takes, else whether the ends are written as whole numbers."""

    @model_validator(mode="after")
    def _check(self) -> "Parameter":
        faults = list(self._faults())
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _faults(self) -> Sequence[str]:
        ranged = self.low is not None or self.high is not None
        if [ranged, self.values is not None, self.choices is not None].count(True) != 1:
            return ["give exactly one of low and high, values, and choices"]
        if self.choices is not None:
            return self._choice_faults(self.choices)
        if ranged and (self.low is None or self.high is None):
            return ["low and high go together, got " + ("low" if self.high is None else "high") + " alone"]
        return self._range_faults(*self.ends)

    def _choice_faults(self, choices: Sequence[Choice]) -> Sequence[str]:
        faults = ["choices have no log, step or integer"] if self.log or self.step or self.integer is not None else []
        if len({(type(choice), choice) for choice in choices}) < len(choices):
            faults.append(f"choices must differ, got {list(choices)}")
        return faults

    def _range_faults(self, low: float, high: float) -> Sequence[str]:
        faults = []
        if self.values is None and not low < high:
            faults.append(f"low must be below high, got low={low} and high={high}")
        if self.values is not None and len(set(self.values)) < len(self.values):
            faults.append(f"values must differ, got {list(self.values)}")
        if self.log and low <= 0:
            faults.append(f"a log range must lie above zero, got low={low}")
        if self.log and self.step is not None:
            faults.append(f"a log range has no step, got step={self.step}")
        if self.integer and any(float(number) != int(number) for number in (low, high, self.step or 1, *(self.values or ()))):
            step = "" if self.step is None else f" and step={self.step}"
            faults.append(f"for whole numbers the ends, values and step must be whole, got low={low} and high={high}{step}")
        return faults

    @property
    def ends(self) -> tuple[int | float, int | float]:
        """Lowest and highest value of a numeric parameter."""
        if self.values is not None:
            return min(self.values), max(self.values)
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    @property
    def numeric(self) -> bool:
        """Whether the parameter has an order, and so can be boxed."""
        return self.choices is None

    @property
    def whole(self) -> bool:
        """Whether the parameter takes whole numbers only."""
        numbers = (*self.ends, *(self.values or ()), *((self.step,) if self.step is not None else ()))
        return self.integer if self.integer is not None else all(isinstance(number, int) for number in numbers)

    def distribution(self, within: Interval | None = None) -> "BaseDistribution":
        """Optuna's distribution of the whole range, or of the part of it that lies `within` an interval."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        if self.choices is not None:
            return CategoricalDistribution(self.choices)
        low, high = self.ends if within is None else (max(self.ends[0], within[0]), min(self.ends[1], within[1]))
        if self.step is not None:
            low, high = self._on_steps(low, high, self.step)
        if self.whole:
            low = min(_ceil(low), int(self.ends[1]))
            return IntDistribution(low, max(low, int(high)), log=self.log, step=int(self.step or 1))
        return FloatDistribution(float(low), float(high), log=self.log, step=self.step)

    def _on_steps(self, low: float, high: float, step: float) -> Interval:
        """The interval cut to the steps of the whole range, at least to one of them."""
        start, width, last = (Decimal(str(number)) for number in (self.ends[0], step, self.ends[1]))
        last_step = (last - start) // width
        first = min(last_step, ((Decimal(str(low)) - start) / width).to_integral_value(ROUND_CEILING))
        return float(start + first * width), float(start + max(first, (Decimal(str(high)) - start) // width) * width)

    @property
    def last(self) -> int | float:
        """The highest value that can be drawn: the upper end, or the last step below it."""
        low, high = self.ends
        last = float(high) if self.step is None else self._on_steps(low, high, self.step)[1]
        return int(last) if self.whole else last

    def written(self, value: Any) -> Any:
        """A value as a person writes it: 0.3 where 0.1 + 2 * 0.1 has come to 0.30000000000000004."""
        return value if self.step is None or self.whole else on_step(value, self.ends[0], self.step)

    def nearest(self, value: float) -> list[int | float]:
        """The values that can be drawn on both sides of a number; one at an end."""
        low, last = self.ends[0], self.last
        if self.step is None or not low < value < last:
            return [low if value <= low else last]
        width = Decimal(str(self.step))
        first = Decimal(str(low)) + (Decimal(str(value)) - Decimal(str(low))) // width * width
        return [int(each) if self.whole else float(each) for each in (first, first + width)]

    def grid(self) -> Sequence[Any] | None:
        """The points that a grid visits, or None when a continuous range does not name them."""
        if self.choices is not None:
            return list(self.choices)
        if self.values is not None:
            return [int(value) if self.whole else float(value) for value in self.values]
        if self.whole and not self.log:
            low, high = self.ends
            return range(int(low), int(high) + 1, int(self.step or 1))
        return None


def on_step(value: float, low: float, step: float) -> float:
    """A value that lies on the steps from `low`, reckoned in decimals as these are written; any other as it is."""
    steps = round((value - low) / step)
    exact = float(Decimal(str(low)) + steps * Decimal(str(step)))
    return exact if abs(exact - value) <= 1e-8 * step else value


def as_written(values: Mapping[str, Any], distributions: "Mapping[str, BaseDistribution]") -> dict[str, Any]:
    """The parameters of a trial of anybody's as a person would write them."""
    return {name: value_as_written(value, distributions.get(name)) for name, value in values.items()}


def value_as_written(value: Any, distribution: Any) -> Any:
    """A value as a person would write it, by Optuna's distribution; None: not known."""
    step = getattr(distribution, "step", None)
    return on_step(value, distribution.low, step) if isinstance(value, float) and step is not None else value


def _ceil(number: float) -> int:
    return -int(-number // 1)


def as_choice(value: Any) -> Any:
    """A list of whole numbers, such as [32, 64], as the word that Optuna keeps for it, 32-64; anything else as it is."""
    whole = isinstance(value, list) and value and all(type(each) is int and each >= 0 for each in value)
    return "-".join(map(str, value)) if whole else value


def _words(values: Any) -> Any:
    return tuple(map(as_choice, values)) if isinstance(values, list) else values
