"""The data sets of a machine, as the command line lists, fetches and imports them."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from hpo.data import library, load, prepare
from hpo.errors import DataUnavailable, UsageError
from hpo.spec import DataSpec

from .pictures import Make, zip_of

FLAT = {"cat": 10, "dog": 15}


def by_name() -> dict[str, library.DataSet]:
    """The list, by name."""
    return {line.name: line for line in library.available()}


@pytest.mark.usefixtures("cache")
def test_the_known_data_sets_are_listed_before_their_first_use() -> None:
    """With where they would come from, and nothing made up about what nobody has counted."""
    lines = library.available()
    assert [line.name for line in lines] == ["digits", "mnist", "fashion-mnist", "cifar10"]
    assert {(line.kind, line.images, line.size, line.folder, len(line.classes)) for line in lines} == {
        ("named", None, 0, None, 10)
    }
    assert lines[0].where == "scikit-learn"
    assert lines[3].where == "the network"


@pytest.mark.usefixtures("cache")
def test_real_data_is_listed_with_its_place(real_data: Path) -> None:
    """Originals before copies."""
    assert by_name()["mnist"].where == str(real_data / "MNIST" / "raw")
    assert by_name()["cifar10"].where == str(real_data / "cifar10-jpeg.zip")


def test_what_is_cached_is_listed_with_its_size(cache: Path, make_folder: Make) -> None:
    """Named, imported and from a path; the names are those that a study understands."""
    folder = make_folder(FLAT)
    fetched = library.fetch("digits")
    imported = library.import_(folder, "pets")
    prepare(DataSpec(name=str(folder)))
    lines = by_name()
    assert [lines["digits"], lines["pets"]] == [fetched, imported]
    assert (fetched.kind, imported.kind, lines[str(folder)].kind) == ("named", "imported", "files")
    assert (imported.images, imported.shape, imported.classes, imported.where) == (25, (3, 6, 6), ("cat", "dog"), str(folder))
    assert imported.size == sum(file.stat().st_size for file in (cache / "data" / "pets@3x6x6").iterdir())
    assert prepare(DataSpec(name=str(folder))).sha256 == prepare(DataSpec(name="pets")).sha256


def test_fetching_twice_does_the_work_once(cache: Path) -> None:
    """The second time there is nothing to say."""
    said: list[str] = []
    first = library.fetch("digits", say=said.append)
    lines = len(said)
    assert library.fetch("digits", say=said.append) == first
    assert len(said) == lines > 0
    assert first.folder == cache / "data" / "digits@1x8x8"


def test_an_unknown_name_cannot_be_fetched() -> None:
    """The nearest name, and all of them."""
    with pytest.raises(DataUnavailable, match=r"unknown data set 'minst': did you mean 'mnist'\?"):
        library.fetch("minst")


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
def test_imported_images_outlive_their_files(make_folder: Make, tmp_path: Path, zipped: bool) -> None:
    """A study finds them by their name, at their own shape or another."""
    folder = make_folder(FLAT)
    library.import_(zip_of(folder, tmp_path / "x.zip") if zipped else folder, "pets")
    expected = np.array(load(prepare(DataSpec(name=str(folder)))).images)
    shutil.rmtree(folder)
    assert np.array_equal(load(prepare(DataSpec(name="pets"))).images, expected)
    assert load(prepare(DataSpec(name="cifar10").using("pets"))).images.shape == (25, 3, 32, 32)
    assert {line.shape for line in library.available() if line.name == "pets"} == {(3, 6, 6), (3, 32, 32)}


@pytest.mark.usefixtures("cache")
def test_images_can_be_imported_at_a_shape(make_folder: Make) -> None:
    """Which is then the data set's own."""
    assert library.import_(make_folder(FLAT), "small", shape=(1, 4, 4)).shape == (1, 4, 4)
    assert prepare(DataSpec(name="small")).shape == (1, 4, 4)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("name", ["", "digits", "Pets", "my pets", "../pets", "pets.zip", "a@b", "-pets", "pets\n", "x" * 65])
