"""Whether a study can run on the machines that its jobs go to."""

from typing import TYPE_CHECKING

from ...errors import UsageError

if TYPE_CHECKING:
    from ...engines import Engine
    from .asked import Found


def check_shared(engine: "Engine", storage: str) -> None:
    """Raise UsageError for an SQLite file beside a cluster of several machines."""
    machines: frozenset[str] = getattr(engine, "machines", frozenset())
    if len(machines) > 1 and storage.startswith("sqlite"):
        raise UsageError(
            f"a study of several machines lies on a database server, but {storage} is a file of this machine: the next run,"
            " on another node, would not find it, and on a shared folder SQLite's locks do not hold. Give --storage"
            f" postgresql://USER@HOST/DATABASE; the cluster's machines are {', '.join(sorted(machines))}"
        )


def check_device(engine: "Engine", found: "Found") -> None:
    """Raise UsageError for a study on a GPU where this machine has none; a cluster's machines are their own."""
    from ...runner import execution as on_this_machine

    execution = (found.stored.execution if found.stored else None) or found.spec.execution
    if not hasattr(engine, "machines"):
        on_this_machine.check_device(execution.device, found.asked.stored_name)
