"""The endpoints that queries may call, as the settings list them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

__all__ = ["Endpoint", "read_endpoints"]

#: Characters of a URL (RFC 3986) but for quotes and fragments.
_URL = re.compile(r"[A-Za-z0-9\-._~:/?\[\]@!$&()*+,;=%]+")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an endpoint is.

    :ivar iri: its name, as queries write it
    :ivar host: name or address, without brackets
    :ivar target: path and query
    """

    iri: str
    secure: bool
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and, if it is not the usual one, port, as the header Host has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _PORTS["https" if self.secure else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


def read_endpoints(text: str) -> tuple[Endpoint, ...]:
    """Read the setting ``TZGRAPH_FEDERATION``.

    :param text: absolute URLs, with commas or blanks between them
    :raises ValueError: naming all that are none

    >>> read_endpoints("https://sparql.uniprot.org/sparql")[0].host
    'sparql.uniprot.org'
    """
    # A comma may also be part of a URL, but then something follows it directly.
    found = dict.fromkeys(re.split(r"[,\s]\s*(?=https?://)|,\s+|\s+", text.strip(" \t\r\n,")))
    endpoints, wrong = [], []
    for iri in found:
        if not iri:
            continue
        problems = list(_problems(iri))
        wrong += [f"{iri!r} {problem}" for problem in problems]
        if not problems:
            endpoints.append(_endpoint(iri))
    if wrong:
        raise ValueError(
            "must list endpoints such as https://sparql.uniprot.org/sparql, separated by commas or "
            f"blanks; {'; '.join(wrong)}"
        )
    return tuple(endpoints)


def _problems(iri: str) -> Iterator[str]:
    try:
        parts = urlsplit(iri)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        yield f"is no URL ({error})"
        return
    if parts.scheme not in _PORTS or not iri.startswith(f"{parts.scheme}://"):
        yield "does not begin with http:// or https://"
    elif not host:
        yield "names no host"
    if "@" in parts.netloc:
        yield "holds a user name or password"
    if "#" in iri:
        yield "has a fragment"
    elif not _URL.fullmatch(iri):
        yield "has characters that have to be percent-encoded (hosts: in punycode)"


def _endpoint(iri: str) -> Endpoint:
    parts = urlsplit(iri)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    secure = parts.scheme == "https"
    port = parts.port or _PORTS[parts.scheme]
    return Endpoint(iri, secure, parts.hostname or "", port, target)
