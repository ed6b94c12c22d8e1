"""``/.well-known/void``: the data sets that this server offers (VoID, section 7.2).

What they hold, where they can be asked here, and the query library. A release says in its graph
``metadata`` what was counted when it was built; after updates the same is counted again, once for
each state, by the queries of a build. The rest of that graph is given as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyoxigraph as ox
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tzgraph.errors import UsageError
from tzgraph.query.formats import Format
from tzgraph.release import Manifest
from tzgraph.release.library import SCHEMA, library_triples, query_node
from tzgraph.release.void import (
    DATASET,
    VOID,
    VOID_EXT,
    VOID_QUERIES,
    VoidNames,
    void_query,
    void_triples,
)
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.documents import RDF_TYPES, choose_format, write_rdf
from tzgraph.serve.messages.links import link, link_header
from tzgraph.serve.messages.problems import problem_responses
from tzgraph.serve.messages.routes import DocumentRoute, content
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.sparql.client import ask_table, ask_triples, sparql
from tzgraph.serve.sparql.declared import LIMITS
from tzgraph.serve.state import state_of
from tzgraph.vocabulary import Graphs

__all__ = ["router"]

router = APIRouter(route_class=DocumentRoute, default_response_class=Response)
#: What only the description of data sets says of anything.
_SPACES = (VOID, VOID_EXT)
_NODES = {ox.NamedNode(iri) for iri in (DATASET, VOID + "Dataset", VOID + "Linkset")}


@router.get(
    "/.well-known/void",
    operation_id="void",
    summary="What the data sets hold (VoID), and the query library",
    responses={200: content("The description.", RDF_TYPES), **problem_responses(400, 406, *LIMITS)},
)
async def void_route(request: Request) -> Response:
    """By the header Accept; who wants a page gets Turtle."""
    service = service_of(request)
    form, media_type = choose_format(request, "The description of the data sets")
    try:
        endpoint = ox.NamedNode(str(request.url.replace(path="/sparql", query=None)))
    except ValueError as error:
        raise UsageError("The Host header is no host.") from error
    headers = link_header([link("/sparql", "service"), link("/openapi.json", "service-desc")])
    cache, key = state_of(request).cache, (service.release.id, "void", media_type, endpoint.value)
    data = cache.get(key, "result")
    if not isinstance(data, bytes):
        data = await _document(request, service, endpoint, form)
        cache.put(key, data, len(data))
    return Response(data, headers=headers, media_type=media_type)


async def _document(
    request: Request, service: Service, endpoint: ox.NamedNode, form: Format
) -> bytes:
    """Give the description; to count takes a while, and to write it down is no work for a loop."""
    said = await ask_triples(request, service, sparql("metadata"))
    tables: dict[str, Sequence[Sequence[Any]]] = {}
    if service.release.state:
        for name in VOID_QUERIES:
            tables[name] = await ask_table(request, service, void_query(name))

    def write() -> bytes:
        manifest = service.release.manifest
        triples = [*(_now(said, tables, manifest) if tables else said), *_here(service, endpoint)]
        return write_rdf(list(dict.fromkeys(triples)), form, manifest.prefixes)

    return await aside(write)


def _here(service: Service, endpoint: ox.NamedNode) -> Iterator[ox.Triple]:
    """Say where the data and the queries of the library can be asked."""
    yield ox.Triple(ox.NamedNode(DATASET), ox.NamedNode(VOID + "sparqlEndpoint"), endpoint)
    yield from library_triples(service.library.values(), service.release.manifest.prefixes)
    for name in service.library:
        yield ox.Triple(query_node(name), ox.NamedNode(SCHEMA + "target"), endpoint)


def _now(
    said: Sequence[ox.Triple],
    tables: dict[str, Sequence[Sequence[Any]]],
    manifest: Manifest,
) -> Iterator[ox.Triple]:
    """Put what is counted now in the place of what was counted at the build."""
    for triple in said:
        counted = triple.predicate.value.startswith(_SPACES) or triple.object in _NODES
        if not counted and not _of_set(triple):
            yield triple
    names = VoidNames(manifest.ontology_version, manifest.prefixes, manifest.kinds, manifest.curies)
    yield from void_triples(tables, names)


def _of_set(triple: ox.Triple) -> bool:
    """Whether a statement is about the whole, or about a vocabulary that it links to."""
    subject = triple.subject.value if isinstance(triple.subject, ox.NamedNode) else ""
    return subject == DATASET or subject.startswith(f"{Graphs.METADATA}#target-")
