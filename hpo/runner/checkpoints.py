"""Results of lanes on disk, from the moment their job ends until their trial is told. What is in here, no crash can undo."""

import json
import os
import re
from collections.abc import Collection, Iterable, Sequence
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

    def __init__(self, folder: Path) -> None:
        self._folder = folder

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
        content = _packed(record)
        while True:
            self._folder.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # Another driver on the study has just found the folder empty, and removed it.
                return write_whole(self._file(record.lane, record.end), content)

    def read(self, lane: LaneId, end: int) -> LaneRecord | None:
        """The record of a lane at the end of an epoch; None when there is none, or none that can be read."""
        try:
            return _unpacked(lane, end, self._file(lane, end))
        except (OSError, SafetensorError, KeyError, TypeError, ValueError):
            return None

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


def _packed(record: LaneRecord) -> bytes:
    told = {
        "epochs": [list(epoch) for epoch in record.epochs],
        "divergence": record.divergence and list(record.divergence),
        "points": [list(point) for point in record.points],
    }
    content = np.frombuffer(record.checkpoint or b"", dtype=np.uint8)
    return bytes(save({"checkpoint": content}, metadata={"lane": json.dumps(told)}))


def _unpacked(lane: LaneId, end: int, file: Path) -> LaneRecord:
    with safe_open(file, "numpy") as content:
        told: dict[str, Any] = json.loads(content.metadata()["lane"])
        checkpoint = content.get_tensor("checkpoint").tobytes() or None
    epochs: Sequence[Sequence[Any]] = told["epochs"]
    divergence = told["divergence"] and Divergence(*told["divergence"])
    points = tuple(StepMetrics(*point) for point in told["points"])
    return LaneRecord(lane, end, tuple(EpochMetrics(*epoch) for epoch in epochs), divergence, checkpoint, points)


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
