"""The fields for the parameters of a query: with choices where all that fits is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.errors import TzgraphError
from tzgraph.query.binding import term_of
from tzgraph.query.library import Parameter, parse_query
from tzgraph.query.table import printable
from tzgraph.terms import Term

__all__ = ["Choices", "Input", "declared_in", "editor_inputs", "input_for"]

#: Labels by IRI of what a parameter can be chosen from, by its type.
Choices = Mapping[str, Mapping[str, str]]
#: Choices from which on they are suggestions for a field, and no list to open.
_MOST_LISTED = 80
_INPUTS = {"integer": "number", "date": "date"}


@dataclass(frozen=True, slots=True)
class ParameterChoice:
    """What a parameter can be: the value that is sent, and how it is shown."""

    value: str
    text: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """The field of a parameter.

    :ivar choices: what to choose from
    :ivar is_list: whether there is nothing but these
    """

    name: str
    title: str
    value: str
    explanation: str
    optional: bool
    kind: str = "text"
    choices: Sequence[ParameterChoice] = ()
    is_list: bool = False


def input_for(
    curies: Curies,
    parameter: Parameter,
    title: str,
    values: Mapping[str, str],
    term: Term | None,
    choices: Choices,
) -> Input:
    """Give the field of a parameter: a list where all its values are known and few.

    :param title: what the parameter is called there
    :param values: values of parameters as written
    :param term: the value as a term, the default too, if it could be read
    """
    value = values.get(parameter.name) or parameter.default or ""
    things = choices.get(parameter.type, {})
    iri = term.value if isinstance(term, ox.NamedNode) else curies.expand(value)
    listed = [
        ParameterChoice(curies.compact(thing), printable(label), is_chosen=thing == iri)
        for thing, label in sorted(things.items(), key=lambda pair: (pair[1].casefold(), pair[0]))
    ]
    if parameter.type == "boolean":
        listed = [
            ParameterChoice(word, word, is_chosen=word == value) for word in ("true", "false")
        ]
    # What was written stays as it is, also if it is none of these or can't be read.
    is_unread = bool(values.get(parameter.name)) and term is None
    fits = not value or any(choice.is_chosen for choice in listed)
    return Input(
        parameter.name,
        title,
        value,
        parameter.explanation,
        parameter.optional,
        "text" if is_unread else _INPUTS.get(parameter.type, "text"),
        listed,
        is_list=bool(listed) and fits and len(listed) <= _MOST_LISTED,
    )


def declared_in(text: str) -> tuple[Parameter, ...]:
    r"""Give the parameters that the header of a query declares; none if it can't be read.

    >>> [p.name for p in declared_in("#+ param: drug tz:Drug\nSELECT * {}")]
    ['drug']
    >>> declared_in("#+ what: is this")
    ()
    """
    try:
        return parse_query(text, name="query").parameters
    except TzgraphError:
        return ()


def editor_inputs(
    curies: Curies,
    kinds: Mapping[str, str],
    text: str,
    values: Mapping[str, str],
    choices: Choices,
) -> list[Input]:
    """Give the fields of the editor: for what the query declares, and what else has a value.

    :param kinds: for a class the base of its things' IRIs
    :param text: the query
    :param values: values of variables as written
    """
    declared = declared_in(text)
    fields = []
    for parameter in declared:
        written = values.get(parameter.name) or parameter.default or ""
        try:
            term = term_of(parameter, written, curies, kinds) if written else None
        except ValueError:
            term = None
        title = f"?{parameter.name}"
        fields.append(input_for(curies, parameter, title, values, term, choices))
    names = {parameter.name for parameter in declared}
    others = [(name, value) for name, value in values.items() if name not in names]
    return [*fields, *(Input(n, f"?{n}", value, "", not value) for n, value in others)]
