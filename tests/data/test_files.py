"""Folders and zips of image files, from the file to the array."""

import os
import struct
import zipfile
import zlib
from collections import Counter
from io import BytesIO
from pathlib import Path
from unicodedata import normalize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hpo.data import load, prepare
from hpo.data.archive import Archive
from hpo.data.decode import decode
from hpo.data.files import open_files
from hpo.errors import DataUnavailable
from hpo.spec import DataSpec

from .pictures import Make, pattern, save, zip_of

FLAT = {"cat": 10, "dog": 15}
SPLIT = {"train/cat": 4, "train/dog": 4, "validation/cat": 2, "validation/dog": 2, "test/cat": 3, "test/dog": 3}


def spec(path: Path, **options: object) -> DataSpec:
    """A data section that names a path."""
    return DataSpec.model_validate({"name": str(path), **options})


def left_in(cache: Path) -> list[Path]:
    """Everything below the cache's folder of arrays."""
    return sorted((cache / "data").glob("*"))


@pytest.mark.usefixtures("cache")
def test_pixels_and_labels_are_those_of_the_files(make_folder: Make) -> None:
    """A lossless image comes back bit by bit, under the class of its folder."""
    prepared = prepare(spec(make_folder(SPLIT)))
    images, labels = load(prepared)
    assert (images.dtype, images.shape, prepared.shape) == (np.uint8, (18, 3, 6, 6), (3, 6, 6))
    assert prepared.classes == ("cat", "dog")
    assert labels.tolist() == [0] * 4 + [1] * 4 + [0] * 2 + [1] * 2 + [0] * 3 + [1] * 3
    assert np.array_equal(images[0], pattern(2000))
    assert np.array_equal(images[-1], pattern(1002))


@pytest.mark.usefixtures("cache")
def test_split_folders_are_kept(make_folder: Make) -> None:
    """Training, validation and test images are those of their folders."""
    prepared = prepare(spec(make_folder(SPLIT)))
    assert [part.tolist() for part in (prepared.train, prepared.validation, prepared.test)] == [
        list(range(8)),
        list(range(8, 12)),
        list(range(12, 18)),
    ]


@pytest.mark.usefixtures("cache")
def test_without_split_folders_a_fifth_becomes_test_images_and_that_is_said(make_folder: Make) -> None:
    """25 images: 5 to test, stratified; the other 20 are cut to 10 and 10."""
    prepared = prepare(spec(make_folder(FLAT)))
    labels = load(prepared).labels
    assert Counter(labels[prepared.test].tolist()) == {0: 2, 1: 3}
    assert (len(prepared.train), len(prepared.validation)) == (10, 10)
    assert any("no test images of its own: 5 images of 25 set aside" in note for note in prepared.notes)
    assert any("20 in all to be had: cut to 10 + 10" in note for note in prepared.notes)


@pytest.mark.usefixtures("cache")
def test_a_zip_in_any_order_is_the_same_data_as_its_folder(make_folder: Make, tmp_path: Path) -> None:
    """The sum over all that training sees does not depend on the kind of source nor on the order of its files."""
    folder = make_folder(FLAT)
    zips = [zip_of(folder, tmp_path / f"{backwards}.zip", backwards) for backwards in (False, True)]
    assert len({prepare(spec(source)).sha256 for source in (folder, *zips)}) == 1


@pytest.mark.usefixtures("cache")
def test_any_difference_in_what_training_sees_changes_the_sum(make_folder: Make) -> None:
    """Scale, split and pixels are all in it."""
    folder = make_folder(FLAT)
    sums = {prepare(spec(folder, **options)).sha256 for options in ({}, {"scale": "centre"}, {"split_seed": 1}, {"train": 5})}
    save(folder / "cat" / "000.png", pattern(77))
    sums.add(prepare(spec(folder)).sha256)
    assert len(sums) == 5


