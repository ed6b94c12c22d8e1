"""FastAPI as this server uses it: flat routes, and a document that describes no more than they do.

The OpenAPI document (https://spec.openapis.org/oas/v3.1.0) is made by FastAPI from the routes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from tzgraph.serve.messages.problems import ProblemDocument

__all__ = ["Application"]


class Application(FastAPI):
    """The web application."""

    #: Makes routes that are described one by one, and answered by one that takes them all.
    also_described: Callable[[], Sequence[BaseRoute]] = tuple

    def add_routes(self, routers: Iterable[APIRouter], *, described: bool = True) -> None:
        """Add the routes of routers, side by side: of included routers each match is made twice.

        Who may GET may HEAD (RFC 9110, 9.3.2), which FastAPI leaves out.

        :param described: whether they stand in the OpenAPI document
        """
        for route in (route for router in routers for route in router.routes):
            if not isinstance(route, APIRoute):
                raise TypeError(f"{route} is no route of FastAPI")
            one = copy.copy(route)
            one.include_in_schema = route.include_in_schema and described
            self.routes.append(one)
            if "GET" in (route.methods or ()):
                head = copy.copy(route)
                head.methods, head.include_in_schema = {"HEAD"}, False
                self.routes.append(head)

    def openapi(self) -> dict[str, Any]:
        """Give the OpenAPI document; it is made once, in a quarter of a second."""
        if self.openapi_schema is None:
            document = get_openapi(
                title=self.title,
                version=self.version,
                openapi_version=self.openapi_version,
                routes=[*self.routes, *self.also_described()],
            )
            for operation in (o for path in document["paths"].values() for o in path.values()):
                # What FastAPI would answer to wrong values: routes here answer with 400.
                operation["responses"].pop("422", None)
            schemas = document["components"]["schemas"]
            for name in ("HTTPValidationError", "ValidationError"):
                schemas.pop(name, None)
            schemas["Problem"] = ProblemDocument.model_json_schema()
            self.openapi_schema = document
        return self.openapi_schema
