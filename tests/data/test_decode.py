"""Pictures are what a viewer shows: turned, over white, and of the range that the data set uses."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from hpo.data import load, prepare
from hpo.data.decode import decode
from hpo.data.depth import EightBits
from hpo.data.fitting import Fitting
from hpo.data.wide import Wide
from hpo.errors import DataUnavailable
from hpo.spec import DataSpec

from .odd_pictures import png, tiff

ORIENTATION = 0x0112


def written(image: Image.Image, form: str, **options: object) -> bytes:
    """The file of a picture."""
    target = BytesIO()
    image.save(target, form, **options)
    return target.getvalue()


def shown(*contents: bytes) -> list[NDArray[np.uint8]]:
    """The pictures of a data set of these files, with 8 bits a channel."""
    images = [decode(content, "x").image for content in contents]
    to_eight = EightBits(lambda: [image for image in images if isinstance(image, Wide)])
    return [np.asarray(to_eight(image) if isinstance(image, Wide) else image) for image in images]


def rgba(*pixels: tuple[int, int, int, int]) -> Image.Image:
    """A row of colours with transparency."""
    return Image.fromarray(np.array([pixels], dtype=np.uint8), "RGBA")


def test_black_ink_on_a_transparent_ground_is_black_on_white() -> None:
    """Whatever colour lies under what is transparent; halves are mixed."""
    content = written(rgba((0, 0, 0, 255), (0, 0, 0, 0), (9, 9, 9, 0), (0, 0, 0, 128)), "PNG")
    assert decode(content, "x").composed
    assert shown(content)[0][0].tolist() == [[0] * 3, [255] * 3, [255] * 3, [127] * 3]


def _with_key(mode: str, key: object) -> bytes:
    return written(Image.fromarray(np.array([[0, 200]], dtype=np.uint8)).convert(mode), "PNG", transparency=key)


def _palette() -> bytes:
    image = Image.new("P", (2, 1))
    image.putpalette([10, 10, 10, 40, 40, 40])
    image.putdata([0, 1])
    return written(image, "PNG", transparency=b"\x00\xff")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(written(Image.fromarray(np.array([[[0, 0], [9, 255]]], np.uint8), "LA"), "PNG"), [255, 9], id="LA"),
        pytest.param(_with_key("L", 0), [255, 200], id="grey key"),
        pytest.param(_with_key("RGB", (0, 0, 0)), [255, 200], id="colour key"),
        pytest.param(_with_key("1", 0), [255, 255], id="1 bit key"),
        pytest.param(_palette(), [255, 40], id="palette"),
        pytest.param(png(np.array([[1, 2]]), "grey", 2, (1,)), [255, 170], id="2 bits key"),
        pytest.param(png(np.array([[1, 2]]), "grey", 4, (1,)), [255, 34], id="4 bits key"),
        pytest.param(written(rgba((0, 0, 0, 0), (9, 9, 9, 255)), "WEBP", lossless=True), [255, 9], id="WebP"),
        pytest.param(written(rgba((0, 0, 0, 0), (9, 9, 9, 255)), "TIFF"), [255, 9], id="TIFF"),
        pytest.param(written(rgba((0, 0, 0, 0), (9, 9, 9, 255)), "GIF"), [255, 9], id="GIF"),
        pytest.param(png(np.array([[[7, 0], [65535, 65535]]]), "grey with alpha"), [255, 255], id="16 bits LA"),
        pytest.param(png(np.array([[[7, 7, 7, 0], [0, 0, 0, 65535]]]), "colour with alpha"), [255, 0], id="16 bits RGBA"),
        pytest.param(png(np.array([[300, 65535]]), "grey", key=(300,)), [255, 255], id="16 bits key"),
        pytest.param(png(np.array([[[300] * 3, [0] * 3]]), "colour", key=(300, 300, 300)), [255, 0], id="16 bits colour key"),
        pytest.param(tiff(np.array([[[7, 7, 7, 0], [0, 0, 0, 65535]]]), ">"), [255, 0], id="16 bits TIFF"),
    ],
)
def test_every_kind_of_transparency_is_put_over_white(content: bytes, expected: list[int]) -> None:
    """The first pixel is transparent, the second is not."""
    found = shown(content)[0]
    assert decode(content, "x").composed
    assert np.atleast_3d(found)[0, :, 0].tolist() == expected


def test_an_opaque_alpha_channel_changes_nothing() -> None:
    """And is not counted."""
    content = written(rgba((1, 2, 3, 255), (4, 5, 6, 255)), "PNG")
    assert not decode(content, "x").composed
    assert shown(content)[0].tolist() == [[[1, 2, 3], [4, 5, 6]]]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_exif_says(form: str, orientation: int) -> None:
    """All eight orientations, to what Pillow's own exif_transpose gives."""
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (16, 24), dtype=np.uint8)).convert("RGB")
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    content = written(image, form, exif=exif, **({"lossless": True} if form == "WEBP" else {}))
    expected = np.asarray(ImageOps.exif_transpose(Image.open(BytesIO(content))).convert("RGB"))
    assert np.array_equal(shown(content)[0], expected)
    assert expected.shape[:2] == ((16, 24) if orientation < 5 else (24, 16))
    assert decode(content, "x").turned is (orientation > 1)
    if form != "JPEG":  # By hand, for the corner that was stored first.
        corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}[orientation]
        assert expected[corner].tolist() == list(image.getpixel((0, 0)))


