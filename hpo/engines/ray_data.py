"""A study's images on the nodes of a Ray cluster: through the object store once, then a file in each node's cache."""

import fcntl
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import file_digest, sha256
from io import BytesIO
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data import Prepared
from ..data.places import cache_root
from ..data.preparing import silent
from ..data.trusting import unchanged

if TYPE_CHECKING:
    import ray


@dataclass(frozen=True, slots=True, eq=False)
class Shipment:
    """What a task needs to have a study's images; small, the images themselves are fetched on demand."""

    prepared: Prepared
    home: str
    """Ray's name of the node on which the files of `prepared` lie."""
    key: str = ""
    """SHA-256 of the files: the name of their folder in a node's cache."""
    sums: tuple[str, ...] = ()
    """SHA-256 of each file."""
    arrays: "Sequence[ray.ObjectRef[Any]]" = ()
    """Images and labels in the object store; none where no other node will ask."""

    def here(self, say: Callable[[str], None] = silent) -> Prepared:
        """The images as files of this node; written here by the first task that needs them, and again when they have changed."""
        import ray

        if not self.arrays or ray.get_runtime_context().get_node_id() == self.home:
            return self.prepared
        folder = cache_root() / "nodes" / self.key
        files = [folder / "images.npy", folder / "labels.npy"]
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for file, array, total in zip(files, self.arrays, self.sums, strict=True):
                if file.exists() and not unchanged(file, total, file_sum):
                    say(f"the images in {file} on {gethostname()} have changed since they were written, and are written again")
                    file.unlink()
                if not file.exists():
                    _write(file, ray.get(array))
        return replace(self.prepared, images=files[0], labels=files[1])


def shipped(prepared: Prepared, home: str, elsewhere: bool) -> "ray.ObjectRef[Shipment]":
    """A shipment in the object store; with the images where there are nodes elsewhere."""
    import ray

    if not elsewhere:
        return ray.put(Shipment(prepared, home))
    # As plain arrays: a memory map would be copied once more on its way into the store.
    arrays = [np.asarray(np.load(file, mmap_mode="r")) for file in (prepared.images, prepared.labels)]
    sums = tuple(map(_sum_as_file, arrays))
    return ray.put(
        Shipment(prepared, home, sha256("".join(sums).encode()).hexdigest(), sums, [ray.put(array) for array in arrays])
    )


def file_sum(file: Path) -> str:
    """SHA-256 of a file."""
    with file.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _sum_as_file(array: "np.ndarray[Any, Any]") -> str:
    """SHA-256 of the file that `_write` makes of an array."""
    header = BytesIO()
    np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(array))
    total = sha256(header.getvalue())
    total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


def _write(file: Path, array: "np.ndarray[Any, Any]") -> None:
    draft = file.with_suffix(".part")
    with draft.open("wb") as stream:
        np.save(stream, array, allow_pickle=False)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
