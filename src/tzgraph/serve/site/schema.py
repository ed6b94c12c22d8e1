"""``/schema.json``: what editors complete from, and programs that write queries."""

from __future__ import annotations

import json

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.problems import problem_responses
from tzgraph.serve.messages.routes import Absent, RequestRoute, content
from tzgraph.serve.releases.service import service_of
from tzgraph.serve.sparql.declared import LIMITS
from tzgraph.serve.sparql.schema_terms import schema_of
from tzgraph.serve.state import state_of

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, default_response_class=Response)
_JSON = "application/json"


class SchemaTerm(BaseModel):
    """A property of the served graph."""

    model_config = ConfigDict(extra="forbid")

    iri: str
    name: str = Field(description="As queries write it here: `tz:targets`, or `<…>`.")
    label: str | Absent = None
    definition: str | Absent = None
    range: str | Absent = Field(None, description="The class or datatype that it leads to.")
    count: int = Field(description="Triples in the default view; of a class, things.")


class SchemaClass(SchemaTerm):
    """A class of the served graph."""

    properties: dict[str, int] = Field(
        description="Properties that things of the class have, with the number of triples."
    )


class ServedSchema(BaseModel):
    """Classes and properties of the served graph."""

    model_config = ConfigDict(extra="forbid")

    prefixes: dict[str, str] = Field(description="Those that queries need not declare.")
    kinds: dict[str, str] = Field(description="The class whose things have a prefix.")
    classes: list[SchemaClass]
    properties: list[SchemaTerm]


@router.get(
    "/schema.json",
    operation_id="schema",
    summary="Classes and properties, with definitions and counts",
    description="What the ontology describes and the default view uses, as it is served now.",
    responses={
        200: {**content("The schema.", [_JSON]), "model": ServedSchema},
        **problem_responses(*LIMITS),
    },
)
async def schema_route(request: Request) -> Response:
    """Give the schema; it is made once for each state."""
    service = service_of(request)
    cache, key = state_of(request).cache, (service.release.id, "schema")
    kept = cache.get(key, "result")
    if isinstance(kept, bytes):
        return Response(kept, media_type=_JSON)
    found = await schema_of(request, service)
    data = await aside(lambda: json.dumps(found, ensure_ascii=False).encode())
    cache.put(key, data, len(data))
    return Response(data, media_type=_JSON)
