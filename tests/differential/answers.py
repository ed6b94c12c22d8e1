"""What an engine answers to a query, and whether two answers are the same one.

Solutions are compared as multisets, or in their order where the query decides it; blank nodes up to
their labels (isomorphism of graphs, as in the W3C's SPARQL test suite); numbers and truth values by
what they say, as engines spell what they compute in several ways; language tags in small letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias
from xml.etree import ElementTree

import pyoxigraph as ox
from rdflib import BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import XSD

__all__ = ["Answer", "Row", "Term", "from_json", "from_turtle", "from_xml", "literal", "same"]

#: An IRI, a blank node, or a literal with its datatype and its language.
Term: TypeAlias = tuple[str, str] | tuple[str, str, str, str]
Row: TypeAlias = Mapping[str, Term]

_RESULTS = "{http://www.w3.org/2005/sparql-results#}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_FLOATS = {str(XSD.double), str(XSD.float)}


@dataclass(frozen=True)
class Answer:
    """What an engine answers: solutions, a truth value, triples (as rows), or that it can't.

    :param kind: ``rows``, ``boolean``, ``graph`` or ``error``
    :param names: of the variables
    :param truth: of ASK
    :param reason: why there is no answer
    """

    kind: str
    rows: Sequence[Row] = ()
    names: frozenset[str] = frozenset()
    truth: bool = False
    reason: str = ""

    def __str__(self) -> str:
        if self.kind == "error":
            return f"error: {self.reason}"
        if self.kind == "boolean":
            return str(self.truth)
        names = sorted(self.names)
        lines = [" ".join(_text(row.get(name)) for name in names) for row in self.rows]
        return "\n".join([f"{self.kind} of {' '.join(names)}", *sorted(lines)])


def from_json(document: Mapping[str, Any]) -> Answer:
    """Read results in the SPARQL 1.1 Query Results JSON Format."""
    if "boolean" in document:
        return Answer("boolean", truth=bool(document["boolean"]))
    rows = [
        {name: _json_term(term) for name, term in row.items()}
        for row in document["results"]["bindings"]
    ]
    return Answer("rows", rows, frozenset(document["head"].get("vars", ())))


def from_xml(document: bytes) -> Answer:
    """Read results in the SPARQL Query Results XML Format."""
    root = ElementTree.fromstring(document)  # noqa: S314 # of the server under test
    boolean = root.find(f"{_RESULTS}boolean")
    if boolean is not None:
        return Answer("boolean", truth=boolean.text == "true")
    names = [found.attrib["name"] for found in root.iter(f"{_RESULTS}variable")]
    rows = [
        {
            binding.attrib["name"]: _xml_term(binding[0])
            for binding in result.iter(f"{_RESULTS}binding")
        }
        for result in root.iter(f"{_RESULTS}result")
    ]
    return Answer("rows", rows, frozenset(names))


def from_turtle(text: str) -> Answer:
    """Read triples (Turtle, too), as rows with the names s, p and o."""
    triples = {quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.TURTLE)}
    rows = [
        {"s": _ox_term(found.subject), "p": _ox_term(found.predicate), "o": _ox_term(found.object)}
        for found in triples
    ]
    return Answer("graph", rows, frozenset("spo"))


def literal(value: str, datatype: str = "", language: str = "") -> Term:
    """Give a literal, its number spelled in one way.

    >>> literal("01.50", str(XSD.decimal))[:2]
    ('literal', '1.5')
    """
    try:
        if datatype == str(XSD.integer):
            value = str(int(value))
        elif datatype == str(XSD.decimal):
            number = Decimal(value)
            value = f"{number.normalize():f}" if number else "0"
        elif datatype in _FLOATS:
            value = repr(float(value) + 0.0)
        elif datatype == str(XSD.boolean):
            value = {"1": "true", "0": "false"}.get(value, value)
    except (ValueError, InvalidOperation):
        pass  # an invalid form is compared as it is
    return ("literal", value, "" if datatype == str(XSD.string) else datatype, language.lower())


def same(one: Answer, other: Answer, ordered: bool = False) -> bool:
    """Say whether two answers are the same.

    :param ordered: whether the order of solutions counts

    The names of variables count where there are solutions.

    >>> same(Answer("boolean", truth=True), Answer("boolean", truth=False))
    False
    """
    if (one.kind, one.truth, len(one.rows)) != (other.kind, other.truth, len(other.rows)):
        return False
    if one.rows and one.names != other.names:
        return False
    if not _has_blank(one.rows) and not _has_blank(other.rows):
        if ordered:
            return list(map(_key, one.rows)) == list(map(_key, other.rows))
        return Counter(map(_key, one.rows)) == Counter(map(_key, other.rows))
    return isomorphic(_as_graph(one.rows, ordered), _as_graph(other.rows, ordered))


def _key(row: Row) -> frozenset[tuple[str, Term]]:
    return frozenset(row.items())


def _has_blank(rows: Iterable[Row]) -> bool:
    return any(term[0] == "bnode" for row in rows for term in row.values())


def _as_graph(rows: Sequence[Row], ordered: bool) -> Graph:
    """Give a graph with a blank node for each row, and what tells it from others, its number."""
    counted = Counter(enumerate(map(_key, rows))) if ordered else Counter(map(_key, rows))
    graph = Graph()
    for key, count in counted.items():
        place, row = key if isinstance(key, tuple) else (-1, key)
        node = BNode()
        graph.add((node, URIRef("row:place"), Literal(place)))
        graph.add((node, URIRef("row:count"), Literal(count)))
        for name, term in row:
            graph.add((node, URIRef(f"name:{name}"), _to_rdflib(term)))
    return graph


def _to_rdflib(term: Term) -> URIRef | BNode | Literal:
    if term[0] == "uri":
        return URIRef(term[1])
    if term[0] == "bnode":
        return BNode(f"value-{term[1]}")
    return Literal(repr(term))


def _ox_term(term: object) -> Term:
    if isinstance(term, ox.Literal):
        return literal(
            term.value, "" if term.language else term.datatype.value, term.language or ""
        )
    if isinstance(term, ox.BlankNode):
        return ("bnode", term.value)
    if isinstance(term, ox.NamedNode):
        return ("uri", term.value)
    raise TypeError(f"{term} is no term of RDF 1.1")


def _json_term(term: Mapping[str, str]) -> Term:
    if term["type"] in ("uri", "bnode"):
        return (term["type"], term["value"])
    return literal(term["value"], term.get("datatype", ""), term.get("xml:lang", ""))


def _xml_term(element: ElementTree.Element) -> Term:
    kind, text = element.tag.removeprefix(_RESULTS), element.text or ""
    if kind in ("uri", "bnode"):
        return (kind, text)
    return literal(text, element.get("datatype", ""), element.get(_LANGUAGE, ""))


def _text(term: Term | None) -> str:
    if term is None:
        return "UNDEF"
    if len(term) == 2:
        return f"<{term[1]}>" if term[0] == "uri" else f"_:{term[1]}"
    _kind, value, datatype, language = term
    return f'"{value}"' + (f"@{language}" if language else f"^^<{datatype}>" if datatype else "")
