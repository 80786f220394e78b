"""`hpo dashboard`."""

import errno
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from . import options
from .artifacts import artifact_folder
from .damage import check_sound
from .output import say
from .own_pages import REACHED_AT, names, own_pages

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer
    from wsgiref.types import WSGIEnvironment

DEFAULT_HOST = "127.0.0.1"

Host = Annotated[str, typer.Option(metavar="ADDRESS", help="IPv4 address or name of this machine to listen at.")]
Allow = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME:PORT", help="Another name that browsers call it by, as through a tunnel or a proxy; repeatable."),
]
Port = Annotated[int, typer.Option(min=0, max=65535, metavar="P", help="Port of this machine; 0 takes a free one.")]


def dashboard(
    storage: options.Storage = options.DEFAULT_STORAGE, port: Port = 8080, host: Host = DEFAULT_HOST, allow: Allow = None
) -> None:
    """Show the studies in a browser, with optuna-dashboard, until Ctrl-C; with what each run has left there."""
    from ..storage import connect

    database = connect(storage, "write")
    check_sound(database)
    from optuna.artifacts import FileSystemArtifactStore
    from optuna_dashboard import wsgi

    folder = artifact_folder(database)
    folder.mkdir(parents=True, exist_ok=True)
    with _server(host, port) as server:
        application = wsgi(database, FileSystemArtifactStore(folder))
        server.set_app(own_pages(application, names(host, server.server_port, allow or ())))
        if not str(server.server_address[0]).startswith("127."):
            say("warning: whoever reaches this port can see, change and delete the studies: the dashboard asks for no password")
        say(f"{database.address} is shown at http://{host}:{server.server_port}/ until Ctrl-C")
        server.serve_forever()


def _server(host: str, port: int) -> "WSGIServer":
    from socketserver import ThreadingMixIn
    from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

    class Threaded(ThreadingMixIn, WSGIServer):
        daemon_threads = True
        allow_reuse_address = True

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *values: object) -> None:
            """Keep the requests out of the terminal."""

        def get_environ(self) -> "WSGIEnvironment":
            """With the address that was called, which `--host 0.0.0.0` leaves open."""
            address, port = self.connection.getsockname()
            return {**super().get_environ(), REACHED_AT: f"{address}:{port}"}

    try:
        return Threaded((host, port), Quiet)
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            rule = "a dashboard listens at an IPv4 address or name of this machine"
            raise UsageError(f"{rule}, got '{host}': leave --host out, or give 0.0.0.0 for all of its addresses") from None
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        reason = "is in use" if error.errno == errno.EADDRINUSE else "may not be used by you"
        raise UsageError(f"a dashboard needs a free port, but {port} {reason}: choose another with --port, or --port 0") from None
