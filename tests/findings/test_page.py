"""docs/findings.md says what the code does."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from hpo import catalog
from hpo.findings import KINDS, check
from hpo.spec import FindingSpec

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "findings.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```toml\n# (\S+)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def keys(kind: str) -> dict[str, str]:
    """The table of a kind on the page: key to default, as printed."""
    (table,) = re.findall(rf"^### `{kind}`\n(?:[^|#].*\n|\n)*\| key .*\n\|---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return {key: default.strip() for key, default in re.findall(r"^\| `(\w+)` \|(.*?)\|", table, re.MULTILINE)}


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_is_on_the_page(kind: str) -> None:
    """The table of a kind holds its keys and the defaults that the code has."""
    fields = KINDS[kind].options.model_fields
    printed = keys(kind)
    assert set(printed) == set(fields)
    for key, field in fields.items():
        if field.default_factory is None:
            expected = (
                ""
                if field.default is PydanticUndefined
                else "none"
                if field.default is None
                else f"`{json.dumps(field.default)}`"
            )
            assert printed[key] == ("the study's" if key == "metric" else expected), key


def test_every_kind_has_an_example() -> None:
    """The claims of the reports use every kind, and nothing else."""
    tests = [one["test"]["kind"] for _, block in BLOCKS for one in tomllib.loads(block)["finding"]]
    assert set(tests) == set(KINDS)


@pytest.mark.parametrize(("study", "block"), BLOCKS, ids=[study for study, _ in BLOCKS])
def test_every_example_is_well_put(study: str, block: str) -> None:
    """A claim on the page can be pasted into the study that it names."""
    for one in tomllib.loads(block)["finding"]:
        assert check(FindingSpec.model_validate(one).test, catalog.builtin(study)) == []
