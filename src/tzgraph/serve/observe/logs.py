"""Logs: one line of JSON for each request, each slow request and each message of the server.

Lines are written by a thread of its own. When nobody reads what it writes to, lines are dropped and
counted, and the server goes on.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

from tzgraph.serve.observe.record import Record
from tzgraph.serve.settings import LogSettings

__all__ = ["LineWriter", "MessageHandler", "log_request"]

#: Lines that wait to be written.
_WAITING = 10_000
#: Seconds that lines gather before they are written.
_GATHERED = 0.05
#: Seconds that the last lines have to be written.
_FAREWELL = 2.0
_LONGEST_PATH = 500


class LineWriter:
    """Writes lines of JSON in a thread of its own.

    :param stream: where to
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: deque[str] = deque()
        self._more = threading.Condition()
        self._idle = False
        self._closed = threading.Event()
        self.dropped = 0
        self._thread = threading.Thread(target=self._work, name="tzgraph-log", daemon=True)
        self._thread.start()

    def write(self, kind: str, **fields: object) -> None:
        """Write a line; it says when and of what kind it is."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        line = json.dumps({"time": now, "log": kind, **fields}, ensure_ascii=True)
        with self._more:
            if len(self._lines) >= _WAITING:
                self.dropped += 1
                return
            self._lines.append(line)
            if self._idle:
                self._idle = False
                self._more.notify()

    def close(self) -> None:
        """Write what waits, if that is possible."""
        with self._more:
            self._closed.set()
            self._more.notify()
        self._thread.join(_FAREWELL)

    def _work(self) -> None:
        while True:
            with self._more:
                while not self._lines and not self._closed.is_set():
                    self._idle = True
                    self._more.wait()
            # To be woken for each line would cost each request as much as a short query.
            self._closed.wait(_GATHERED)
            with self._more:
                lines, self._lines = self._lines, deque()
            if not lines:
                return
            try:
                self._stream.write("".join(f"{line}\n" for line in lines))
                self._stream.flush()
            except (OSError, ValueError):  # nobody reads any more
                self.dropped += len(lines)


class MessageHandler(logging.Handler):
    """Writes what the server's modules log as lines."""

    def __init__(self, writer: LineWriter) -> None:
        super().__init__(logging.INFO)
        self._writer = writer
        self._format = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a message, with the stack if it has one."""
        fields = {"level": record.levelname.lower(), "message": record.getMessage()}
        if record.exc_info:
            fields["trace"] = self._format.formatException(record.exc_info)
        self._writer.write("server", **fields)


def log_request(
    writer: LineWriter, record: Record, seconds: float, release: str, settings: LogSettings
) -> None:
    """Write the lines for a request that was answered."""
    slow = 0 < settings.slow_s <= seconds
    if not (settings.access or slow):
        return
    fields: dict[str, object] = {
        "id": record.id,
        "client": record.client,
        "method": record.method,
        "route": record.route,
        "path": record.path[:_LONGEST_PATH],
        "status": record.status,
        "outcome": record.outcome,
        "bytes": record.bytes,
        "ms": round(seconds * 1000, 2),
    }
    if settings.access:
        writer.write("access", **fields, **_query(record, settings, hashed=False))
    if slow:
        writer.write("slow", **fields, release=release, **_query(record, settings, hashed=True))


def _query(record: Record, settings: LogSettings, *, hashed: bool) -> Mapping[str, object]:
    """Give what may be said of a query: its text only where that was asked for."""
    if not record.query:
        return {}
    data = record.query.encode("utf-8", "surrogatepass")
    said: dict[str, object] = {"query": record.query} if settings.queries else {}
    if hashed:
        said |= {"query_sha256": hashlib.sha256(data).hexdigest(), "query_bytes": len(data)}
    return said
