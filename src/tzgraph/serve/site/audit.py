"""``/audit``: what documents claim and the verdicts, as a page, JSON, CSV, Markdown or text.

What is answered is a selection of the claims, told by the parameters of the URL; without any, all
claims. Formats have the names that they have on the command line.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from tzgraph.audit.model import Audit
from tzgraph.audit.report.data import as_data
from tzgraph.audit.report.formats import FORMATS as WRITERS
from tzgraph.audit.report.page import claims_style
from tzgraph.audit.report.selection import Selection
from tzgraph.errors import UsageError
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.serve.engine.errors import NothingThereError
from tzgraph.serve.engine.explaining import Work
from tzgraph.serve.messages.links import SLUG, link, link_header
from tzgraph.serve.messages.negotiate import HTML, choose
from tzgraph.serve.messages.problems import Refusal, fail, problem_responses
from tzgraph.serve.messages.routes import Absent, RequestRoute, content
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.sparql.payload import fields_once
from tzgraph.serve.sparql.response import unless_client_leaves
from tzgraph.serve.views.audit_page import ClaimsAsked, audit_page, documents_page, path_of
from tzgraph.serve.views.pages import Pages

__all__ = ["FORMATS", "router"]

router = APIRouter(route_class=RequestRoute, default_response_class=Response)

#: Media types by the name of the format; the first where a client takes anything.
FORMATS = {
    "json": "application/json",
    "html": HTML,
    "csv": "text/csv",
    "markdown": "text/markdown",
    "text": "text/plain",
    "editor": "text/markdown",
}
#: Suffixes of paths, beside the names of formats.
_SUFFIXES = {**{name: name for name in FORMATS}, "md": "markdown", "txt": "text"}
#: Digits of the number of a page.
_DIGITS = 6


class _Wanted(NamedTuple):
    """What a request asks for; no document means all."""

    document: str
    asked: ClaimsAsked
    format: str

    @property
    def media_type(self) -> str:
        return FORMATS[self.format]


def _document(document: Annotated[str, Path(examples=["sun-review"])]) -> None:
    """Declare the part of the path that is read by name."""


def _parameters(
    verdict: Annotated[
        Literal["contradicted", "imprecise", "supported", "unverified"] | Absent,
        Query(description="Claims with this verdict."),
    ] = None,
    reference: Annotated[
        Literal["contradicted", "imprecise", "supported", "unverified"] | Absent,
        Query(description="Claims with this verdict on what they cite."),
    ] = None,
    section: Annotated[
        str | Absent, Query(description="Claims of a section.", examples=["3.2"])
    ] = None,
    trial: Annotated[
        str | Absent, Query(description="Claims about a trial: id or label.", examples=["jacob"])
    ] = None,
    about: Annotated[
        str | Absent,
        Query(description="Claims about a thing: id or label.", examples=["tzdrug:trastuzumab"]),
    ] = None,
    provisional: Annotated[
        Literal["yes", "no"] | Absent,
        Query(description="Whether the verdict rests only on what was recalled."),
    ] = None,
    text: Annotated[str | Absent, Query(description="Words that stand in the claim.")] = None,
    form: Annotated[
        Literal["json", "html", "csv", "markdown", "text", "editor"] | Absent,
        Query(alias="format", description="A format, in place of the header Accept."),
    ] = None,
) -> None:
    """Declare the parameters that are read by name."""


_ABOUT = (
    "What documents claim, held against what primary sources report; the parameters select claims."
    " By the header Accept, by `format` or by a suffix: .json, .csv, .md, .txt, .html. `editor` is"
    " the list for the editor of the document, in Markdown."
)
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: content("The claims, with their verdicts.", dict.fromkeys(FORMATS.values())),
    **problem_responses(400, 404, 406, 414, 503, 504),
}


@router.get("/static/claims.css", include_in_schema=False)
async def style_route(_request: Request) -> Response:
    """Give the style of cards of claims, which the report as one file has within it."""
    return Response(claims_style(), media_type="text/css")


@router.get(
    "/audit",
    operation_id="audit",
    summary="Claims and their verdicts",
    description=f"{_ABOUT} Where several documents make claims, a list of these.",
    dependencies=[Depends(_parameters)],
    responses=_ANSWERS,
)
async def audit_route(request: Request) -> Response:
    """Answer ``/audit``."""
    return await _respond(request, "", "")


@router.get("/audit.{suffix}", include_in_schema=False)
async def audit_suffix_route(request: Request) -> Response:
    """Answer ``/audit.json`` and its like."""
    suffix = request.path_params["suffix"]
    if suffix not in _SUFFIXES:
        raise fail(Refusal.NOT_FOUND, f"Audits have no suffix but .{', .'.join(_SUFFIXES)}.")
    return await _respond(request, "", _SUFFIXES[suffix])


@router.get(
    "/audit/{document}",
    operation_id="auditOfDocument",
    summary="Claims of one document and their verdicts",
    description=_ABOUT,
    dependencies=[Depends(_document), Depends(_parameters)],
    responses=_ANSWERS,
)
async def document_route(request: Request) -> Response:
    """Answer ``/audit/{document}``."""
    name = request.path_params["document"]
    stem, _, suffix = name.rpartition(".")
    if stem and suffix in _SUFFIXES:
        return await _respond(request, stem, _SUFFIXES[suffix])
    return await _respond(request, name, "")


async def _respond(request: Request, document: str, form: str) -> Response:
    """Answer for a document, or for all.

    :raises ProblemError: with status 404, 406 or 414
    :raises UsageError: if a parameter can't be read
    """
    if document and not SLUG.match(document):
        raise fail(Refusal.NOT_FOUND, f"“{document[:100]}” can't be the id of a document.")
    given = fields_once(request)
    asked = ClaimsAsked(document, Selection.of(given), _page(given.get("page", "1")))
    wanted = _Wanted(document, asked, _format(request, form, given.get("format", "")))
    service = service_of(request)
    data = await unless_client_leaves(request, service.explaining.run(_work(wanted, service.pages)))
    twins = (name for name in FORMATS if name not in ("editor", wanted.format))
    links = (link(path_of(asked, name), "alternate", type=FORMATS[name]) for name in twins)
    return Response(data, media_type=wanted.media_type, headers=link_header(links))


def _page(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS and int(text)):
        raise UsageError("page has to be a whole number from 1 on.")
    return int(text)


def _format(request: Request, suffix: str, named: str) -> str:
    """Give the name of the format: of the suffix, of the parameter, or what the client takes."""
    named = named.strip().lower()
    named = _SUFFIXES.get(named, named)
    if named and named not in FORMATS:
        raise UsageError(f"Audits come as {', '.join(FORMATS)}.")
    if suffix or named:
        return suffix or named
    offers = list(dict.fromkeys(FORMATS.values()))
    chosen = choose(request.headers.get("accept"), offers)
    if chosen is None:
        detail = "Audits come in none of the formats asked for."
        raise fail(Refusal.NOT_ACCEPTABLE, detail, available=offers)
    return next(name for name, media_type in FORMATS.items() if media_type == chosen)


def _work(wanted: _Wanted, pages: Pages) -> Work:
    def work(explainer: ReleaseExplainer, step: Callable[[], None]) -> bytes:
        audits, known = explainer.audits, explainer.audits.documents()
        if wanted.document and wanted.document not in known:
            told = f" Those are: {', '.join(known)}." if known else ""
            detail = f"No document “{wanted.document}” makes claims in this graph.{told}"
            raise NothingThereError(detail)
        names = [wanted.document] if wanted.document else known
        found = [audits.get(name, step) for name in names]
        if wanted.format == "html":
            if len(found) == 1:
                return audit_page(pages, found[0], wanted.asked, audits.changes).encode()
            return documents_page(pages, found, wanted.asked, audits.changes).encode()
        chosen = [wanted.asked.selection.of_audit(audit) for audit in found]
        return _written(chosen, wanted.format).encode()

    return work


def _written(audits: list[Audit], form: str) -> str:
    """Give audits in a format for programs or editors.

    :raises NothingThereError: if there is none, or several for a format of one
    """
    if len(audits) == 1:
        return WRITERS[form](audits[0])
    if form == "json":
        listed = [{k: as_data(a)[k] for k in ("document", "release", "summary")} for a in audits]
        text = json.dumps({"format": "tzgraph-audits/1", "documents": listed}, indent=2)
        return text + "\n"
    if not audits:
        raise NothingThereError("No document makes claims in this graph.")
    names = ", ".join(f"/audit/{audit.document.source}" for audit in audits)
    raise NothingThereError(f"Several documents make claims: {names}. Ask for one of them.")
