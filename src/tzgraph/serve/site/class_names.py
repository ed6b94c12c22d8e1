"""Values of facets by any of their names, held against what the things of a list have."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.errors import UnknownNameError
from tzgraph.names.index import key_of
from tzgraph.names.lookup import Lookup, thing_named
from tzgraph.pageviews import ListPath
from tzgraph.pageviews.lists import ListChoice
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.rows import CELL
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.client import ask_rows, looked_up
from tzgraph.serve.sparql.lists import facets_query, held_query
from tzgraph.serve.views.class_list import NOT_STATED, AskedList
from tzgraph.vocabulary import OWL, RDFS

__all__ = ["choices_of", "common_classes", "label_of"]

#: Classes of all things.
_EVERY = (OWL + "NamedIndividual", OWL + "Thing", RDFS + "Resource")
#: Values that may be meant by one that is unknown, and that are listed where none is near.
_SUGGESTED, _LISTED = 3, 12


async def choices_of(
    request: Request,
    service: Service,
    asked: AskedList,
    wanted: Sequence[tuple[ListPath, str]],
) -> tuple[tuple[ListChoice, ...], tuple[tuple[str, str], ...]]:
    """Give what is chosen, and how it is written in addresses."""
    chosen: dict[ListPath, list[str]] = {}
    fields: dict[tuple[str, str], None] = {}
    compact = service.release.manifest.curies.compact
    for facet, text in wanted:
        value = text
        if text.casefold() == NOT_STATED:
            value, text = "", NOT_STATED
        elif not facet.literal:
            lookup = _value_named(service, asked, facet, text)
            try:
                value = await looked_up(request, service, lookup)
            except UnknownNameError as error:
                raise await _with_values(request, service, asked, facet, text, error) from error
            text = compact(value).strip("<>")
        if (facet.key, text) not in fields:
            fields[facet.key, text] = None
            chosen.setdefault(facet, []).append(value)
    choices = [
        ListChoice(
            facet,
            iris=tuple(v for v in values if v and not facet.literal),
            texts=tuple(v for v in values if v and facet.literal),
            missing="" in values,
        )
        for facet, values in chosen.items()
    ]
    return tuple(choices), tuple(fields)


def _value_named(service: Service, asked: AskedList, facet: ListPath, text: str) -> Lookup[str]:
    """Look up which value of a facet a text names; of several things, the one that is a value."""
    names = service.names
    if facet.is_type and (one := _class_named(service, asked.of_class, text)):
        return one
    hits = [hit for hit in names.named(text) if hit.by.names]
    if len(hits) > 1:
        rows = yield held_query(asked.of_class, facet, [hit.iri for hit in hits])
        held = [row["value"].value for row in rows if isinstance(row["value"], ox.NamedNode)]
        if len(held) == 1:
            return held[0]
    kind = "class" if facet.is_type else ""
    return (yield from thing_named(names, text, kind=kind, anywhere=True))


async def _with_values(
    request: Request,
    service: Service,
    asked: AskedList,
    facet: ListPath,
    text: str,
    error: UnknownNameError,
) -> UnknownNameError:
    """Give an error for an unknown name that says which values the facet has."""
    said = f"{facet.name[:1].upper()}{facet.name[1:]}: {error.message}"
    if error.suggestions:
        return UnknownNameError(said, error.hint or "", error.suggestions)
    query = facets_query(asked.of_class, [facet], (), common_classes(service, asked))
    labels: dict[str, str] = {}
    for row in await ask_rows(request, service, query, window=Window(cell=CELL)):
        value, label = row.get("value"), row.get("label")
        if isinstance(value, ox.NamedNode) and isinstance(label, ox.Literal):
            labels.setdefault(label.value, value.value)
    near = [label for label in labels if text.casefold() in label.casefold()][:_SUGGESTED]
    if near:
        iris = [labels[label] for label in near]
        return UnknownNameError(said, f"Did you mean {' or '.join(near)}?", iris)
    most = ", ".join(list(labels)[:_LISTED])
    return UnknownNameError(said, f"Values are {most}{', …' if len(labels) > _LISTED else ''}.")


def label_of(service: Service, iri: str) -> str:
    """Give the label that a thing has in the index, empty if it has none."""
    return (service.names.index.thing(iri) or ("", ""))[1]


def _class_named(service: Service, of_class: str, text: str) -> str:
    """Give the class below one whose name a text ends, if all other such classes are below it.

    An antibody is a monoclonal antibody, of which bispecific antibodies are a kind.
    """
    key, wider = key_of(text), service.views.wider
    below = sorted(iri for iri, above in wider.items() if of_class in above)
    labels = {iri: key_of(label_of(service, iri)) for iri in below}
    exact = [iri for iri, label in labels.items() if label == key]
    fitting = exact or [iri for iri, label in labels.items() if key and label.endswith(key)]
    tops = [
        iri
        for iri in fitting
        if all(one == iri or iri in wider.get(one, frozenset()) for one in fitting)
    ]
    return tops[0] if len(tops) == 1 else ""


def common_classes(service: Service, asked: AskedList) -> list[str]:
    """Give the classes that all things of a list have."""
    return sorted({*service.views.wider.get(asked.of_class, ()), *_EVERY})
