"""Files within a zip, read in place: nothing is ever unpacked to the disk."""

import re
import stat
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from ..errors import DataUnavailable
from .decode import LARGEST_FILE, broken
from .text import shown
from .tree import Listing

_ENCRYPTED = 0x1


class Archive:
    """A zip whose names were found harmless.

    Raises DataUnavailable when the file is no zip, or holds names that leave it, links, encrypted or doubled files, or files
    larger than any image.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._zip = _opened(path)
        except BadZipFile as error:
            raise DataUnavailable(f"a file of images is a zip, got '{shown(path)}': {shown(error)}") from None
        except (OSError, NotImplementedError, ValueError) as error:
            raise DataUnavailable(f"the zip must be readable, got '{shown(path)}': {shown(error)}") from None
        try:
            self._files = self._check()
        except DataUnavailable:
            self.close()
            raise

    def _check(self) -> dict[str, ZipInfo]:
        files: dict[str, ZipInfo] = {}
        for item in self._zip.infolist():
            fault = _fault(item) or ("it is in there twice" if item.filename in files else None)
            if fault:
                name = f"'{shown(item.orig_filename)}' in {shown(self._path)}"
                raise DataUnavailable(f"a zip of images holds plain files, got {name}: {fault}")
            files[item.filename] = item
        return files

    @property
    def listing(self) -> Listing:
        """The names in it, sorted."""
        names = sorted(self._files)
        return Listing(
            files=tuple(name for name in names if not name.endswith("/")),
            folders=tuple(name.rstrip("/") for name in names if name.endswith("/")),
        )

    def read(self, file: str) -> bytes:
        """The bytes of a file; zipfile stops at the declared size, which was checked, and compares the sum."""
        try:
            with self._zip.open(self._files[file]) as source:
                return source.read(LARGEST_FILE + 1)
        except (BadZipFile, OSError, EOFError, zlib.error, RuntimeError) as error:  # NotImplementedError is a RuntimeError.
            raise broken(f"{file} in {self._path}", str(error)) from None

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


def _opened(path: Path) -> ZipFile:
    """macOS writes names in UTF-8 and does not say so; by the letter of the format they would be in code page 437."""
    try:
        return ZipFile(path, metadata_encoding="utf-8")
    except UnicodeDecodeError:
        return ZipFile(path)


def _fault(item: ZipInfo) -> str | None:
    name = item.orig_filename
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "its path is absolute"
    if "\\" in name or "\0" in name or not {"..", "."}.isdisjoint(name.split("/")):
        return "its path leads out of the zip, or might"
    if stat.S_ISLNK(item.external_attr >> 16):
        return "it is a link"
    if item.flag_bits & _ENCRYPTED:
        return "it is encrypted"
    if item.file_size > LARGEST_FILE:
        return f"it unpacks to {item.file_size:,} bytes, more than the {LARGEST_FILE:,} of any image"
    return None
