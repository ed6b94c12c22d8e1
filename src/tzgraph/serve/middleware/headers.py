"""Headers that all answers have: what browsers may do with a page, and who may read an answer.

Everything served is public and nothing depends on who asks, so pages of any origin may read it
(https://fetch.spec.whatwg.org/#http-cors-protocol). What operators look at is left out.
"""

from __future__ import annotations

import logging
import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tzgraph.serve.messages.problems import Problem, problem_response
from tzgraph.serve.observe.record import note

__all__ = ["SHARED", "ProtocolHeaders", "methods_of"]

_LOG = logging.getLogger(__name__)
_SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
#: Routes that pages of other origins have no business with.
_PRIVATE = ("/metrics", "/healthz", "/mcp")
_EXPOSED = (
    "Content-Disposition, ETag, Link, Literals-Changed, Location, Preference-Applied, Retry-After, "
    "SPARQL-Differences, X-Request-Id"
)
_ASKED = "Accept, Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id"
_MAX_AGE = "86400"
_VARY = "Accept, Accept-Encoding"
#: What is added to an answer that sets none of it itself, for who needs no more.
SHARED = tuple(
    (name.lower().encode("latin-1"), value.encode("latin-1"))
    for name, value in (
        *_SECURITY.items(),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Expose-Headers", _EXPOSED),
        ("Vary", _VARY),
    )
)
_FAILED = Problem(
    500, "internal-error", "Internal error", "The server made a mistake; it is logged."
)
_FORM = "application/x-www-form-urlencoded"
#: Headers that say what can be sent, by route.
_TAKEN = {
    "/sparql": {
        "Accept-Post": f"{_FORM}, application/sparql-query",
        "Accept-Query": f"{_FORM}, application/sparql-query",
    },
    "/update": {"Accept-Post": f"{_FORM}, application/sparql-update"},
}
#: Names of headers that a page asks for, as a list (RFC 9110, 5.6.1).
_NAMES = re.compile(
    r"[!#$%&'*+.^_`|~0-9A-Za-z-]+(?>(?:[ \t]*+,[ \t]*+[!#$%&'*+.^_`|~0-9A-Za-z-]+)*)"
)
#: Characters of such a list.
_LONGEST = 2_000


class ProtocolHeaders:
    """Adds the headers of all answers, answers OPTIONS, and says when the server is wrong."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add headers to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        shared = not scope["path"].startswith(_PRIVATE)
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _SECURITY.items():
                    headers.setdefault(name, value)
                if shared:
                    headers["Access-Control-Allow-Origin"] = "*"
                    headers["Access-Control-Expose-Headers"] = _EXPOSED
                headers.add_vary_header(_VARY)
            await send(message)

        if scope["method"] == "OPTIONS" and (methods := methods_of(scope)):
            response = _options(scope["path"], Headers(scope=scope), methods, shared=shared)
            await response(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:  # nobody's mistake
            raise
        except Exception:
            if started:
                raise
            _LOG.exception("a request failed")
            note(scope, _FAILED.code)
            await problem_response(_FAILED)(scope, receive, send_with_headers)


def methods_of(scope: Scope) -> list[str]:
    """Give the methods that a path takes, none if there is no such path."""
    if scope["path"] == "*":
        return ["GET", "HEAD", "OPTIONS", "POST"]
    found: set[str] = set()
    for route in scope["app"].routes:
        match, _ = route.matches(scope)
        if match is not Match.NONE:
            found |= {"GET", "HEAD"} if isinstance(route, Mount) else set(route.methods or ())
    return sorted({*found, "OPTIONS"}) if found else []


def _options(path: str, asked: Headers, methods: list[str], *, shared: bool) -> Response:
    headers = {"Allow": ", ".join(methods)}
    headers |= _TAKEN.get(path, {})
    if shared and "origin" in asked and "access-control-request-method" in asked:
        headers |= {
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": _allowed(asked),
            "Access-Control-Max-Age": _MAX_AGE,
            "Vary": "Access-Control-Request-Headers",
        }
    return Response(status_code=204, headers=headers)


def _allowed(asked: Headers) -> str:
    """Give the headers that pages may send: those that one asks for, as none does any harm here."""
    wanted = asked.get("access-control-request-headers", "").strip()
    return wanted if len(wanted) <= _LONGEST and _NAMES.fullmatch(wanted) else _ASKED
