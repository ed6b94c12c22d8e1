"""``/static``: the files that pages need, always whole."""

from __future__ import annotations

import os
from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

__all__ = ["WholeFiles"]

_RANGES = frozenset({b"range", b"if-range"})


class WholeFiles(StaticFiles):
    """Files of a folder; requests for a part get the whole (RFC 9110, 14.2).

    Starlette gives parts, and says in plain text what is wrong with a range. Of files that come
    compressed, a part would be that of another representation than the range means.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as if no part were asked for."""
        headers = [header for header in scope["headers"] if header[0] not in _RANGES]
        await super().__call__({**scope, "headers": headers}, receive, send)

    def file_response(
        self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Give a file, and say that it has no parts."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Accept-Ranges"] = "none"
        return response
