"""``/explain``: why a triple holds, as a page, as JSON or as text.

A triple that does not hold is an answer like any other (status 200, ``absent``), as it is on the
command line, where it is told by exit code 1; terms that can't be read are exit code 2 there and
status 400 here.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tzgraph.errors import TzgraphError
from tzgraph.explain import Explanation, as_text
from tzgraph.explain.terms import ReleaseExplainer
from tzgraph.serve.engine.explaining import Explaining, Work
from tzgraph.serve.messages.negotiate import HTML, choose, wants_html
from tzgraph.serve.messages.problems import Problem, ProblemError, fail, problem_of
from tzgraph.serve.observe.record import note
from tzgraph.serve.sparql.request import read_fields
from tzgraph.serve.views.pages import Pages

__all__ = ["FORMATS", "ExplainRequest", "explain_response"]

#: Media types by the name of the format; the first where a client takes anything.
FORMATS = {"json": "application/json", "html": HTML, "text": "text/plain"}
_TERMS = ("subject", "predicate", "object")
#: Bytes of a URL's parameters; longer terms are no terms of the graph.
_LIMIT = 64_000


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


async def explain_response(
    request: Request,
    explaining: Explaining,
    pages: Pages,
    wait: Callable[[Request, Awaitable[bytes]], Awaitable[bytes]],
) -> Response:
    """Answer a request to ``/explain``.

    :param explaining: the explainer of the release
    :param pages: renders the page
    :param wait: waits for the answer as long as the client does
    :raises ProblemError: with status 400, 406 or 414, where no page is wanted
    :raises TzgraphError: if a term can't be read, where no page is wanted
    """
    asked = ExplainRequest()
    try:
        asked = _read(request)
        media_type = _media_type(request, asked)
        if asked.is_empty and media_type == HTML:
            return HTMLResponse(pages.explain_form())
        if not asked.subject:
            detail = "Give subject, predicate and object, or a claim as subject alone."
            raise fail(400, "usage", "The request is wrong", detail)
        data = await wait(request, explaining.run(_work(asked, media_type, pages)))
        return Response(data, media_type=media_type)
    except (ProblemError, TzgraphError) as error:
        problem = error.problem if isinstance(error, ProblemError) else problem_of(error)
        if wants_html(request) and asked.format in ("", "html"):
            note(request.scope, problem.code)
            page = pages.explain_form(asked.subject, asked.predicate, asked.object, problem)
            return HTMLResponse(page, problem.status, headers=dict(problem.headers))
        raise


def _read(request: Request) -> ExplainRequest:
    in_url = request.scope["query_string"]
    if len(in_url) > _LIMIT:
        raise fail(414, "too-long", "The URL is too long", f"The limit is {_LIMIT} bytes.")
    given: dict[str, str] = {}
    for name, value in read_fields(in_url):
        if name not in (*_TERMS, "format"):
            continue
        if name in given:
            raise fail(400, "usage", "The request is wrong", f"There is more than one {name}.")
        given[name] = value.strip()
    return ExplainRequest(**given)


def _media_type(request: Request, asked: ExplainRequest) -> str:
    if asked.format in FORMATS:
        return FORMATS[asked.format]
    chosen = choose(request.headers.get("accept"), list(FORMATS.values()))
    if chosen is None:
        problem = Problem(
            406,
            "not-acceptable",
            "No acceptable format",
            "Explanations come in none of the formats asked for.",
            {"available": list(FORMATS.values())},
        )
        raise ProblemError(problem)
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
        return pages.explanation(found)
    if media_type == FORMATS["json"]:
        return json.dumps(found.as_dict(), indent=2, ensure_ascii=False) + "\n"
    return as_text(found, explainer.terms.compact) + "\n"
