"""Transparency: whatever shows through is white, as most viewers have it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

_GREYS = frozenset({"1", "L", "LA"})

_KEY_UNITS = {"L;2": 85, "L;4": 17}
"""Of greys with 2 or 4 bits Pillow spreads the pixels over 0 to 255, but not the value that is transparent."""


def over_white(image: "Image", rawmode: str) -> "tuple[Image, bool]":
    """A picture of 8 bits a channel without transparency, and whether any of it was transparent."""
    from PIL import Image

    if not image.has_transparency_data:
        return image, False
    if rawmode in _KEY_UNITS:
        image.info["transparency"] *= _KEY_UNITS[rawmode]
    grey = image.mode in _GREYS
    image = image.convert("RGBA")
    composed = image.getchannel("A").getextrema() != (255, 255)
    if composed:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if grey else "RGB"), composed
