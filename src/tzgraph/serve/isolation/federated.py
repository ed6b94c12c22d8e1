"""Queries that call other endpoints: a worker of its own for each, with a grant of the relay."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tzgraph.errors import QueryError, TzgraphError
from tzgraph.query.formats import ResultKind
from tzgraph.serve.engine.base import Answer, QueryRequest
from tzgraph.serve.engine.errors import EngineFailedError
from tzgraph.serve.federation.relay import Grant, Relay
from tzgraph.serve.isolation.fetching import FETCHER, Fetcher
from tzgraph.serve.isolation.lanes import Ticket, Worker
from tzgraph.serve.isolation.turns import FairSemaphore
from tzgraph.serve.isolation.wire import Frame
from tzgraph.serve.settings import Federation

__all__ = ["FederatedQueries", "Workers"]

_T = TypeVar("_T")
#: Addresses such as those of a relay.
_RELAYED = re.compile(
    r"http://127\.0\.0\.1:[0-9]{1,5}/[\w-]{20,60}/([0-9]{1,6})/[0-9]++(?:/silent)?"
)
_First = tuple[Frame, bytes]


@dataclass(frozen=True, slots=True)
class Workers:
    """What an engine does for a query that has a worker of its own.

    :ivar make: has a worker made that may connect to the relay, and to nothing else; or, where a
        fetcher is named in place of the relay, one that asks endpoints
    :ivar begin: sends a query and waits for the first part of its result
    :ivar frames: gives the chunks of the result
    :ivar kill: has a worker killed, for a reason that is counted
    """

    make: Callable[[str], Awaitable[Worker]]
    begin: Callable[[Worker, QueryRequest], Awaitable[tuple[ResultKind, _First]]]
    frames: Callable[[Worker, Ticket, _First], AsyncIterator[bytes]]
    kill: Callable[[Worker, str], None]


class FederatedQueries:
    """Evaluates queries that call other endpoints.

    :param federation: which ones, and limits
    :param max_waiting: queries that may wait
    :param workers: makes workers and talks to them
    """

    def __init__(self, federation: Federation, max_waiting: int, workers: Workers) -> None:
        self._federation = federation
        self._workers = workers
        self._relay = Relay(federation)
        self.places = FairSemaphore(federation.max_queries, max_waiting)

    async def start(self) -> None:
        """Start the relay, if there is anything to call.

        :raises OSError: if that is not possible
        """
        if self._federation.endpoints:
            await self._relay.start()

    async def close(self) -> None:
        """End the relay and what it asks."""
        await self._relay.close()

    async def query(self, request: QueryRequest, until: float, asked_s: float = 0) -> Answer:
        """Evaluate a query as far as the first chunk of its result.

        :param until: its deadline, as a time of the event loop
        :param asked_s: how many seconds that was, if its client said so
        :raises QueryError: as an engine does, or if an endpoint fails
        """
        await self.places.acquire(request.client, until)
        workers = self._workers
        fetcher = Fetcher(lambda: workers.make(FETCHER), workers.kill, request.text)
        run = _Run(workers, self._relay.grant(fetcher), self._federation)
        run.at_end = lambda: self.places.release(request.client)
        try:
            kind, first = await run.begin(request, until, asked_s)
            offer = request.offer(kind)
        except BaseException:
            run.end()
            raise
        body = first[1] if first[0] is Frame.WHOLE else None
        if body is not None:
            run.end()
        return Answer(kind, offer, run.chunks(first), run.end, body)


class _Run:
    """One such query, from the grant to the end of its worker."""

    def __init__(self, workers: Workers, grant: Grant, federation: Federation) -> None:
        self._workers = workers
        self._grant = grant
        self._names = [endpoint.iri for endpoint in federation.endpoints]
        self._worker: Worker | None = None
        self._ticket = Ticket("", 0)
        self.at_end: Callable[[], None] | None = None

    async def begin(
        self, request: QueryRequest, until: float, asked_s: float
    ) -> tuple[ResultKind, _First]:
        loop = asyncio.get_running_loop()
        try:
            worker = self._worker = await self._workers.make(self._grant.base)
        except (OSError, EOFError) as error:
            raise EngineFailedError("No process could be made.", "Try again.") from error
        worker.ticket = self._ticket
        worker.deadline = loop.call_at(until, self._workers.kill, worker, "deadline")
        worker.asked_s = asked_s
        return await self._told(self._workers.begin(worker, request))

    async def chunks(self, first: _First) -> AsyncIterator[bytes]:
        try:
            if first[0] is Frame.WHOLE:
                yield first[1]
            elif self._worker is not None:
                rest = self._workers.frames(self._worker, self._ticket, first)
                while (chunk := await self._told(anext(rest, None))) is not None:
                    yield chunk
        finally:
            self.end()

    async def _told(self, work: Awaitable[_T]) -> _T:
        """Wait for work; where the engine fails because an endpoint did, say that."""
        try:
            return await work
        except QueryError as error:
            if error.code == QueryError.code and self._grant.failure is not None:
                raise self._grant.failure from error
            raise self._named(error) from error

    def _named(self, error: TzgraphError) -> TzgraphError:
        """Put the endpoints' names in the place of the relay's addresses."""

        def named(found: re.Match[str]) -> str:
            ours = found[0].startswith(self._grant.base) and int(found[1]) < len(self._names)
            return self._names[int(found[1])] if ours else found[0]

        error.message = _RELAYED.sub(named, error.message)
        return error

    def end(self) -> None:
        """End the query; may be called again."""
        at_end, self.at_end = self.at_end, None
        if at_end is None:
            return
        self._grant.close()
        if self._worker is not None and self._worker.ticket is self._ticket:
            self._workers.kill(self._worker, "left")
        at_end()
