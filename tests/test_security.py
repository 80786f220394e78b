"""What the sources never do, read off their syntax trees: load a pickle, run text, unpack an archive, or call a shell."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted(path for folder in ("hpo", "models", "studies") for path in (ROOT / folder).rglob("*.py"))

MODULES = {"pickle", "_pickle", "marshal", "shelve", "dbm", "dill", "cloudpickle", "joblib", "yaml"}
"""Modules whose files run code when they are read."""
ALLOWED = {("hpo/data/cifar.py", "pickle")}
"""CIFAR-10's batches are pickles: after their checksum, with nothing but arrays allowed; tests/data/test_named.py has others."""
NAMES = {"eval", "exec", "compile", "__import__"}
CALLS = {
    "torch.load", "torch.jit.load", "torch.hub.load", "os.system", "os.popen", "tempfile.mktemp", "shutil.unpack_archive"
}  # fmt: skip
METHODS = {"extractall", "extract"}
OPTIONS = {"allow_pickle": True, "shell": True, "weights_only": False, "verify": False}


def faults(source: str, place: str = "") -> Iterator[str]:
    """What a source does that it must not."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (f"imports {each.name}" for each in names if _forbidden(each.name, place))
            case ast.ImportFrom(module=str(module), level=0) if _forbidden(module, place):
                yield f"imports {module}"
            case ast.Call(func=function, keywords=keywords):
                called = ast.unparse(function)
                if called in NAMES | CALLS or (isinstance(function, ast.Attribute) and function.attr in METHODS):
                    yield f"calls {called}"
                yield from (
                    f"{called}({each.arg}={each.value.value})"
                    for each in keywords
                    if isinstance(each.value, ast.Constant) and each.arg in OPTIONS and each.value.value is OPTIONS[each.arg]
                )


def _forbidden(module: str, place: str) -> bool:
    return module.split(".")[0] in MODULES and (place, module) not in ALLOWED


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import pickle", "imports pickle"),
        ("from joblib import load", "imports joblib"),
        ("def f():\n    import yaml", "imports yaml"),
        ("torch.load(file)", "calls torch.load"),
        ("model.load(file, weights_only=False)", "model.load(weights_only=False)"),
        ("np.load(file, allow_pickle=True)", "np.load(allow_pickle=True)"),
        ("archive.extractall(folder)", "calls archive.extractall"),
        ("eval(text)", "calls eval"),
        ("subprocess.run(line, shell=True)", "subprocess.run(shell=True)"),
    ],
)
def test_what_is_looked_for_is_found(source: str, fault: str) -> None:
    """The reading finds what it is to find."""
    assert list(faults(source)) == [fault]


def test_the_sources_do_none_of_it() -> None:
    """No module of hpo, of its networks or of its studies does."""
    found = {
        str(path.relative_to(ROOT)): told
        for path in SOURCES
        if (told := list(faults(path.read_text(), path.relative_to(ROOT).as_posix())))
    }
    assert len(SOURCES) > 200
    assert found == {}
