"""Who may write: whoever shows the token (RFC 6750)."""

from __future__ import annotations

import hmac

from fastapi import Security
from fastapi.security import HTTPBearer
from starlette.requests import Request

from tzgraph.serve.messages.problems import fail

__all__ = ["SHOWS_TOKEN", "demand_token"]

#: Declares that a route wants the token; :func:`demand_token` looks at it.
SHOWS_TOKEN = Security(HTTPBearer(scheme_name="bearer", auto_error=False))


def demand_token(request: Request, token: str) -> None:
    """Refuse a request that may not write.

    :param token: what it has to show, empty if nobody may write
    :raises ProblemError: with status 403 if nobody may, 401 if it shows no token or another one
    """
    if not token:
        raise fail(
            403,
            "updates-off",
            "Updates are off",
            "This server takes no updates; it would if TZGRAPH_TOKEN were set.",
        )
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        detail = "Send the header Authorization: Bearer TOKEN."
        challenge = 'Bearer realm="tzgraph"'
    # In constant time, so that its parts can't be found one by one.
    elif hmac.compare_digest(shown.strip().encode("utf-8", "replace"), token.encode()):
        return
    else:
        detail = "The token is another one."
        challenge = 'Bearer realm="tzgraph", error="invalid_token"'
    raise fail(401, "unauthorized", "A token is needed", detail, WWW_Authenticate=challenge)
