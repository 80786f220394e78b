"""Whether a file is still what was written: all of it is read once a boot, and whenever the system says that it has changed.

A stamp beside the file holds what the system knew of it when it was last read whole: size, inode, and the times of its last
change of content and of state. The latter no program can set back, so that a change by one is seen even where it restores the
other. What changes beneath the file system, on a disk that fails, is seen after the next start of the machine, and by
`hpo doctor`.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

BOOT = Path("/proc/sys/kernel/random/boot_id")


def unchanged(file: Path, expected: str, total: Callable[[Path], str], *, whole: bool = False) -> bool:
    """Whether `total` of a file is what is expected; taken only where the stamp does not say so, or a `whole` look is asked for.

    Raises OSError when the file cannot be read.
    """
    known = None if whole else _read(_stamp(file))
    now = _now(file, expected)
    if known is not None and known == now:
        return True
    if total(file) != expected:
        _stamp(file).unlink(missing_ok=True)
        return False
    if now is not None and _now(file, expected) == now:  # Else it has been written to meanwhile.
        _keep(_stamp(file), now)
    return True


def _stamp(file: Path) -> Path:
    return file.with_suffix(".checked")


def _now(file: Path, expected: str) -> dict[str, object] | None:
    """None where no start of the machine can be told from another one: then every look is whole."""
    found = file.stat()
    try:
        boot = BOOT.read_text().strip()
    except OSError:
        return None
    names = ("st_size", "st_ino", "st_dev", "st_mtime_ns", "st_ctime_ns")
    return {"sha256": expected, "boot": boot, **{name: getattr(found, name) for name in names}}


def _read(stamp: Path) -> object:
    try:
        return json.loads(stamp.read_bytes())
    except (OSError, ValueError):
        return None


def _keep(stamp: Path, now: dict[str, object]) -> None:
    """A cache that cannot be written is read whole each time."""
    draft = stamp.with_name(f"{stamp.name}-{token_hex(4)}")
    with suppress(OSError):
        draft.write_text(json.dumps(now))
        draft.replace(stamp)
