"""Which study a STUDY argument means."""

from pathlib import Path

import pytest

from hpo import catalog
from hpo.errors import HpoError, InvalidSpec, NotFound, UsageError
from hpo.spec import dump


@pytest.mark.parametrize("name", catalog.names())
def test_every_builtin_is_valid(name: str) -> None:
    """Each study file that is installed with hpo can be read."""
    assert catalog.resolve(name) == catalog.builtin(name)
    assert catalog.builtin(name).title


def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is a path when it ends in .toml or when the file is there; a built-in's name wins over a file of that name."""
    monkeypatch.chdir(tmp_path)
    spec = catalog.builtin("cifar-bn").model_copy(update={"title": "mine"})
    for name in ("mine.toml", "mine", "cifar-bn"):
        Path(name).write_text(dump(spec))
    assert catalog.resolve("mine.toml").title == "mine"
    assert catalog.resolve("mine").title == "mine"
    assert catalog.resolve("./cifar-bn").title == "mine"
    assert catalog.resolve("cifar-bn").title != "mine"
    assert catalog.is_file("missing.toml")
    assert not catalog.is_file("cifar-bn")


def test_unknown_name_has_its_nearest() -> None:
    """Built-in and stored studies are candidates for the nearest name."""
    with pytest.raises(NotFound, match="did you mean 'cifar-bn'"):
        catalog.resolve("cifar_bn")
    with pytest.raises(NotFound, match=r"did you mean 'my-study'.* or the path of a study file"):
        catalog.resolve("my-studi", also=["my-study"])


@pytest.mark.parametrize(
    ("study", "error"),
    [
        ("", UsageError),
        ("a\0b", UsageError),
        ("missing.toml", NotFound),
        ("x" * 9000, NotFound),
        ("/", NotFound),
        ("\ud800", HpoError),
    ],
)
def test_odd_arguments_are_answered(study: str, error: type[HpoError]) -> None:
    """Whatever is given as STUDY ends in a message."""
    with pytest.raises(error):
        catalog.resolve(study)


def test_a_folder_called_toml_is_answered(tmp_path: Path) -> None:
    """A path that cannot be read as a file is an invalid study file."""
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(InvalidSpec):
        catalog.resolve(str(tmp_path / "folder.toml"))
