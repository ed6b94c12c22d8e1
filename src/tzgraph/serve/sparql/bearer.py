"""Who may write: whoever shows the token (RFC 6750)."""

from __future__ import annotations

import hmac
import re
from pathlib import Path

from fastapi import Security
from fastapi.security import HTTPBearer
from starlette.requests import Request

from tzgraph.errors import UsageError
from tzgraph.serve.messages.problems import fail
from tzgraph.settings import setting

__all__ = ["SHOWS_TOKEN", "demand_token", "read_token"]

#: Declares that a route wants the token; :func:`demand_token` looks at it.
SHOWS_TOKEN = Security(HTTPBearer(scheme_name="bearer", auto_error=False))

#: What can stand in the header Authorization (RFC 6750, 2.1).
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*\Z")


def read_token() -> str:
    """Give the token that the environment sets, or a file that it names; empty for none.

    :raises UsageError: if both are set, the file can't be read, or it can't be a token
    """
    token, path = setting("TZGRAPH_TOKEN").value, setting("TZGRAPH_TOKEN_FILE").value
    if token and path:
        raise UsageError("TZGRAPH_TOKEN and TZGRAPH_TOKEN_FILE are both set.", "Set one of them.")
    if path:
        try:
            token = Path(path).read_text(encoding="ascii").strip()
        except (OSError, UnicodeError) as error:
            raise UsageError(f"The token can't be read from {path}.", "Mend the file.") from error
        if not token:
            raise UsageError(f"There is no token in {path}.", "Write one into the file.")
    if token and not _TOKEN.match(token):
        raise UsageError(
            "The token has characters that clients can't send.",
            "Use letters, digits and -._~+/, for example the output of `openssl rand -hex 32`.",
        )
    return token


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
