"""``/id/…`` and ``/graph/…``: a thing or a graph, as a page or as RDF.

What is served is a document about the thing, one for each format, under the path of the thing
(docs/decisions/0009). The data name the thing by its permanent IRI, whatever host answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Annotated
from urllib.parse import urlencode

import pyoxigraph as ox
from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tzgraph.audit.model import AuditedClaim
from tzgraph.names.index import slug_of
from tzgraph.names.lookup import meant, suggestion
from tzgraph.pageviews import Panel
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.engine.rows import CELL
from tzgraph.serve.messages.documents import (
    NEGOTIATED,
    ResourceDocument,
    choose_document,
    document_responses,
    split_suffix,
    write_rdf,
)
from tzgraph.serve.messages.links import SLUG, link, link_header
from tzgraph.serve.messages.problems import ProblemError, Refusal, fail
from tzgraph.serve.messages.routes import DocumentRoute
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.sparql.client import ask_rows, ask_some, looked_up, sparql
from tzgraph.serve.sparql.response import unless_client_leaves
from tzgraph.serve.views.digits import Digits
from tzgraph.serve.views.thing import ThingDescription, thing_of
from tzgraph.serve.views.thing_notes import notes_of
from tzgraph.serve.views.thing_page import ThingPage, thing_page
from tzgraph.serve.views.thing_panels import PANEL_QUERIES
from tzgraph.vocabulary import GRAPH, ID, XSD, Graphs

__all__ = ["router"]

router = APIRouter(route_class=DocumentRoute, default_response_class=Response)

#: What pages show of values.
_SHOWN = Window(cell=CELL)
_DECIMAL = ox.NamedNode(XSD + "decimal")
#: Things that a 404 suggests.
_SUGGESTED = 3
#: Classes that the header ``Link`` names.
_MOST_TYPES = 20
#: Kinds whose things are described in the graphs of mapping sets.
_RECORDS = ("mapping", "mappingset")


@router.get(
    "/id/{kind}/{slug}",
    operation_id="thing",
    summary="What the graph says of a thing",
    description=NEGOTIATED,
    responses=document_responses(removed=True),
)
async def thing_route(
    request: Request,
    kind: Annotated[str, Path(examples=["drug"])],
    slug: Annotated[str, Path(examples=["trastuzumab"])],
) -> Response:
    """Answer ``/id/{kind}/{slug}``; records of mappings are not in the default view."""
    graphs = await _mapping_graphs(service_of(request)) if kind in _RECORDS else None
    return await _respond(request, ID, "/id/", kind, slug, graphs)


async def _mapping_graphs(service: Service) -> tuple[str, ...]:
    """Give the graphs of mapping sets, ours and those of others, and that of names of slots."""
    counts = await service.counts.soon()
    graphs = service.release.manifest.graphs if counts is None else counts.graphs
    others = sorted(name for name in graphs if name.startswith(f"{Graphs.MAPPINGS}/"))
    return (Graphs.MAPPINGS, *others, Graphs.ONTOLOGY)


@router.get(
    "/graph/source/{slug}",
    operation_id="source",
    summary="What is said of a source",
    description=NEGOTIATED,
    responses=document_responses(),
)
async def source_graph_route(
    request: Request, slug: Annotated[str, Path(examples=["bang-2010"])]
) -> Response:
    """Answer ``/graph/source/{slug}``."""
    return await _respond(request, GRAPH, "/graph/", "source", slug, (Graphs.METADATA,))


@router.get(
    "/graph/import/{slug}",
    operation_id="import",
    summary="What is said of an imported ontology",
    description=NEGOTIATED,
    responses=document_responses(),
)
async def import_graph_route(
    request: Request, slug: Annotated[str, Path(examples=["mondo"])]
) -> Response:
    """Answer ``/graph/import/{slug}``."""
    return await _respond(request, GRAPH, "/graph/", "import", slug, (Graphs.METADATA,))


@router.get(
    "/graph/{slug}",
    operation_id="graph",
    summary="What is said of a named graph",
    description=NEGOTIATED,
    responses=document_responses(),
)
async def graph_route(
    request: Request, slug: Annotated[str, Path(examples=["inferred"])]
) -> Response:
    """Answer ``/graph/{slug}``."""
    return await _respond(request, GRAPH, "/graph/", "", slug, (Graphs.METADATA,))


async def _respond(
    request: Request,
    base: str,
    path: str,
    kind: str,
    slug: str,
    graphs: tuple[str, ...] | None = None,
) -> Response:
    service = service_of(request)
    name, suffix = split_suffix(slug)
    local = f"{kind}/{name}" if kind else name
    if not all(map(SLUG.match, local.split("/"))):
        raise await _unknown(
            request, service, base + local, f"{path}{local} can't be the path of a thing."
        )
    document = choose_document(request, path + local, suffix)
    node = ox.NamedNode(base + local)
    page = document.form is None
    window = _SHOWN if page else None
    rows, more = await ask_some(
        request, service, sparql("thing"), {"thing": node}, graphs, window=window
    )
    thing = await aside(lambda: thing_of(node, rows, more=more))
    if not thing.about:
        mentioned = " It is only referred to." if thing.referring else ""
        detail = f"This release does not describe {node.value}.{mentioned}"
        raise await _unknown(request, service, node.value, detail)
    status = 410 if thing.is_removed else 200
    headers = {**document.headers, **link_header(_links(service, thing, document))}
    form = document.form
    if form is None:
        made = await _page(request, service, thing, document)
        text = await aside(lambda: thing_page(service.pages, made))
        return HTMLResponse(text, status, headers=headers)
    prefixes = service.release.manifest.prefixes
    data = await aside(lambda: write_rdf(thing.triples(), form, prefixes))
    return Response(data, status, headers=headers, media_type=document.media_type)


async def _page(
    request: Request, service: Service, thing: ThingDescription, document: ResourceDocument
) -> ThingPage:
    """Ask for what the page shows beside the statements."""
    sections = service.views.of(thing.types).sections
    wanted = [section.panel for section in sections if section.panel is not None]
    panels = {panel: PANEL_QUERIES[panel] for panel in wanted if panel in PANEL_QUERIES}
    asked = ["thing-notes", *panels.values()]
    # Only figures have digits to be lost.
    numbered = Panel.TRIAL_RESULTS in panels or any(
        isinstance(s.other, ox.Literal) and s.other.datatype == _DECIMAL for s in thing.about
    )
    if numbered:
        asked.append("digits")
    terms = {"thing": thing.node}
    notes, *rows = await asyncio.gather(
        *(ask_rows(request, service, sparql(name), terms, window=_SHOWN) for name in asked)
    )
    sources = {
        source.get("graph", ""): (source.get("label", ""), source.get("role", ""))
        for source in service.release.manifest.sources
    }
    return ThingPage(
        thing,
        document,
        service.views,
        notes_of(notes),
        sources,
        dict(zip(panels, rows, strict=False)),
        Digits(rows[-1] if numbered else ()),
        list(_questions(service, thing)),
        await _claim(request, service, thing) if Panel.CLAIM_CARD in panels else None,
    )


async def _claim(
    request: Request, service: Service, thing: ThingDescription
) -> AuditedClaim | None:
    """Give the audit of a claim, ``None`` if it is no claim of a document."""
    found: list[AuditedClaim] = []

    def collect(explainer: ReleaseExplainer, step: Callable[[], None]) -> bytes:
        step()
        if claim := explainer.claim(thing.node.value):
            found.append(claim)
        return b""

    await unless_client_leaves(request, service.explaining.run(collect))
    return found[0] if found else None


def _questions(service: Service, thing: ThingDescription) -> Iterator[tuple[str, str]]:
    """Give queries of the library that take the thing: title and path."""
    curies = service.release.manifest.curies
    for query in service.library.values():
        for parameter in query.parameters:
            if parameter.is_class and curies.expand(parameter.type) in thing.types:
                value = curies.compact(thing.node.value)
                yield query.title, f"/queries/{query.name}?{urlencode({parameter.name: value})}"


def _links(service: Service, thing: ThingDescription, document: ResourceDocument) -> Iterator[str]:
    iri = thing.node.value
    yield link(iri, "canonical")
    yield from document.links()
    for of_class in thing.types[:_MOST_TYPES]:
        yield link(of_class, "type", anchor=iri)
    stated = {graph for statement in thing.about for graph in statement.graphs} | {iri}
    sources = service.release.manifest.sources
    licences = {s.get("license", "") for s in sources if s.get("graph") in stated}
    for licence in sorted(licences - {""}):
        yield link(licence, "license")


async def _unknown(request: Request, service: Service, iri: str, detail: str) -> ProblemError:
    """Give the error for what is not there, with what may be meant by it, of its kind if any is."""
    hits = await looked_up(request, service, meant(service.names, slug_of(iri), iri))
    kind = iri.removeprefix(ID).partition("/")[0]
    hits = [hit for hit in hits if hit.kind == kind] or hits
    if not hits:
        return fail(Refusal.NOT_FOUND, detail)
    compact = service.release.manifest.curies.compact
    told = " or ".join(suggestion(hit, compact) for hit in hits[:_SUGGESTED])
    suggestions = [hit.iri for hit in hits[:_SUGGESTED]]
    return fail(Refusal.NOT_FOUND, f"{detail} Did you mean {told}?", suggestions=suggestions)
