"""The one way in which the server reaches the engine.

A server holds an :class:`Engine` and knows nothing else of what evaluates queries. Requests can be
sent to another process, results come in chunks, and what goes wrong before the first chunk is
raised by :meth:`Engine.query` and not in the middle of a body.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tzgraph.query.formats import ResultKind
from tzgraph.serve.engine.errors import NotAcceptableError
from tzgraph.terms import Term

__all__ = [
    "BASE",
    "CHUNK",
    "STACK",
    "WAITING",
    "Answer",
    "Engine",
    "EngineStatus",
    "Offer",
    "QueryRequest",
    "Window",
    "without_frames",
]

#: What relative IRIs are relative to: not the host, as it may change while the data stay.
BASE = "https://w3id.org/tzgraph/"
#: Bytes of a chunk, and chunks that may wait for a slow client.
CHUNK = 64 * 1024
WAITING = 4
#: Bytes of stack of a query's thread; only touched pages take memory.
STACK = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Window:
    """Which rows of a result are wanted, and how much of each; cut where the query runs.

    :ivar offset: rows to leave out before
    :ivar limit: rows at most, 0 for all
    :ivar cell: characters of a value, 0 for all; see :mod:`tzgraph.serve.engine.rows`
    :ivar bytes: bytes after which no other row is begun, 0 for any number
    """

    offset: int = 0
    limit: int = 0
    cell: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """How a result is to be written.

    :ivar format: name of the format
    :ivar media_type: the media type under which the client wants it
    :ivar window: what of the result is wanted, ``None`` for all
    """

    format: str
    media_type: str
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query and how its result is to be written.

    :ivar text: the query
    :ivar default_graphs: graphs that together are the default graph, ``None`` to leave it
    :ivar named_graphs: graphs that GRAPH sees, ``None`` to leave them
    :ivar bindings: how to write bindings, ``None`` if the client takes no such format
    :ivar graph: how to write a graph, ``None`` if the client takes no such format
    :ivar substitutions: terms for variables, by name
    :ivar client: who asks, so that nobody takes all the room
    :ivar store: folder of the store to ask, if it is not the one that the engine was made for
    :ivar timeout_s: seconds that it may take if they are fewer than the engine gives, 0 for all
    :ivar task: what is wanted in place of the result, see :mod:`tzgraph.serve.engine.evaluation`
    """

    text: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    bindings: Offer | None = None
    graph: Offer | None = None
    substitutions: tuple[tuple[str, Term], ...] = ()
    client: str = ""
    store: str = ""
    timeout_s: float = 0
    task: str = ""

    def offer(self, kind: ResultKind) -> Offer:
        """Give how to write results of a kind.

        :raises NotAcceptableError: if the client takes no format for them
        """
        offer = self.graph if kind is ResultKind.GRAPH else self.bindings
        if offer is None:
            raise NotAcceptableError(kind)
        return offer


@dataclass(frozen=True, slots=True)
class Answer:
    """A result on its way: what it is, and its bytes.

    :ivar kind: bindings or graph
    :ivar offer: format and media type
    :ivar chunks: the body; it raises if the engine fails, so that a part never looks complete
    :ivar close: ends the query; to be called in any case, may be called again
    :ivar body: the whole body, where it is known from the start
    """

    kind: ResultKind
    offer: Offer
    chunks: AsyncIterator[bytes]
    close: Callable[[], None] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """How an engine is at a moment.

    :ivar workers: processes or threads that evaluate queries, or could
    :ivar busy: how many of them have a query
    :ivar waiting: queries that wait for one
    :ivar kills: workers killed so far, by cause
    :ivar in_memory: whether the graph is read from memory
    """

    workers: int
    busy: int
    waiting: int = 0
    kills: Mapping[str, int] = field(default_factory=dict)
    in_memory: bool = False


class Engine(Protocol):
    """What evaluates queries for the server."""

    async def start(self) -> None:
        """Get ready; called once, in the event loop that the queries come from."""
        ...

    async def query(self, request: QueryRequest) -> Answer:
        """Evaluate a query as far as the first chunk of its result.

        If the caller is cancelled the query is given up.

        :raises QueryError: if the query is refused, can't be parsed or fails
        :raises NotAcceptableError: if the client takes no format for this kind of result
        :raises EngineBusyError: if there is no room for it
        """
        ...

    async def close(self) -> None:
        """Give up what runs and release the data."""
        ...

    def status(self) -> EngineStatus:
        """Say how it is now."""
        ...


def without_frames(error: BaseException) -> BaseException:
    """Take the stack off an error: its frames hold results, which may not leave their thread."""
    link: BaseException | None = error
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return error
