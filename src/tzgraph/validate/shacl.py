"""Check an asserted graph against SHACL shapes with pySHACL.

The shapes are in SHACL (https://www.w3.org/TR/shacl/), core and SPARQL constraints. What is
checked is the graph before inference: domains and ranges could otherwise type a mistake into
conformance. Of the ontology, the check sees what it needs for ``sh:class`` and
``sh:targetClass``: the subclass axioms, the types of controlled terms, and which IRIs are
properties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tzgraph.errors import InputUnreadableError, Severity
from tzgraph.parsing import read_regular
from tzgraph.vocabulary import OWL, RDF, RDFS, SH

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.graph import _TripleType
    from rdflib.plugins.sparql.sparql import Query
    from rdflib.query import Result
    from rdflib.term import Identifier, Node

__all__ = [
    "ShaclReport",
    "ShaclResult",
    "check_graph",
    "is_context_type",
    "load_shapes",
    "validate_graph",
]

_TYPE = RDF + "type"
_PROPERTY_TYPES = frozenset(
    OWL + name for name in ("ObjectProperty", "DatatypeProperty", "AnnotationProperty")
)
_SEVERITIES: Mapping[str, Severity] = {SH + "Violation": Severity.VIOLATION}
#: SHACL paths of one operand, and the sign that SPARQL writes after it.
_PATH_SIGNS: Mapping[str, str] = {
    SH + "zeroOrMorePath": "*",
    SH + "oneOrMorePath": "+",
    SH + "zeroOrOnePath": "?",
}


@dataclass(frozen=True, slots=True)
class ShaclResult:
    """One validation result.

    ``path`` is in SPARQL syntax with whole IRIs, such as ``^<https://…#hasResult>``; it is empty
    if the result is about the node as such. ``used`` are the properties by which the shape chose
    the focus node (``sh:targetSubjectsOf``), for results that have no path. ``shape`` and
    ``component`` are IRIs.
    """

    focus: Identifier
    path: str
    value: Identifier | None
    severity: Severity
    message: str
    shape: str
    component: str
    used: tuple[str, ...] = ()

    @property
    def sort_key(self) -> tuple[str, ...]:
        """Order of results in a report: by focus node, shape, component and value."""
        kind = getattr(self.value, "datatype", None) or getattr(self.value, "language", None)
        # Not n3(), which reads the number of an ill-formed literal and warns.
        value = (str(self.value), str(kind or ""))
        return (str(self.focus), self.shape, self.component, self.path, *value, self.message)


@dataclass(frozen=True)
class ShaclReport:
    """All results in a fixed order, and the same as an RDF validation report.

    The blank nodes of ``graph`` are named by the order of the results, so that the same data
    gives the same bytes. It is made when it is asked for: few ask.
    """

    results: tuple[ShaclResult, ...]
    make_graph: Callable[[], Graph] = field(compare=False, repr=False)

    @cached_property
    def graph(self) -> Graph:
        """The RDF validation report."""
        return self.make_graph()


def load_shapes(folder: Path) -> Graph:
    """Read all Turtle files of a folder into one shapes graph.

    :param folder: folder with ``*.ttl``
    :raises InputUnreadableError: if the folder has no shapes or a file is not Turtle

    >>> from tzgraph.resources import shipped
    >>> len(load_shapes(shipped("shapes"))) > 1000
    True
    """
    from rdflib import Graph

    files = sorted(folder.glob("*.ttl"))
    if not files:
        raise InputUnreadableError(
            f"The folder {folder} has no shapes.", "Name a folder with SHACL shapes in *.ttl files."
        )
    shapes = Graph()
    for file in files:
        try:
            data = read_regular(file)
            shapes.parse(data=data, format="turtle", publicID=file.absolute().as_uri())
        except (OSError, ValueError, SyntaxError, RecursionError) as error:
            said = getattr(error, "strerror", None) or " ".join(str(error).split())
            raise InputUnreadableError(
                f"The shapes file {file} can't be read: {said}",
                "Correct the Turtle of the file.",
            ) from error
    return shapes


def validate_graph(data: Graph, shapes: Graph, ontology: Graph) -> list[ShaclResult]:
    """Give what the shapes find in the asserted graph; arguments as for :func:`check_graph`."""
    return list(check_graph(data, shapes, ontology).results)


def check_graph(data: Graph, shapes: Graph, ontology: Graph) -> ShaclReport:
    """Check an asserted graph against shapes.

    The context from the ontology is added to ``data`` for the time of the check and taken out
    again: a copy of a large graph would cost more than the check.

    :param data: the asserted statements, without inferred ones
    :param shapes: shapes in SHACL
    :param ontology: the whole ontology
    :return: all results, violations and warnings, in a fixed order
    :raises InputUnreadableError: if pySHACL can't make sense of a shape
    """
    import pyshacl
    from pyshacl.errors import ReportableRuntimeError
    from rdflib import Graph

    added = [triple for triple in _context(ontology) if triple not in data]
    for triple in added:
        data.add(triple)
    try:
        with _parsing_once(data):
            _, found, text = pyshacl.validate(
                data,
                shacl_graph=shapes,
                inplace=True,
                inference="none",
                advanced=False,
                meta_shacl=False,
            )
        if not isinstance(found, Graph):
            raise _bad_shapes(text)
        pairs = sorted(_read_results(found, shapes, data), key=lambda pair: pair[0].sort_key)
    except ReportableRuntimeError as error:
        raise _bad_shapes(str(error)) from error
    finally:
        for triple in added:
            data.remove(triple)
    unique = dict(reversed(pairs))
    ordered = sorted(unique, key=lambda result: result.sort_key)
    nodes = [unique[result] for result in ordered]
    return ShaclReport(tuple(ordered), partial(_stable_report, found, nodes))


#: More than the shipped shapes have, or each check would parse them all anew.
@lru_cache(maxsize=1024)
def _parsed(text: str, namespaces: tuple[tuple[str, URIRef], ...]) -> Query:
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(text, initNs=dict(namespaces))


@contextmanager
def _parsing_once(data: Graph) -> Iterator[None]:
    """Have a graph parse each query once, for the time of a check.

    pySHACL asks the query of a constraint anew for each focus node, and nine tenths of the time of
    a check went into parsing it.
    """
    plain, namespaces = data.query, tuple(data.namespaces())

    def query(query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        if isinstance(query_object, str):
            query_object = _parsed(query_object, namespaces)
        return plain(query_object, *args, **kwargs)

    vars(data)["query"] = query
    try:
        yield
    finally:
        del vars(data)["query"]


def _bad_shapes(why: str) -> InputUnreadableError:
    """Give the error for shapes that can't be evaluated."""
    return InputUnreadableError(
        f"The shapes can't be evaluated: {' '.join(why.split())}", "Correct the shape."
    )


