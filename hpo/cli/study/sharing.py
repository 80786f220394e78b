"""Whether a study's storage can serve the machines that its jobs run on."""

from typing import TYPE_CHECKING

from ...errors import UsageError

if TYPE_CHECKING:
    from ...engines import Engine


def check_shared(engine: "Engine", storage: str) -> None:
    """Raise UsageError for an SQLite file beside a cluster of several machines."""
    machines: frozenset[str] = getattr(engine, "machines", frozenset())
    if len(machines) > 1 and storage.startswith("sqlite"):
        raise UsageError(
            f"a study of several machines lies on a database server, but {storage} is a file of this machine: the next run,"
            " on another node, would not find it, and on a shared folder SQLite's locks do not hold. Give --storage"
            f" postgresql://USER@HOST/DATABASE; the cluster's machines are {', '.join(sorted(machines))}"
        )
