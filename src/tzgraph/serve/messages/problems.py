"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from tzgraph.errors import TzgraphError
from tzgraph.serve.messages.negotiate import HTML
from tzgraph.serve.messages.routes import Absent, Responses

__all__ = [
    "PROBLEM_TYPE",
    "Problem",
    "ProblemDocument",
    "ProblemError",
    "Refusal",
    "document_of",
    "fail",
    "problem_of",
    "problem_response",
    "problem_responses",
]

PROBLEM_TYPE = "application/problem+json"
_BASE = "https://w3id.org/tzgraph/problem#"
#: What the statuses of problems mean, for the OpenAPI document.
_MEANINGS = {
    400: "The request, a term or a parameter can't be read, is missing or unknown.",
    401: "It shows no token, or another one.",
    404: "There is nothing of that name.",
    406: "It comes in none of the formats asked for; `available` lists those that there are.",
    412: "If-Match or If-None-Match says not to. Nothing has changed.",
    413: "It is too long.",
    414: "The URL is too long.",
    415: "It is of a media type that is not read here.",
    502: "An endpoint that the query calls gave no result.",
    503: "There is no room for the request; try again after the seconds in Retry-After.",
    504: "It took longer than it may. Nothing has changed.",
    507: "It needs more memory, or gives more, than it may. Nothing has changed.",
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


class ProblemDocument(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: str = Field(json_schema_extra={"format": "uri"})
    title: str
    status: int
    detail: str
    parameters: list[str] | Absent = Field(None, description="Parameters that are wrong.")
    available: list[str] | Absent = Field(None, description="Media types that there are.")
    accepted: list[str] | Absent = Field(None, description="Media types that are read.")


class ProblemError(Exception):
    """A request can't be answered, for the reason in ``problem``."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class Refusal(Enum):
    """What HTTP alone knows to be wrong with a request: status, code and title.

    What commands know, too, is a :class:`TzgraphError`, which has the same on its class.
    """

    UPDATE_SENT = 400, "update-refused", "Updates are not accepted"
    ENCODING = 400, "encoding", "Wrong encoding"
    NO_TOKEN = 401, "unauthorized", "A token is needed"
    UPDATES_OFF = 403, "updates-off", "Updates are off"
    OTHER_ORIGIN = 403, "other-origin", "The page is of another site"
    NOT_FOUND = 404, "not-found", "Not found"
    NOT_ACCEPTABLE = 406, "not-acceptable", "No acceptable format"
    TOO_LONG = 413, "too-long", "The request is too long"
    LONG_URL = 414, "too-long", "The URL is too long"
    MEDIA_TYPE = 415, "unsupported-media-type", "Unsupported media type"
    CHARSET = 415, "unsupported-charset", "Unsupported charset"
    CONTENT_ENCODING = 415, "unsupported-encoding", "Unsupported content encoding"
    PART_ENCODING = 415, "unsupported-encoding", "Unsupported encoding"
    OTHER_HOST = 421, "other-host", "The server has another name"
    CLIENT_LEFT = 499, "client-left", "The client left"
    NOT_READY = 503, "not-ready", "The server is not ready"


def fail(
    refusal: Refusal, detail: str, headers: Mapping[str, str] | None = None, **members: object
) -> ProblemError:
    """Give the error for a request that can't be answered.

    :param members: further members of the document
    """
    return ProblemError(Problem(*refusal.value, detail, members, headers or {}))


def problem_of(error: TzgraphError | ProblemError) -> Problem:
    """Say as a problem what was raised."""
    if isinstance(error, ProblemError):
        return error.problem
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    return Problem(error.status, error.code, error.title, str(error), error.members(), headers)


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
    # A member to a line, as editors such as YASGUI show it as it comes.
    document = json.dumps(document_of(problem), ensure_ascii=False, indent=2)
    return Response(
        document.encode("utf-8", "backslashreplace"),
        problem.status,
        headers=dict(problem.headers),
        media_type=PROBLEM_TYPE,
    )


def problem_responses(*statuses: int) -> Responses:
    """Describe the problem documents of some statuses for the OpenAPI document.

    >>> list(problem_responses(404)[404]["content"])
    ['application/problem+json', 'text/html']
    """
    schema = {"$ref": "#/components/schemas/Problem"}
    # Who asks for a page gets the problem on one.
    content: dict[str, Any] = {PROBLEM_TYPE: {"schema": schema}, HTML: {}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}
