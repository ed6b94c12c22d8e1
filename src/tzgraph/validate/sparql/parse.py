"""Read a shapes graph into values, and say what in it has no translation.

https://www.w3.org/TR/shacl/#shapes
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tzgraph.errors import Severity
from tzgraph.validate.sparql.model import (
    Constraint,
    Path,
    Shape,
    SparqlConstraint,
    Target,
    UntranslatableShapesError,
    bad_shapes,
)
from tzgraph.validate.sparql.paths import as_identifier, as_items, read_path
from tzgraph.validate.sparql.prefixes import read_prefixes
from tzgraph.vocabulary import RDF, RDFS, SH

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Identifier, Literal

__all__ = ["read_shapes"]

_TARGETS = ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")
#: Parameters that may stand more than once, each a constraint of its own.
_MANY = ("class", "disjoint", "equals", "hasValue", "lessThan", "lessThanOrEquals", "node", "not")
#: Parameters that stand at most once.
_ONCE = (
    "datatype",
    "maxCount",
    "maxExclusive",
    "maxInclusive",
    "maxLength",
    "minCount",
    "minExclusive",
    "minInclusive",
    "minLength",
    "nodeKind",
)
#: Parameters whose value is a list; each is a constraint of its own.
_LISTS = ("and", "or", "xone")
#: Likewise, but at most one.
_ONE_LIST = ("in", "languageIn")
#: Constraints that only a property shape may have.
_ON_PATHS = frozenset(
    ("lessThan", "lessThanOrEquals", "maxCount", "minCount", "qualifiedValueShape", "uniqueLang")
)
_HANDLED = frozenset(
    (
        *(*_TARGETS, *_MANY, *_ONCE, *_LISTS, *_ONE_LIST),
        *("closed", "ignoredProperties", "pattern", "flags", "uniqueLang", "property", "path"),
        *("qualifiedValueShape", "qualifiedMinCount", "qualifiedMaxCount"),
        *("qualifiedValueShapesDisjoint", "sparql", "deactivated", "severity", "message"),
    )
)
#: Properties of SHACL that say nothing about validity.
_SILENT = frozenset(
    (
        *("name", "description", "order", "group", "defaultValue", "rule", "declare", "prefixes"),
        # Of nodes that are shape and SPARQL constraint in one.
        *("select", "ask", "construct", "shapesGraph", "entailment", "suggestedShapesGraph"),
    )
)

_KNOWN = _HANDLED | _SILENT


def read_shapes(graph: Graph) -> dict[Identifier, Shape]:
    """Read all shapes that a target leads to, directly or through other shapes.

    :param graph: the shapes graph
    :return: shapes by node; those with targets are the ones to check
    :raises UntranslatableShapesError: naming everything that has no translation
    :raises InputUnreadableError: if a shape is not well formed
    """
    reader = _Reader(graph)
    waiting = sorted(reader.roots())
    shapes: dict[Identifier, Shape] = {}
    while waiting:
        node = waiting.pop()
        if node not in shapes:
            shape = reader.shape(node)
            shapes[node] = shape
            waiting += [*shape.properties, *referenced(shape)]
    if reader.problems:
        raise UntranslatableShapesError(reader.problems)
    return shapes


def referenced(shape: Shape) -> Iterator[Identifier]:
    """Give the shapes that the constraints of a shape name."""
    for constraint in shape.constraints:
        if constraint.component in ("Node", "Not", "And", "Or", "Xone"):
            yield from constraint.args
        elif constraint.component.startswith("Qualified"):
            yield constraint.args[0]
            yield from constraint.args[2:]


class _Reader:
    """Reads the shapes of one graph and collects what can't be translated."""

    def __init__(self, graph: Graph) -> None:
        from rdflib import URIRef

        self.graph = graph
        self.problems: list[str] = []
        # One walk over the graph: asking it for each parameter of each shape took longer than
        # checking the shipped data.
        self._described: dict[Identifier, dict[str, list[Identifier]]] = {}
        for subject, predicate, obj in graph:
            if isinstance(predicate, URIRef) and predicate.startswith(SH):
                described = self._described.setdefault(as_identifier(subject), {})
                described.setdefault(predicate[len(SH) :], []).append(as_identifier(obj))
        self.custom = frozenset(self._custom_parameters())
        self._class_nodes = self._classes()

    def _objects(self, node: Identifier, name: str) -> list[Identifier]:
        found = self._described.get(node, {}).get(name, [])
        return found if len(found) < 2 else sorted(found, key=lambda term: term.n3())

    def _one(self, node: Identifier, name: str) -> Identifier | None:
        found = self._objects(node, name)
        if len(found) > 1:
            raise bad_shapes(f"{node.n3()} has more than one sh:{name}")
        return found[0] if found else None

    def _is_true(self, node: Identifier, name: str) -> bool:
        """Whether ``true`` is given; ``"1"^^xsd:boolean`` is another term and means nothing."""
        return any(str(value) == "true" for value in self._objects(node, name))

    def _custom_parameters(self) -> Iterator[Identifier]:
        """https://www.w3.org/TR/shacl/#sparql-constraint-components-parameters."""
        for component, parameter in self.graph.subject_objects(_sh("parameter")):
            if any((component, _sh(v), None) in self.graph for v in _VALIDATORS):
                yield from (as_identifier(p) for p in self.graph.objects(parameter, _sh("path")))

    def roots(self) -> set[Identifier]:
        """Give the shapes with targets, implicit class targets included.

        https://www.w3.org/TR/shacl/#implicit-targetClass
        """
        found = {as_identifier(s) for name in _TARGETS for s in self.graph.subjects(_sh(name))}
        for node in self.graph.subjects(_sh("target")):
            self.problems.append(f"{as_identifier(node).n3()} has sh:target (SHACL-AF)")
        return found | {node for node in self._class_nodes if self._is_shape(node)}

    def _classes(self) -> set[Identifier]:
        from rdflib import URIRef

        below = self.graph.transitive_subjects(URIRef(RDFS + "subClassOf"), URIRef(RDFS + "Class"))
        kinds = [kind for kind in below if kind is not None]
        found = (s for kind in kinds for s in self.graph.subjects(URIRef(RDF + "type"), kind))
        return {s for s in found if isinstance(s, URIRef)}

    def _is_shape(self, node: Identifier) -> bool:
        from rdflib import URIRef

        types = set(self.graph.objects(node, URIRef(RDF + "type")))
        if types & {_sh("NodeShape"), _sh("PropertyShape")}:
            return True
        names = (*_MANY, *_ONCE, *_LISTS, *_ONE_LIST, "closed", "pattern", "property", "sparql")
        return any(self._objects(node, name) for name in names)

    def shape(self, node: Identifier) -> Shape:
        """Read one shape."""
        from rdflib import Literal

        self._look_for_unknown(node)
        path = self._one(node, "path")
        severity = self._one(node, "severity")
        iri = SH + "Violation" if severity is None else str(severity)
        read = None if path is None else read_path(self.graph, path)
        constraints = tuple(self._constraints(node, read))
        return Shape(
            node=node,
            path=read,
            severity=Severity.VIOLATION if iri == SH + "Violation" else Severity.WARNING,
            severity_iri=iri,
            messages=tuple(m for m in self._objects(node, "message") if isinstance(m, Literal)),
            targets=tuple(self._targets(node)),
            constraints=constraints,
            sparql=tuple(self._sparql(node)),
            properties=tuple(self._objects(node, "property")),
            deactivated=self._is_true(node, "deactivated"),
        )

    def _look_for_unknown(self, node: Identifier) -> None:
        for name in self._described.get(node, {}):
            if name not in _KNOWN:
                self.problems.append(f"{node.n3()} has sh:{name}")
        for parameter in self.custom:
            if (node, parameter, None) in self.graph:
                self.problems.append(f"{node.n3()} has {parameter.n3()}")

    def _targets(self, node: Identifier) -> Iterator[Target]:
        for name in _TARGETS:
            yield from (Target(name, value) for value in self._objects(node, name))
        if node in self._class_nodes:
            yield Target("targetClass", node)

    def _constraints(self, node: Identifier, path: Path | None) -> Iterator[Constraint]:
        unfit = [name for name in sorted(_ON_PATHS) if path is None and self._objects(node, name)]
        if unfit:
            raise bad_shapes(f"{node.n3()} has sh:{unfit[0]}, which is for property shapes")
        yield from self._single(node)
        for name in _MANY:
            for value in self._objects(node, name):
                yield Constraint(_component(name), (value,))
        for name in _LISTS:
            for value in self._objects(node, name):
                yield Constraint(_component(name), tuple(as_items(self.graph, value)))
        yield from self._with_companions(node)
        yield from self._qualified(node)

    def _single(self, node: Identifier) -> Iterator[Constraint]:
        """Constraints that a shape has at most one of, each with one parameter."""
        for name in (*_ONCE, *_ONE_LIST):
            value = self._one(node, name)
            if value is not None:
                args = as_items(self.graph, value) if name in _ONE_LIST else [value]
                yield Constraint(_component(name), tuple(args))

    def _with_companions(self, node: Identifier) -> Iterator[Constraint]:
        """Constraints whose component has more than one parameter."""
        pattern = self._one(node, "pattern")
        if pattern is not None:
            flags = self._one(node, "flags")
            yield Constraint("Pattern", (pattern,) if flags is None else (pattern, flags))
        if self._is_true(node, "uniqueLang"):
            yield Constraint("UniqueLang", ())
        if self._is_true(node, "closed"):
            allowed = [i for o in self._objects(node, "ignoredProperties") for i in self._items(o)]
            allowed += [p for s in self._objects(node, "property") for p in self._plain_path(s)]
            yield Constraint("Closed", tuple(sorted(set(allowed))))

    def _items(self, node: Identifier) -> list[Identifier]:
        return as_items(self.graph, node)

    def _plain_path(self, shape: Identifier) -> list[URIRef]:
        from rdflib import URIRef

        return [path for path in self._objects(shape, "path") if isinstance(path, URIRef)]

    def _qualified(self, node: Identifier) -> Iterator[Constraint]:
        """https://www.w3.org/TR/shacl/#QualifiedValueShapeConstraintComponent."""
        least, most = self._one(node, "qualifiedMinCount"), self._one(node, "qualifiedMaxCount")
        for shape in self._objects(node, "qualifiedValueShape"):
            others: list[Identifier] = []
            if self._is_true(node, "qualifiedValueShapesDisjoint"):
                others = self._siblings(node, shape)
            if least is not None:
                yield Constraint("QualifiedMinCount", (shape, least, *others))
            if most is not None:
                yield Constraint("QualifiedMaxCount", (shape, most, *others))

    def _siblings(self, node: Identifier, shape: Identifier) -> list[Identifier]:
        """https://www.w3.org/TR/shacl/#dfn-sibling-shapes."""
        found = {
            value
            for parent in self.graph.subjects(_sh("property"), node)
            for other in self.graph.objects(parent, _sh("property"))
            for value in self._objects(as_identifier(other), "qualifiedValueShape")
        }
        return sorted(found - {shape})

    def _sparql(self, node: Identifier) -> Iterator[SparqlConstraint]:
        from rdflib import Literal

        for value in self._objects(node, "sparql"):
            if self._is_true(value, "deactivated"):
                continue
            select = self._one(value, "select")
            if select is None:
                raise bad_shapes(f"the SPARQL constraint {value.n3()} has no sh:select")
            found = self._objects(value, "message")
            messages: list[Literal] = [m for m in found if isinstance(m, Literal)]
            prefixes = read_prefixes(self.graph, self._objects(value, "prefixes"))
            yield SparqlConstraint(value, str(select), prefixes, tuple(messages))


_VALIDATORS = ("validator", "nodeValidator", "propertyValidator")


def _component(name: str) -> str:
    """Give the local name of a constraint component from its parameter.

    >>> _component("minCount")
    'MinCount'
    """
    return name[0].upper() + name[1:]


def _sh(name: str) -> URIRef:
    from rdflib import URIRef

    return URIRef(SH + name)
