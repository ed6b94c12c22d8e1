"""The routes that take what clients write as OpenAPI 3.1: updates and the graph store."""

from __future__ import annotations

from typing import Any

from tzgraph.query.formats import ResultKind, formats_for
from tzgraph.serve.sparql.graph_store import SYNTAXES
from tzgraph.serve.sparql.request import FORM, UPDATE

__all__ = ["SECURITY", "graph_store", "update"]

#: How clients show that they may write (RFC 6750).
SECURITY: dict[str, Any] = {"bearer": {"type": "http", "scheme": "bearer"}}
_NEEDED: list[dict[str, list[str]]] = [{"bearer": []}]
_PROBLEM: dict[str, Any] = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}},
    "text/html": {},
}
_TEXT = {"type": "string"}
_LIST = {"type": "array", "items": {"type": "string", "format": "uri"}}
_ANSWERS = {
    201: "Done; the graph was not there before.",
    204: "Done; whoever asks next sees it.",
    400: "The request, or what it holds, can't be read. Nothing has changed.",
    401: "It shows no token, or another one.",
    404: "There is no such graph.",
    406: "It comes in none of the formats asked for.",
    412: "If-Match or If-None-Match says not to. Nothing has changed.",
    413: "It is too long.",
    415: "It is of a media type that is not read here.",
    503: "Too many updates wait, or another server writes; try again after Retry-After seconds.",
    504: "It took longer than it may. Nothing has changed.",
    507: "It needs more memory than it may. Nothing has changed.",
}
_USING = [
    {
        "name": name,
        "in": "query",
        "description": f"Graphs that {meaning} of WHERE.",
        "schema": _LIST,
        "explode": True,
    }
    for name, meaning in (
        ("using-graph-uri", "are the default graph"),
        ("using-named-graph-uri", "GRAPH sees, in patterns"),
    )
]
_GRAPH = [
    {
        "name": "graph",
        "in": "query",
        "description": "IRI of the graph.",
        "schema": {"type": "string", "format": "uri"},
    },
    {
        "name": "default",
        "in": "query",
        "description": "The default graph, in place of `graph`.",
        "allowEmptyValue": True,
        "schema": {"type": "string", "enum": [""]},
    },
]


def update() -> dict[str, Any]:
    """Describe ``/update``."""
    fields = {"update": _TEXT, "using-graph-uri": _LIST, "using-named-graph-uri": _LIST}
    form = {"type": "object", "required": ["update"], "properties": fields}
    return {
        "post": {
            "operationId": "update",
            "summary": "SPARQL 1.1 Update",
            "description": "Carried out whole or not at all; kept when it is answered.",
            "security": _NEEDED,
            "parameters": _USING,
            "requestBody": {
                "required": True,
                "content": {UPDATE: {"schema": _TEXT}, FORM: {"schema": form}},
            },
            "responses": _answers(204, 400, 401, 412, 413, 415, 503, 504, 507),
        }
    }


def graph_store(*, writes: bool) -> dict[str, Any]:
    """Describe ``/graphs``.

    :param writes: whether the server takes updates

    >>> sorted(graph_store(writes=True))
    ['delete', 'get', 'post', 'put']
    """
    forms = formats_for(ResultKind.GRAPH, served=True)
    content: dict[str, Any] = {form.media_types[0]: {} for form in forms}
    whole = {"200": {"description": "The graph.", "content": content}}
    found: dict[str, Any] = {
        "get": {
            "operationId": "graph-get",
            "summary": "A graph (SPARQL 1.1 Graph Store HTTP Protocol)",
            "parameters": _GRAPH,
            "responses": {**whole, **_answers(400, 404, 406, 503, 504)},
        }
    }
    if writes:
        found["put"] = _write("put", "Replace a graph")
        found["post"] = _write("post", "Add to a graph; without a name, make one")
        found["delete"] = _write("delete", "Delete a graph")
        del found["delete"]["requestBody"]
        found["delete"]["responses"] = _answers(204, 400, 401, 404, 412, 503, 504, 507)
    return found


def _write(method: str, summary: str) -> dict[str, Any]:
    data: dict[str, Any] = {syntax.media_type: {"schema": _TEXT} for syntax in SYNTAXES}
    data["multipart/form-data"] = {"schema": {"type": "object"}}
    return {
        "operationId": f"graph-{method}",
        "summary": summary,
        "security": _NEEDED,
        "parameters": _GRAPH,
        "requestBody": {"required": True, "content": data},
        "responses": _answers(201, 204, 400, 401, 412, 413, 415, 503, 504, 507),
    }


def _answers(*statuses: int) -> dict[str, Any]:
    return {
        str(status): {"description": _ANSWERS[status]}
        | ({"content": _PROBLEM} if status >= 400 else {})
        for status in statuses
    }
