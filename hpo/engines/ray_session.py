"""A Ray to run on: one of our own on this machine, or a cluster that is there. The only module that starts or joins one."""

import contextlib
import logging
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import EngineError, UsageError
from .environment import without_secrets

REACH_SECONDS = 5
"""An address that nobody answers at is given up after this time. Ray itself would try for a minute."""

_QUIET = {"RAY_USAGE_STATS_ENABLED": "0"}

# Few attempts, of so many seconds: with its own figures Ray would wait ten minutes for a port at which something else listens.
_SOON = {
    "RAY_gcs_server_port_wait_time_s": "1",
    "RAY_py_gcs_connect_timeout_s": "3",
    "RAY_gcs_rpc_server_connect_timeout_s": "3",
}

# Ray's own switch between the address that other machines know this one by, on which its processes listen on every interface,
# and loopback. It is read when ray is imported.
_LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}

_MOST_PORT = 65_535
"""The system takes a larger one modulo 65,536, and something may listen there."""

_LEAST_STORE, _MOST_STORE, _STORE_A_WORKER = 128 * 2**20, 4 * 2**30, 128 * 2**20
"""Bytes of the object store on this machine: for each worker two groups of checkpoints, one under way and one waiting."""


@contextlib.contextmanager
def own(workers: int, environment: Mapping[str, str]) -> Iterator[None]:
    """A Ray of our own for so many workers with this environment, on loopback, under a token that nobody else knows.

    Raises EngineError when it cannot be started.
    """
    folder = tempfile.mkdtemp(prefix="hpo-ray-")
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    path = {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    store = min(_MOST_STORE, max(_LEAST_STORE, workers * _STORE_A_WORKER))
    options = {"address": "local", "num_cpus": workers, "object_store_memory": store, "_temp_dir": folder}
    try:
        with _settings({**_QUIET, **_LOOPBACK, **token, **path, **environment}, hidden=True):
            _init({**options, "include_dashboard": False})
        yield
    finally:
        shut_down()
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def joined(address: str) -> Iterator[None]:
    """The cluster at HOST:PORT, or with 'auto' the one that this machine is a node of.

    Raises UsageError for an address that is none, EngineError when the cluster cannot be reached or does not let us in.
    """
    if address != "auto":
        _check_answers(address)
    try:
        with _settings({**_QUIET, **_SOON, "RAY_AUTH_MODE": os.environ.get("RAY_AUTH_MODE", "token")}, hidden=False):
            _init({"address": address})
        yield
    finally:
        shut_down()


def shut_down() -> None:
    """Leave a cluster, or end our own."""
    ray = sys.modules.get("ray")
    if ray is not None:
        ray.shutdown()


def installed() -> None:
    """Raise UsageError when ray is not here. Does not import it, which takes a second."""
    from importlib.util import find_spec

    if find_spec("ray") is None:
        raise UsageError(
            "the engine 'ray' needs Ray, which is not installed: pip install 'hpo-lanes[ray]', or take another --engine"
        )


def _check_answers(address: str) -> None:
    host, _, port = address.rpartition(":")
    if "/" in address or not host or not port.isdecimal() or int(port) > _MOST_PORT:
        rule = f"an address is auto or HOST:PORT with a port of at most {_MOST_PORT}"
        raise UsageError(f"{rule}, as `ray start --head` prints it, got '{address}'")
    try:
        socket.create_connection((host, int(port)), REACH_SECONDS).close()
    except (OSError, UnicodeError) as error:  # The latter of a name that cannot be one.
        reason = getattr(error, "strerror", None) or error
        raise EngineError(
            f"no Ray cluster answers at {address} ({reason}): start one with `ray start --head`, or mend the --address"
        ) from None


@contextlib.contextmanager
def _settings(values: Mapping[str, str], hidden: bool) -> Iterator[None]:
    """Environment variables for the processes that start here, and for Ray's own eyes; `hidden`: without the driver's secrets."""
    before = dict(os.environ)
    terminate = signal.getsignal(signal.SIGTERM)
    if hidden:
        for name in before.keys() - without_secrets().keys():
            del os.environ[name]
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        with contextlib.suppress(ValueError):  # Not the main thread: then Ray has left the signal alone, too.
            signal.signal(signal.SIGTERM, terminate)


def running() -> bool:
    """Whether this process has joined a Ray."""
    ray = sys.modules.get("ray")
    return ray is not None and ray.is_initialized()


def _init(options: Mapping[str, Any]) -> None:
    import ray
    from ray import _raylet
    from ray._private import ray_constants

    # What Ray has read from the environment when it was imported, which may be long ago.
    ray_constants.ENABLE_RAY_CLUSTER = os.environ.get("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER") != "0"
    _raylet.Config.initialize("")
    _raylet.AuthenticationTokenLoader.instance().reset_cache()
    # Ray keeps the command line of each driver for all of the cluster to see, and a storage URL may be on it.
    ray._private.utils.get_entrypoint_name = lambda: "hpo"
    try:
        ray.init(**options, log_to_driver=False, logging_level=logging.ERROR)
    except ray.exceptions.AuthenticationError as error:
        raise EngineError(_token_needed(error)) from error
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        if "AuthToken" in str(error) or "AuthToken" in str(error.__cause__):
            raise EngineError(_token_needed(error)) from error
        raise EngineError(_explained(error, str(options["address"]))) from error


def _token_needed(error: Exception) -> str:
    return (
        f"a Ray cluster at an address is used with its token only ({' '.join(str(error).split())[:200]}): make one with"
        " `ray get-auth-token --generate`, give it to all nodes as ~/.ray/auth_token or RAY_AUTH_TOKEN, and start them with"
        " RAY_AUTH_MODE=token"
    )


def _explained(error: Exception, address: str) -> str:
    said = " ".join(str(error).split())
    if "ersion mismatch" in said:
        return f"driver and cluster must run the same Ray and Python: {said[:400]}"
    if address == "local":
        return f"Ray cannot be started: {said[:400]}; take --engine processes"
    return (
        f"the Ray cluster at {address} cannot be joined: {said[:400]}; this machine must be a node of it:"
        " `ray start --address=HOST:PORT`"
    )
