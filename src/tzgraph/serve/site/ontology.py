"""``/ontology``: the ontology, as documentation with an anchor for each term, or as RDF."""

from __future__ import annotations

import pyoxigraph as ox
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tzgraph.serve.messages.documents import (
    NEGOTIATED,
    SUFFIXES,
    choose_document,
    document_responses,
    write_rdf,
)
from tzgraph.serve.messages.links import link, link_header
from tzgraph.serve.messages.problems import Refusal, fail
from tzgraph.serve.messages.routes import DocumentRoute
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.sparql.client import ask_triples, sparql
from tzgraph.serve.views.ontology_page import ontology_page
from tzgraph.vocabulary import DCTERMS, OWL, TZ

__all__ = ["router"]

router = APIRouter(route_class=DocumentRoute, default_response_class=Response)

_IRI = TZ.removesuffix("#")
_LICENCE = ox.NamedNode(DCTERMS + "license")


@router.get(
    "/ontology",
    operation_id="ontology",
    summary="The ontology, with a page of its terms",
    description=NEGOTIATED,
    responses=document_responses(),
)
async def ontology(request: Request) -> Response:
    """Give the ontology in the format asked for."""
    return await _respond(request)


@router.get("/ontology.{suffix}", include_in_schema=False)
async def ontology_as(request: Request, suffix: str) -> Response:
    """Give the ontology in one format."""
    return await _respond(request, suffix=suffix)


@router.get("/ontology/{version}", include_in_schema=False)
async def ontology_of(request: Request, version: str) -> Response:
    """Give a version of the ontology."""
    return await _respond(request, version=version)


async def _respond(request: Request, suffix: str = "", version: str | None = None) -> Response:
    service = service_of(request)
    manifest = service.release.manifest
    if (suffix and suffix not in SUFFIXES) or version not in (None, manifest.ontology_version):
        detail = f"This release has the version {manifest.ontology_version} of the ontology, "
        raise fail(Refusal.NOT_FOUND, f"{detail}as .{', .'.join(SUFFIXES)}.")
    document = choose_document(request, "/ontology", suffix)
    triples = await ask_triples(request, service, sparql("ontology"))
    if not triples:
        raise fail(Refusal.NOT_FOUND, "This release holds no ontology.")
    licences = [
        triple.object.value
        for triple in triples
        if triple.predicate == _LICENCE and isinstance(triple.object, ox.NamedNode)
    ]
    links = [
        link(_IRI, "canonical"),
        *document.links(),
        link(OWL + "Ontology", "type", anchor=_IRI),
        *(link(licence, "license") for licence in licences),
    ]
    headers = {**document.headers, **link_header(links)}
    if document.form is None:
        page = await run_in_threadpool(ontology_page, service.pages, triples)
        return HTMLResponse(page, headers=headers)
    data = await run_in_threadpool(write_rdf, triples, document.form, manifest.prefixes)
    return Response(data, headers=headers, media_type=document.media_type)
