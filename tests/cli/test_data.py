"""Images on the command line."""

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from .conftest import SMALL, Call


@pytest.fixture
def images(folder: Path) -> Path:
    """A folder of 4 images of 8x8 in two classes, called `My pets`."""
    for number, place in enumerate(("cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png")):
        file = folder / "My pets" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (60 * number, 0, 0)).save(file)
    return folder / "My pets"


def test_known_data_sets_are_listed(hpo: Call, cache: Path) -> None:
    """Each data set has a line with its shape and where it would come from, before anything was read."""
    code, out, err = hpo("data", "list")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == ["name", "digits", "mnist", "fashion-mnist", "cifar10"]
    assert lines[1].split() == ["digits", "1x8x8", "10", "scikit-learn"]


def test_fetching_says_how_to_use_it(hpo: Call, cache: Path) -> None:
    """A data set that was fetched is ready in the cache, and listed with its size."""
    code, out, err = hpo("data", "fetch", "digits")
    assert (code, out) == (0, "")
    assert err.splitlines()[-1] == "ready: 1,797 images of 1x8x8 in 10 classes; use them with --data digits"
    digits = json.loads(hpo("data", "list", "--json").out)["data"][0]
    assert (digits["name"], digits["kind"], digits["images"], digits["shape"]) == ("digits", "named", 1797, [1, 8, 8])
    assert digits["bytes"] > 1797 * 64
    assert Path(digits["folder"]).is_relative_to(cache)


@pytest.mark.parametrize(
    ("options", "name", "shape"), [((), "my-pets", "3x8x8"), (("--name", "zoo", "--shape", "1x4x4"), "zoo", "1x4x4")]
)
def test_importing(options: tuple[str, ...], name: str, shape: str, hpo: Call, images: Path, cache: Path) -> None:
    """Images are imported under the name and at the shape asked for, by default those of the folder and of the first image."""
    code, out, err = hpo("data", "import", "My pets", *options)
    assert (code, out) == (0, "")
    assert err.splitlines()[-1] == f"imported: 4 images of {shape} in 2 classes; use them with --data {name}"
    (line,) = (line for line in json.loads(hpo("data", "list", "--json").out)["data"] if line["name"] == name)
    assert (line["kind"], line["classes"]) == ("imported", ["cat", "dog"])


def test_a_run_does_not_train_on_damaged_images(hpo: Call, cache: Path) -> None:
    """A byte of the cached images changed behind hpo's back: the run says so, decodes them anew, and gives the same table."""
    assert hpo("study", "run", "cifar-linear", *SMALL, "--name", "before").code == 0
    file = cache / "data" / "digits@3x32x32" / "images.npy"
    times = file.stat()
    content = bytearray(file.read_bytes())
    content[5000] ^= 255
    file.write_bytes(content)
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert "images.npy has changed" in hpo("doctor").out
    done = hpo("study", "run", "cifar-linear", *SMALL, "--name", "after")
    assert f"the cached images in {file.parent} cannot be used: images.npy has changed" in done.err
    tables = [json.loads(hpo("study", "show", name, "--json").out)["study"]["trial_table_hash"] for name in ("before", "after")]
    assert tables[0] == tables[1]
    assert hpo("doctor").code == 0
