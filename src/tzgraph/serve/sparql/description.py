"""The service description of the endpoint (SPARQL 1.1 Service Description)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urljoin

import pyoxigraph as ox

from tzgraph.query.formats import FORMATS, Format, iri_of
from tzgraph.query.xml import graph_bytes
from tzgraph.vocabulary import RDF, RDFS, XSD

__all__ = ["describe"]

_SD = "http://www.w3.org/ns/sparql-service-description#"
_VOID = "http://rdfs.org/ns/void#"
_TYPE = ox.NamedNode(RDF + "type")
_INTEGER = ox.NamedNode(XSD + "integer")


def describe(
    endpoint: str,
    triples: int | None,
    graphs: Mapping[str, int | None],
    form: Format,
    *,
    inputs: Sequence[ox.RdfFormat] = (),
    federated: bool = False,
) -> bytes:
    """Give the service description.

    :param endpoint: IRI of the endpoint, as the client reached it
    :param triples: of the default graph, ``None`` if nobody knows
    :param graphs: triples of each named graph, as far as they are known
    :param form: a format for graphs
    :param inputs: what data may be written in; empty where updates are off
    :param federated: whether queries may call other endpoints
    :raises ValueError: if the IRI of the endpoint is none
    """
    described = _triples(ox.NamedNode(endpoint), triples, graphs, inputs, federated)
    prefixes = {"sd": _SD, "void": _VOID, "xsd": XSD}
    return graph_bytes(described, form.graph, prefixes)


def _triples(
    endpoint: ox.NamedNode,
    triples: int | None,
    graphs: Mapping[str, int | None],
    inputs: Sequence[ox.RdfFormat],
    federated: bool,
) -> Iterator[ox.Triple]:
    base = endpoint.value
    service, dataset = ox.NamedNode(f"{base}#service"), ox.NamedNode(f"{base}#dataset")
    yield ox.Triple(service, _TYPE, _sd("Service"))
    yield ox.Triple(service, _sd("endpoint"), endpoint)
    yield ox.Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    for form in FORMATS:
        if form.iri is not None:
            yield ox.Triple(service, _sd("resultFormat"), ox.NamedNode(form.iri))
    if federated:
        yield ox.Triple(service, _sd("feature"), _sd("BasicFederatedQuery"))
    yield ox.Triple(service, _sd("defaultDataset"), dataset)
    if inputs:
        # A service has one endpoint, and updates have one of their own.
        update = ox.NamedNode(f"{base}#update-service")
        yield ox.Triple(update, _TYPE, _sd("Service"))
        yield ox.Triple(update, _sd("endpoint"), ox.NamedNode(urljoin(base, "/update")))
        yield ox.Triple(update, _sd("supportedLanguage"), _sd("SPARQL11Update"))
        yield ox.Triple(update, _sd("feature"), _sd("EmptyGraphs"))
        for syntax in inputs:
            yield ox.Triple(update, _sd("inputFormat"), ox.NamedNode(iri_of(syntax)))
        yield ox.Triple(update, _sd("defaultDataset"), dataset)
    void = ox.NamedNode(urljoin(base, "/.well-known/void"))
    yield ox.Triple(dataset, ox.NamedNode(RDFS + "seeAlso"), void)
    yield ox.Triple(dataset, _TYPE, _sd("Dataset"))
    default = ox.NamedNode(f"{base}#default-graph")
    yield ox.Triple(dataset, _sd("defaultGraph"), default)
    yield from _graph(default, triples)
    for number, (name, count) in enumerate(sorted(graphs.items()), 1):
        named, graph = (
            ox.NamedNode(f"{base}#named-{number}"),
            ox.NamedNode(f"{base}#graph-{number}"),
        )
        yield ox.Triple(dataset, _sd("namedGraph"), named)
        yield ox.Triple(named, _TYPE, _sd("NamedGraph"))
        yield ox.Triple(named, _sd("name"), ox.NamedNode(name))
        yield ox.Triple(named, _sd("graph"), graph)
        yield from _graph(graph, count)


def _graph(graph: ox.NamedNode, count: int | None) -> Iterator[ox.Triple]:
    yield ox.Triple(graph, _TYPE, _sd("Graph"))
    if count is not None:
        number = ox.Literal(str(count), datatype=_INTEGER)
        yield ox.Triple(graph, ox.NamedNode(_VOID + "triples"), number)


def _sd(name: str) -> ox.NamedNode:
    return ox.NamedNode(_SD + name)
