"""Pictures with more than 8 bits a channel: whole numbers of 16 or 32 bits, or floating-point ones."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .upright import upright

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

_TOP = 65535

_OTHER_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_LOWER_BYTES = {f"{of};16{order}": f"{of};16{other}" for of in ("RGB", "RGBX", "RGBA") for order, other in _OTHER_ORDER.items()}
"""Pillow keeps the upper byte of colours with 16 bits. Read in the other order of bytes, the lower one is what it keeps."""

_GREY_WITH_ALPHA, _FOUR_BYTES = "LA;16B", "RGBA"

_WHITE_IS_ZERO = (262, 0)
"""Tag and value of a TIFF. Pillow minds it for 8 bits only."""


class Wide(NamedTuple):
    """The numbers of a picture, whose range only the whole data set tells."""

    values: NDArray[Any]
    """(height, width) or (height, width, 3)"""
    alpha: NDArray[np.float64] | None
    """(height, width) in [0, 1], 1 where it is opaque; None when all of it is."""
    inverted: bool
    """Whether the highest number is black."""


def rawmode(file: "ImageFile") -> str:
    """How Pillow says that a picture's pixels lie in the file; empty where it does not."""
    if not file.tile:
        return ""
    args = file.tile[0].args
    return str(args[0] if isinstance(args, tuple) and args else args)


def wide(file: "ImageFile", again: "Callable[[], ImageFile]") -> tuple[Wide, bool] | None:
    """The picture of a file that was opened, and whether it had to be turned; None when it has at most 8 bits a channel.

    `again` opens the same file anew, for who must read it twice.

    Raises what Pillow does on broken files, ValueError on numbers that are not finite.
    """
    raw = rawmode(file)
    if file.mode == "F" or file.mode.startswith("I"):
        inverted = getattr(file, "tag_v2", {}).get(_WHITE_IS_ZERO[0]) == _WHITE_IS_ZERO[1]
        image, turned = upright(file)
        return _wide(np.asarray(image), image.info.get("transparency"), inverted), turned
    if raw == _GREY_WITH_ALPHA:
        (both,), turned = _read(again, _FOUR_BYTES)
        return _wide(both[..., ::2] * np.uint16(256) + both[..., 1::2], None, False), turned
    if file.mode == "RGB" and _is_wide_ppm(file):
        return _wide(_of_ppm(file), None, False), False
    if raw in _LOWER_BYTES:
        (upper, lower), turned = _read(again, raw, _LOWER_BYTES[raw])
        return _wide(upper * np.uint16(256) + lower, file.info.get("transparency"), False), turned
    return None


def _read(again: "Callable[[], ImageFile]", *rawmodes: str) -> tuple[list[NDArray[np.uint16]], bool]:
    """The bytes of a picture under each of some raw modes, and whether it had to be turned."""
    found, turned = [], False
    for mode in rawmodes:
        file = again()
        file.tile = [tile._replace(args=_in_mode(tile.args, mode)) for tile in file.tile]
        image, turned = upright(file)
        found.append(np.asarray(image).astype(np.uint16))
    return found, turned


def _is_wide_ppm(file: "ImageFile") -> bool:
    codec, args = (file.tile[0].codec_name, file.tile[0].args) if file.tile else ("", None)
    return codec == "ppm" and isinstance(args, tuple) and args[1] > 255


def _of_ppm(file: "ImageFile") -> NDArray[np.uint16]:
    """The colours of a PPM with 16 bits, which lie plainly after its head."""
    assert file.fp is not None, "it was opened just now"
    file.fp.seek(file.tile[0].offset)
    size = 2 * 3 * file.width * file.height
    content = file.fp.read(size)
    if len(content) < size:
        raise ValueError("it is truncated")
    return np.frombuffer(content, dtype=">u2").reshape(file.height, file.width, 3)


def _in_mode(args: Any, mode: str) -> Any:
    return (mode, *args[1:]) if isinstance(args, tuple) else mode


def _wide(values: NDArray[Any], key: int | tuple[int, ...] | None, inverted: bool) -> Wide:
    """`key` is the value, or the colour, that is wholly transparent."""
    if not np.isfinite(values).all():
        raise ValueError("some of its numbers are infinite or none")
    if values.ndim == 3 and values.shape[2] in (2, 4):
        values, alpha = values[..., 0] if values.shape[2] == 2 else values[..., :3], values[..., -1] / _TOP
    else:
        alpha = np.ones(values.shape[:2]) if key is None else 1.0 - (values.reshape(*values.shape[:2], -1) == key).all(axis=2)
    return Wide(values, alpha if (alpha < 1).any() else None, inverted)
