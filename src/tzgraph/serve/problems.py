"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from tzgraph.errors import InputUnreadableError, TzgraphError
from tzgraph.query.binding import ParameterError
from tzgraph.query.formats import formats_for
from tzgraph.query.rows import TooManyRowsError
from tzgraph.serve.engine import (
    DeadlineError,
    DiskFullError,
    EngineBusyError,
    MemoryLimitError,
    NotAcceptableError,
    ResultTooLargeError,
)
from tzgraph.serve.federation.remote import RemoteFailedError, RemoteTooLargeError

__all__ = [
    "PROBLEM_TYPE",
    "Problem",
    "ProblemError",
    "document_of",
    "problem_of",
    "problem_response",
]

PROBLEM_TYPE = "application/problem+json"
_BASE = "https://w3id.org/tzgraph/problem#"
_TOO_MUCH = (
    DiskFullError,
    MemoryLimitError,
    RemoteTooLargeError,
    ResultTooLargeError,
    TooManyRowsError,
)
_TITLES = {
    "query-syntax": "The query can't be parsed",
    "query-too-complex": "The query is too complex",
    "data-syntax": "The data can't be parsed",
    "disk-failed": "The disk failed",
    "damaged-release": "The release is damaged",
    "damaged-updates": "What updates made of the release is damaged",
    "disk-full": "The disk is full",
    "no-graph": "There is no such graph",
    "precondition-failed": "A condition is not met",
    "unreadable-input": "A file of the release can't be read",
    "update-refused": "Updates are not accepted",
    "federation-denied": "Federation is denied",
    "not-acceptable": "No acceptable format",
    "busy": "The server is busy",
    "deadline": "The query took too long",
    "memory-limit": "The query needs too much memory",
    "result-too-large": "The result is too large",
    "result-too-many-rows": "The result has too many rows",
    "engine-failed": "The engine failed",
    "remote-failed": "Another endpoint gave no result",
    "remote-too-large": "Another endpoint answered too much",
    "query": "The query can't be run",
    "usage": "The request is wrong",
    "writer-ended": "The process that writes ended",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a request.

    :ivar status: HTTP status
    :ivar code: stable code, the fragment of the problem's type
    :ivar title: the same for each problem of this type
    :ivar detail: what happened this time and what to do
    :ivar members: further members of the document, such as ``line`` and ``column``
    :ivar headers: headers that belong to the answer
    """

    status: int
    code: str
    title: str
    detail: str
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class ProblemError(Exception):
    """A request can't be answered, for the reason in ``problem``."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def problem_of(error: TzgraphError) -> Problem:
    """Say as a problem what the library raised."""
    # A file of the release that can't be read is no fault of the client.
    blamed = error.exit_code == 2 and not isinstance(error, InputUnreadableError)
    status = 400 if blamed else 500
    status = {"no-graph": 404, "precondition-failed": 412}.get(error.code, status)
    members: dict[str, object] = {}
    headers: dict[str, str] = {}
    for name in ("line", "column"):
        if isinstance(value := getattr(error, name, None), int):
            members[name] = value
    if isinstance(error, ParameterError):
        members["parameters"] = list(error.parameters)
    if isinstance(error, NotAcceptableError):
        status = 406
        offers = [f.media_types[0] for f in formats_for(error.kind, served=True)]
        members["available"] = [*offers, "text/html"]
    elif isinstance(error, EngineBusyError):
        status, headers["Retry-After"] = 503, "10"
    elif isinstance(error, InputUnreadableError):
        status = 503
    elif isinstance(error, DeadlineError):
        status = 504
    elif isinstance(error, RemoteFailedError):
        status = 502
    elif isinstance(error, _TOO_MUCH):
        status = 507
    title = _TITLES.get(error.code, "The request can't be answered")
    return Problem(status, error.code, title, str(error), members, headers)


def document_of(problem: Problem) -> dict[str, object]:
    """Give the members of the problem document."""
    return {
        "type": _BASE + problem.code,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.members,
    }


def problem_response(problem: Problem) -> Response:
    """Give the problem document."""
    return Response(
        json.dumps(document_of(problem), ensure_ascii=False).encode("utf-8", "backslashreplace"),
        problem.status,
        headers=dict(problem.headers),
        media_type=PROBLEM_TYPE,
    )
