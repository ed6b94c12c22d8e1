"""``/explain``: why a triple holds, as a page, as JSON or as text.

A triple that is not known to hold is an answer like any other (status 200, ``absent``), as it is on
the command line, where it is told by exit code 1; terms that can't be read, and names that nothing
in the graph has, are exit code 2 there and status 400 here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tzgraph.errors import TzgraphError, UsageError
from tzgraph.explain import Explanation, as_text
from tzgraph.explain.model import TripleStatus
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.serve.engine.explaining import Work
from tzgraph.serve.messages.negotiate import HTML, choose, wants_html
from tzgraph.serve.messages.problems import (
    ProblemError,
    Refusal,
    fail,
    problem_of,
    problem_responses,
)
from tzgraph.serve.messages.routes import Absent, RequestRoute, content
from tzgraph.serve.observe.record import note
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.sparql.payload import fields_once
from tzgraph.serve.sparql.response import unless_client_leaves
from tzgraph.serve.views.explain_page import explain_form, explanation_page
from tzgraph.serve.views.pages import Pages

__all__ = ["FORMATS", "ExplainRequest", "ExplanationDocument", "router"]

router = APIRouter(route_class=RequestRoute, default_response_class=Response)

#: Media types by the name of the format; the first where a client takes anything.
FORMATS = {"json": "application/json", "html": HTML, "text": "text/plain"}
_TERMS = ("subject", "predicate", "object")


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """What is asked: terms as written, empty where they are left out, and a format by name."""

    subject: str = ""
    predicate: str = ""
    object: str = ""
    format: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether no term is given."""
        return not (self.subject or self.predicate or self.object)


class _Part(BaseModel):
    """A part of the answer: it has these members and no others."""

    model_config = ConfigDict(extra="forbid")


class OriginDocument(_Part):
    """Where a triple was stated; if it came from a file, the place in it: a cell, or wider."""

    source: str
    label: str
    cell: str | Absent = None
    file: str | Absent = None
    row: int | None = None
    column: int | None = None
    recalled: bool | Absent = None


class MentionDocument(_Part):
    """Evidence or a claim about a triple."""

    relation: str
    node: str
    label: str | Absent = None
    publication: str | Absent = None


class ComparisonDocument(_Part):
    """What was said beside what was reported."""

    aspect: str
    verdict: str
    provisional: bool
    claim: dict[str, Any]
    judgements: list[dict[str, Any]]


class ExplanationDocument(_Part):
    """Why a triple is in the graph; its terms in N-Triples syntax."""

    subject: str
    predicate: str
    object: str
    status: TripleStatus
    comparison: ComparisonDocument | Absent = None
    origins: list[OriginDocument] | Absent = None
    rule: str | Absent = None
    title: str | Absent = None
    excluded: str | Absent = None
    axiom: str | Absent = None
    premises: list[ExplanationDocument] | Absent = None
    left_out: int | Absent = None
    absent: list[str] | Absent = None
    mentions: list[MentionDocument] | Absent = None


def _examples(number: int, **more: str) -> dict[str, Any]:
    """Give one of the three terms of each example."""
    given = {name: terms[number] for name, terms in _EXAMPLES.items()}
    return {name: {"value": value} for name, value in {**given, **more}.items()}


_EXAMPLES = {
    "triple": ("tzdrug:trastuzumab", "tz:targets", "tztarget:her2"),
    "verdict": ("tzclaim:sun-c065", "tz:verdict", "tz:Contradicted"),
}


def _parameters(
    subject: Annotated[
        str,
        Query(
            description="IRI, CURIE or name; alone, that of a claim.",
            openapi_examples=_examples(0, claim=_EXAMPLES["verdict"][0]),
        ),
    ],
    predicate: Annotated[
        str | Absent, Query(description="IRI, CURIE, name or `a`.", openapi_examples=_examples(1))
    ] = None,
    object_: Annotated[
        str | Absent,
        Query(
            alias="object",
            description='IRI, CURIE, name, number or literal such as `"HER2"@en`.',
            openapi_examples=_examples(2),
        ),
    ] = None,
    form: Annotated[
        Literal["json", "html", "text"] | Absent,
        Query(alias="format", description="A format, in place of the header Accept."),
    ] = None,
) -> None:
    """Declare the parameters that :func:`_read` reads."""


@router.get(
    "/explain",
    operation_id="explain",
    summary="Why a triple holds, or a claim has its verdict",
    description="The cells that state the triple, or the rule and premises it follows from."
    " A triple that is not known to hold has the status `absent`, and is no error; `excluded` says"
    " why it does not hold, where an axiom or a complete list says so; of a name that nothing"
    " has, nothing is said (400, `unknown-name`). Of a verdict,"
    " `comparison` holds what was said and what was reported.",
    dependencies=[Depends(_parameters)],
    responses={
        200: {
            **content("The explanation.", FORMATS.values()),
            "model": ExplanationDocument,
        },
        **problem_responses(400, 406, 414, 503, 504),
    },
)
async def explain_route(request: Request) -> Response:
    """Answer ``/explain``.

    :raises ProblemError: with status 400, 406 or 414, where no page is wanted
    :raises TzgraphError: if a term can't be read, where no page is wanted
    """
    service = service_of(request)
    pages = service.pages
    asked = ExplainRequest()
    try:
        asked = _read(request)
        media_type = _media_type(request, asked)
        if asked.is_empty and media_type == HTML:
            return HTMLResponse(explain_form(pages))
        if not asked.subject:
            detail = "Give subject, predicate and object, or a claim as subject alone."
            raise UsageError(detail)
        work = service.explaining.run(_work(asked, media_type, pages))
        data = await unless_client_leaves(request, work)
        return Response(data, media_type=media_type)
    except (ProblemError, TzgraphError) as error:
        problem = problem_of(error)
        if wants_html(request) and asked.format in ("", "html"):
            note(request.scope, problem.code)
            page = explain_form(pages, asked.subject, asked.predicate, asked.object, problem)
            return HTMLResponse(page, problem.status, headers=dict(problem.headers))
        raise


def _read(request: Request) -> ExplainRequest:
    given = fields_once(request, (*_TERMS, "format"))
    return ExplainRequest(**{name: value.strip() for name, value in given.items()})


def _media_type(request: Request, asked: ExplainRequest) -> str:
    if asked.format in FORMATS:
        return FORMATS[asked.format]
    chosen = choose(request.headers.get("accept"), list(FORMATS.values()))
    if chosen is None:
        detail = "Explanations come in none of the formats asked for."
        raise fail(Refusal.NOT_ACCEPTABLE, detail, available=list(FORMATS.values()))
    return chosen


def _work(asked: ExplainRequest, media_type: str, pages: Pages) -> Work:
    def work(explainer: ReleaseExplainer, step: Callable[[], None]) -> bytes:
        found = explainer.explain(
            asked.subject, asked.predicate or None, asked.object or None, step=step
        )
        return _written(found, media_type, explainer, pages).encode()

    return work


def _written(found: Explanation, media_type: str, explainer: ReleaseExplainer, pages: Pages) -> str:
    if media_type == HTML:
        return explanation_page(pages, explainer, found)
    if media_type == FORMATS["json"]:
        return json.dumps(found.as_dict(), indent=2, ensure_ascii=False) + "\n"
    return as_text(found, explainer.terms.compact, explainer.labels()) + "\n"
