"""Explanations as trees: where a triple was stated, or the rule and premises it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from heapq import merge

import pyoxigraph as ox

from tzgraph.explain.comparison import compare
from tzgraph.explain.exclusion import find_exclusion
from tzgraph.explain.mentions import find_mentions
from tzgraph.explain.model import Explanation, Origin, Triple, TripleStatus
from tzgraph.read.lookup import CellLookup
from tzgraph.read.source import quoted_graphs
from tzgraph.reason import Pattern, Rule, view_of
from tzgraph.vocabulary import GRAPH, RDFS, TZ, Graphs

__all__ = ["Explainer", "unify"]

#: Premises shown of one step; a rule that counts may rest on very many.
_PREMISES = 50
_SOLUTIONS = 20


class Explainer:
    """Explains triples of a release.

    :param store: the release's store
    :param rules: the rules that it was built with
    """

    def __init__(self, store: ox.Store, rules: Sequence[Rule]) -> None:
        self._store = store
        #: Rules and heads by predicate, in the order of the rules; under ``""``, of any predicate.
        self._heads: dict[str, list[tuple[int, Rule, Pattern]]] = {}
        for number, rule in enumerate(rules):
            for head in rule.head:
                key = "" if head.predicate.startswith("?") else head.predicate
                self._heads.setdefault(key, []).append((number, rule, head))
        self._places = CellLookup(store)
        self._quoted = quoted_graphs(store)
        self._step: Callable[[], None] = _go_on
        #: What is explained already, with the triples that rules derive in it.
        self._known: dict[Triple, tuple[Explanation, frozenset[Triple]]] = {}
        #: Whether a way was passed over as it rests on what it is to explain.
        self._passed_over = False

    def explain(
        self, subject: str, predicate: str, obj: str, *, step: Callable[[], None] | None = None
    ) -> Explanation:
        """Explain a triple, given in N-Triples syntax.

        :param step: is called before each step of the work, which ends with what it raises: among
            many triples of a transitive property the steps are as many as the third power
        :return: a tree whose leaves are cells, axioms of the ontology, or nothing where the
            triple is not known to hold (status ``absent``), with what excludes it if anything
            does; with the evidence for and against it and
            the claims that make it, and for a verdict with the comparison
        """
        mine = copy(self)  # threads share this one
        mine._step, mine._known = step or _go_on, {}
        found = mine._explain((subject, predicate, obj), frozenset())
        if found.status is TripleStatus.ABSENT:
            found = self._excluded(found)
        return replace(
            found,
            mentions=tuple(find_mentions(self._store, found.triple)),
            comparison=compare(self._store, subject, predicate),
        )

    def _excluded(self, absent: Explanation) -> Explanation:
        exclusion = find_exclusion(self._store, absent.triple)
        if exclusion is None:
            return absent
        why, instead = exclusion
        return replace(absent, excluded=why, premises=(self._explain(instead, frozenset()),))

    def _explain(self, triple: Triple, above: frozenset[Triple]) -> Explanation:
        known = self._known.get(triple)
        if known is not None and known[1].isdisjoint(above):
            return known[0]
        self._step()
        origins, status = self._origins(triple)
        if status in (TripleStatus.ASSERTED, TripleStatus.ONTOLOGY):
            found = Explanation(triple, status, tuple(origins))
            self._known[triple] = found, frozenset()
            return found
        before, self._passed_over = self._passed_over, False
        derived = self._derive(triple, above | {triple})
        if derived is not None and not self._passed_over:
            below = (self._known.get(premise.triple) for premise in derived.premises)
            parts = (known[1] for known in below if known is not None)
            self._known[triple] = derived, frozenset({triple}).union(*parts)
        self._passed_over |= before
        if derived is not None:
            return derived
        if status is TripleStatus.INFERRED and (prepared := list(self._prepared(triple))):
            return Explanation(triple, TripleStatus.PREPARED, tuple(prepared))
        return Explanation(triple, status, tuple(origins))

    # -- stated triples --------------------------------------------------------------------

    def _origins(self, triple: Triple) -> tuple[list[Origin], TripleStatus]:
        quad = self._find(triple)
        if quad is None:
            return [], TripleStatus.ABSENT
        graphs = [
            q.graph_name.value
            for q in self._store.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
            if isinstance(q.graph_name, ox.NamedNode)
        ]
        if Graphs.ONTOLOGY in graphs:
            return [Origin(Graphs.ONTOLOGY, "the ontology")], TripleStatus.ONTOLOGY
        stated = [name for name in sorted(graphs) if name not in (Graphs.INFERRED, Graphs.AUDIT)]
        # What is in `inferred` was not asserted, even if a secondary source says it, too; a
        # curator's judgement is in `audit` and asserted.
        if Graphs.INFERRED in graphs or not stated:
            return [], TripleStatus.INFERRED
        origins = list(self._cells(quad, stated))
        quoted = not self._in_view(quad) and all(g.startswith(Graphs.SOURCE) for g in stated)
        return origins, TripleStatus.QUOTED if quoted else TripleStatus.ASSERTED

    def _cells(self, quad: ox.Quad, graphs: Iterable[str]) -> Iterator[Origin]:
        cells = self._places.stated(quad.subject, quad.predicate, quad.object)
        for cell, graph in cells:
            recalled = self._places.recalled(cell, quad.predicate, graph)
            yield Origin(graph.value, self._label(graph), cell, recalled)
        known = {graph.value for _cell, graph in cells}
        for name in graphs:
            if name not in known and not (cells and name == Graphs.METADATA):
                yield Origin(name, self._label(ox.NamedNode(name)))

    def _prepared(self, triple: Triple) -> Iterator[Origin]:
        """Where the audit took something from that no rule derives: the cells of a quantity."""
        quad = self._find(triple)
        audit = ox.NamedNode(Graphs.AUDIT)
        if quad is None or quad not in self._store:
            return
        if ox.Quad(quad.subject, quad.predicate, quad.object, audit) not in self._store:
            return
        yield Origin(Graphs.AUDIT, "prepared by the audit")
        of, by = ox.NamedNode(TZ + "quantityOf"), ox.NamedNode(TZ + "fromProperty")
        for figure in self._store.quads_for_pattern(quad.subject, of, None, audit):
            for link in self._store.quads_for_pattern(quad.subject, by, None, audit):
                if isinstance(link.object, ox.NamedNode):
                    for cell, graph in self._places.stated(figure.object, link.object):
                        recalled = self._places.recalled(cell, link.object, graph)
                        yield Origin(graph.value, self._label(graph), cell, recalled)

    def _label(self, graph: ox.NamedNode) -> str:
        found = self._store.quads_for_pattern(
            graph, ox.NamedNode(RDFS + "label"), None, ox.NamedNode(Graphs.METADATA)
        )
        labels = (q.object.value for q in found if isinstance(q.object, ox.Literal))
        return next(labels, graph.value.removeprefix(GRAPH))

    def _find(self, triple: Triple) -> ox.Quad | None:
        """The triple as the store writes it (it may normalise numbers)."""
        pattern = " ".join(triple)
        text = f"SELECT * WHERE {{ {{ {pattern} }} UNION {{ GRAPH ?g {{ {pattern} }} }} }} LIMIT 1"
        found = self._store.query(text)
        if not isinstance(found, ox.QuerySolutions) or next(iter(found), None) is None:
            return None
        built = self._store.query(
            f"CONSTRUCT {{ {pattern} }} "
            f"WHERE {{ {{ {pattern} }} UNION {{ GRAPH ?g {{ {pattern} }} }} }}"
        )
        if not isinstance(built, ox.QueryTriples):
            return None
        parsed = next(iter(built), None)
        return ox.Quad(parsed.subject, parsed.predicate, parsed.object) if parsed else None

    def _in_view(self, quad: ox.Quad) -> bool:
        return ox.Quad(quad.subject, quad.predicate, quad.object) in self._store

    # -- derived triples -------------------------------------------------------------------

    def _derive(self, triple: Triple, above: frozenset[Triple]) -> Explanation | None:
        """The first rule, in their order, whose premises hold without resting on the triple."""
        if not self._ask(triple):
            return None
        for rule, bound in self._fitting(triple):
            way = self._along if any(p.path for p in rule.body) else self._by_rule
            found = way(rule, triple, bound, above)
            if found is not None:
                return found
        return None

    def _fitting(self, triple: Triple) -> Iterator[tuple[Rule, dict[str, str]]]:
        """Rules that may derive a triple, in their order, with what its terms bind."""
        named, open_ = (self._heads.get(key, []) for key in (triple[1], ""))
        for _number, rule, head in merge(named, open_, key=lambda entry: entry[0]):
            bound = unify(head, triple)
            if bound is not None and self._fits(rule, bound):
                yield rule, bound

    def _fits(self, rule: Rule, bound: Mapping[str, str]) -> bool:
        """Whether all that the rule derives with a binding holds: a cheap look before the body."""
        if len(rule.head) == 1:
            return True
        known = (p for p in rule.head if all(name in bound for name in p.variables))
        return bool(self._store.query(f"ASK {{ {' '.join(_filled(p, bound) for p in known)} }}"))

    def _by_rule(
        self, rule: Rule, triple: Triple, bound: Mapping[str, str], above: frozenset[Triple]
    ) -> Explanation | None:
        for premises in self._premise_sets(rule, bound):
            if any(premise in above for premise in premises):
                self._passed_over = True
                continue
            explained = []
            for premise in premises[:_PREMISES]:
                below = self._explain(premise, above)
                if not (below.holds or (rule.quotes and below.status is TripleStatus.QUOTED)):
                    break
                explained.append(below)
            else:
                found = _derived(triple, rule, explained)
                return replace(found, left_out=len(premises) - len(explained))
        return None

    def _along(
        self, rule: Rule, triple: Triple, _bound: Mapping[str, str], above: frozenset[Triple]
    ) -> Explanation | None:
        """Explain a transitive rule by steps that were stated or that other rules derive."""
        closed = set(above)
        while steps := self._path(rule, triple, closed):
            explained = []
            for step in steps:
                below = self._explain(step, above)
                if not below.holds:
                    closed.add(step)
                    break
                explained.append(below)
            else:
                return _derived(triple, rule, explained)
        return None

    def _path(self, rule: Rule, triple: Triple, closed: set[Triple]) -> list[Triple]:
        """Steps from subject to object: the fewest stated ones, else also derived ones."""
        for stated in (True, False):
            came: dict[str, str] = {}
            start, predicate, end = triple
            queue = [start]
            while queue and end not in came:
                here = queue.pop(0)
                for there in self._next(here, predicate):
                    step = (here, predicate, there)
                    self._passed_over |= step in closed
                    if there in came or step in closed or not self._is_step(rule, step, stated):
                        continue
                    came[there] = here
                    queue.append(there)
            if end in came:
                steps = [(came[end], predicate, end)]
                while steps[0][0] != start:
                    end = steps[0][0]
                    steps.insert(0, (came[end], predicate, end))
                return steps
        return []

    def _next(self, here: str, predicate: str) -> list[str]:
        found = self._store.query(
            f"SELECT DISTINCT ?o WHERE {{ {here} {predicate} ?o }} ORDER BY ?o"
        )
        if not isinstance(found, ox.QuerySolutions):
            return []
        return [str(solution[0]) for solution in found if isinstance(solution[0], ox.NamedNode)]

    def _is_step(self, rule: Rule, step: Triple, stated: bool) -> bool:
        self._step()
        if self._origins(step)[1] in (TripleStatus.ASSERTED, TripleStatus.ONTOLOGY):
            return True
        if stated:
            return False
        return any(
            next(self._premise_sets(other, bound), None) is not None
            for other, bound in self._fitting(step)
            if other is not rule
        )

    def _premise_sets(self, rule: Rule, bound: Mapping[str, str]) -> Iterator[list[Triple]]:
        """Sets of premises that let the rule fire for this head."""
        names = [name for name in bound if name.startswith("?")]
        values = " ".join(bound[name] for name in names)
        given = f"VALUES ({' '.join(names)}) {{ ({values}) }} " if names else ""
        found = self._store.query(
            # A group of its own, as a BIND may assign what the head gives.
            f"{rule.prologue}SELECT * WHERE {{ {given}{{ {rule.where} }} }} LIMIT {_SOLUTIONS}",
            default_graph=view_of(rule, self._quoted),
        )
        if not isinstance(found, ox.QuerySolutions):
            return
        variables = [f"?{v.value}" for v in found.variables]
        for solution in list(found):
            row = {
                name: str(term)
                for name, term in zip(variables, solution, strict=True)
                if term is not None
            }
            premises = self._instances(rule, {**row, **bound})
            if premises or not rule.body:
                yield premises

    def _instances(self, rule: Rule, row: Mapping[str, str]) -> list[Triple]:
        """Triples that the patterns of a body match, given a solution.

        Variables inside a sub-select are not in the solution; what they match is looked up.
        """
        body = [
            p for p in rule.body if p not in rule.optional or all(v in row for v in p.variables)
        ]
        open_patterns = [p for p in body if any(v not in row for v in p.variables)]
        rows: list[Mapping[str, str]] = [row]
        if open_patterns:
            rows = [{**row, **inner} for inner in self._matches(rule, body, row)]
        found: dict[Triple, None] = {}
        for one in rows:
            for pattern in body:
                start, predicate, end = (
                    one.get(t, t) for t in (pattern.subject, pattern.predicate, pattern.object)
                )
                found.setdefault((start, predicate, end))
        return list(found)

    def _matches(
        self, rule: Rule, body: Iterable[Pattern], row: Mapping[str, str]
    ) -> Iterator[dict[str, str]]:
        text = " ".join(_filled(pattern, row) for pattern in body)
        found = self._store.query(
            f"SELECT * WHERE {{ {text} }} LIMIT {_PREMISES * 4}",
            default_graph=view_of(rule, self._quoted),
        )
        if isinstance(found, ox.QuerySolutions):
            names = [f"?{v.value}" for v in found.variables]
            for solution in found:
                yield {n: str(t) for n, t in zip(names, solution, strict=True) if t is not None}

    def _ask(self, triple: Triple) -> bool:
        return bool(self._store.query(f"ASK {{ {' '.join(triple)} }}"))


def _derived(triple: Triple, rule: Rule, premises: Sequence[Explanation]) -> Explanation:
    bound = next(filter(None, (unify(head, triple) for head in rule.head)), {})
    bound = _with_premises(bound, rule, premises)
    return Explanation(
        triple,
        TripleStatus.INFERRED,
        rule=rule.name,
        title=rule.title,
        axiom=rule.axiom,
        premises=tuple(premises),
        absent=tuple(
            " ".join(_filled(pattern, bound) for pattern in group) for group in rule.denied
        ),
    )


def _with_premises(
    bound: Mapping[str, str], rule: Rule, premises: Sequence[Explanation]
) -> dict[str, str]:
    """Add to a binding what only one premise can stand for."""
    known = dict(bound)
    for pattern in rule.body:
        found = filter(None, (unify(pattern, premise.triple) for premise in premises))
        fitting = [one for one in found if all(known.get(k, v) == v for k, v in one.items())]
        if len(fitting) == 1:
            known.update(fitting[0])
    return known


def _go_on() -> None:
    """Let the work go on."""


def unify(head: Pattern, triple: Triple) -> dict[str, str] | None:
    """Give the binding that makes a head the triple, or ``None``.

    >>> unify(Pattern("?x", "<p>", "?y"), ("<a>", "<p>", "<b>"))
    {'?x': '<a>', '?y': '<b>'}
    """
    bound: dict[str, str] = {}
    for term, value in zip((head.subject, head.predicate, head.object), triple, strict=True):
        if term.startswith("?"):
            if bound.setdefault(term, value) != value:
                return None
        elif term != value:
            return None
    return bound


def _filled(pattern: Pattern, row: Mapping[str, str]) -> str:
    terms = (row.get(t, t) for t in (pattern.subject, pattern.predicate, pattern.object))
    subject, predicate, obj = terms
    return f"{subject} {predicate}{pattern.path} {obj} ."
