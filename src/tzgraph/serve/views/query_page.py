"""The page of a query of the library: form, rows and downloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import pyoxigraph as ox

from tzgraph.query.formats import ResultKind, formats_for
from tzgraph.query.library import QueryFile
from tzgraph.query.table import printable
from tzgraph.serve.messages.problems import Problem
from tzgraph.serve.views.inputs import Choices, input_for
from tzgraph.serve.views.pages import Pages
from tzgraph.serve.views.result_table import ShownRows, heading
from tzgraph.terms import Term

__all__ = ["query_page"]


@dataclass(frozen=True, slots=True)
class GivenValue:
    """The value with which rows are shown, and whether it is the query's own."""

    title: str
    text: str
    href: str | None
    is_default: bool


def query_page(
    pages: Pages,
    query: QueryFile,
    values: Mapping[str, str],
    choices: Choices,
    *,
    terms: Mapping[str, Term] | None = None,
    labels: Mapping[str, str] | None = None,
    missing: str = "",
    rows: ShownRows | None = None,
    hidden: Sequence[tuple[str, str]] = (),
    seconds: float = 0.0,
    problem: Problem | None = None,
    is_graph: bool = False,
) -> str:
    """Give the page of a query; threads may call this.

    :param values: values of parameters as written
    :param choices: labels by IRI of what parameters can be chosen from, by type
    :param terms: values of parameters as terms, defaults too, if they could be read
    :param labels: labels by IRI
    :param missing: why labels are missing, if any are
    :param rows: what the page shows of the result, ``None`` if it was not run
    :param hidden: parameters that stay when rows are filtered
    :param seconds: how long it took
    :param problem: what is wrong
    :param is_graph: whether the result is a graph, which the page does not show
    """
    kind = ResultKind.GRAPH if is_graph else ResultKind.BINDINGS
    given = {p.name: values[p.name] for p in query.parameters if values.get(p.name)}
    downloads = [
        (form.title, f"/queries/{query.name}?" + urlencode({**given, "format": form.name}))
        for form in formats_for(kind, served=True)
        if problem is None and (rows is not None or is_graph)
    ]
    known = terms or {}
    return pages.render(
        "query.html",
        query=query,
        inputs=[
            input_for(pages.curies, p, heading(p.name), values, known.get(p.name), choices)
            for p in query.parameters
        ],
        given=list(_given(pages, query, given, known, labels or {})) if rows else [],
        problem=problem,
        missing=missing,
        result=rows,
        hidden=hidden,
        path=f"/queries/{query.name}",
        seconds=seconds,
        downloads=downloads,
        is_graph=is_graph,
    )


def _given(
    pages: Pages,
    query: QueryFile,
    given: Mapping[str, str],
    terms: Mapping[str, Term],
    labels: Mapping[str, str],
) -> Iterator[GivenValue]:
    for parameter in query.parameters:
        if (term := terms.get(parameter.name)) is not None:
            cell = pages.cell(term)
            label = labels.get(term.value, "") if isinstance(term, ox.NamedNode) else ""
            is_default = parameter.name not in given
            text = printable(label) or cell.text
            yield GivenValue(heading(parameter.name), text, cell.href, is_default)
