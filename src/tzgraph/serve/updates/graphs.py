"""Operations of the graph store on a store (SPARQL 1.1 Graph Store HTTP Protocol, section 5)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyoxigraph as ox

from tzgraph.errors import QueryError, Rdf12Error, UnsafeDataError, UsageError
from tzgraph.literals import LiteralChanges
from tzgraph.parsing import parse_rdf
from tzgraph.serve.engine.errors import (
    ConditionFailedError,
    DataSyntaxError,
    DataUnreadableError,
    NoGraphError,
)
from tzgraph.serve.updates.orders import GraphPayload, GraphWrite, OrderOutcome
from tzgraph.terms import NO_XML

__all__ = ["write_graph"]

_PLACE = re.compile(
    r"^Parser error at line \d+ (?:column \d+|between columns? \d+ and (?:column )?\d+): "
)

#: Syntaxes in which language tags can be seen as they were written.
_TAGGED = {
    syntax.media_type for syntax in (ox.RdfFormat.TURTLE, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N3)
}


def write_graph(store: ox.Store, order: GraphWrite) -> OrderOutcome:
    """Put, add to or delete a graph. If it raises, the store may be changed in part.

    :raises DataSyntaxError: if data can't be parsed; nothing is changed then
    :raises Rdf12Error: if they are RDF 1.2; nothing is changed then
    :raises ConditionFailedError: if a condition is not met; nothing is changed then
    :raises LiteralsChangeError: if the order is strict and literals would not come back as they are
    :raises NoGraphError: if there is no graph to delete
    :raises UsageError: if data name graphs, or a name is no IRI
    """
    graph = _name(order.graph)
    existed = isinstance(graph, ox.DefaultGraph) or store.contains_named_graph(graph)
    if order.method == "DELETE":
        if not existed:
            raise NoGraphError(f"There is no graph {order.graph}.")
        _check(order, existed=existed)
        store.remove_graph(graph)
        return OrderOutcome(existed)
    triples = [triple for part in order.parts for triple in _parse(part, order.base)]
    changes = LiteralChanges()
    _see(triples, changes)
    for part in order.parts:
        if part.media_type in _TAGGED:
            changes.see_tags(part.data.decode("utf-8", "replace"))
    if order.strict:
        changes.refuse()
    _check(order, existed=existed)
    if order.method == "PUT":
        store.clear_graph(graph)
    if isinstance(graph, ox.NamedNode):
        store.add_graph(graph)
    store.extend([ox.Quad(t.subject, t.predicate, t.object, graph) for t in triples])
    return OrderOutcome(existed, changed=changes.as_header())


def _check(order: GraphWrite, *, existed: bool) -> None:
    """Refuse an order whose conditions are not met (RFC 9110, 13.1).

    Last, as they count only where nothing else is wrong (13.2.1).
    """
    for condition in order.conditions:
        if condition != ("exists" if existed else "absent"):
            named = "the default graph" if order.graph is None else f"the graph {order.graph}"
            raise ConditionFailedError(f"A condition on {named} is not met; nothing has changed.")


def _name(iri: str | None) -> ox.NamedNode | ox.DefaultGraph:
    try:
        return ox.DefaultGraph() if iri is None else ox.NamedNode(iri)
    except ValueError as error:
        raise UsageError(f"The name of the graph is no absolute IRI: {error}.") from error


def _parse(part: GraphPayload, base: str) -> list[ox.Triple]:
    form = ox.RdfFormat.from_media_type(part.media_type)
    if form is None:
        raise UsageError(f"{part.media_type} is no syntax for RDF that is known here.")
    try:
        quads = list(parse_rdf(part.data, form, base=base or None, rename_blank_nodes=True))
    except Rdf12Error:
        raise
    except UnsafeDataError as error:
        if error.line is None or error.column is None:
            raise DataUnreadableError(error.message) from error
        raise DataSyntaxError(error.message, error.line, error.column) from error
    except SyntaxError as error:
        if "LoadDocumentCallback" in str(error.msg):
            raise DataUnreadableError(
                "The JSON-LD needs a context that is elsewhere, and nothing is fetched.",
                "Put the context itself into the data, or send Turtle or N-Triples.",
            ) from error
        said = f"{_PLACE.sub('', str(error.msg))}."
        line, column = error.lineno, error.offset
        if line is None or column is None:
            raise DataUnreadableError(said) from error
        raise DataSyntaxError(said, line, column) from error
    except (OSError, ValueError) as error:
        raise QueryError(f"The data can't be read: {error}.") from error
    _refuse_named(quads)
    return [quad.triple for quad in quads]


def _refuse_named(quads: Sequence[ox.Quad]) -> None:
    named = next(
        (q.graph_name for q in quads if not isinstance(q.graph_name, ox.DefaultGraph)), None
    )
    if named is not None:
        raise UsageError(
            f"The data name a graph, {named}, and the request names one as well.",
            "Send triples, or use an update.",
        )


def _see(triples: Sequence[ox.Triple], changes: LiteralChanges) -> None:
    """Look at the literals that are to be stored.

    :raises DataUnreadableError: if one has a character that XML can't hold
    """
    for triple in triples:
        if type(value := triple.object) is ox.Literal:
            if unfit := NO_XML.search(value.value):
                raise DataUnreadableError(
                    f"The value of {triple.predicate} of {triple.subject} has the character "
                    f"U+{ord(unfit[0]):04X}, which no XML can hold.",
                    "Leave it out.",
                )
            changes.see(value)
