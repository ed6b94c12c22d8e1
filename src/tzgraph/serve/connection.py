"""A client's connection: plain queries are answered at once, all else is parsed and passed on."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, ClassVar, cast

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from tzgraph.serve.answers import lines_of
from tzgraph.serve.handed import HandedOver, hand_over
from tzgraph.serve.http import COPIED, HttpProtocol
from tzgraph.serve.plain import PlainRequest, requests_for
from tzgraph.serve.shortcut import Shortcut

__all__ = ["ClientConnection"]

_LOG = logging.getLogger(__name__)


class ClientConnection(HttpProtocol):
    """A connection whose plain queries take the shortcut.

    :cvar shortcut: answers them, ``None`` to have the application answer all
    """

    shortcut: ClassVar[Shortcut | None] = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._plain = requests_for(self.config)
        #: Answers a plain query.
        self._task: asyncio.Task[None] | None = None
        self._keep_alive = self._leaving = False
        self._given: HandedOver | None = None

    def has_to_wait(self) -> bool:
        """Say whether there are requests that wait for their turn, so that more are not read."""
        return self._task is not None or super().has_to_wait()

    def take(self, data: bytes) -> None:
        """Answer a plain query, or let the parser read what it is."""
        if self.shortcut is not None and self._is_free():
            asked = self._plain.read(data, self.client)
            if asked is not None:
                self._take_shortcut(self.shortcut, asked, data)
                return
        super().take(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up the query that nobody waits for any more."""
        if self._task is not None:
            self._task.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Close the connection, when the request that is being answered has its answer."""
        self._leaving = True
        if self._task is None:
            super().shutdown()

    def _is_free(self) -> bool:
        """Say whether a request that begins now can be answered at once."""
        cycle: RequestResponseCycle | None = self.cycle
        done = cycle is None or (cycle.response_complete and not cycle.more_body)
        ready = done and self.between and not self.flow.write_paused
        return ready and not self.is_crowded() and not self.transport.is_closing()

    def _take_shortcut(self, shortcut: Shortcut, asked: PlainRequest, data: bytes) -> None:
        self.awaits_nothing()
        self._keep_alive = asked.head.keep_alive
        if shortcut.repeat(self, asked):
            return
        self._task = task = self.loop.create_task(shortcut.answer(self, asked, data))
        self.tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("a request failed", exc_info=error)
            self.transport.abort()

    def respond(self, lines: bytes, body: bytes) -> None:
        """Answer a plain query; see :class:`~tzgraph.serve.shortcut.Connection`."""
        self._task = None
        stays = self._keep_alive and not self._leaving
        head = [b"HTTP/1.1 200 OK\r\n"]
        head += [lines_of(self.server_state.default_headers), lines]
        head += [b"\r\n" if stays else b"connection: close\r\n\r\n"]
        if len(body) <= COPIED:
            self.transport.write(b"".join([*head, body]))
        else:
            self.transport.writelines((b"".join(head), body))
        self.server_state.total_requests += 1
        if not stays:
            self.transport.close()
            return
        self.wait_for_requests()
        self.take_held()

    def go_on(self, data: bytes, given: HandedOver | None) -> None:
        """Let the application answer; see :class:`~tzgraph.serve.shortcut.Connection`."""
        self._task, self._given = None, given
        super().take(data)
        if self._leaving:
            super().shutdown()
        self.take_held()

    def admits(self) -> bool:
        """Say whether a request may be answered; one that was begun may."""
        return self._given is not None or super().admits()

    def on_headers_complete(self) -> None:
        """Begin to answer, with what is known already."""
        super().on_headers_complete()
        if self._given is not None:
            # The task that answers has not begun yet.
            hand_over(cast("Scope", self.scope), self._given)
            self._given = None
