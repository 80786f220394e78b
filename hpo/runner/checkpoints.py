"""Results of lanes on disk, from the moment their job ends until their trial is told. What is in here, no crash can undo.

Each file carries a SHA-256 over all that it says and over whose it is; one that does not fit its sum counts as missing.
"""

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from ..errors import StorageError
from ..training.job import Divergence, EpochMetrics, StepMetrics

LaneId = tuple[int, int]
"""Trial number and replicate."""


LISTED = 10
"""Trials that a line names."""


@dataclass(frozen=True, slots=True)
class LaneRecord:
    """A lane at the end of a rung: all its epochs so far, and what it needs to go on."""

    lane: LaneId
    end: int
    """The epoch that it was to reach."""
    epochs: tuple[EpochMetrics, ...]
    divergence: Divergence | None
    checkpoint: bytes | None
    """None when it diverged."""
    points: tuple[StepMetrics, ...] = ()


class Checkpoints:
    """The folder of a study's lane records: one file for each lane and rung, written whole or not at all."""

    def __init__(self, folder: Path, owner: str = "") -> None:
        """`owner`: a study's uid or the like; records of another one do not count."""
        self._folder = folder
        self._owner = owner
        self._damaged: dict[Path, LaneId] = {}

    def write(self, records: Iterable[LaneRecord]) -> None:
        """Keep records: synced to the disk when this returns. Raises StorageError when the disk does not take them."""
        try:
            for record in records:
                self._write(record)
            sync(self._folder)
        except OSError as error:
            raise StorageError(
                f"checkpoints must be kept, but '{self._folder}' cannot be written: {error.strerror}; make room or make it"
                " writable and run the same command again, nothing is lost"
            ) from error

    def _write(self, record: LaneRecord) -> None:
        content = _packed(record, self._owner)
        while True:
            self._folder.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # Another driver on the study has just found the folder empty, and removed it.
                return write_whole(self._file(record.lane, record.end), content)

    def read(self, lane: LaneId, end: int, *, state: bool = True) -> LaneRecord | None:
        """The record of a lane at the end of an epoch; None when there is none, or none that is as it was written.

        Without its `state`, which takes most of the time, `checkpoint` is None.
        """
        file = self._file(lane, end)
        try:
            return _unpacked(lane, end, file, self._owner, state)
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, KeyError, TypeError, ValueError):
            self._damaged.setdefault(file, lane)
            return None

    def kept(self, lane: LaneId, end: int, *, state: bool = True) -> LaneRecord:
        """A record that has been read before. Raises StorageError when it is gone or has changed since."""
        found = self.read(lane, end, state=state)
        if found is None:
            raise StorageError(
                f"checkpoints must stay as they are during a run, but '{self._file(lane, end)}' is gone or has changed:"
                " run the same command again, its network is trained again"
            )
        return found

    def damage(self) -> str | None:
        """One line on the files that were found to be damaged since this was asked last; None when none was."""
        trials = sorted({trial for trial, _ in self._damaged.values()})
        count = len(self._damaged)
        self._damaged = {}
        if not count:
            return None
        which = (
            f"trial{'' if len(trials) == 1 else 's'} {', '.join(map(str, trials[:LISTED]))}{', ...' if trials[LISTED:] else ''}"
        )
        what, again = ("checkpoint", "its network is") if count == 1 else ("checkpoints", "their networks are")
        return (
            f"{count} {what} of {which} in {self._folder} cannot be trusted (damaged, or written by an earlier version):"
            f" {again} trained again"
        )

    def forget(self, trials: Collection[int], before: int | None = None) -> None:
        """Remove the records of these trials, or those before the end of an epoch; and the folder when nothing is left."""
        for file, trial, end in self._files():
            if trial in trials and (before is None or end < before):
                file.unlink(missing_ok=True)
        self._remove_if_empty()

    def remove(self, lanes: Iterable[LaneId], end: int) -> None:
        """Remove the records of these lanes at the end of an epoch."""
        for lane in lanes:
            self._file(lane, end).unlink(missing_ok=True)

    def keep_only(self, trials: Collection[int]) -> None:
        """Remove the records of all but these trials: what was left behind by a crash between telling and tidying."""
        for file, trial, _ in self._files():
            if trial not in trials:
                file.unlink(missing_ok=True)
        self._remove_if_empty()

    def _remove_if_empty(self) -> None:
        with suppress(OSError):  # It is not, or was not there.
            self._folder.rmdir()
            self._folder.parent.rmdir()

    def _file(self, lane: LaneId, end: int) -> Path:
        return self._folder / f"trial-{lane[0]:06}-replicate-{lane[1]}-epoch-{end}.safetensors"

    def _files(self) -> list[tuple[Path, int, int]]:
        """Every file with its trial and its epoch, unfinished ones included."""
        if not self._folder.is_dir():
            return []
        names = ((file, re.match(r"trial-(\d+)-replicate-\d+-epoch-(\d+)\.", file.name)) for file in self._folder.iterdir())
        return [(file, int(name[1]), int(name[2])) for file, name in names if name]


def _packed(record: LaneRecord, owner: str) -> bytes:
    told = json.dumps(
        {
            "epochs": [list(epoch) for epoch in record.epochs],
            "divergence": record.divergence and list(record.divergence),
            "points": [list(point) for point in record.points],
        }
    )
    content = record.checkpoint or b""
    metadata = {"lane": told, "content": hashlib.sha256(content).hexdigest()}
    metadata["sha256"] = _sum(record.lane, record.end, owner, metadata)
    return bytes(save({"checkpoint": np.frombuffer(content, dtype=np.uint8)}, metadata=metadata))


def _sum(lane: LaneId, end: int, owner: str, metadata: Mapping[str, str]) -> str:
    """Of what a record says and of whose it is, so that no other one can stand in its place."""
    return hashlib.sha256(json.dumps([*lane, end, owner, metadata["lane"], metadata["content"]]).encode()).hexdigest()


def _unpacked(lane: LaneId, end: int, file: Path, owner: str, state: bool) -> LaneRecord:
    with safe_open(file, "numpy") as content:
        metadata: dict[str, str] = content.metadata()
        checkpoint = content.get_tensor("checkpoint").tobytes() if state else b""
    whole = not state or hashlib.sha256(checkpoint).hexdigest() == metadata["content"]
    if not whole or _sum(lane, end, owner, metadata) != metadata["sha256"]:
        raise ValueError("a record must be as it was written")
    told: dict[str, Any] = json.loads(metadata["lane"])
    epochs: Sequence[Sequence[Any]] = told["epochs"]
    divergence = told["divergence"] and Divergence(*told["divergence"])
    points = tuple(StepMetrics(*point) for point in told["points"])
    return LaneRecord(lane, end, tuple(EpochMetrics(*epoch) for epoch in epochs), divergence, checkpoint or None, points)


def write_whole(file: Path, content: bytes) -> None:
    """Write a file in one step; what was there before stays until then. Raises OSError."""
    draft = file.with_suffix(".part")
    try:
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(file)
    except OSError:
        with suppress(OSError):
            draft.unlink()  # On a full disk, half a checkpoint is room wasted.
        raise


def sync(folder: Path) -> None:
    """Put the names in a folder on the disk: a new one is there only when the folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