def test_sixteen_bits_are_turned_too() -> None:
    """In PNG and in TIFF."""
    values = np.array([[100, 200, 65535]], dtype=np.uint16)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    for form in ("PNG", "TIFF"):
        content = written(Image.fromarray(values), form, exif=exif)
        assert decode(content, "x").turned
        assert shown(content)[0].tolist() == [[0], [1], [255]]


@pytest.mark.parametrize("rubbish", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0rubbish"])
def test_broken_exif_leaves_a_picture_as_it_is_stored(rubbish: bytes) -> None:
    """As viewers do."""
    image = Image.new("RGB", (16, 8), "red")
    assert shown(written(image, "JPEG", exif=rubbish))[0].shape == (8, 16, 3)


def deep(values: Sequence[int], kind: str) -> bytes:
    """A row of 16 bits in a file of some kind."""
    row = np.array([values], dtype=np.int64)
    order: Literal["<", ">"] = ">" if "big" in kind else "<"
    match kind:
        case "PNG":
            return written(Image.fromarray(row.astype(np.uint16)), "PNG")
        case "PNG in colour":
            return png(np.stack([row] * 3, axis=2), "colour")
        case "TIFF" | "TIFF, big-endian":
            return tiff(row[..., None], order, photometric=1)
        case "TIFF in colour" | "TIFF in colour, big-endian":
            return tiff(np.stack([row] * 3, axis=2), order)
        case "TIFF in colour, compressed" | "TIFF in colour, big-endian, compressed":
            return tiff(np.stack([row] * 3, axis=2), order, compressed=True)
        case "PPM":
            return b"P6 %d 1 65535\n" % row.size + np.repeat(row, 3).astype(">u2").tobytes()
        case "PGM":
            return b"P5 %d 1 65535\n" % row.size + row.astype(">u2").tobytes()
    return written(Image.fromarray(row.astype(np.int32)), "TIFF")


KINDS = [
    "PNG", "PNG in colour", "TIFF", "TIFF, big-endian", "TIFF in colour", "TIFF in colour, big-endian",
    "TIFF in colour, compressed", "TIFF in colour, big-endian, compressed", "PGM", "PPM", "32 bits",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("bits", "step"), [(8, 1), (10, 3), (12, 16), (14, 63), (16, 256)])
def test_numbers_are_scaled_by_the_bits_that_the_data_set_uses(kind: str, bits: int, step: int) -> None:
    """0 and the highest number of so many bits become black and white, in every kind of file; the others keep their places."""
    top = 2**bits - 1
    values = [*range(0, top, max(1, step * 7)), top]
    (found,) = shown(deep(values, kind))
    assert np.atleast_3d(found)[0, :, 0].tolist() == [round(255 * value / top) for value in values]


def test_one_range_serves_the_whole_data_set() -> None:
    """A dark picture stays dark beside a bright one, and none of them is scaled by itself."""
    dark, bright = shown(deep([0, 100], "PNG"), deep([0, 4095], "PNG"))
    assert (dark[0].tolist(), bright[0].tolist()) == ([0, 6], [0, 255])
    (alone,) = shown(deep([0, 100], "PNG"))
    assert alone[0].tolist() == [0, 100]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(np.array([[0, 0.5, 1]], np.float32), [0, 128, 255], id="0 to 1"),
        pytest.param(np.array([[0.25, 0.5]], np.float32), [64, 128], id="within 0 to 1"),
        pytest.param(np.array([[-1, 0, 1]], np.float32), [0, 128, 255], id="about 0"),
        pytest.param(np.array([[0, 500, 1000]], np.float32), [0, 128, 255], id="beyond 1"),
        pytest.param(np.array([[-1024, 0, 3071]], np.int32), [0, 64, 255], id="whole numbers below 0"),
        pytest.param(np.array([[-5, -5]], np.int32), [0, 0], id="one number"),
    ],
)
def test_other_numbers_are_scaled_by_their_ends(values: NDArray[np.generic], expected: list[int]) -> None:
    """Floating-point numbers within 0 and 1 by 1; where any lies outside, the smallest and the largest are black and white."""
    (found,) = shown(written(Image.fromarray(values), "TIFF"))
    assert found[0].tolist() == expected


