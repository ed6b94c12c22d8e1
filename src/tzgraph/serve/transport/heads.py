"""Heads of requests: how large they may be, and what of them has to be refused or put right."""

from __future__ import annotations

import re

__all__ = ["MAX_FIELDS", "MAX_HEADERS", "MAX_PATH", "MAX_URL", "Headers", "RefusedError", "checked"]

#: Bytes of a URL, bytes of all headers together, and lines of headers.
MAX_URL, MAX_HEADERS, MAX_FIELDS = 128 * 1024, 32 * 1024, 100
#: Bytes of a path: routes and the file system go through it part by part.
MAX_PATH = 8 * 1024
_ABSOLUTE = re.compile(rb"https?://([^/?]*)", re.IGNORECASE)
#: What stands in Host: a name or an address, and a port (RFC 3986, 3.2).
_HOST = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]+\]|(?>(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*))(?::[0-9]{0,5})?\Z"
)
#: Headers that hold a list, which may come in several lines (RFC 9110, 5.3).
_LISTS = frozenset({b"accept", b"accept-encoding", b"if-match", b"if-none-match"})

Headers = list[tuple[bytes, bytes]]


class RefusedError(Exception):
    """A request can't be answered; the message is for the client.

    :ivar status: of the answer
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def checked(method: bytes, url: bytes, version: str, headers: Headers) -> tuple[bytes, Headers]:
    """Give a request's target as a path, and its headers with each list in one line.

    :param headers: names in lower case
    :raises RefusedError: if it has to be refused (RFC 9112, 3.2 and 6.1), or its path is too long
    """
    target = url.partition(b"#")[0]
    if (absolute := _ABSOLUTE.match(target)) is not None:
        target = _path(target[absolute.end() :], method)
    elif not target.startswith(b"/") and (method, target) != (b"OPTIONS", b"*"):
        raise RefusedError(400, "The request names no path.")
    if len(target.partition(b"?")[0]) > MAX_PATH:
        raise RefusedError(414, f"The path has more than {MAX_PATH} bytes.")
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) > 1 or (version == "1.1" and not hosts):
        raise RefusedError(400, "The request has no header Host, or several.")
    if absolute is not None:
        # What it names counts, whatever Host says (RFC 9112, 3.2.2).
        hosts = [absolute[1] or b"?"]
        headers = [(b"host", hosts[0]), *(h for h in headers if h[0] != b"host")]
    if hosts and not _HOST.match(hosts[0]):
        raise RefusedError(400, "The request names no valid host.")
    _check_length(headers)
    return target, _joined(headers)


def _check_length(headers: Headers) -> None:
    """Refuse a request whose length two servers may find in two ways.

    :raises RefusedError: with status 400 or 501
    """
    codings = [value for name, value in headers if name == b"transfer-encoding"]
    if any(coding.lower() != b"chunked" for coding in codings):
        raise RefusedError(501, "The request has a transfer coding other than chunked.")
    if codings and any(name == b"content-length" for name, _ in headers):
        raise RefusedError(400, "The request has both Transfer-Encoding and Content-Length.")


def _path(rest: bytes, method: bytes) -> bytes:
    """Give the target that a server gets where a client writes so much behind the authority."""
    if rest.startswith(b"/"):
        return rest
    return b"*" if method == b"OPTIONS" and not rest else b"/" + rest


def _joined(headers: Headers) -> Headers:
    """Put all values of a list into one line."""
    if len(dict(headers)) == len(headers):
        return headers
    for name in _LISTS:
        values = [value for other, value in headers if other == name]
        if len(values) > 1:
            headers = [*(h for h in headers if h[0] != name), (name, b", ".join(values))]
    return headers
