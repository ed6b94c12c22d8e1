"""The page of a query of the library: form, result and downloads."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from tzgraph.query.formats import ResultKind, formats_for
from tzgraph.query.library import Parameter, QueryFile
from tzgraph.serve.engine.rows import ResultTable
from tzgraph.serve.messages.problems import Problem
from tzgraph.serve.views.pages import Field, Pages

__all__ = ["query_page"]


def query_page(
    pages: Pages,
    query: QueryFile,
    values: Mapping[str, str],
    table: ResultTable | None = None,
    *,
    offset: int = 0,
    links: Mapping[str, str] | None = None,
    problem: Problem | None = None,
    is_graph: bool = False,
) -> str:
    """Give the page of a query; threads may call this.

    :param values: values of parameters as written
    :param table: rows of the result, ``None`` if it was not run
    :param offset: number of rows before these
    :param links: paths of the rows before and after these, as ``prev`` and ``next``
    :param problem: what is wrong with the values
    :param is_graph: whether the result is a graph, which the page does not show
    """
    fields = [_field(parameter, values) for parameter in query.parameters]
    kind = ResultKind.GRAPH if is_graph else ResultKind.BINDINGS
    given = {p.name: values[p.name] for p in query.parameters if values.get(p.name)}
    downloads = [
        (form.title, f"/queries/{query.name}?" + urlencode({**given, "format": form.name}))
        for form in formats_for(kind, served=True)
    ]
    return pages.render(
        "query.html",
        query=query,
        fields=fields,
        problem=problem,
        has_result=table is not None,
        **pages.shown(table or ResultTable((), (), 0)),
        offset=offset,
        links=links or {},
        downloads=downloads if problem is None and (table is not None or is_graph) else [],
        is_graph=is_graph,
    )


def _field(parameter: Parameter, values: Mapping[str, str]) -> Field:
    value = values.get(parameter.name, parameter.default or "")
    about = parameter.explanation or parameter.type
    return Field(parameter.name, value, about, parameter.optional)
