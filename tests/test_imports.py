"""Which module may import which, and what stays out of memory until it is used."""

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

#: Anything but models and studies may import these, and each of them only the ones to its left.
GROUND = ("errors", "seeds", "expressions", "section", "space", "spec", "attributes", "ownership")

#: What each part may import besides the ground. Arrows point down: a new part gets its place here.
BELOW: dict[str, set[str]] = {
    "guess": set(),
    "data": {"guess"},
    "training": {"models", "data"},
    "engines": {"training", "data"},
    "search": set(),
    "storage": set(),
    "catalog": {"studies"},
    "runner": {"engines", "training", "data", "search", "storage", "catalog"},
    "objectives": {"engines", "training", "data", "search", "storage", "catalog", "runner"},
    "analysis": {"guess", "storage", "search"},
    "plots": {"analysis"},
    "findings": {"plots", "analysis", "search"},
    "race": {"findings", "analysis"},
    "report": {"race", "findings", "plots", "analysis"},
    "confirming": {"race", "runner", "engines", "training", "data", "search", "storage"},
    "settling": {"findings", "analysis", "runner", "search", "storage"},
    "testing": {"runner", "storage", "engines", "training", "data", "search", "models", "findings", "analysis"},
    "checking": {"engines", "training", "models", "data", "search"},
}
BELOW["cli"] = set(BELOW)
BELOW |= {name: set(GROUND[:place]) for place, name in enumerate(GROUND)} | {"models": set(), "studies": set()}

#: Slow to load: only in the modules that do the arithmetic, or inside the function that needs it.
HEAVY = {"torch", "torchvision", "optuna", "optuna_dashboard", "matplotlib", "plotly", "sklearn", "scipy", "sqlalchemy", "ray"}


class Module(NamedTuple):
    """One file of the package: its dotted name, whether it is a package's own file, and its syntax tree."""

    name: str
    package: str
    tree: ast.Module

    @property
    def part(self) -> str:
        """The module or package right below hpo that this belongs to."""
        return self.name.split(".")[1]


def read(folder: Path, root: str) -> Iterator[Module]:
    """Every module below a folder that is installed as `root`."""
    for file in sorted(folder.rglob("*.py")):
        parts = (root, *file.relative_to(folder).with_suffix("").parts)
        name = ".".join(parts).removesuffix(".__init__")
        yield Module(name, name if file.stem == "__init__" else name.rpartition(".")[0], ast.parse(file.read_text()))


def modules() -> list[Module]:
    """Every module of hpo but hpo/__init__.py itself, which hands on the public names; from a checkout or from a wheel."""
    found = {
        module.name: module
        for root in ("hpo", "hpo.models", "hpo.studies")
        for module in read(Path(importlib.import_module(root).__path__[0]), root)
    }
    return [module for name, module in found.items() if name != "hpo"]


MODULES = modules()
NAMES = {module.name for module in MODULES}
each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


def targets(statement: ast.AST, package: str) -> list[str]:
    """Dotted names of what an import statement loads; empty for any other statement."""
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    if not isinstance(statement, ast.ImportFrom):
        return []
    home = package.split(".")[: len(package.split(".")) - statement.level + 1] if statement.level else []
    source = ".".join([*home, *([statement.module] if statement.module else [])])
    return [f"{source}.{alias.name}" if f"{source}.{alias.name}" in NAMES else source for alias in statement.names]


def at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when the module is imported."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test):
            yield from at_import(statement.orelse)
            continue
        yield statement
        for field in ("body", "orelse", "finalbody"):
            yield from at_import(getattr(statement, field, []))
        for handler in getattr(statement, "handlers", []):
            yield from at_import(handler.body)


def upward(module: Module) -> set[str]:
    """Parts of hpo that the module imports and may not."""
    parts = {
        target.split(".")[1]
        for statement in ast.walk(module.tree)
        for target in targets(statement, module.package)
        if target.startswith("hpo.")
    }
    ground = set() if module.part in {*GROUND, "models", "studies"} else set(GROUND)
    return parts - BELOW[module.part] - ground - {module.part}


def test_every_part_has_its_place() -> None:
    """A module or package right below hpo is in the table of this file, or its imports would go unread."""
    assert {module.part for module in MODULES} <= set(BELOW)


@each_module
def test_arrows_point_down(module: Module) -> None:
    """A module imports its own part, the parts below it and the ground, and nothing above."""
    assert not upward(module)


@pytest.mark.parametrize("name", ["models", "studies"])
def test_models_and_studies_stand_alone(name: str) -> None:
    """Networks and study files never import hpo, by either of its names, so they can be lifted out."""
    found = {
        target
        for module in MODULES
        if module.part == name
        for statement in ast.walk(module.tree)
        for target in targets(statement, module.package)
        if target.split(".")[0] in {"hpo", "models", "studies"} and not target.startswith(f"hpo.{name}")
    }
    assert not found


@each_module
def test_torch_is_imported_where_it_computes(module: Module) -> None:
    """Networks, training and its checks import torch when they are imported; no other module does, and none torchvision."""
    allowed = {"torch"} if module.part in {"models", "training", "checking"} else set()
    found = {target.split(".")[0] for statement in at_import(module.tree.body) for target in targets(statement, module.package)}
    assert not found & {"torch", "torchvision"} - allowed


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import hpo", HEAVY | {"numpy", "pydantic", "typer", "rich"}),
        ("import hpo.spec", HEAVY),
        ("import hpo.checking.alongside", HEAVY),
        ("import hpo.cli", HEAVY | {"pydantic", "numpy"}),
    ],
)
def test_import_loads_nothing_heavy(statement: str, unwanted: set[str], tmp_path: Path) -> None:
    """Importing the package, its study files or its command line leaves the slow packages alone."""
    assert not loaded(statement, tmp_path) & unwanted


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    """`hpo --help` answers without the packages that train, search or draw."""
    call = "import hpo.cli; sys.argv = ['hpo', '--help']\ntry: hpo.cli.main()\nexcept SystemExit: pass"
    assert not loaded(call, tmp_path) & (HEAVY | {"pydantic", "numpy"})


def loaded(code: str, folder: Path) -> set[str]:
    """Top-level names in sys.modules after the code has run in a fresh process, away from the checkout."""
    script = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())
