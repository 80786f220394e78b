"""What the checks have found, as plain data. Without torch."""

from typing import NamedTuple


class Errors(NamedTuple):
    """The largest errors among a parameter's entries.

    relative: |a - n| / max(floor, |a| + |n|) of an analytic and a numerical gradient.
    """

    absolute: float
    relative: float


class ParameterErrors(NamedTuple):
    """How well the gradient of one parameter agrees with difference quotients."""

    name: str
    """As PyTorch names it."""
    label: str
    """As the course does: W1, b1, ..."""
    shape: tuple[int, ...]
    entries: int
    """Entries that were looked at."""
    forward: Errors
    centred: Errors
    again: int
    """Entries that were measured again with a smaller step."""

    def good(self, forward: float, centred: float) -> bool:
        """Whether both relative errors are within their bounds; an error that is not a number is not."""
        return self.forward.relative <= forward and self.centred.relative <= centred


class GradientCase(NamedTuple):
    """One check: a minibatch and a penalty."""

    batch: int
    l2: float
    parameters: tuple[ParameterErrors, ...]


class GradientReport(NamedTuple):
    """All checks of a study's gradients."""

    network: str
    inputs: int
    """Input dimensions that the checked network has."""
    of_inputs: int
    """Input dimensions of the study's."""
    cases: tuple[GradientCase, ...]
    forward_bound: float
    centred_bound: float
    notes: tuple[str, ...]

    @property
    def bad(self) -> tuple[tuple[GradientCase, ParameterErrors], ...]:
        """Parameters whose gradient is wrong."""
        bounds = self.forward_bound, self.centred_bound
        return tuple((case, found) for case in self.cases for found in case.parameters if not found.good(*bounds))


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    good: bool
    found: str
    """What was measured, in words."""
    value: float
    """The number that decides."""
    at: str = ""
    """The point of the space; empty when it is the middle of a study that has one network."""

    @property
    def sentence(self) -> str:
        """All in one line."""
        return f"{self.name}{f', {self.at}' if self.at else ''}: {self.found}"


class Estimate(NamedTuple):
    """What a whole study takes, from a few timed steps."""

    seconds: float
    memory: int
    """Bytes, of all its processes together."""
    workers: int
    lane_steps: int
    lanes: int
    """Networks that are trained together, at the most."""


class NetworkReport(NamedTuple):
    """All that was seen of a study's network."""

    checks: tuple[Check, ...]
    estimate: Estimate
    notes: tuple[str, ...]

    @property
    def bad(self) -> tuple[Check, ...]:
        """What to warn of."""
        return tuple(check for check in self.checks if not check.good)
