"""The tool that says which classes and properties there are."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from tzgraph.names.lookup import thing_named
from tzgraph.resources import own_query
from tzgraph.serve.agents.answers import ClassEntry, PropertyEntry, SchemaAnswer
from tzgraph.serve.agents.asking import known_as, rows_about
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.sparql.client import ask_rows, looked_up
from tzgraph.vocabulary import OWL

__all__ = ["SchemaArguments", "schema"]


class SchemaArguments(BaseModel):
    """Which class is described."""

    model_config = ConfigDict(extra="forbid")

    class_name: str = Field(
        default="",
        description="A class, such as tz:Trial or drug; without one all classes are listed.",
        max_length=2000,
    )


async def schema(request: Request, asked: SchemaArguments) -> SchemaAnswer:
    """List the classes that have things, or the properties of one class.

    :raises UnknownNameError: if the name is that of no class
    """
    service = service_of(request)
    counts = await service.counts.soon()
    things = dict(counts.classes if counts else service.release.manifest.classes)
    notes = [] if counts else ["Things are counted as the release was built."]
    if not asked.class_name.strip():
        iris = [iri for iri, number in things.items() if number]
        rows = await ask_rows(request, service, rows_about("definitions", "term", iris))
        return SchemaAnswer(
            release=service.release.id,
            notes=[*notes, "Give a class to see the properties of its things."],
            classes=list(_classes(service, rows, things)),
            prefixes=dict(service.release.manifest.prefixes),
        )
    lookup = thing_named(service.names, asked.class_name, of_class=OWL + "Class", anywhere=True)
    node = ox.NamedNode(await looked_up(request, service, lookup))
    rows = await ask_rows(request, service, rows_about("definitions", "term", [node.value]))
    found = await ask_rows(request, service, own_query("serve/agents", "class"), {"class": node})
    if not found:
        notes.append("No thing of this class has a property, or it was not counted.")
    return SchemaAnswer(
        release=service.release.id,
        notes=notes,
        classes=list(_classes(service, rows, things)),
        properties=_properties(service, found),
    )


def _classes(service: Service, rows: Iterable[Row], things: dict[str, int]) -> Iterable[ClassEntry]:
    found: dict[str, ClassEntry] = {}
    for row in rows:
        iri = _text(row, "term") or ""
        named = known_as(service, iri, _text(row, "label"))
        found.setdefault(
            iri,
            ClassEntry(
                **named.model_dump(),
                things=things.get(iri, 0),
                definition=_text(row, "definition"),
            ),
        )
    return sorted(found.values(), key=lambda one: (-one.things, one.iri))


def _properties(service: Service, rows: Iterable[Row]) -> list[PropertyEntry]:
    found: dict[str, PropertyEntry] = {}
    for row in rows:
        iri = _text(row, "property") or ""
        entry = found.setdefault(
            iri,
            PropertyEntry(
                property=known_as(service, iri, _text(row, "label")),
                definition=_text(row, "definition"),
                statements=int(_text(row, "statements") or 0),
                values=[],
            ),
        )
        value = _text(row, "value")
        if value and value not in {one.iri for one in entry.values}:
            entry.values.append(known_as(service, value, _text(row, "valueLabel")))
    return list(found.values())


def _text(row: Row, name: str) -> str | None:
    term = row.get(name)
    return term.value if isinstance(term, ox.NamedNode | ox.Literal) else None
