"""Errors as problem documents (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from tzgraph.errors import TzgraphError

__all__ = [
    "PROBLEM_TYPE",
    "Problem",
    "ProblemError",
    "document_of",
    "fail",
    "problem_of",
    "problem_response",
]

PROBLEM_TYPE = "application/problem+json"
_BASE = "https://w3id.org/tzgraph/problem#"


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


def fail(status: int, code: str, title: str, detail: str, **headers: str) -> ProblemError:
    """Give the error for a request that can't be read."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ProblemError(Problem(status, code, title, detail, headers=named))


def problem_of(error: TzgraphError) -> Problem:
    """Say as a problem what the library raised."""
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
    return Response(
        json.dumps(document_of(problem), ensure_ascii=False).encode("utf-8", "backslashreplace"),
        problem.status,
        headers=dict(problem.headers),
        media_type=PROBLEM_TYPE,
    )
