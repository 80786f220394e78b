"""The study file as checked, frozen data."""

from ..section import Section
from .data import DataSpec
from .model import CnnSpec, FactorySpec, LinearSpec, MlpSpec, ModelSpec, NormalInit
from .reading import dump, load, loads, parse
from .search import ExecutionSpec, FindingSpec, FindingTest, Narrow, SearchSpec, StageSpec
from .study import StudySpec
from .training import TrainingSpec

__all__ = [
    "CnnSpec",
    "DataSpec",
    "ExecutionSpec",
    "FactorySpec",
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
