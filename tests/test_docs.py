"""The documentation says what the code does."""

import json
import re
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from hpo.section import Section
from hpo.space import Parameter
from hpo.spec import loads
from hpo.spec.budget import Budget
from hpo.spec.data import DataSpec
from hpo.spec.final import FinalSpec
from hpo.spec.model import CnnSpec, FactorySpec, LinearSpec, MlpSpec
from hpo.spec.search import ExecutionSpec, FindingSpec, Narrow, SearchSpec, StageSpec
from hpo.spec.study import StudySpec
from hpo.spec.training import Cosine, Cyclic, Exponential, OneCycle, Step, TrainingSpec

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "study-file.md").read_text()

#: The sections of a study file, in the order of the tables on the page.
SECTIONS: list[type[Section]] = [
    StudySpec, DataSpec, LinearSpec, MlpSpec, CnnSpec, FactorySpec, TrainingSpec, Exponential, Step, Cyclic, Cosine, OneCycle,
    Parameter, SearchSpec, StageSpec, Narrow, Budget, FinalSpec, FindingSpec, ExecutionSpec,
]  # fmt: skip


def tables() -> list[dict[str, str]]:
    """The page's tables: key to default, as printed."""
    found = re.findall(r"^\| key .*\n\|---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [
        {key: default.strip() for key, default in re.findall(r"^\| `(\w+)` \|(.*?)\|", table, re.MULTILINE)} for table in found
    ]


def defaults(section: type[Section]) -> dict[str, object]:
    """Key to default of a section, without the name that tells it from others."""
    keys = {key: field.default for key, field in section.model_fields.items()}
    if section.__name__ != "DataSpec" and section is not StageSpec:
        keys.pop("name", None)
    return keys


@pytest.mark.parametrize(
    ("section", "table"), list(zip(SECTIONS, tables(), strict=True)), ids=[section.__name__ for section in SECTIONS]
)
def test_every_key_is_on_the_page(section: type[Section], table: dict[str, str]) -> None:
    """A section's table holds its keys, in order, and the defaults that the code has."""
    keys = defaults(section)
    assert list(table) == list(keys)
    for key, default in keys.items():
        if default is PydanticUndefined:
            assert table[key] == "", key
        elif isinstance(default, str | bool | int | float | dict):
            assert table[key] == f"`{json.dumps(default)}`", key


def test_first_example_is_a_study() -> None:
    """The shortest study file on the page is a whole one."""
    (example,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert loads(example).trials == 20
