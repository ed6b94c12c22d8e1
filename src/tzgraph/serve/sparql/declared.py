"""What the SPARQL protocols take and give, as FastAPI wants to be told for the OpenAPI document.

The protocols repeat parameters, take them from the URL and from forms, and send queries and graphs
as bodies of their own media types: they are read by :mod:`tzgraph.serve.sparql.request`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeAlias

from fastapi import Query
from pydantic import WithJsonSchema

from tzgraph.query.formats import ResultKind, formats_for
from tzgraph.serve.messages.negotiate import HTML
from tzgraph.serve.messages.routes import Responses, content

__all__ = ["LIMITS", "Graph", "Graphs", "body", "form", "format_names", "results"]

#: Statuses of what ends a query that is right in itself.
LIMITS = (503, 504, 507)
_TEXT = {"type": "string"}
_IRI = {**_TEXT, "format": "uri"}
_IRIS = {"type": "array", "items": _IRI}
#: The IRI of a graph, and several of them.
Graph: TypeAlias = Annotated[str, WithJsonSchema(_IRI)]
Graphs: TypeAlias = Annotated[list[str], WithJsonSchema(_IRIS)]


def results(*kinds: ResultKind, more: Iterable[str] = ()) -> Responses:
    """Describe the results of queries, in the formats that they can have.

    :param more: media types of what may come in place of a result
    """
    forms = [form.media_types[0] for kind in kinds for form in formats_for(kind, served=True)]
    return {200: content("The result.", [*forms, *more, HTML])}


def format_names(kinds: Iterable[ResultKind], *more: str) -> Any:
    """Declare the parameter ``format``.

    :param more: names beside those of the formats for these kinds of results
    """
    names = [form.name for kind in kinds for form in formats_for(kind, served=True)]
    return Query(
        alias="format",
        description="A format, in place of the header Accept. Media types and the names that other"
        " endpoints have for formats are taken, too, as `nt` and `rdf`.",
        json_schema_extra={"enum": [*names, *more]},
    )


def body(media_types: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Describe the body of a request; FastAPI knows bodies of one media type only.

    :param media_types: what is sent in each
    """
    return {"requestBody": {"required": True, "content": dict(media_types)}}


def form(name: str, *graphs: str, **more: Any) -> dict[str, Any]:
    """Describe a form that holds a query or an update, and may name graphs.

    :param more: what else is to say of the text
    """
    fields = {name: {**_TEXT, **more}} | dict.fromkeys(graphs, _IRIS)
    return {"schema": {"type": "object", "required": [name], "properties": fields}}
