"""The query library as RDF, in the form in which tools for SPARQL look for examples.

That is ``sh:SPARQLExecutable`` of SHACL, as the endpoints of the SIB have it
(https://github.com/sib-swiss/sparql-examples). It stands in the graph ``metadata`` and in the
default view: no shape, no class of the ontology and no rule is about any of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from tzgraph.query.library import QueryFile
from tzgraph.query.tokens import TokenKind, tokenize
from tzgraph.vocabulary import DCTERMS, RDF, RDFS, SH, XSD, Graphs

__all__ = ["SCHEMA", "add_library", "library_triples", "query_node", "with_prefixes"]

SCHEMA = "https://schema.org/"
_SPEX = "https://purl.expasy.org/sparql-examples/ontology#"
_PREFIXES = ox.NamedNode(Graphs.METADATA + "#prefixes")
#: Class and property of a query, by the word that says what it gives.
_FORMS = {
    "SELECT": (SH + "SPARQLSelectExecutable", SH + "select"),
    "ASK": (SH + "SPARQLAskExecutable", SH + "ask"),
    "CONSTRUCT": (SH + "SPARQLConstructExecutable", SH + "construct"),
    "DESCRIBE": (_SPEX + "SPARQLDescribeExecutable", _SPEX + "describe"),
}


def add_library(
    store: ox.Store, library: Mapping[str, QueryFile], prefixes: Mapping[str, str]
) -> None:
    """Put the query library into the graph ``metadata`` and into the default view."""
    triples = list(library_triples(library.values(), prefixes))
    for graph in (ox.NamedNode(Graphs.METADATA), ox.DefaultGraph()):
        store.extend([ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples])


def library_triples(
    queries: Iterable[QueryFile], prefixes: Mapping[str, str]
) -> Iterator[ox.Triple]:
    """Give the queries and the prefixes as RDF.

    :param prefixes: those that every query may use; what a query uses is declared in its text
    """
    for query in queries:
        node = query_node(query.name)
        of_class, holds = _FORMS[_form(query.text)]
        yield ox.Triple(node, _iri(RDF + "type"), _iri(SH + "SPARQLExecutable"))
        yield ox.Triple(node, _iri(RDF + "type"), _iri(of_class))
        # No label, by which people would find it among the things of the graph.
        yield ox.Triple(node, _iri(DCTERMS + "title"), ox.Literal(query.title, language="en"))
        told = f"{query.title}. {query.description}" if query.description else query.title
        yield ox.Triple(node, _iri(RDFS + "comment"), ox.Literal(told, language="en"))
        yield ox.Triple(node, _iri(holds), ox.Literal(with_prefixes(query.text, prefixes)))
        yield ox.Triple(node, _iri(SH + "prefixes"), _PREFIXES)
        for tag in query.tags:
            yield ox.Triple(node, _iri(SCHEMA + "keywords"), ox.Literal(tag))
    for prefix, namespace in sorted(prefixes.items()):
        node = _iri(f"{Graphs.METADATA}#prefix-{prefix}")
        value = ox.Literal(namespace, datatype=_iri(XSD + "anyURI"))
        yield ox.Triple(_PREFIXES, _iri(SH + "declare"), node)
        yield ox.Triple(node, _iri(RDF + "type"), _iri(SH + "PrefixDeclaration"))
        yield ox.Triple(node, _iri(SH + "prefix"), ox.Literal(prefix))
        yield ox.Triple(node, _iri(SH + "namespace"), value)


def query_node(name: str) -> ox.NamedNode:
    """Give the node of a query."""
    return _iri(f"{Graphs.METADATA}#query-{name}")


def with_prefixes(text: str, prefixes: Mapping[str, str]) -> str:
    r"""Give a query that declares all prefixes that it uses, as far as they are known.

    The declarations come behind the lines of the header.

    >>> print(with_prefixes("#+ title: T\nASK { ?s rdf:type ?o }", {"rdf": "http://r#"}))
    #+ title: T
    PREFIX rdf: <http://r#>
    ASK { ?s rdf:type ?o }
    """
    declared: set[str] = set()
    used: set[str] = set()
    last = ""
    for token in tokenize(text):
        if token.kind is TokenKind.PREFIXED:
            prefix = token.text.partition(":")[0]
            (declared if last == "PREFIX" else used).add(prefix)
        if token.kind is not TokenKind.SPACE:
            last = token.word
    missing = sorted((used - declared) & prefixes.keys())
    lines = text.splitlines(keepends=True)
    head = next((i for i, line in enumerate(lines) if not line.startswith("#+")), len(lines))
    added = [f"PREFIX {prefix}: <{prefixes[prefix]}>\n" for prefix in missing]
    return "".join([*lines[:head], *added, *lines[head:]])


def _form(text: str) -> str:
    """Say which of the four forms a query has."""
    words = (token.word for token in tokenize(text) if token.kind is TokenKind.WORD)
    return next((word for word in words if word in _FORMS), "SELECT")


def _iri(value: str) -> ox.NamedNode:
    return ox.NamedNode(value)
