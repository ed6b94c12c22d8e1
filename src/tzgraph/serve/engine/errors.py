"""What can go wrong with a query or an update on its way through the server, as one tree.

::

    QueryError                     status 400
    ├── NotAcceptableError                406
    ├── EngineBusyError                   503, with Retry-After
    │   └── WriterEndedError              503
    ├── DeadlineError                     504
    ├── MemoryLimitError                  507
    ├── ResultTooLargeError               507
    ├── DiskFullError                     507
    ├── DiskFailedError                   500
    ├── EngineFailedError                 500
    ├── NoGraphError                      404
    ├── NothingThereError                 404
    ├── ConditionFailedError              412
    ├── DataSyntaxError, DataUnreadableError  400
    ├── RemoteFailedError                 502
    └── RemoteTooLargeError               507
"""

from __future__ import annotations

from tzgraph.errors import QueryError
from tzgraph.query.formats import ResultKind, formats_for
from tzgraph.query.guard import QuerySyntaxError

__all__ = [
    "ConditionFailedError",
    "DataSyntaxError",
    "DataUnreadableError",
    "DeadlineError",
    "DiskFailedError",
    "DiskFullError",
    "EngineBusyError",
    "EngineFailedError",
    "MemoryLimitError",
    "NoGraphError",
    "NotAcceptableError",
    "NothingThereError",
    "RemoteFailedError",
    "RemoteTooLargeError",
    "ResultTooLargeError",
    "WriterEndedError",
]


class NotAcceptableError(QueryError):
    """The client wants the result in no format that can hold it.

    :param kind: the kind of the result
    """

    details = ("kind",)

    code = "not-acceptable"
    status = 406
    title = "No acceptable format"

    def __init__(self, kind: ResultKind) -> None:
        what = "a graph" if kind is ResultKind.GRAPH else "bindings"
        super().__init__(f"The result is {what}, and none of the formats asked for can hold it.")
        self.kind = kind

    def members(self) -> dict[str, object]:
        """Give the media types that the result comes in."""
        offers = [form.media_types[0] for form in formats_for(self.kind, served=True)]
        return {"available": [*offers, "text/html"]}


class NothingThereError(QueryError):
    """What a page is asked for is not in the graph: a document, a table, a row."""

    code = "not-found"
    status = 404
    title = "Not found"


class EngineBusyError(QueryError):
    """There is no room for the query, and there was none for too long."""

    code = "busy"
    status = 503
    title = "The server is busy"
    retry_after = 10


class DeadlineError(QueryError):
    """The query took longer than it may."""

    code = "deadline"
    status = 504
    title = "The query took too long"


class MemoryLimitError(QueryError):
    """The query needed more memory than it may take."""

    code = "memory-limit"
    status = 507
    title = "The query needs too much memory"


class ResultTooLargeError(QueryError):
    """The result has more bytes than it may have."""

    code = "result-too-large"
    status = 507
    title = "The result is too large"


class DiskFullError(QueryError):
    """There is no room on the disk for what an update changes."""

    code = "disk-full"
    status = 507
    title = "The disk is full"


class DiskFailedError(QueryError):
    """The disk failed while an update was carried out."""

    code = "disk-failed"
    status = 500
    title = "The disk failed"
    exit_code = 3


class WriterEndedError(EngineBusyError):
    """What carries out updates was killed again and again."""

    code = "writer-ended"
    title = "The process that writes ended"


class EngineFailedError(QueryError):
    """A worker died for a reason other than a configured limit."""

    code = "engine-failed"
    status = 500
    title = "The engine failed"
    exit_code = 3


class NoGraphError(QueryError):
    """There is no graph of that name."""

    code = "no-graph"
    status = 404
    title = "There is no such graph"


class ConditionFailedError(QueryError):
    """A graph is not as the client makes it a condition of a change."""

    code = "precondition-failed"
    status = 412
    title = "A condition is not met"


class DataSyntaxError(QuerySyntaxError):
    """Data can't be parsed, at ``line`` and ``column``."""

    code = "data-syntax"
    title = "The data can't be parsed"


class DataUnreadableError(QueryError):
    """Data can't be parsed, and the parser says no place."""

    code = "data-syntax"
    title = "The data can't be parsed"


class RemoteFailedError(QueryError):
    """Another endpoint can't be reached, may not be, or gives no result.

    :param retry_after: seconds after which it wants to be asked again, if it says so
    """

    code = "remote-failed"
    status = 502
    title = "Another endpoint gave no result"
    details = ("retry_after",)

    def __init__(self, message: str, hint: str = "", retry_after: int | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class RemoteTooLargeError(QueryError):
    """Other endpoints answered more than they may."""

    code = "remote-too-large"
    status = 507
    title = "Another endpoint answered too much"
