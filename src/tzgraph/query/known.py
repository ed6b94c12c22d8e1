"""Tell a parameter that names nothing from one whose answer is empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.query.binding import ParameterError, parse_iri
from tzgraph.query.library import QueryFile
from tzgraph.resources import own_query
from tzgraph.terms import Term

__all__ = ["DESCRIBED", "THINGS", "Named", "check_known", "named", "unknown_thing"]

#: Has a row if anything is said of ``?thing``.
DESCRIBED = own_query("query", "described")
#: Gives, as ``?thing``, some of those of ``?class``.
THINGS = own_query("query", "ids")
#: Characters of an id that are compared with others.
_LONGEST = 200
#: How alike ids have to be for a guess, from 0 to 1; ``her1`` and ``her2`` are 0.75.
_ALIKE = 0.7
#: Ids that are listed where there is no guess.
_LISTED = 20


class Named(NamedTuple):
    """A thing that a parameter names, and the class that it should be of."""

    parameter: str
    thing: ox.NamedNode
    of_class: ox.NamedNode


def named(query: QueryFile, terms: Mapping[str, Term], curies: Curies) -> Iterator[Named]:
    """Give the things that parameters name which take things of a class.

    :param query: the query, with its parameters
    :param terms: values by name of the parameter
    :param curies: reads the classes' CURIEs
    """
    for parameter in query.parameters:
        term = terms.get(parameter.name)
        if parameter.is_class and isinstance(term, ox.NamedNode):
            yield Named(parameter.name, term, parse_iri(parameter.type, curies))


def unknown_thing(one: Named, things: Iterable[Term | None]) -> ParameterError:
    """Give the error for a thing that is described nowhere: with the id meant, or some that exist.

    :param things: some of the class

    >>> one = Named("target", ox.NamedNode("x:t/her22"), ox.NamedNode("x:Target"))
    >>> unknown_thing(one, [ox.NamedNode("x:t/her2"), ox.NamedNode("x:t/cd3")]).hint
    'Did you mean her2?'
    """
    base, written = _divided(one.thing)
    divided = [_divided(thing) for thing in things if isinstance(thing, ox.NamedNode)]
    ids = sorted({name for where, name in divided if where == base})
    near = get_close_matches(written.lower()[:_LONGEST], ids, 1, _ALIKE)
    more = ", …" if len(ids) > _LISTED else ""
    listed = f"There are {', '.join(ids[:_LISTED])}{more}." if ids else ""
    return ParameterError(
        f"Parameter {one.parameter!r}: {one.thing.value} is described nowhere in the graph.",
        f"Did you mean {near[0]}?" if near else listed,
        (one.parameter,),
    )


def check_known(
    query: QueryFile,
    terms: Mapping[ox.Variable, Term],
    store: ox.Store,
    curies: Curies,
) -> None:
    """Make sure that values of parameters that take things of a class are described.

    :param query: the query, with its parameters
    :param terms: its values, as :func:`tzgraph.query.binding.bind` gives them
    :param store: the graph
    :param curies: reads the classes' CURIEs
    :raises ParameterError: naming the nearest id of the class, if a value is described nowhere
    """
    values = {variable.value: term for variable, term in terms.items()}
    for one in named(query, values, curies):
        if not _column(store, DESCRIBED, "thing", one.thing):
            raise unknown_thing(one, _column(store, THINGS, "class", one.of_class))


def _column(store: ox.Store, text: str, name: str, node: ox.NamedNode) -> list[Term | None]:
    """Give what a query finds as ``?thing``, with a value for one of its variables."""
    found = store.query(text, substitutions={ox.Variable(name): node})
    return [row["thing"] for row in found] if isinstance(found, ox.QuerySolutions) else []


def _divided(thing: ox.NamedNode) -> tuple[str, str]:
    """Give what an IRI begins with, and its id."""
    base, _slash, name = thing.value.rpartition("/")
    return base, name
