"""Each query of the library as a route of its own, for the OpenAPI document.

Requests are answered by ``/queries/{name}``, which knows suffixes, too, and tells who mistypes a
name of the nearest one. To declare all of these routes takes a quarter of a second, so they are
made when the document is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from inspect import Parameter as Declared
from inspect import Signature
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field
from starlette.responses import Response
from starlette.routing import BaseRoute

from tzgraph.query.formats import ResultKind
from tzgraph.query.guard import check
from tzgraph.query.library import Parameter, QueryFile
from tzgraph.serve.engine.paging import DEFAULT_ROWS, MOST_ROWS
from tzgraph.serve.messages.problems import problem_responses
from tzgraph.serve.messages.routes import Absent, RequestRoute
from tzgraph.serve.site.library import MOST_OFFSET, query_route
from tzgraph.serve.sparql.declared import LIMITS, format_names, results

__all__ = ["query_routes"]

#: Types of parameters; values of the others are written as text.
_TYPES: Mapping[str, type] = {"integer": int, "decimal": float, "boolean": bool, "date": date}


def query_routes(library: Mapping[str, QueryFile]) -> Sequence[BaseRoute]:
    """Give a route for each query, with its parameters and the formats that its result can have."""
    router = APIRouter(route_class=RequestRoute, default_response_class=Response)
    for query in library.values():
        is_graph = check(query.text).form in ("CONSTRUCT", "DESCRIBE")
        kind = ResultKind.GRAPH if is_graph else ResultKind.BINDINGS
        shape = _graph if is_graph else _rows
        router.add_api_route(
            f"/queries/{query.name}",
            query_route,
            operation_id=f"query-{query.name}",
            summary=query.title,
            description=query.description or query.title,
            tags=list(query.tags),
            dependencies=[Depends(_values(query)), Depends(shape)],
            responses={**results(kind), **problem_responses(400, 406, 414, *LIMITS)},
        )
    return router.routes


def _rows(
    limit: Annotated[
        Annotated[int, Field(ge=1, le=MOST_ROWS)] | Absent,
        Query(description=f"Rows to give; {DEFAULT_ROWS} if offset is given."),
    ] = None,
    offset: Annotated[
        Annotated[int, Field(ge=0, le=MOST_OFFSET)] | Absent,
        Query(description="Rows to leave out; see the header Link."),
    ] = None,
    form: Annotated[str | Absent, format_names([ResultKind.BINDINGS], "html")] = None,
) -> None:
    """Declare what all queries take that give rows."""


def _graph(
    form: Annotated[str | Absent, format_names([ResultKind.GRAPH], "html")] = None,
) -> None:
    """Declare what all queries take that give a graph."""


def _values(query: QueryFile) -> Any:
    """Give a dependency with the parameters of a query."""

    def values(**_values: object) -> None:
        pass

    declared = [_declared(number, one) for number, one in enumerate(query.parameters)]
    described: Any = values
    described.__signature__ = Signature(declared)
    return described


def _declared(number: int, parameter: Parameter) -> Declared:
    """Declare a parameter; names of variables need not be names in Python."""
    kind = f"id, CURIE or IRI of a {parameter.type}" if parameter.is_class else parameter.type
    about = f"{parameter.explanation} ({kind})" if parameter.explanation else kind
    of_type: Any = _TYPES.get(parameter.type, str)
    default: Any = Declared.empty if parameter.is_required else None
    examples = None
    if parameter.default is not None:
        default = _typed(parameter)
        examples = [default]
    elif parameter.optional:
        of_type = of_type | Absent
    annotation = Annotated[
        of_type, Query(alias=parameter.name, description=about, examples=examples)
    ]
    return Declared(
        f"value_{number}", Declared.KEYWORD_ONLY, default=default, annotation=annotation
    )


def _typed(parameter: Parameter) -> object:
    """Give the default value as JSON has it, or as written if it is none of its type."""
    written = parameter.default or ""
    try:
        if parameter.type in ("integer", "decimal"):
            return _TYPES[parameter.type](written)
    except ValueError:
        return written
    return written == "true" if parameter.type == "boolean" else written
