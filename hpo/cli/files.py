"""Files that commands write for the user: whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from ..errors import HpoError


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file in one step; what was there before stays until then. Raises HpoError when it cannot be written."""
    if not path.name:
        raise HpoError(f"the file must have a name, got '{path}': name another with -o")
    draft = path.with_name(f".{token_hex(8)}.draft")
    try:
        with draft.open("xb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise HpoError(f"the file must be writable, got '{path}': {error.strerror}; name another with -o") from None
    finally:
        with suppress(OSError):
            draft.unlink()
