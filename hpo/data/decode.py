"""Image files to pixels, with every broken file named."""

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataUnavailable
from .text import shown

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
"""What is decoded. Pillow knows more, among them formats that start other programs."""

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm"})
"""The names that mark a file as an image, in lower case."""

LARGEST_FILE = 64 * 2**20
"""Bytes of an image file, compressed; more is taken for an attack or a mistake."""


def decode(content: bytes, name: str) -> "Image":
    """The picture in a file's bytes, decoded to its end, with 8 bits a channel.

    Raises DataUnavailable, which names the file, when it is truncated, corrupt, too large, or no image.
    """
    from PIL import Image, UnidentifiedImageError

    if len(content) > LARGEST_FILE:
        raise broken(name, f"it has more than {LARGEST_FILE:,} bytes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            file = Image.open(BytesIO(content), formats=FORMATS)
            file.load()
            image = _eight_bits(file)
        except UnidentifiedImageError:
            raise broken(name, f"it is none of {', '.join(FORMATS)}") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise broken(name, f"it unpacks to more than {Image.MAX_IMAGE_PIXELS:,} pixels (a decompression bomb?)") from None
        # Pillow's decoders answer broken bytes with OSError, SyntaxError, ValueError, struct.error, IndexError and others.
        except Exception as error:
            raise broken(name, str(error)) from error
    return image


def _eight_bits(image: "Image") -> "Image":
    """Sixteen-bit greys keep their upper byte, as Pillow does with sixteen-bit colours; its own conversion clips to white."""
    from PIL import Image

    if image.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in {"I", "F"}:
        raise ValueError(f"its pixels have 32 bits (Pillow's mode {image.mode}), not 8 or 16")
    return image


def broken(name: str, reason: str) -> DataUnavailable:
    """The error for an image file that cannot be used."""
    return DataUnavailable(f"images must be whole, got '{shown(name)}': {shown(reason)}; repair or remove it (nothing was kept)")
