"""Which lexical forms a datatype has, as a SPARQL test.

Oxigraph keeps a literal that it can read as a value and writes it back in its own form
(``"01"^^xsd:integer`` as ``1``); one that it can't read stays as it was written. So an ill-formed
literal survives loading and can be found by its lexical form. What does not survive: the types
derived from ``xsd:integer``, which become ``xsd:integer`` if their text is one.

https://www.w3.org/TR/shacl/#DatatypeConstraintComponent,
https://www.w3.org/TR/xmlschema11-2/#built-in-datatypes
"""

from __future__ import annotations

from tzgraph.vocabulary import XSD

__all__ = ["ill_formed"]

_ZONE = "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_YEAR = "-?([1-9][0-9]{3,}|0[0-9]{3})"
_MONTH = "(0[1-9]|1[0-2])"
_DAY = "(0[1-9]|[12][0-9]|3[01])"
_TIME = "(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?|24:00:00([.]0+)?)"
_INTEGER = "[+-]?[0-9]+"
_FLOAT = "([+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?|[+-]?INF|NaN)"
_FORMS = {
    "integer": _INTEGER,
    "decimal": "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)",
    "double": _FLOAT,
    "float": _FLOAT,
    "boolean": "(true|false|0|1)",
    "date": f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}",
    "dateTime": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
    "dateTimeStamp": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE.removesuffix('?')}",
    "time": _TIME + _ZONE,
    "gYear": _YEAR + _ZONE,
    "gYearMonth": f"{_YEAR}-{_MONTH}{_ZONE}",
    "gMonth": f"--{_MONTH}{_ZONE}",
    "gMonthDay": f"--{_MONTH}-{_DAY}{_ZONE}",
    "gDay": f"---{_DAY}{_ZONE}",
}
_DERIVED = (
    *(
        "byte",
        "short",
        "int",
        "long",
        "unsignedByte",
        "unsignedShort",
        "unsignedInt",
        "unsignedLong",
    ),
    *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
)
#: Types whose form alone doesn't tell: 30 February has the form of a date.
_CALENDAR = ("date", "dateTime", "dateTimeStamp", "gMonthDay")


def ill_formed(datatype: str, value: str) -> str | None:
    """Give a test that is true if a literal of a datatype is ill-formed, never an error.

    :param datatype: IRI of the datatype
    :param value: the variable, with its question mark
    :return: the test, or ``None`` if any text is well-formed or the datatype isn't known

    >>> print(ill_formed("http://www.w3.org/2001/XMLSchema#boolean", "?v"))
    !REGEX(STR(?v), "^(true|false|0|1)$")
    """
    name = datatype.removeprefix(XSD)
    form = _INTEGER if name in _DERIVED else _FORMS.get(name)
    if name == datatype or form is None:
        return None
    test = f'!REGEX(STR({value}), "^{form}$")'
    if name in _CALENDAR:
        # The engine takes parts from values only, so it gives an error for anything else.
        return f"({test} || !COALESCE(DAY({value}) > 0, false))"
    return test
