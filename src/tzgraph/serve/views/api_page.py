"""``/api``: the routes for programs as a page, each that reads with a form to try it.

The page is made of the OpenAPI document, so that it says the same. Queries of the library are
routes, too; they have pages of their own with the same fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tzgraph.serve.views.pages import Pages

__all__ = ["Operation", "api_page", "operations_of"]

#: Where the queries of the library begin.
_LIBRARY = "/queries/"


@dataclass(frozen=True, slots=True)
class ApiField:
    """A parameter of a route, as a field.

    :ivar place: ``query`` or ``path``
    :ivar choices: its values, if there are only some
    :ivar is_flag: whether it has no value but is there or not
    :ivar value: the default, or an example if it has to be given or is the first
    :ivar example: one of what it may be, may be empty
    """

    name: str
    place: str
    description: str
    is_required: bool
    choices: tuple[str, ...]
    is_flag: bool
    value: str
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """A route and a method.

    :ivar example: its path with examples in it, which can be followed
    :ivar formats: media types of the answer
    :ivar errors: other statuses, with what they mean
    """

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[ApiField, ...]
    example: str
    formats: tuple[str, ...]
    errors: tuple[tuple[str, str], ...]

    @property
    def anchor(self) -> str:
        """What a link to it ends with."""
        name = self.path.strip("/").replace("/", "-").replace("{", "").replace("}", "")
        return f"{self.method.lower()}-{name}"

    @property
    def can_be_tried(self) -> bool:
        """Whether a form sends what it takes: it reads, and takes nothing in its path."""
        return self.method == "GET" and not any(p.place == "path" for p in self.parameters)


def api_page(pages: Pages, document: Mapping[str, Any]) -> str:
    """Give the page of an OpenAPI document; threads may call this."""
    operations = list(operations_of(document))
    paths = [path for path in document["paths"] if path.startswith(_LIBRARY)]
    return pages.render("api.html", operations=operations, queries=len(paths))


def operations_of(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Give the operations of an OpenAPI document, but for the queries of the library."""
    for path, methods in document["paths"].items():
        if path.startswith(_LIBRARY):
            continue
        for method, said in methods.items():
            parameters = tuple(
                _parameter(one, is_first=not place)
                for place, one in enumerate(said.get("parameters", ()))
            )
            example = path
            for parameter in parameters:
                if parameter.place == "path":
                    example = example.replace(f"{{{parameter.name}}}", parameter.value)
            responses = said.get("responses", {})
            yield Operation(
                *(method.upper(), path),
                said.get("summary", ""),
                said.get("description", ""),
                parameters,
                example,
                tuple(responses.get("200", {}).get("content", ())),
                tuple(
                    (status, answer.get("description", ""))
                    for status, answer in responses.items()
                    if not status.startswith("2")
                ),
            )


def _parameter(said: Mapping[str, Any], *, is_first: bool) -> ApiField:
    """Read a parameter; the first is what a route is mostly asked by, so that it has a value."""
    schema = said.get("schema", {})
    is_required = bool(said.get("required"))
    examples: Sequence[Any] = schema.get("examples") or _named(said.get("examples"))
    example = str(examples[0]) if examples else ""
    value = schema.get("default", example if is_required or is_first else "")
    return ApiField(
        *(said["name"], said["in"]),
        said.get("description") or schema.get("description", ""),
        is_required,
        tuple(map(str, schema.get("enum", ()))),
        schema.get("type") == "boolean",
        "" if value is None else str(value),
        example,
    )


def _named(examples: Mapping[str, Any] | None) -> list[Any]:
    """Give the values of named examples."""
    return [one.get("value") for one in (examples or {}).values()]