def test_numbers_that_are_none_are_refused() -> None:
    """By the name of the file."""
    content = written(Image.fromarray(np.array([[np.nan, 1]], np.float32)), "TIFF")
    with pytest.raises(DataUnavailable, match=r"got 'scan\.tif': some of its numbers are infinite"):
        decode(content, "scan.tif")


def test_where_white_is_zero_the_highest_number_is_black() -> None:
    """In a TIFF with 16 bits as with 8."""
    (found,) = shown(tiff(np.array([[[0], [65535]]]), "<", photometric=0))
    assert found[0].tolist() == [255, 0]


def test_an_alpha_channel_of_a_narrow_range_is_composed_at_white() -> None:
    """12 bits of grey under 16 bits of alpha: what is transparent is as white as the whitest."""
    (found,) = shown(png(np.array([[[0, 65535], [4095, 65535], [0, 0]]]), "grey with alpha"))
    assert found[0].tolist() == [0, 255, 255]


def test_a_cmyk_picture_is_a_colour_picture() -> None:
    """White paper is white, black ink black."""
    image = Image.fromarray(np.array([[[0, 0, 0, 0], [0, 0, 0, 255]] * 4] * 8, np.uint8), "CMYK")
    found = np.asarray(decode(written(image, "JPEG", quality=100), "x").image.convert("RGB"))  # type: ignore[union-attr]
    assert found[0, 0].min() > 240
    assert found[0, 1].max() < 15


@pytest.mark.parametrize("mode", ["LAB", "HSV", "YCbCr", "CMYK", "1", "P", "PA", "LA", "RGBa", "RGBX"])
@pytest.mark.parametrize("channels", [1, 3])
def test_every_mode_of_pillow_becomes_grey_and_colour(mode: str, channels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Pillow hands over, also a mode that it cannot make grey by itself."""
    monkeypatch.setattr("hpo.data.decode.upright", lambda file: (Image.new(mode, (2, 2)), False))
    image = decode(written(Image.new("L", (2, 2)), "PNG"), "x").image
    assert not isinstance(image, Wide)
    assert Fitting((channels, 2, 2))(image).shape == (channels, 2, 2)


def test_a_colour_of_cie_lab_is_read() -> None:
    """A TIFF as programs for print write it, for a grey study."""
    content = written(Image.new("LAB", (2, 2), (255, 128, 128)), "TIFF")
    image = decode(content, "x").image
    assert not isinstance(image, Wide)
    assert Fitting((1, 2, 2))(image).min() > 250


def test_a_wide_ppm_that_is_cut_is_named() -> None:
    """As any other file."""
    with pytest.raises(DataUnavailable, match=r"got 'x\.ppm': it is truncated"):
        decode(deep([1, 2, 3], "PPM")[:-1], "x.ppm")


@pytest.mark.usefixtures("cache")
def test_what_was_done_is_said_of_the_whole_data_set(tmp_path: Path) -> None:
    """12 bits in training, one turned and one transparent picture: three notes, and the pixels that they speak of."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    for label in ("a", "b"):
        (tmp_path / "scans" / label).mkdir(parents=True)
        for k in range(6):
            values = np.full((4, 4), 4095 if k == 5 else 400 * k, dtype=np.uint16)
            Image.fromarray(values).save(tmp_path / "scans" / label / f"{k}.png")
    Image.new("L", (4, 4), 7).save(tmp_path / "scans" / "a" / "turned.jpg", exif=exif)
    Image.new("LA", (4, 4), (0, 0)).save(tmp_path / "scans" / "b" / "clear.png")
    prepared = prepare(DataSpec.model_validate({"name": str(tmp_path / "scans")}))
    assert sorted(set(load(prepared).images[:, 0, 0, 0].tolist())) == [0, 7, 25, 50, 75, 100, 255]
    assert [note for note in prepared.notes if note.startswith(("1 image", "12 images of"))] == [
        "1 image turned or mirrored, as EXIF says and viewers show",
        "1 image with transparency put over white",
        "12 images of more than 8 bits a channel, 4,095 the largest number in all of them: 0 to 4,095 (12 bits) became 0 to 255",
    ]
