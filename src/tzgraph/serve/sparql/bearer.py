"""Who may write: whoever shows the token, as bearer (RFC 6750) or as password (RFC 7617).

Clients with windows often know user and password only; what the user is called is of no interest.
A browser sends a password that it was told once with every request, also with those that a page of
somebody else makes it send. So a password is not taken from pages of other origins, which the
header Origin tells, and no page is told that there is such a way, as browsers would ask for it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Security
from fastapi.security import HTTPBasic, HTTPBearer
from starlette.requests import Request

from tzgraph.serve.messages.problems import Refusal, fail

__all__ = ["SHOWS_TOKEN", "demand_token"]


def _shown(
    _bearer: Annotated[object, Security(HTTPBearer(scheme_name="bearer", auto_error=False))],
    _basic: Annotated[object, Security(HTTPBasic(scheme_name="basic", auto_error=False))],
) -> None:
    """Declare both ways to show the token."""


#: Declares that a route wants the token; :func:`demand_token` looks at it.
SHOWS_TOKEN = Depends(_shown)
_BEARER, _BASIC = 'Bearer realm="tzgraph"', 'Basic realm="tzgraph", charset="UTF-8"'


def demand_token(request: Request, token: str) -> None:
    """Refuse a request that may not write.

    :param token: what it has to show, empty if nobody may write
    :raises ProblemError: with status 403 if nobody may, 401 if it shows no token or another one
    """
    if not token:
        raise fail(
            Refusal.UPDATES_OFF,
            "This server takes no updates; it would if TZGRAPH_TOKEN were set.",
        )
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    scheme, shown = scheme.lower(), shown.strip()
    detail = "Send the header Authorization: Bearer TOKEN, or the token as password (Basic)."
    bearer = _BEARER
    if scheme == "basic" and _is_of_another_page(request):
        detail = "A page of another origin has to send the header Authorization: Bearer TOKEN."
    elif scheme in ("bearer", "basic"):
        # In constant time, so that its parts can't be found one by one.
        given = shown.encode("utf-8", "replace") if scheme == "bearer" else _password(shown)
        if hmac.compare_digest(given, token.encode()):
            return
        detail = "The token is another one."
        bearer += ', error="invalid_token"'
    challenge = bearer if "origin" in request.headers else f"{bearer}, {_BASIC}"
    raise fail(Refusal.NO_TOKEN, detail, {"WWW-Authenticate": challenge})


def _password(credentials: str) -> bytes:
    """Give the password in credentials; one that is no token if they can't be read."""
    try:
        return base64.b64decode(credentials, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _is_of_another_page(request: Request) -> bool:
    """Say whether a page of another origin sends the request (https://fetch.spec.whatwg.org)."""
    origin = request.headers.get("origin")
    if origin is None:
        return False
    try:
        return urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()
    except ValueError:
        return True
