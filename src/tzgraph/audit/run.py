"""Run the audit on a built graph: its rules derive comparisons, assessments and verdicts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

import pyoxigraph as ox

from tzgraph.audit.bibliography import bibliography
from tzgraph.audit.quantities import quantities
from tzgraph.audit.terms import View, solutions
from tzgraph.names.index import key_of
from tzgraph.reason import Rule, materialise, view
from tzgraph.resources import own_query
from tzgraph.vocabulary import DCTERMS, RDF, RDFS, SKOS, TZ, Graphs

__all__ = ["run_audit"]

_TYPE = ox.NamedNode(RDF + "type")
_AUDIT = ox.NamedNode(Graphs.AUDIT)
_NAMES = (ox.NamedNode(RDFS + "label"), ox.NamedNode(SKOS + "altLabel"))
_STATES = tuple(ox.NamedNode(f"{TZ}states{what}") for what in ("Result", "Reference", "Approval"))


def run_audit(
    store: ox.Store, rules: Sequence[Rule], quoted: Collection[str], damaged: Collection[str] = ()
) -> int:
    """Assess all claims; write to the default view and graph ``audit``.

    :param store: holds sources, what follows from them, and claims as nodes of the default view
    :param rules: of the audit
    :param quoted: names of the graphs of secondary sources
    :param damaged: things whose rows could not be read in full; they are not compared
    :return: number of assessments
    """
    seen = view(quoted)
    prepared = [
        *_given(store, quoted, damaged),
        *_dated(store, quoted),
        *_damaged(store, damaged),
        *_listed(store, seen),
        *quantities(store, seen),
        *bibliography(store, seen),
        *_described(rules),
    ]
    _add(store, prepared)
    _add(store, _curated(store))
    materialise(store, rules, Graphs.AUDIT, sorted(quoted))
    made = store.quads_for_pattern(None, ox.NamedNode(TZ + "assessedAs"), None, _AUDIT)
    return sum(1 for _quad in made)


def _add(store: ox.Store, triples: Iterable[ox.Triple]) -> None:
    quads = [
        ox.Quad(t.subject, t.predicate, t.object, graph)
        for t in triples
        for graph in (_AUDIT, ox.DefaultGraph())
    ]
    store.extend(quads)


def _given(
    store: ox.Store, quoted: Collection[str], damaged: Collection[str]
) -> Iterator[ox.Triple]:
    """Who gives a figure: an accepted source reports it, a document is quoted with it."""
    for row in solutions(store, own_query("audit", "given")):
        figure, graph, says = row["figure"], row["graph"], row["quoted"]
        if not (isinstance(figure, ox.NamedNode) and isinstance(graph, ox.NamedNode)):
            continue
        is_quoted = says == ox.Literal(True)
        if (
            graph.value.startswith(Graphs.SOURCE)
            and (graph.value in quoted) == is_quoted
            and figure.value not in damaged
        ):
            link = ox.NamedNode(TZ + ("quotedFrom" if is_quoted else "reportedBy"))
            yield ox.Triple(figure, link, graph)


def _dated(store: ox.Store, quoted: Collection[str]) -> Iterator[ox.Triple]:
    """The dates of the documents that are quoted, which rules do not see in the metadata."""
    link, metadata = ox.NamedNode(DCTERMS + "date"), ox.NamedNode(Graphs.METADATA)
    for name in sorted(quoted):
        for quad in store.quads_for_pattern(ox.NamedNode(name), link, None, metadata):
            yield ox.Triple(ox.NamedNode(name), link, quad.object)


def _damaged(store: ox.Store, damaged: Collection[str]) -> Iterator[ox.Triple]:
    """Claims of which a cell could not be read, in their own row or in one that they link."""
    claim, mark = ox.NamedNode(TZ + "Claim"), ox.NamedNode(TZ + "damaged")
    marked = set()
    for name in damaged:
        node = ox.NamedNode(name)
        if any(True for _q in store.quads_for_pattern(node, _TYPE, claim, None)):
            marked.add(node)
        for link in _STATES:
            for quad in store.quads_for_pattern(None, link, node, None):
                if isinstance(quad.subject, ox.NamedNode):
                    marked.update((quad.subject, node))
    for node in sorted(marked, key=str):
        yield ox.Triple(node, mark, ox.Literal(True))


def _listed(store: ox.Store, seen: View) -> Iterator[ox.Triple]:
    """The things that go by the names that claims list as those of several."""
    listed: dict[str, list[ox.Literal]] = {}
    for row in solutions(store, own_query("audit", "listed"), seen):
        name = row["name"]
        if isinstance(name, ox.Literal):
            listed.setdefault(key_of(name.value), []).append(name)
    for prop in _NAMES if listed else ():
        for quad in store.quads_for_pattern(None, prop, None, ox.DefaultGraph()):
            if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
                for name in listed.get(key_of(quad.object.value), ()):
                    yield ox.Triple(quad.subject, ox.NamedNode(TZ + "goesBy"), name)


def _described(rules: Sequence[Rule]) -> Iterator[ox.Triple]:
    """The rules that assess, as things with a name and a description."""
    by_rule = f"<{TZ}byRule>"
    for rule in rules:
        for pattern in rule.head:
            if pattern.predicate == by_rule:
                node = ox.NamedNode(pattern.object[1:-1])
                label = ox.Literal(rule.title, language="en")
                yield ox.Triple(node, _TYPE, ox.NamedNode(TZ + "AuditRule"))
                yield ox.Triple(node, ox.NamedNode(RDFS + "label"), label)
                text = ox.Literal(rule.axiom, language="en")
                yield ox.Triple(node, ox.NamedNode(SKOS + "definition"), text)


def _curated(store: ox.Store) -> Iterator[ox.Triple]:
    """Assessments by curators, which stand in graph ``audit`` beside those of rules."""
    for row in solutions(store, own_query("audit", "assessments")):
        node, link, value = row["assessment"], row["property"], row["value"]
        if isinstance(node, ox.NamedNode) and isinstance(link, ox.NamedNode):
            yield ox.Triple(node, link, value)
