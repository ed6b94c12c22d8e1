"""Have GROUP_CONCAT put together what is no string, too.

Oxigraph 0.5 leaves the cell empty if there is an IRI, a number or a blank node in the group, and
keeps the language of strings that all have the same one. SPARQL 1.1 Query, section 18.5.1.7, has
strings without language put together, and all other engines take what STR gives of the values, and
labels of blank nodes. DISTINCT is about the values, not about their strings, so it needs an
aggregate of our own. A value that isn't there is an error of the whole, as in SPARQL.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from urllib.parse import quote

import pyoxigraph as ox

from tzgraph.query.rewrite.edits import Edit, QuerySource
from tzgraph.query.syntax.strings import string_of
from tzgraph.query.syntax.tree import Expression, SyntaxNode
from tzgraph.query.syntax.tree import Term as SyntaxTerm
from tzgraph.terms import Term

__all__ = ["DistinctConcat", "concatenations"]

#: IRI of an aggregate for DISTINCT, before its separator.
_DISTINCT = "urn:tzgraph:group-concat-distinct:"

_LABEL = "urn:tzgraph:label"


class DistinctConcat:
    """Puts together what is different, in the order in which it comes.

    :param separator: what stands between
    """

    def __init__(self, separator: str) -> None:
        self._separator = separator
        self._values: dict[Term, str] = {}

    def accumulate(self, element: Term) -> None:
        """Take a value of the group."""
        if isinstance(element, ox.NamedNode | ox.Literal):
            self._values[element] = element.value
        else:
            self._values[element] = str(element)

    def finish(self) -> Term:
        """Give the string."""
        return ox.Literal(self._separator.join(self._values.values()))


def _label(value: Term) -> Term:
    """Give the string for a value that STR has none for: a blank node's label."""
    return ox.Literal(str(value))


def concatenations(source: QuerySource) -> Iterator[Edit]:
    """Rewrite each GROUP_CONCAT whose values may be no strings."""
    for call in source.nodes:
        if not isinstance(call, Expression) or call.name != "GROUP_CONCAT":
            continue
        separator = " " if call.separator is None else string_of(call.separator)
        if len(call.arguments) != 1 or separator is None or _is_string(call.arguments[0]):
            continue
        (value,) = call.arguments
        if call.distinct:
            name = _DISTINCT + quote(separator, safe="")
            source.aggregates[ox.NamedNode(name)] = partial(DistinctConcat, separator)
            yield Edit(call.start, value.start, f"<{name}>(")
            yield Edit(value.end, call.end, ")")
        elif isinstance(value, SyntaxTerm):
            source.functions[ox.NamedNode(_LABEL)] = _label
            yield Edit(value.start, value.start, "COALESCE(STR(")
            yield Edit(value.end, value.end, f"), <{_LABEL}>({source.written(value)}))")
        else:
            yield Edit(value.start, value.start, "STR(")
            yield Edit(value.end, value.end, ")")


def _is_string(value: SyntaxNode) -> bool:
    return isinstance(value, Expression) and value.name == "STR"
