"""[search], [[stage]] and [[finding]]: how the space is searched and what is claimed about it."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PositiveInt, model_validator

from ..errors import unknown
from ..section import Section
from ..space import Interval
from .budget import Budget

Metric = Literal[
    "validation_accuracy", "validation_balanced_accuracy", "validation_loss", "validation_cost", "training_loss", "training_cost"
]

MAXIMISED: frozenset[str] = frozenset({"validation_accuracy", "validation_balanced_accuracy"})
"""Metrics that are better when higher."""


Cost = Literal["parameters", "multiply_adds"]

SAMPLERS = ("random", "grid", "qmc", "tpe", "gp", "cmaes", "nsga2")
PRUNERS = (
    "none", "successive-halving", "hyperband", "checked-halving", "median", "percentile", "patient", "threshold", "wilcoxon"
)  # fmt: skip


def _named(kind: str, known: tuple[str, ...]) -> AfterValidator:
    """Accepts a known name, or the import path `package.module:Class` of the user's own."""

    def check(name: str) -> str:
        if name not in known and ":" not in name:
            raise ValueError(f"{unknown(kind, name, known)}, or the import path 'package.module:Class' of your own")
        return name

    return AfterValidator(check)


MOST_EVIDENCE = 10.0


def _share(value: Any) -> Any:
    """A share as a number, or auto."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value != "auto" and not (number and 0 <= value <= MOST_EVIDENCE):
        raise ValueError(f"a share of the search's training steps from 0 to {MOST_EVIDENCE:g}, or 'auto', got {value!r}")
    return float(value) if number else value


class SearchSpec(Section):
    """Which points are tried, and which are given up early."""

    sampler: Annotated[str, _named("sampler", SAMPLERS)] = "random"
    sampler_options: dict[str, Any] = {}
    pruner: Annotated[str, _named("pruner", PRUNERS)] = "none"
    pruner_options: dict[str, Any] = {}
    metric: Metric = "validation_accuracy"
    against: Cost | None = None
    """A second objective, to be small: `parameters` of the network, or `multiply_adds` of its training."""
    value: Literal["last", "best"] = "last"
    """Which epoch a trial's value is taken from."""
    replicates: PositiveInt = 1
    """Networks trained at each point, each under its own seed; the trial's value is their mean."""
    evidence: Annotated[Literal["auto"] | float, BeforeValidator(_share)] = "auto"
    """Training after the search, for what it leaves open: a share of the search's training steps; 0: none; auto: a quarter."""
    tolerance: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """What counts as no difference, in points of an accuracy, else in the metric's units; None: what one seed makes."""

    @property
    def direction(self) -> Literal["maximize", "minimize"]:
        """Optuna's word for the better end of the metric."""
        return "maximize" if self.metric in MAXIMISED else "minimize"

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the objectives."""
        return (self.metric,) if self.against is None else (self.metric, self.against)

    @property
    def directions(self) -> list[Literal["maximize", "minimize"]]:
        """Optuna's words for the better ends of the objectives."""
        return [self.direction] if self.against is None else [self.direction, "minimize"]


class Narrow(Section):
    """The next box is the smallest one that holds the best `keep` trials so far, widened by `margin`."""

    keep: Annotated[int, Field(ge=2)] = 5
    margin: Annotated[float, Field(ge=0, le=1)] = 0.25
    """Added at each end, as a share of the box's width on the parameter's own scale."""
    expand: Annotated[float, Field(ge=0)] = 0.0
    """Where the best trial lies at a border of the box before, how far the new box reaches beyond it, as a share of the width of
    the box before; decided for each parameter by itself."""


class StageSpec(Section):
    """A part of a study with its own box and number of trials."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    trials: PositiveInt
    box: dict[str, Interval] = {}
    narrow: Narrow | None = None
    budget: Budget | None = None
    """In place of that of [training]."""

    @model_validator(mode="after")
    def _one_box(self) -> "StageSpec":
        faults = ["give box or narrow, not both"] if self.box and self.narrow is not None else []
        for name, (low, high) in self.box.items():
            if not low < high:
                faults.append(f"box.{name}: low must be below high, got low={low} and high={high}")
        if faults:
            raise ValueError("\n".join(faults))
        return self


class FindingTest(Section):
    """The kind of test; its other keys are the test's own."""

    model_config = ConfigDict(extra="allow")

    kind: Annotated[str, Field(min_length=1)]

    def options(self) -> dict[str, Any]:
        """The keys of the test besides its kind."""
        return dict(self.__pydantic_extra__ or {})


class FindingSpec(Section):
    """A claim, and the test that decides it."""

    claim: Annotated[str, Field(min_length=1)]
    test: FindingTest
    printed: str | None = None
    """The figure that the source of the claim printed, for the reader to compare."""


class ExecutionSpec(Section):
    """How jobs are cut and computed.

    Decided once, when a study is created, and stored: every later run, with any number of workers and any engine, computes the
    same.
    """

    lanes: PositiveInt | None = None
    """Networks trained together at the most; None: by rule from the network's shapes."""
    cohort: PositiveInt | None = None
    """Trials asked together; None: by rule from the sampler and the processor count."""
    groups: PositiveInt | None = None
    """Groups that a cohort is cut into at the least, so that every core has one; None: the processor count."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["auto", "float32", "bfloat16", "float64"] = "auto"