def _context(ontology: Graph) -> Iterator[_TripleType]:
    """Give the triples of the ontology that a check of the data needs to see."""
    from rdflib import URIRef

    for triple in ontology.triples((None, URIRef(RDFS + "subClassOf"), None)):
        if isinstance(triple[0], URIRef) and isinstance(triple[2], URIRef):
            yield triple
    for triple in ontology.triples((None, URIRef(_TYPE), None)):
        if isinstance(triple[0], URIRef) and is_context_type(str(triple[2])):
            yield triple


def is_context_type(kind: str) -> bool:
    """Whether a check needs to see which terms the ontology says to be of a type.

    :param kind: the type's IRI, or an empty text for a class expression
    """
    return kind in _PROPERTY_TYPES or not kind.startswith((OWL, RDFS, RDF))


def _read_results(
    found: Graph, shapes: Graph, data: Graph
) -> Iterator[tuple[ShaclResult, Identifier]]:
    """Give the results of a validation report with the nodes that stand for them."""
    from rdflib import URIRef
    from rdflib.term import Identifier

    def one(node: Node, name: str) -> Identifier | None:
        value = found.value(node, URIRef(SH + name), any=True)
        return value if isinstance(value, Identifier) else None

    for node in found.objects(None, URIRef(SH + "result")):
        focus, shape = one(node, "focusNode"), one(node, "sourceShape")
        path = one(node, "resultPath")
        if focus is None or shape is None or not isinstance(node, Identifier):
            continue
        messages = sorted(str(m) for m in found.objects(node, URIRef(SH + "resultMessage")))
        targets = shapes.objects(shape, URIRef(SH + "targetSubjectsOf"))
        used = sorted(
            str(target) for target in targets if path is None and (focus, target, None) in data
        )
        result = ShaclResult(
            focus=focus,
            path="" if path is None else path_text(found, path),
            value=one(node, "value"),
            severity=_SEVERITIES.get(str(one(node, "resultSeverity")), Severity.WARNING),
            message=" ".join(messages),
            shape=str(shape),
            component=str(one(node, "sourceConstraintComponent")),
            used=tuple(used),
        )
        yield result, node


def path_text(graph: Graph, path: Node, *, nested: bool = False) -> str:
    """Write a SHACL path as a SPARQL path with whole IRIs.

    https://www.w3.org/TR/shacl/#property-paths

    :param graph: graph that has the path
    :param path: IRI or blank node of the path
    :param nested: whether the text will stand within another path
    """
    from rdflib import URIRef

    if isinstance(path, URIRef):
        return f"<{path}>"

    def joined(head: Node, sign: str) -> str:
        text = sign.join(path_text(graph, item, nested=True) for item in graph.items(head))
        return f"({text})" if nested else text

    if (inverse := graph.value(path, URIRef(SH + "inversePath"))) is not None:
        return "^" + path_text(graph, inverse, nested=True)
    if (choice := graph.value(path, URIRef(SH + "alternativePath"))) is not None:
        return joined(choice, "|")
    for name, sign in _PATH_SIGNS.items():
        if (repeated := graph.value(path, URIRef(name))) is not None:
            return path_text(graph, repeated, nested=True) + sign
    return joined(path, "/")


def _stable_report(found: Graph, nodes: Iterable[Identifier]) -> Graph:
    """Copy a validation report, with blank nodes named by the order of the results."""
    from rdflib import BNode, Graph, Literal, URIRef

    report = BNode("report")
    stable = Graph()
    for prefix, namespace in found.namespaces():
        stable.bind(prefix, namespace)
    stable.add((report, URIRef(_TYPE), URIRef(SH + "ValidationReport")))

    def copy(node: Node, name: str) -> BNode:
        """Copy a blank node with everything below it."""
        new = BNode(name)
        below = sorted(found.predicate_objects(node), key=lambda pair: (pair[0], pair[1]))
        for number, (predicate, obj) in enumerate(below):
            child = copy(obj, f"{name}.{number}") if isinstance(obj, BNode) else obj
            stable.add((new, predicate, child))
        return new

    count = 0
    for count, node in enumerate(nodes, start=1):
        stable.add((report, URIRef(SH + "result"), copy(node, f"result{count:05d}")))
    stable.add((report, URIRef(SH + "conforms"), Literal(count == 0)))
    return stable
