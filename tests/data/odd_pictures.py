"""Image files that Pillow cannot write: PNGs of any depth, and TIFFs with 16 bits a colour."""

import struct
import zlib
from typing import Literal

import numpy as np
from numpy.typing import NDArray

COLOURS = {"grey": 0, "colour": 2, "grey with alpha": 4, "colour with alpha": 6}


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(values: NDArray[np.int64], colours: str, bits: int = 16, key: tuple[int, ...] = ()) -> bytes:
    """A PNG of (height, width) or (height, width, channels) numbers of 2, 4 or 16 bits; `key` is the transparent one."""
    height, width = values.shape[:2]
    if bits == 16:
        rows = [row.astype(">u2").tobytes() for row in values]
    else:
        shifts = range(8 - bits, -1, -bits)
        rows = [
            bytes(
                sum(int(v) << s for v, s in zip(row[k : k + 8 // bits], shifts, strict=False)) for k in range(0, width, 8 // bits)
            )
            for row in values
        ]
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, COLOURS[colours], 0, 0, 0))
    transparent = _chunk(b"tRNS", struct.pack(f">{len(key)}H", *key)) if key else b""
    pixels = _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + transparent + pixels + _chunk(b"IEND", b"")


def tiff(values: NDArray[np.int64], order: Literal["<", ">"], compressed: bool = False, photometric: int = 2) -> bytes:
    """A TIFF of (height, width, channels) numbers of 16 bits in one strip; the fourth channel is alpha."""
    height, width, channels = values.shape
    strip = values.astype(f"{order}u2").tobytes()
    strip = zlib.compress(strip) if compressed else strip
    tags: list[tuple[int, int, tuple[int, ...]]] = [
        (256, 3, (width,)), (257, 3, (height,)), (258, 3, (16,) * channels), (259, 3, (8 if compressed else 1,)),
        (262, 3, (photometric,)), (273, 4, (8,)), (277, 3, (channels,)), (278, 3, (height,)), (279, 4, (len(strip),)),
        *([(338, 3, (2,))] if channels == 4 else []),
    ]  # fmt: skip
    strip += b"\0" * (len(strip) % 2)
    begin = 8 + len(strip)
    far, far_at, entries = b"", begin + 2 + 12 * len(tags) + 4, b""
    for tag, kind, numbers in tags:
        packed = struct.pack(f"{order}{len(numbers)}{'H' if kind == 3 else 'I'}", *numbers)
        if len(packed) > 4:
            place, far = struct.pack(f"{order}I", far_at + len(far)), far + packed
        else:
            place = packed.ljust(4, b"\0")
        entries += struct.pack(f"{order}HHI", tag, kind, len(numbers)) + place
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, begin)
    return head + strip + struct.pack(f"{order}H", len(tags)) + entries + struct.pack(f"{order}I", 0) + far
