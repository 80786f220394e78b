"""Image files to pictures as a viewer shows them, with every broken file named."""

import warnings
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from ..errors import DataUnavailable
from .ground import over_white
from .text import shown
from .upright import upright
from .wide import Wide, rawmode, wide

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""What is decoded. Pillow knows more, among them formats that start other programs."""

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm"})
"""The names that mark a file as an image, in lower case."""

_CONVERTIBLE = frozenset({"1", "L", "P", "RGB", "CMYK", "YCbCr"})
"""Pillow's modes that can become grey; others, such as CIE Lab, become colours first."""

LARGEST_FILE = 64 * 2**20
"""Bytes of an image file, compressed; more is taken for an attack or a mistake."""

RULE = 2
"""Raised when the same file gives other pixels: what was decoded by another rule is decoded again. 1 dropped transparency and
the turn in EXIF, and kept the upper byte of 16 bits."""


class Decoded(NamedTuple):
    """A picture as a viewer shows it, turned and, but for a wide one, with nothing transparent about it."""

    image: "Image | Wide"
    turned: bool
    """Whether EXIF had it turned or mirrored."""
    composed: bool
    """Whether any of it was transparent, so that white shows through."""


def decode(content: bytes, name: str) -> Decoded:
    """The picture in a file's bytes, decoded to its end.

    Raises DataUnavailable, which names the file, when it is truncated, corrupt, too large, or no image.
    """
    from PIL import Image, UnidentifiedImageError

    if len(content) > LARGEST_FILE:
        raise broken(name, f"it has more than {LARGEST_FILE:,} bytes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _decoded(content)
        except UnidentifiedImageError:
            raise broken(name, f"it is none of {', '.join(FORMATS)}") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise broken(name, f"it unpacks to more than {Image.MAX_IMAGE_PIXELS:,} pixels (a decompression bomb?)") from None
        # Pillow's decoders answer broken bytes with OSError, SyntaxError, ValueError, struct.error, IndexError and others.
        except Exception as error:
            raise broken(name, str(error)) from error


def _decoded(content: bytes) -> Decoded:
    from PIL import Image

    def opened() -> "ImageFile":
        return Image.open(BytesIO(content), formats=FORMATS)

    file = opened()
    mode = rawmode(file)
    if found := wide(file, opened):
        picture, turned = found
        return Decoded(picture, turned, picture.alpha is not None)
    image, turned = upright(file)
    image, composed = over_white(image, mode)
    return Decoded(image if image.mode in _CONVERTIBLE else image.convert("RGB"), turned, composed)


def broken(name: str, reason: str) -> DataUnavailable:
    """The error for an image file that cannot be used."""
    return DataUnavailable(f"images must be whole, got '{shown(name)}': {shown(reason)}; repair or remove it (nothing was kept)")
