"""``/static``: the files that pages need, always whole."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from tzgraph.serve.middleware.compression import coding_for, smallest

__all__ = ["WholeFiles"]

_RANGES = frozenset({b"range", b"if-range"})
_FOREVER = "public, max-age=31536000, immutable"


class WholeFiles(StaticFiles):
    """Files of a folder; requests for a part get the whole (RFC 9110, 14.2).

    Starlette gives parts, and says in plain text what is wrong with a range. Of files that come
    compressed, a part would be that of another representation than the range means.

    :param directory: the folder
    :param unchanging: names of files that never change, as another content has another name; they
        may be kept for good (RFC 8246), and are compressed once, as well as can be
    """

    def __init__(self, *, directory: Path, unchanging: Iterable[str] = ()) -> None:
        super().__init__(directory=directory)
        self._unchanging = frozenset(unchanging)
        self._small: dict[tuple[str, str], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as if no part were asked for."""
        headers = [header for header in scope["headers"] if header[0] not in _RANGES]
        await super().__call__({**scope, "headers": headers}, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give a file, compressed if it is worth keeping so."""
        response = await super().get_response(path, scope)
        if path not in self._unchanging or response.status_code not in (200, 304):
            return response
        response.headers["Cache-Control"] = _FOREVER
        coding = coding_for(Headers(scope=scope).get("accept-encoding"))
        if coding is None or response.status_code == 304:
            return response
        if (path, coding) not in self._small:
            data = await asyncio.to_thread(Path(str(self.directory), path).read_bytes)
            self._small[path, coding] = await asyncio.to_thread(smallest, data, coding)
        headers = {**response.headers, "etag": f"W/{response.headers['etag']}"}
        del headers["content-length"]
        return Response(self._small[path, coding], headers=headers | {"content-encoding": coding})

    def file_response(
        self, full_path: Any, stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """Give a file, and say that it has no parts."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Accept-Ranges"] = "none"
        return response
