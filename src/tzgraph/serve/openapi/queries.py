"""The routes that answer queries as OpenAPI 3.1: ``/sparql`` and the query library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tzgraph.query.formats import Format, ResultKind, formats_for
from tzgraph.query.guard import check
from tzgraph.query.library import Parameter, QueryFile
from tzgraph.serve.engine.paging import DEFAULT_ROWS, MOST_ROWS
from tzgraph.serve.sparql.request import DIRECT, FORM

__all__ = ["errors", "of_library", "parameter", "sparql"]

_ERRORS = {
    400: "A term or parameter can't be read, is missing or unknown.",
    404: "There is nothing of that name.",
    406: "It comes in none of the formats asked for; `available` lists those that there are.",
    410: "It was removed.",
    413: "It is too long.",
    414: "The URL is too long.",
    415: "It is of a media type that is not read here.",
    502: "An endpoint that the query calls gave no result.",
    503: "There is no room for the request; try again after the seconds in Retry-After.",
    504: "The query took longer than it may.",
    507: "The query needs more memory, or gives more, than it may.",
}
_TYPES = {
    "string": {"type": "string"},
    "iri": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
}
_TEXT = {"type": "string"}
_GRAPHS = {"type": "array", "items": {"type": "string", "format": "uri"}}
_EXAMPLE = "SELECT ?drug WHERE { ?drug tz:targets tztarget:her2 }"
_DATASET = {
    "default-graph-uri": "Graphs that together are the default graph.",
    "named-graph-uri": "Graphs that GRAPH sees.",
}
#: What ends a query that is right in itself.
_LIMITS = (503, 504, 507)


def sparql() -> dict[str, Any]:
    """Describe ``/sparql``.

    >>> sorted(sparql())
    ['get', 'post']
    """
    every = [form for kind in ResultKind for form in formats_for(kind, served=True)]
    dataset = [
        {**parameter(name, text, {}), "schema": _GRAPHS, "explode": True}
        for name, text in _DATASET.items()
    ]
    shaped = [*dataset, _format(every), _download()]
    query = {**parameter("query", "A SPARQL 1.1 query.", {}), "example": _EXAMPLE}
    fields = {"query": {**_TEXT, "example": _EXAMPLE}} | dict.fromkeys(_DATASET, _GRAPHS)
    form = {"type": "object", "required": ["query"], "properties": fields}
    result = _result(every)
    return {
        "get": {
            "operationId": "sparql",
            "summary": "SPARQL 1.1 Protocol query; without a query, service description",
            "parameters": [query, *shaped],
            "responses": {**result, **errors(400, 406, 414, 502, *_LIMITS)},
        },
        "post": {
            "operationId": "sparql-post",
            "summary": "SPARQL 1.1 Protocol query, direct or URL-encoded",
            "parameters": shaped,
            "requestBody": {
                "required": True,
                "content": {
                    DIRECT: {"schema": _TEXT, "example": _EXAMPLE},
                    FORM: {"schema": form},
                },
            },
            "responses": {**result, **errors(400, 406, 413, 415, 502, *_LIMITS)},
        },
    }


def of_library(query: QueryFile) -> dict[str, Any]:
    """Describe the route of a query of the library, with the formats that its result can have."""
    is_graph = check(query.text).form in ("CONSTRUCT", "DESCRIBE")
    forms = list(formats_for(ResultKind.GRAPH if is_graph else ResultKind.BINDINGS, served=True))
    rows = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}
    window = [
        {
            **parameter("limit", f"Rows to give; {DEFAULT_ROWS} if offset is given.", {}),
            "schema": rows,
        },
        {
            **parameter("offset", "Rows to leave out; see the header Link.", {}),
            "schema": {"type": "integer", "minimum": 0, "maximum": 10**9},
        },
    ]
    return {
        "get": {
            "operationId": f"query-{query.name}",
            "summary": query.title,
            "description": query.description,
            "tags": list(query.tags),
            "parameters": [
                *map(_value, query.parameters),
                *([] if is_graph else window),
                _format(forms, "html"),
            ],
            "responses": {**_result(forms), **errors(400, 406, 414, *_LIMITS)},
        }
    }


def parameter(
    name: str, text: str, examples: dict[str, dict[str, str]], *, required: bool = False
) -> dict[str, Any]:
    """Describe a parameter of the URL.

    :param text: what it is for
    :param examples: values by name
    """
    found = {
        "name": name,
        "in": "query",
        "required": required,
        "description": text,
        "schema": {"type": "string"},
    }
    return {**found, "examples": examples} if examples else found


def errors(*statuses: int) -> dict[str, Any]:
    """Describe the problem documents of some statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    # Who asks for a page gets the error on one.
    content: dict[str, Any] = {"application/problem+json": {"schema": schema}, "text/html": {}}
    return {
        str(status): {"description": _ERRORS[status], "content": content} for status in statuses
    }


def _result(forms: Sequence[Format]) -> dict[str, Any]:
    content: dict[str, Any] = {form.media_types[0]: {} for form in forms}
    return {"200": {"description": "The result.", "content": {**content, "text/html": {}}}}


def _format(forms: Sequence[Format], *more: str) -> dict[str, Any]:
    names = [*(form.name for form in forms), *more]
    found = parameter("format", "A format, in place of the header Accept.", {})
    return {**found, "schema": {"type": "string", "enum": names}}


def _download() -> dict[str, Any]:
    found = parameter("download", "Whether the result is a file to keep.", {})
    return {**found, "schema": {"type": "boolean"}}


def _value(one: Parameter) -> dict[str, Any]:
    kind = f"id, CURIE or IRI of a {one.type}" if one.is_class else one.type
    about = f"{one.explanation} ({kind})" if one.explanation else kind
    needed = one.default is None and not one.optional
    found = {**parameter(one.name, about, {}, required=needed)}
    schema: dict[str, Any] = dict(_TYPES.get(one.type, _TYPES["string"]))
    if one.default is not None:
        schema["default"] = found["example"] = _typed(one.type, one.default)
    return {**found, "schema": schema}


def _typed(kind: str, value: str) -> object:
    if kind == "integer":
        return int(value)
    if kind == "decimal":
        return float(value)
    return value == "true" if kind == "boolean" else value
