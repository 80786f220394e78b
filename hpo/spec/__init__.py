"""The study file as checked, frozen data."""

from ..section import Section
from .budget import Budget
from .data import DataSpec
from .final import FinalSpec
from .model import CnnSpec, FactorySpec, LinearSpec, MlpSpec, ModelSpec, NormalInit
from .reading import dump, load, loads, parse
from .search import ExecutionSpec, FindingSpec, FindingTest, Narrow, SearchSpec, StageSpec
from .study import StudySpec
from .training import TrainingSpec

__all__ = [
    "Budget",
    "CnnSpec",
    "DataSpec",
    "ExecutionSpec",
    "FactorySpec",
    "FinalSpec",
    "FindingSpec",
    "FindingTest",
    "LinearSpec",
    "MlpSpec",
    "ModelSpec",
    "Narrow",
    "NormalInit",
    "SearchSpec",
    "Section",
    "StageSpec",
    "StudySpec",
    "TrainingSpec",
    "dump",
    "load",
    "loads",
    "parse",
]
