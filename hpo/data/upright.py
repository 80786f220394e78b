"""Pictures turned as EXIF says, which is how cameras store and viewers show them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

_ORIENTATION = 0x0112
_TURNED = range(2, 9)
_HOLDERS = frozenset({"exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp"})
"""Where a picture's `info` holds EXIF."""


def upright(file: "ImageFile") -> "tuple[Image, bool]":
    """The picture of a file that was opened, decoded to its end, and whether it had to be turned or mirrored."""
    from PIL import ImageOps

    if file.format == "TIFF":  # Pillow turns these by itself as it loads them, and forgets that it did.
        turned = file.getexif().get(_ORIENTATION) in _TURNED
        file.load()
        return file, turned
    file.load()
    turned = not _HOLDERS.isdisjoint(file.info) and _orientation(file) in _TURNED
    return (ImageOps.exif_transpose(file) if turned else file), turned


def _orientation(file: "ImageFile") -> object:
    try:
        return file.getexif().get(_ORIENTATION)
    except Exception:  # Whatever is broken there, viewers show the picture as it is stored.
        return None
