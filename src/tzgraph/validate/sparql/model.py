"""Shapes as values: what :mod:`.parse` reads from a shapes graph and the translation works on.

https://www.w3.org/TR/shacl/#shapes
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tzgraph.errors import InputUnreadableError, Severity

if TYPE_CHECKING:
    from rdflib.term import Identifier, Literal

__all__ = [
    "Constraint",
    "Path",
    "Shape",
    "SparqlConstraint",
    "Target",
    "UntranslatableShapesError",
    "bad_shapes",
]


class UntranslatableShapesError(InputUnreadableError):
    """The shapes use something that has no translation to SPARQL; nothing was checked.

    :param reasons: what can't be translated, each with its shape
    """

    code = "untranslatable-shapes"

    def __init__(self, reasons: Collection[str]) -> None:
        self.reasons = tuple(sorted(set(reasons)))
        super().__init__(
            f"The shapes can't be translated to SPARQL: {'; '.join(self.reasons)}.",
            "Check with --engine pyshacl.",
        )


def bad_shapes(why: str) -> InputUnreadableError:
    """Give the error for shapes that break the rules of SHACL."""
    return InputUnreadableError(f"The shapes can't be evaluated: {why}", "Correct the shape.")


@dataclass(frozen=True, slots=True)
class Path:
    """A property path: https://www.w3.org/TR/shacl/#property-paths.

    ``needs`` says which predicates have to occur in the data for the path to lead anywhere: one
    of each group. ``may_stay`` says whether the path can have length zero.
    """

    node: Identifier
    text: str
    needs: tuple[frozenset[str], ...]
    may_stay: bool

    def leads_anywhere(self, predicates: Collection[str]) -> bool:
        """Whether data with these predicates can have a value node."""
        return all(any(iri in predicates for iri in group) for group in self.needs)


@dataclass(frozen=True, slots=True)
class Target:
    """What chooses focus nodes: https://www.w3.org/TR/shacl/#targets.

    ``kind`` is the local name of the property, such as ``targetClass``.
    """

    kind: str
    node: Identifier


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint: local name of its component without ``ConstraintComponent``, and its values.

    ``args`` are what the component needs: a list's members for ``In`` and the logical ones, the
    pattern and its flags for ``Pattern``, the allowed properties for ``Closed``, shape, number
    and the shapes of siblings to be disjoint with for the qualified ones.
    """

    component: str
    args: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class SparqlConstraint:
    """A SPARQL-based constraint: https://www.w3.org/TR/shacl/#sparql-constraints."""

    node: Identifier
    select: str
    prefixes: Mapping[str, str]
    messages: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A node shape (``path`` is ``None``) or a property shape."""

    node: Identifier
    path: Path | None
    severity: Severity
    severity_iri: str
    messages: tuple[Literal, ...]
    targets: tuple[Target, ...]
    constraints: tuple[Constraint, ...]
    sparql: tuple[SparqlConstraint, ...]
    properties: tuple[Identifier, ...]
    deactivated: bool = False
