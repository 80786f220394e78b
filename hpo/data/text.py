"""Names, numbers and shapes as messages show them."""

_LONGEST = 200


def shown(text: object) -> str:
    """A name or path on one line: control characters, lone surrogates and the like escaped, and cut past 200 characters."""
    letters = (c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(text)[: _LONGEST + 1])
    line = "".join(letters)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def counted(number: int, noun: str) -> str:
    """'1 image', '60,000 images'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def megabytes(size: int) -> str:
    """Bytes as megabytes of 10^6, with one decimal."""
    return f"{size / 1e6:,.1f} MB"


def dimensions(shape: tuple[int, int, int]) -> str:
    """(channels, height, width) as '3x32x32'."""
    return "x".join(map(str, shape))