@pytest.mark.usefixtures("cache")
def test_a_changed_file_is_noticed(make_folder: Make) -> None:
    """A new picture in a folder that was read before is read."""
    folder = make_folder(FLAT)
    prepare(spec(folder))
    save(folder / "cat" / "new.png", pattern(5))
    assert len(load(prepare(spec(folder))).images) == 26


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
@pytest.mark.usefixtures("cache")
def test_every_mode_becomes_the_channels_of_the_study(make_folder: Make, mode: str) -> None:
    """Other modes are converted, to grey and to colour, and that is said but of an alpha channel that is opaque."""
    folder = make_folder(FLAT)
    odd = folder / "cat" / f"000.{'tif' if mode == 'CMYK' else 'png'}"
    (folder / "cat" / "000.png").unlink()
    save(odd, pattern(77), mode)
    expected = Image.open(odd)
    for channels, target in ((1, "L"), (3, "RGB")):
        prepared = prepare(spec(folder, shape=(channels, 6, 6)))
        (place,) = np.flatnonzero(
            (load(prepared).images == np.atleast_3d(np.asarray(expected.convert(target))).transpose(2, 0, 1)).all((1, 2, 3))
        )
        assert load(prepared).labels[place] == 0
        assert any("converted from" in note for note in prepared.notes) or mode in {"LA", "RGBA"}


@pytest.mark.usefixtures("cache")
def test_other_sizes_are_resized_and_counted(make_folder: Make) -> None:
    """To the asked shape, or to that of the first image, by Pillow's bilinear filter."""
    folder = make_folder(FLAT)
    save(folder / "dog" / "large.png", pattern(9, (3, 12, 9)))
    own = prepare(spec(folder))
    assert own.shape == (3, 6, 6)
    assert "1 image resized from 12x9 to 6x6 pixels (bilinear)" in own.notes
    asked = prepare(spec(folder, shape=(1, 8, 10)))
    assert load(asked).images.shape == (26, 1, 8, 10)
    assert "26 images resized from 2 sizes to 8x10 pixels (bilinear)" in asked.notes
    assert "26 images converted from colour to grey" in asked.notes


def test_a_study_of_two_channels_is_refused(make_folder: Make, cache: Path) -> None:
    """Pictures are grey or coloured."""
    with pytest.raises(DataUnavailable, match="1 or 3 channels, got a study of 2x6x6"):
        prepare(spec(make_folder(FLAT), shape=(2, 6, 6)))
    assert left_in(cache) == []


