"""A web server for its own pages alone: what asks under another name, or from a page of another site, is refused.

Any page in a browser can send requests to a server on the same machine. Under a name that its owner lets point here (DNS
rebinding) it could read the answers too, so the name is checked first.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
REACHED_AT = "hpo.reached_at"
"""Key of a request's environment: the address and port of this machine that it came to."""

_READING = ("GET", "HEAD", "OPTIONS")
_LARGEST_BODY = 2**20
_PLAIN = [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")]
_UNFRAMED = ("Content-Security-Policy", "frame-ancestors 'self'")
"""No page of another site may lay the server's page under the pointer of who believes to click on something else."""


def names(host: str, port: int, also: Collection[str]) -> frozenset[str]:
    """What browsers may call a server: this machine, the address that it listens at, each with its port, and others as given."""
    own = [name.lower() for name in (*LOOPBACK, host)]
    usual = own if port == 80 else []  # Browsers leave this port out.
    return frozenset((*(f"{name}:{port}" for name in own), *usual, *(name.lower() for name in also)))


def own_pages(application: "WSGIApplication", known: Collection[str]) -> "WSGIApplication":
    """The application, for requests that come under one of the known names, and from no page but those under these names."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def unframed(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, _UNFRAMED], exc_info)

        fault = next(_faults(environ, {*known, environ[REACHED_AT]}), None)
        if fault is None:
            return application(environ, unframed)
        _read_body(environ)
        start_response("403 Forbidden", _PLAIN)
        return [f"{fault}\n".encode()]

    return answer


def _faults(environ: "WSGIEnvironment", known: Collection[str]) -> Iterator[str]:
    """Why a request is refused."""
    for header in ("HTTP_HOST", "HTTP_X_FORWARDED_HOST"):
        name = environ.get(header, "" if header == "HTTP_HOST" else None)
        if name is not None and name.lower() not in known:
            yield (
                f"This dashboard answers at {', '.join(sorted(known))} and under no other name, got {name!a}. "
                "If the name is yours, as of a tunnel or a proxy: hpo dashboard --allow NAME:PORT"
            )
    origin = environ.get("HTTP_ORIGIN")
    if origin is None and environ["REQUEST_METHOD"] not in _READING:
        origin = environ.get("HTTP_REFERER")
    if origin is not None and _authority(origin) not in known:
        yield f"This dashboard answers its own pages alone, got a request from {origin!a}."
    site = environ.get("HTTP_SEC_FETCH_SITE", "none")
    if site not in ("none", "same-origin") and environ["REQUEST_METHOD"] not in _READING:
        yield f"This dashboard is changed from its own pages alone, got a request from a page that is {site!a}."


def _authority(url: str) -> str:
    """Name and port of a web address, as they are written there; nothing where there are none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts.netloc.lower() if parts.scheme in ("http", "https") else ""


def _read_body(environ: "WSGIEnvironment") -> None:
    """Take what the other side still sends: closed before, the connection would break instead of giving the answer."""
    length = environ.get("CONTENT_LENGTH") or ""
    if length.isascii() and length.isdigit():
        environ["wsgi.input"].read(min(int(length), _LARGEST_BODY))
