"""``/.well-known/void``: the data sets that this server offers (VoID, section 7.2).

What was counted when the release was built, and where it can be asked here.
"""

from __future__ import annotations

import pyoxigraph as ox
from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from tzgraph.release.void import DATASET, VOID
from tzgraph.serve.messages.documents import RDF_TYPES, choose_format, write_rdf
from tzgraph.serve.messages.links import link, link_header
from tzgraph.serve.messages.problems import fail, problem_responses
from tzgraph.serve.messages.routes import DocumentRoute, content
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.sparql.client import ask_triples, sparql

__all__ = ["router"]

router = APIRouter(route_class=DocumentRoute, default_response_class=Response)


@router.get(
    "/.well-known/void",
    operation_id="void",
    summary="What the data sets hold (VoID)",
    responses={200: content("The description.", RDF_TYPES), **problem_responses(400, 406)},
)
async def void_route(request: Request) -> Response:
    """By the header Accept; who wants a page gets Turtle."""
    service = service_of(request)
    form, media_type = choose_format(request, "The description of the data sets")
    try:
        endpoint = ox.NamedNode(str(request.url.replace(path="/sparql", query=None)))
    except ValueError as error:
        raise fail(400, "usage", "The request is wrong", "The Host header is no host.") from error
    triples = await ask_triples(request, service, sparql("metadata"))
    triples.append(
        ox.Triple(ox.NamedNode(DATASET), ox.NamedNode(VOID + "sparqlEndpoint"), endpoint)
    )
    prefixes = service.release.manifest.prefixes
    data = await run_in_threadpool(write_rdf, triples, form, prefixes)
    headers = link_header([link("/sparql", "service"), link("/openapi.json", "service-desc")])
    return Response(data, headers=headers, media_type=media_type)
