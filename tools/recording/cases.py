"""Requests as bytes, and cases of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

__all__ = ["FORM", "HOST", "UPDATE", "Case", "Server", "case", "raw", "request"]

#: The same for all, so that addresses that the server makes from it are.
HOST = "tzgraph.test"
FORM = "application/x-www-form-urlencoded"
UPDATE = "application/sparql-update"
#: Characters of a case's name.
_LONGEST = 180


@dataclass(frozen=True, slots=True)
class Case:
    """What is sent over a connection of its own.

    ``{etag}`` stands for the entity tag of the answer before.

    :ivar pieces: requests that are sent at once; each piece when what came before is answered
    """

    name: str
    pieces: tuple[tuple[bytes, ...], ...]


@dataclass(frozen=True, slots=True)
class Server:
    """A server to start, and what to ask it, in this order.

    :ivar settings: its environment
    """

    name: str
    cases: tuple[Case, ...]
    settings: dict[str, str] = field(default_factory=dict)


def request(
    method: str,
    target: str,
    body: bytes | None = None,
    version: str = "1.1",
    /,
    **headers: str | None,
) -> bytes:
    """Give the bytes of a request.

    :param headers: by name with ``_`` for ``-``; ``None`` leaves out one that is there by default
    """
    length = None if body is None else str(len(body))
    sent = {"Host": HOST, "Content_Length": length, **headers}
    lines = [f"{method} {target} HTTP/{version}"]
    lines += [f"{name.replace('_', '-')}: {v}" for name, v in sent.items() if v is not None]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + (body or b"")


def case(method: str, target: str, body: bytes | None = None, /, **headers: str | None) -> Case:
    """Give the case of one request, named by what is in it."""
    said = [f"[{name.replace('_', '-')}: {value}]" for name, value in headers.items()]
    sent = [] if body is None else [body[:_LONGEST].decode("utf-8", "replace")]
    name = " ".join(" ".join([method, unquote(target, errors="replace"), *said, *sent]).split())
    if len(name) > _LONGEST:
        name = f"{name[:_LONGEST]}… ({len(target) + len(body or b'')} bytes)"
    return Case(name, ((request(method, target, body, **headers),),))


def raw(name: str, *pieces: bytes | tuple[bytes, ...]) -> Case:
    """Give a case of bytes as they are."""
    return Case(name, tuple(p if isinstance(p, tuple) else (p,) for p in pieces))
