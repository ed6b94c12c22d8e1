"""What is noted of a request while it is answered, for logs and metrics."""

from __future__ import annotations

import ipaddress
import re
import secrets
import time
from dataclasses import dataclass, field

from starlette.types import Scope

__all__ = ["Record", "network_of", "note", "note_query", "request_id", "seconds_of"]

_KEY = "tzgraph.record"
_ID = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}\Z")


@dataclass(slots=True)
class Record:
    """A request and how it was answered.

    :ivar id: the client's X-Request-Id, or one made here
    :ivar outcome: code of the problem, empty while none is known
    :ivar query: the query's text, where there is one
    """

    id: str
    method: str
    path: str
    route: str
    client: str
    status: int = 0
    bytes: int = 0
    outcome: str = ""
    query: str = ""
    complete: bool = False
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Seconds since the request came."""
        return time.perf_counter() - self.began

    def attach(self, scope: Scope) -> None:
        """Let what answers the request find the record."""
        scope[_KEY] = self

    def settle(self) -> None:
        """Say how it ended where nobody has: by status, or by what is missing."""
        if not self.complete:
            self.outcome = self.outcome or "client-left"
        elif not self.outcome:
            self.outcome = _BY_STATUS.get(self.status) or _BY_CLASS.get(self.status // 100, "other")


_BY_STATUS = {304: "not-modified"}
_BY_CLASS = {2: "ok", 3: "redirect", 4: "client-error", 5: "server-error"}


def request_id(given: bytes | None) -> str:
    """Give the id that a client has sent, if it can stand in a header and a log, or a new one.

    >>> request_id(b"a-1"), len(request_id(b"a b"))
    ('a-1', 16)
    """
    if given is not None and _ID.match(given):
        return given.decode("ascii")
    return secrets.token_hex(8)


def note(scope: Scope, code: str) -> None:
    """Note the code of the problem that a request ends with."""
    record: Record | None = scope.get(_KEY)
    if record is not None:
        record.outcome = code


def note_query(scope: Scope, text: str) -> None:
    """Note the query that a request asks."""
    record: Record | None = scope.get(_KEY)
    if record is not None:
        record.query = text


def seconds_of(scope: Scope) -> float:
    """Give the seconds since a request came, 0 if nobody takes them."""
    record: Record | None = scope.get(_KEY)
    return 0.0 if record is None else record.seconds


def network_of(host: str) -> str:
    """Give who is behind an address: of IPv6, whoever has the network of 64 bits.

    >>> network_of("192.0.2.1"), network_of("2001:db8::1")
    ('192.0.2.1', '2001:db8::/64')
    """
    if ":" not in host:
        return host
    try:
        network = ipaddress.IPv6Network(f"{host}/64", strict=False)
    except ValueError:
        return host
    return str(network)
