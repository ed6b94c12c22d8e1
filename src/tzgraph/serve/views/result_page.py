"""The page of a query's result: the query in the editor, and the rows below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from tzgraph.query.formats import ResultKind, formats_for
from tzgraph.serve.engine.rows import ResultTable
from tzgraph.serve.messages.notes import ResultNote
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.messages.view import RowsView
from tzgraph.serve.views.drawn import bars_of, network_of
from tzgraph.serve.views.inputs import Choices
from tzgraph.serve.views.pages import Pages
from tzgraph.serve.views.result_table import address_of, table_values

__all__ = ["LINKED", "ResultFacts", "fields_of", "result_page"]

#: Bytes of the parameters of a URL from which on a page does not link to itself.
LINKED = 30_000


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """What the page says of how a query was answered.

    :ivar notes: on the result, such as why it may be empty
    :ivar seconds: how long it took
    :ivar limits: the limits of a query, in words
    :ivar state: the release or its state
    """

    notes: Sequence[ResultNote] = ()
    seconds: float = 0.0
    limits: Sequence[str] = ()
    state: str = ""


def fields_of(query: ProtocolQuery) -> list[tuple[str, str]]:
    """Give the parameters that ask for the same result."""
    fields = [("query", query.text or "")]
    fields += [(f"${name}", value) for name, value in (query.values or {}).items()]
    fields += [("default-graph-uri", iri) for iri in query.default_graphs or ()]
    fields += [("named-graph-uri", iri) for iri in query.named_graphs or ()]
    return fields + ([("timeout", f"{query.timeout_s:g}")] if query.timeout_s else [])


def result_page(
    pages: Pages,
    query: ProtocolQuery,
    kind: ResultKind,
    table: ResultTable,
    view: RowsView,
    labels: Mapping[str, str],
    told: ResultFacts,
    choices: Choices,
) -> str:
    """Give the page of a result; threads may call this.

    :param labels: labels by IRI
    :param choices: what parameters of the query can be chosen from
    """
    fields = fields_of(query)
    asked = urlencode(fields)
    address = address_of("/sparql", fields, query.view) if len(asked) < LINKED else None
    downloads = [
        (form.title, f"/sparql?{asked}&{urlencode({'format': form.name})}")
        for form in formats_for(kind, served=True)
        if address
    ]
    hidden = [*fields, *((n, v) for n in ("show", "sort", "offset") if (v := query.view.get(n)))]
    rows = table_values(pages, table, view, labels, address, pages.max_rows)
    is_graph = kind is ResultKind.GRAPH
    return pages.render(
        "result.html",
        result=rows,
        bars=None if is_graph else bars_of(rows),
        network=network_of(rows) if is_graph else None,
        downloads=downloads,
        told=told,
        path="/sparql",
        hidden=hidden,
        share=f"/sparql?{asked}" if address else "",
        **pages.fields(query.text or "", query.values or {}, choices),
        chosen=None,
    )
