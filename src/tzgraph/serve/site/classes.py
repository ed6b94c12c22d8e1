"""``/id/{kind}``: all things of a class, with facets to narrow the list, as a page, JSON or CSV.

What the facets and columns of a class are is declared (docs/reference/views.md). Of a class for
which nobody has declared them, the facets are its narrower classes and properties with few values.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated

import pyoxigraph as ox
from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from tzgraph.errors import UsageError
from tzgraph.names.index import key_of
from tzgraph.pageviews import ListPath, ValueRole
from tzgraph.pageviews.lists import LISTED, ListOrder
from tzgraph.pageviews.paths import key_of_name
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.engine.paging import DEFAULT_ROWS
from tzgraph.serve.engine.rows import CELL, Row
from tzgraph.serve.messages.links import link, link_header
from tzgraph.serve.messages.negotiate import HTML, choose
from tzgraph.serve.messages.problems import ProblemError, Refusal, fail, problem_responses
from tzgraph.serve.messages.routes import RequestRoute, content
from tzgraph.serve.releases.service import Service, service_of
from tzgraph.serve.site.class_names import choices_of, common_classes, label_of
from tzgraph.serve.sparql.client import ask_rows, ask_some
from tzgraph.serve.sparql.lists import cells_query, facets_query, properties_query, rows_query
from tzgraph.serve.sparql.payload import MAX_URL_FIELDS, read_fields
from tzgraph.serve.views.class_list import (
    AskedList,
    ClassList,
    list_as_csv,
    list_as_json,
    make_list,
)
from tzgraph.serve.views.class_page import class_page
from tzgraph.vocabulary import ID, RDF, SKOS

__all__ = ["router"]

router = APIRouter(route_class=RequestRoute, default_response_class=Response)
_JSON, _CSV = "application/json", "text/csv"
#: Media types by suffix; the first is what clients get that take anything.
_SUFFIXES = {"json": _JSON, "csv": _CSV, "html": HTML}
#: Rows of a page, and rows and values of rows that are read at once.
_PAGE_ROWS, _MOST_ROWS, _MOST_CELLS = 50, DEFAULT_ROWS, 20_000
#: Values that can be chosen, and facets of a class for which none are declared.
_MOST_CHOSEN, _FACETS = 50, 6
_DEFINITION = ListPath("definition", "what it is", (f"<{SKOS}definition>",), literal=True)
_TYPE = ListPath("kind", "kind", (f"<{RDF}type>",))
_NUMBER = "has to be a whole number from"


def _parameters(
    kind: Annotated[str, Path(description="As in the addresses of things.", examples=["drug"])],
    sort: Annotated[
        str, Query(description="Key of a column, or `label`; backwards with a hyphen before it.")
    ] = "",
    limit: Annotated[int, Query(description="Things at most.", ge=1, le=_MOST_ROWS)] = DEFAULT_ROWS,
    offset: Annotated[int, Query(description="Things to leave out.", ge=0, le=LISTED)] = 0,
) -> None:
    """Declare the parameters that :func:`_read` reads; facets are others for each class."""


@router.get(
    "/id/{kind}",
    operation_id="things",
    summary="All things of a class, narrowed by facets",
    description="By the header Accept, or by a suffix: .json, .csv, .html. Each facet of the class "
    "is a parameter, such as `target=HER2`; its values are any names of things, or `not stated`. "
    "Several values of a facet widen the list, several facets narrow it.",
    dependencies=[Depends(_parameters)],
    responses={
        200: content("The list.", list(_SUFFIXES.values())),
        **problem_responses(400, 404, 406, 414, 503, 504),
    },
)
async def class_route(request: Request) -> Response:
    """Answer ``/id/{kind}``."""
    service = service_of(request)
    name, suffix = _split(request.path_params["kind"])
    kinds = _kinds(service)
    if name not in kinds:
        raise _unknown(service, kinds, name)
    media_type = _SUFFIXES.get(suffix) or choose(
        request.headers.get("accept"), list(_SUFFIXES.values())
    )
    if media_type is None:
        detail = f"/id/{name} comes in none of the formats that the Accept header asks for."
        raise fail(Refusal.NOT_ACCEPTABLE, detail, available=list(_SUFFIXES.values()))
    page = media_type == HTML
    asked = await _listed(request, service, name, kinds[name])
    asked = await _read(request, service, asked, _PAGE_ROWS if page else DEFAULT_ROWS)
    found = await _found(request, service, asked)
    headers = _links(asked, found, media_type)
    if not suffix:
        end = next(one for one, known in _SUFFIXES.items() if known == media_type)
        headers["Content-Location"] = asked.path(end)
    if page:
        text = await aside(lambda: class_page(service.pages, found))
        return HTMLResponse(text, headers=headers)
    if media_type == _CSV:
        text = await aside(lambda: list_as_csv(found))
        return Response(text, headers=headers, media_type=_CSV)
    document = await aside(lambda: list_as_json(found))
    return JSONResponse(document, headers=headers)


def _split(name: str) -> tuple[str, str]:
    """Give a kind without the suffix of a format, and the suffix if it has one."""
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if stem and suffix in _SUFFIXES else (name, "")


def _kinds(service: Service) -> dict[str, str]:
    """Give the class of each kind of things: that with its name, or else the widest."""
    found: dict[str, list[str]] = {}
    for iri, base in sorted(service.release.manifest.kinds.items()):
        if base.startswith(ID):
            found.setdefault(base.removeprefix(ID).strip("/"), []).append(iri)
    wider = service.views.wider
    return {
        kind: min(
            classes,
            key=lambda iri: (
                _local(iri).lower() != kind,
                bool(wider.get(iri, frozenset()) & set(classes)),
                iri,
            ),
        )
        for kind, classes in found.items()
        if kind
    }


def _unknown(service: Service, kinds: Mapping[str, str], name: str) -> ProblemError:
    """Give the error for a kind that is not there, with those that may be meant."""
    titles = {key_of(kind): kind for kind in kinds}
    for kind, iri in kinds.items():
        titles.setdefault(key_of(label_of(service, iri)), kind)
    near = get_close_matches(key_of(name), list(titles), 3, 0.8)
    suggested = list(dict.fromkeys(titles[key] for key in near if key))
    detail = f"There is no kind of things that is called {name[:80]!r}."
    if suggested:
        detail += f" Did you mean {' or '.join(f'/id/{kind}' for kind in suggested)}?"
    elif kinds:
        detail += f" There are {', '.join(sorted(kinds))}."
    return fail(Refusal.NOT_FOUND, detail, suggestions=[f"{ID}{kind}" for kind in suggested])


async def _listed(request: Request, service: Service, kind: str, of_class: str) -> AskedList:
    """Give the list of a kind as it is declared, or else by what its things have."""
    view = service.views.listing(of_class)
    title = label_of(service, of_class) or kind
    title = title[:1].upper() + title[1:]
    if view is not None:
        title = view.title or title
        return AskedList(kind, title, view.note, of_class, view.facets, view.columns)
    rows = await ask_rows(request, service, properties_query(of_class), window=Window(cell=CELL))
    shown = service.views.of([of_class, *service.views.wider.get(of_class, ())]).properties
    facets = [_TYPE]
    for row in rows:
        term, label = row["property"], row.get("label")
        hidden = shown.get((term.value, False)) if isinstance(term, ox.NamedNode) else None
        if not isinstance(term, ox.NamedNode) or term.value == RDF + "type":
            continue
        if hidden is not None and hidden.role is not ValueRole.VALUE:
            continue
        name = label.value if isinstance(label, ox.Literal) else _local(term.value)
        key = key_of_name(name)
        if key and all(key != facet.key for facet in facets) and len(facets) < _FACETS:
            literal = getattr(row.get("literal"), "value", "") == "true"
            facets.append(ListPath(key, name, (str(term),), literal=literal))
    columns = (_DEFINITION, *facets[1:4])
    return AskedList(kind, title, "", of_class, tuple(facets), columns)


def _local(iri: str) -> str:
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2]


async def _read(request: Request, service: Service, asked: AskedList, usual: int) -> AskedList:
    """Give the list with what the request chooses.

    :param usual: things of a part, if the request does not say how many
    :raises UsageError: if it chooses by a facet that there is not, or in a way that can't be read
    :raises UnknownNameError: if it names what the graph does not know
    """
    data = request.scope["query_string"]
    if len(data) > MAX_URL_FIELDS:
        raise fail(Refusal.LONG_URL, f"The limit is {MAX_URL_FIELDS} bytes.")
    facets = {facet.key: facet for facet in asked.facets}
    single: dict[str, str] = {}
    wanted: list[tuple[ListPath, str]] = []
    for name, value in read_fields(data):
        if name in facets:
            if value.strip():
                wanted.append((facets[name], value.strip()))
        elif name not in ("sort", "limit", "offset"):
            raise UsageError(
                f"{asked.title} have no facet {name[:80]!r}.",
                f"There are {', '.join(facets) or 'none'}; and sort, limit and offset.",
            )
        elif name in single:
            raise UsageError(f"There is more than one {name}.")
        else:
            single[name] = value.strip()
    if len(wanted) > _MOST_CHOSEN:
        raise UsageError(f"Up to {_MOST_CHOSEN} values can be chosen.")
    choices, fields = await choices_of(request, service, asked, wanted)
    keys = ["label", *(column.key for column in asked.columns)]
    sort = single.get("sort", "")
    if sort and sort.removeprefix("-") not in keys:
        raise UsageError(
            f"There is no column {sort[:80]!r} to sort by.", f"There are {', '.join(keys)}."
        )
    return AskedList(
        *(asked.kind, asked.title, asked.note, asked.of_class, asked.facets, asked.columns),
        choices=choices,
        fields=fields,
        sort="" if sort == "label" else sort,
        limit=_number(single, "limit", usual, 1, _MOST_ROWS),
        offset=_number(single, "offset", 0, 0, LISTED),
        usual=usual,
    )


def _number(given: Mapping[str, str], name: str, usual: int, least: int, most: int) -> int:
    text = given.get(name, "")
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
        raise UsageError(f"{name} {_NUMBER} {least} to {most}.")
    return int(text)


async def _found(request: Request, service: Service, asked: AskedList) -> ClassList:
    """Ask for the list."""
    column = next((c for c in asked.columns if c.key == asked.sort.removeprefix("-")), None)
    order = ListOrder(column, descending=asked.sort.startswith("-"))
    window = Window(cell=CELL)
    counts, things = await asyncio.gather(
        ask_rows(
            request,
            service,
            facets_query(
                asked.of_class, asked.facets, asked.choices, common_classes(service, asked)
            ),
            window=window,
        ),
        ask_rows(
            request,
            service,
            rows_query(asked.of_class, asked.choices, order, asked.limit + 1, asked.offset),
            window=window,
        ),
    )
    cells: list[Row] = []
    is_cut = False
    terms = [row.get("thing") for row in things[: asked.limit]]
    iris = [term.value for term in terms if isinstance(term, ox.NamedNode)]
    if iris and asked.columns:
        cells, is_cut = await ask_some(
            request,
            service,
            cells_query(iris, asked.columns),
            window=Window(limit=_MOST_CELLS, cell=CELL),
        )
    labels = dict(_labels(service, asked))
    curies = service.release.manifest.curies
    return await aside(
        lambda: make_list(asked, curies, counts, things, cells, labels=labels, is_cut=is_cut)
    )


def _labels(service: Service, asked: AskedList) -> Iterator[tuple[str, str]]:
    """Give the labels of what is chosen, which nothing may have."""
    for choice in asked.choices:
        for iri in choice.iris:
            if label := label_of(service, iri):
                yield iri, label


def _links(asked: AskedList, found: ClassList, media_type: str) -> dict[str, str]:
    links = [
        link(asked.path(suffix), "alternate", type=known)
        for suffix, known in _SUFFIXES.items()
        if known != media_type
    ]
    end = next(suffix for suffix, known in _SUFFIXES.items() if known == media_type)
    links += [link(page.path(end), rel) for rel, page in found.pages().items()]
    return link_header(links)
