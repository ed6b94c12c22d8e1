"""Values of parameters that name things, read as the things: by any of their names."""

from __future__ import annotations

from collections.abc import Mapping

from tzgraph.errors import UnknownNameError, UsageError
from tzgraph.names.lookup import Lookup, thing_named
from tzgraph.names.resolver import NameResolver
from tzgraph.query.binding import ParameterError, parse_iri
from tzgraph.query.library import QueryFile

__all__ = ["UnknownThingError", "name_things", "with_defaults"]


class UnknownThingError(ParameterError):
    """The value of a parameter names nothing in the graph, or several things."""

    code = UnknownNameError.code
    title = UnknownNameError.title
    details = ("parameters", "suggestions")

    def __init__(self, parameter: str, error: UnknownNameError) -> None:
        super().__init__(f"Parameter {parameter!r}: {error.message}", error.hint, (parameter,))
        self.suggestions = error.suggestions


def with_defaults(query: QueryFile, values: Mapping[str, str]) -> dict[str, str]:
    """Give the values as written, and those that the query has itself for the rest."""
    own = {one.name: one.default for one in query.parameters if one.default is not None}
    return {**own, **values}


def name_things(
    query: QueryFile, values: Mapping[str, str], kinds: Mapping[str, str], names: NameResolver
) -> Lookup[dict[str, str]]:
    """Look up the things that values name, and give the values with IRIs in their place.

    A value that takes things of a class may be a local id as well, and is described in the graph;
    one that takes any IRI occurs in it.

    :param query: the query, with its parameters
    :param values: values as written, by name of the parameter
    :param kinds: the base of the IRIs of a class's things, by IRI of the class
    :param names: finds things by names
    :raises ParameterError: if a value can't be read
    :raises UnknownThingError: if a value names nothing in the graph, or several things
    """
    found = dict(values)
    for parameter in query.parameters:
        text = values.get(parameter.name, "")
        if not text.strip() or not (parameter.is_class or parameter.type == "iri"):
            continue
        of_class = parse_iri(parameter.type, names.curies).value if parameter.is_class else ""
        base = kinds.get(of_class, "")
        lookup = thing_named(
            names, text, base=base, of_class=of_class, anywhere=not parameter.is_class
        )
        try:
            iri = yield from lookup
        except UnknownNameError as error:
            raise UnknownThingError(parameter.name, error) from error
        except UsageError as error:
            message = f"Parameter {parameter.name!r}: {error.message}"
            raise ParameterError(message, error.hint, (parameter.name,)) from error
        found[parameter.name] = f"<{iri}>"
    return found