def test_a_name_that_is_taken_or_might_be_mistaken_is_refused(make_folder: Make, name: str) -> None:
    """Names of known data sets, paths, and such that differ by case only."""
    with pytest.raises(UsageError, match=r"a data set's name (is of a-z|must be new)"):
        library.import_(make_folder(FLAT), name)


@pytest.mark.usefixtures("cache")
def test_a_name_is_given_once(make_folder: Make) -> None:
    """A running study must not find other images under it; the way out is told."""
    folder = make_folder(FLAT)
    there = library.import_(folder, "pets")
    with pytest.raises(UsageError, match=rf"got 'pets', which is there already \(remove {there.folder} to import it anew\)"):
        library.import_(folder, "pets")


def test_a_failed_import_leaves_nothing(cache: Path, make_folder: Make) -> None:
    """The name is free again."""
    folder = make_folder(FLAT)
    (folder / "dog" / "broken.png").write_bytes(b"no image")
    with pytest.raises(DataUnavailable, match=r"got 'dog/broken.png in"):
        library.import_(folder, "pets")
    assert list((cache / "data").iterdir()) == []
    (folder / "dog" / "broken.png").unlink()
    assert library.import_(folder, "pets").images == 25


@pytest.mark.usefixtures("cache")
def test_a_missing_path_cannot_be_imported(tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(DataUnavailable, match=r"must lead to a folder or zip, got '.*/nowhere': No such file"):
        library.import_(tmp_path / "nowhere", "pets")


@pytest.mark.usefixtures("cache")
def test_imported_names_are_among_those_suggested(make_folder: Make) -> None:
    """They are names like the others."""
    library.import_(make_folder(FLAT), "my-pets")
    with pytest.raises(DataUnavailable, match=r"unknown data set 'my-pet': did you mean 'my-pets'\?"):
        prepare(DataSpec(name="my-pet"))


@pytest.mark.usefixtures("cache")
def test_damaged_imports_ask_to_be_imported_again(make_folder: Make) -> None:
    """Nothing else can bring the images back."""
    there = library.import_(make_folder(FLAT), "pets")
    assert there.folder is not None
    os.truncate(there.folder / "images.npy", 10)
    with pytest.raises(DataUnavailable, match=rf"got damaged ones; remove {there.folder}, import again"):
        prepare(DataSpec(name="pets"))


def test_the_full_check_names_what_is_damaged(cache: Path, make_folder: Make) -> None:
    """Whole entries, flipped bits and foreign folders are told apart; folders under construction are left alone."""
    whole, flipped = library.fetch("digits").folder, library.import_(make_folder(FLAT), "pets").folder
    assert flipped is not None
    content = bytearray((flipped / "images.npy").read_bytes())
    content[-1] ^= 1
    (flipped / "images.npy").write_bytes(content)
    foreign = cache / "data" / "foreign@1x1x1"
    foreign.mkdir()
    (cache / "data" / ".building-0").mkdir()
    assert dict(library.verify()) == {
        whole: None,
        flipped: "images.npy has changed",
        foreign: "meta.json cannot be read (No such file or directory)",
    }
    assert "foreign" not in by_name()


def test_images_that_an_earlier_version_imported_are_told_of(cache: Path, make_folder: Make) -> None:
    """Nobody can decode them anew, as their files may be gone."""
    library.import_(make_folder(FLAT), "pets")
    assert not any("earlier version" in note for note in prepare(DataSpec(name="pets")).notes)
    (described,) = (cache / "data").glob("pets@*/meta.json")
    content = json.loads(described.read_text())
    del content["rule"]
    described.write_text(json.dumps(content))
    assert any("imported by an earlier version" in note for note in prepare(DataSpec(name="pets")).notes)
