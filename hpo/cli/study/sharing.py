"""Whether a study can run on the machines that its jobs go to."""

from typing import TYPE_CHECKING

from ...errors import UsageError

if TYPE_CHECKING:
    from ...engines import Engine
    from ...spec import ExecutionSpec


def check_shared(engine: "Engine", storage: str) -> None:
    """Raise UsageError for an SQLite file beside a cluster of several machines."""
    machines: frozenset[str] = getattr(engine, "machines", frozenset())
    if len(machines) > 1 and storage.startswith("sqlite"):
        raise UsageError(
            f"a study of several machines lies on a database server, but {storage} is a file of this machine: the next run,"
            " on another node, would not find it, and on a shared folder SQLite's locks do not hold. Give --storage"
            f" postgresql://USER@HOST/DATABASE; the cluster's machines are {', '.join(sorted(machines))}"
        )


def check_device(execution: "ExecutionSpec | None", name: str, engine: "Engine | None" = None) -> None:
    """Raise UsageError for a study on a GPU where this machine has none; a cluster's machines are their own."""
    from ...runner.execution import default_device

    if execution and execution.device == "cuda" and not hasattr(engine, "machines") and default_device() == "cpu":
        raise UsageError(
            f"'{name}' is to train on a GPU (device cuda), but PyTorch finds none here: go on where it does, or begin anew"
            " without --device cuda, under another --name if it has trials"
        )