def png(width: int, height: int) -> bytes:
    """A PNG that claims to be large and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def whole(suffix: str) -> bytes:
    """An image file of 40x40 pixels."""
    target = BytesIO()
    Image.fromarray(pattern(3, (3, 40, 40)).transpose(1, 2, 0)).save(target, {"png": "PNG", "jpg": "JPEG"}[suffix])
    return target.getvalue()


BROKEN = {
    "empty.png": (b"", "it is none of PNG, JPEG"),
    "text.png": (b"not an image", "it is none of PNG, JPEG"),
    "program.png": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "it is none of PNG, JPEG"),
    "cut.png": (whole("png")[:-900], "truncated"),
    "cut.jpg": (whole("jpg")[:-300], "truncated"),
    "warned.png": (png(10_000, 10_000), "unpacks to more than 89,478,485 pixels"),
    "bomb.png": (png(65_000, 65_000), "unpacks to more than 89,478,485 pixels"),
    "hollow.png": (png(5_000, 5_000), "truncated"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("zipped", [False, True], ids=["folder", "zip"])
def test_a_broken_image_is_named_and_nothing_is_kept(
    make_folder: Make, cache: Path, tmp_path: Path, name: str, zipped: bool
) -> None:
    """Neither an entry nor a half-written one is left."""
    content, reason = BROKEN[name]
    folder = make_folder(FLAT)
    (folder / "dog" / name).write_bytes(content)
    with pytest.raises(DataUnavailable) as caught:
        prepare(spec(zip_of(folder, tmp_path / "x.zip") if zipped else folder))
    assert str(caught.value).startswith(f"images must be whole, got 'dog/{name} in {tmp_path}")
    assert reason in str(caught.value)
    assert left_in(cache) == []


@given(cut=st.integers(0, 3000), flips=st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 255)), max_size=6))
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_any_bytes_give_a_picture_or_a_message(suffix: str, cut: int, flips: list[tuple[int, int]]) -> None:
    """Whatever Pillow raises on damaged bytes, the user sees one sentence."""
    content = bytearray(whole(suffix))
    for place, change in flips:
        content[place % len(content)] ^= change
    try:
        message = ""
        assert decode(bytes(content[: max(0, len(content) - cut)]), "x").image
    except DataUnavailable as error:
        message = str(error)
    assert not message or message.startswith("images must be whole, got 'x'")


def write_zip(path: Path, *items: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    """A zip of two good classes and these items."""
    good = whole("png")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("a/1.png", good), ("b/1.png", good), *items):
            archive.writestr(name, content)
    return path


def link() -> zipfile.ZipInfo:
    """A symbolic link, as Unix zips hold them."""
    info = zipfile.ZipInfo("a/link.png")
    info.external_attr = 0o120777 << 16
    return info


@pytest.mark.parametrize(
    ("item", "content", "fault"),
    [
        ("../escaped.png", b"x", "leads out of the zip"),
        ("a/../../escaped.png", b"x", "leads out of the zip"),
        ("/etc/escaped.png", b"x", "its path is absolute"),
        ("C:/escaped.png", b"x", "its path is absolute"),
        ("a\\..\\escaped.png", b"x", "leads out of the zip"),
        (link(), b"/etc/passwd", "it is a link"),
        ("a/zeros.png", bytes(65 * 2**20), "it unpacks to 68,157,440 bytes"),
    ],
    ids=["up", "up-within", "absolute", "drive", "backslash", "link", "zeros"],
)
def test_a_zip_that_reaches_out_or_swells_is_refused(
    cache: Path, tmp_path: Path, item: str | zipfile.ZipInfo, content: bytes, fault: str
) -> None:
    """Before anything of it is read; nothing appears beside it."""
    source = write_zip(tmp_path / "x.zip", (item, content))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DataUnavailable, match=fault):
        prepare(spec(source))
    assert sorted(each for each in tmp_path.rglob("*") if cache not in (each, *each.parents)) == before


def test_a_zip_with_a_doubled_name_is_refused(tmp_path: Path) -> None:
    """Which of the two is meant cannot be told."""
    with pytest.warns(UserWarning, match="Duplicate name"):
        source = write_zip(tmp_path / "x.zip", ("a/1.png", whole("png")))
    with pytest.raises(DataUnavailable, match="it is in there twice"):
        Archive(source)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    """The flag alone is enough."""
    source = write_zip(tmp_path / "x.zip")
    content = bytearray(source.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    source.write_bytes(content)
    with pytest.raises(DataUnavailable, match=r"'a/1.png' in .*: it is encrypted"):
        Archive(source)


def test_a_zip_whose_content_has_changed_is_refused(cache: Path, tmp_path: Path) -> None:
    """The zip holds a sum of every file."""
    source = zip_of_stored(tmp_path)
    content = bytearray(source.read_bytes())
    content[content.index(b"IDAT") + 10] ^= 1
    source.write_bytes(content)
    with pytest.raises(DataUnavailable, match=r"got 'a/1.png in .*Bad CRC-32"):
        prepare(spec(source))
    assert left_in(cache) == []


def zip_of_stored(folder: Path) -> Path:
    """A zip without compression."""
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        for name in ("a/1.png", "a/2.png", "b/1.png", "b/2.png"):
            archive.writestr(name, whole("png"))
    return folder / "x.zip"


@pytest.mark.parametrize("content", [b"", b"plain text", b"PK\x03\x04 the start of a zip"])
def test_a_file_that_is_no_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    """Also when it looks like one."""
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(DataUnavailable, match=r"a file of images is a zip, got '.*x.zip'"):
        prepare(spec(tmp_path / "x.zip"))


def test_a_circle_of_links_is_refused(make_folder: Make) -> None:
    """Following it would never end."""
    folder = make_folder(FLAT)
    (folder / "cat" / "again").symlink_to(folder)
    with pytest.raises(DataUnavailable, match=r"must not lead in a circle.*cat/again"):
        prepare(spec(folder))


def test_a_link_to_nowhere_is_refused(make_folder: Make) -> None:
    """With its name."""
    folder = make_folder(FLAT)
    (folder / "cat" / "gone.png").symlink_to(folder / "nowhere.png")
    with pytest.raises(DataUnavailable, match=r"must be readable, got '.*cat/gone.png': No such file"):
        prepare(spec(folder))


@pytest.mark.usefixtures("cache")
def test_links_to_images_are_followed(make_folder: Make, tmp_path: Path) -> None:
    """A data set may be put together from links."""
    (tmp_path / "linked").mkdir()
    for name in FLAT:
        (tmp_path / "linked" / name).symlink_to(make_folder(FLAT) / name)
    assert len(load(prepare(spec(tmp_path / "linked"))).images) == 25


def test_a_pipe_among_the_images_is_refused(make_folder: Make) -> None:
    """Opening it would wait for ever."""
    folder = make_folder(FLAT)
    os.mkfifo(folder / "cat" / "pipe.png")
    with pytest.raises(DataUnavailable, match=r"images are plain files, got '.*pipe.png'"):
        prepare(spec(folder))


def test_a_device_is_no_data_set() -> None:
    """Neither folder nor file."""
    with pytest.raises(DataUnavailable, match=r"got '/dev/null', which is neither"):
        prepare(spec(Path("/dev/null")))


def test_a_file_that_vanishes_is_named(make_folder: Make) -> None:
    """Between the listing and the reading."""
    folder = make_folder(FLAT)
    images = open_files(folder).collect(None)
    (folder / "dog" / "014.png").unlink()
    with pytest.raises(DataUnavailable, match=r"must be readable, got '.*dog/014.png': No such file"):
        list(images.batches)


@pytest.mark.usefixtures("cache")
def test_what_is_hidden_is_never_looked_at(make_folder: Make) -> None:
    """Neither a link that leads nowhere nor a file that comes and goes in a hidden place changes a data set."""
    folder = make_folder(FLAT)
    before = prepare(spec(folder))
    (folder / ".trash").mkdir()
    (folder / ".trash" / "gone").symlink_to("nowhere")
    (folder / "cat" / ".DS_Store").write_bytes(b"x")
    after = prepare(spec(folder))
    assert (after.images, after.sha256) == (before.images, before.sha256)


@pytest.mark.usefixtures("cache")
def test_images_that_are_all_alike_are_said(make_folder: Make) -> None:
    """All equal; or of one colour each, half of them at the least; nothing of others."""
    folder = make_folder(FLAT, "mixed")
    assert not [note for note in prepare(spec(folder)).notes if "colour throughout" in note or "equal" in note]
    for place, file in enumerate(sorted(folder.rglob("*.png"))[:13]):
        Image.new("RGB", (6, 6), (place, 0, 0)).save(file)
    assert "13 of 25 images show one colour throughout: look whether they are what you mean" in prepare(spec(folder)).notes
    for file in folder.rglob("*.png"):
        Image.new("RGB", (6, 6), "black").save(file)
    expected = "all 25 images are equal, pixel by pixel, of one colour throughout: nothing can be learnt from them"
    assert expected in prepare(spec(folder)).notes


@pytest.mark.usefixtures("cache")
def test_classes_and_splits_with_an_image_or_none_are_named(make_folder: Make) -> None:
    """By split; and a guess at the commonest class is said where it is right more often than others."""
    notes = prepare(spec(make_folder({"common": 96, "rare": 3, "single": 1}), train=60, validation=20)).notes
    assert [note for note in notes if note.startswith(("1 class", "2 classes"))] == [
        "2 classes have a single training image: 'rare', 'single'",
        "1 class has no validation image: 'single'",
        "1 class has a single validation image: 'rare'",
        "1 class has no test image: 'single'",
        "1 class has a single test image: 'rare'",
    ]
    assert any(note.startswith("a guess of the commonest class, 'common', is right in 95 % of the validation") for note in notes)


@pytest.mark.usefixtures("cache")
def test_a_split_of_one_image_is_said(make_folder: Make) -> None:
    """Its accuracy is all or nothing."""
    notes = prepare(spec(make_folder(FLAT), train=19, validation=1)).notes
    assert "the validation split has a single image: its accuracy is 0 or 100 %" in notes


def test_files_decoded_by_another_rule_are_decoded_again(make_folder: Make, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier version left in the cache is not used."""
    folder = make_folder(FLAT)
    with monkeypatch.context() as earlier:
        earlier.setattr("hpo.data.files.RULE", 1)
        old = prepare(spec(folder))
    assert prepare(spec(folder)).images != old.images
    assert len(left_in(cache)) == 2


@pytest.mark.parametrize("name", [normalize("NFD", "bébé"), "bébé"])
@pytest.mark.usefixtures("cache")
def test_names_in_a_zip_that_does_not_say_their_encoding(tmp_path: Path, name: str) -> None:
    """UTF-8, as macOS writes it, or code page 437: the class is what its folder is called."""
    encoding = "utf-8" if normalize("NFC", name) != name else "cp437"
    plain = write_zip(tmp_path / "x.zip", *((f"c@@{'@' * (len(name.encode(encoding)) - 3)}/{k}.png", whole("png")) for k in "12"))
    content = plain.read_bytes()
    placeholder = f"c@@{'@' * (len(name.encode(encoding)) - 3)}".encode()
    plain.write_bytes(content.replace(placeholder, name.encode(encoding)))
    assert prepare(spec(plain)).classes == ("a", "b", "bébé")
