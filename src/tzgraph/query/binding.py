"""Turn the values of a query's parameters into terms, and bind them.

Values are never pasted into the text: pyoxigraph binds them as terms (``substitutions``, see
RDF-dev SEP-0007). What authors of queries have to know, as tried on pyoxigraph 0.5.13 and kept
by ``tests/query/test_substitution.py``:

- A SELECT has to **project** the parameter (``SELECT ?target ?drug``), with GROUP BY also where
  it aggregates. Otherwise the engine refuses the query. The column then holds the value.
- ASK and CONSTRUCT have to use it in a pattern outside FILTER. Where they don't, put
  ``VALUES ?name { UNDEF }`` first. DESCRIBE has to describe it.
- Triple patterns, property paths, GRAPH, FILTER, (NOT) EXISTS, OPTIONAL with its FILTER, UNION,
  MINUS, HAVING, ORDER BY and SELECT expressions see the value.
- **BIND doesn't see it** unless a pattern before the BIND uses the variable: ``BIND(?p AS ?q)``
  leaves ``?q`` unbound. Use a SELECT expression, or FILTER.
- A **subquery** sees it only if the subquery projects it too, up through each level.
- VALUES and BIND that assign the variable act as a constraint: rows with another value are gone.
- ``LIMIT ?n`` is not SPARQL: numbers of rows can't be parameters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import ClassVar

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.errors import UsageError
from tzgraph.query.library import Parameter, QueryFile
from tzgraph.terms import Term
from tzgraph.vocabulary import XSD

__all__ = ["ParameterError", "bind", "parse_iri", "term_of"]

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_PLAIN = {
    "integer": (re.compile(r"[+-]?[0-9]+\Z"), "a whole number"),
    "decimal": (re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)\Z"), "a number such as 1.5"),
    "boolean": (re.compile(r"(true|false)\Z"), "true or false"),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"), "a date such as 2026-11-23"),
}


class ParameterError(UsageError):
    """Values don't fit a query's parameters, those in ``parameters``."""

    details: ClassVar[tuple[str, ...]] = ("parameters",)

    def __init__(self, message: str, hint: str, parameters: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.parameters = parameters


def bind(
    query: QueryFile,
    values: Mapping[str, str],
    curies: Curies,
    kinds: Mapping[str, str],
) -> dict[ox.Variable, Term]:
    """Check values against a query's parameters and give them as terms.

    :param query: the query, with its parameters
    :param values: values as written, by name of the parameter
    :param curies: reads CURIEs
    :param kinds: the base of the IRIs of a class's things, by IRI of the class
    :raises ParameterError: listing every unknown, missing and malformed parameter

    >>> query = QueryFile("q", "", parameters=(Parameter("n", "integer"),))
    >>> {v.value: t.value for v, t in bind(query, {"n": "3"}, Curies(), {}).items()}
    {'n': '3'}
    """
    names = [parameter.name for parameter in query.parameters]
    problems: list[str] = []
    wrong: list[str] = []
    for name in values:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            known = f"parameters: {', '.join(names)}" if names else "this query has none"
            guess = f"did you mean {near[0]}?" if near else known
            problems.append(f"unknown parameter {name!r} ({guess})")
            wrong.append(name)
    terms: dict[ox.Variable, Term] = {}
    for parameter in query.parameters:
        value = values.get(parameter.name, parameter.default)
        if parameter.optional and not (value or "").strip():
            continue
        if value is None:
            about = f", {parameter.explanation}" if parameter.explanation else ""
            problems.append(f"missing parameter {parameter.name!r} ({parameter.type}{about})")
            wrong.append(parameter.name)
            continue
        try:
            terms[ox.Variable(parameter.name)] = term_of(parameter, value, curies, kinds)
        except ValueError as error:
            problems.append(f"parameter {parameter.name!r}: {error}")
            wrong.append(parameter.name)
    if problems:
        hint = f"Give parameters as name=value. Parameters: {', '.join(names)}." if names else ""
        said = "; ".join(problems)
        raise ParameterError(f"Query {query.name!r}: {said}.", hint, tuple(wrong))
    return terms


def parse_iri(value: str, curies: Curies, base: str | None = None) -> ox.NamedNode:
    """Read an IRI, with or without angle brackets, a CURIE, or a local id where there is a base.

    :raises ValueError: if it is none of them

    >>> parse_iri("tz:Drug", Curies({"tz": "https://example.org/"})).value
    'https://example.org/Drug'
    """
    if base is not None and _SLUG.match(value):
        return ox.NamedNode(base + value)
    return ox.NamedNode(curies.iri(value))


def term_of(parameter: Parameter, value: str, curies: Curies, kinds: Mapping[str, str]) -> Term:
    """Give the term that a value means for a parameter.

    :raises ValueError: if it is none of the parameter's type
    """
    if parameter.type == "string":
        return ox.Literal(value)
    if parameter.type == "iri":
        return parse_iri(value.strip(), curies)
    if parameter.type in _PLAIN:
        pattern, wanted = _PLAIN[parameter.type]
        if not pattern.match(value.strip()):
            raise ValueError(f"{value!r} is not {wanted}")
        if parameter.type == "date":
            date.fromisoformat(value.strip())
        return ox.Literal(value.strip(), datatype=ox.NamedNode(XSD + parameter.type))
    base = kinds.get(parse_iri(parameter.type, curies).value)
    return parse_iri(value.strip(), curies, base)
