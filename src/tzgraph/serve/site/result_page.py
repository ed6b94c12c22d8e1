"""The page of a query's result: what it takes beside the rows is asked for here."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tzgraph.query.plan import sums_up
from tzgraph.serve.engine.base import Answer, QueryRequest
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.engine.rows import read_rows
from tzgraph.serve.messages.notes import ResultNote
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.messages.view import read_view
from tzgraph.serve.observe.record import seconds_of
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.choices import choices_for
from tzgraph.serve.sparql.labels import labels_for
from tzgraph.serve.sparql.planned import notes_on
from tzgraph.serve.sparql.response import read_all, unless_client_leaves
from tzgraph.serve.state import ServerState, state_of
from tzgraph.serve.views.inputs import declared_in
from tzgraph.serve.views.result_page import ResultFacts, result_page
from tzgraph.serve.views.result_table import labelled_terms

__all__ = ["answer_page"]


async def answer_page(
    request: Request,
    service: Service,
    query: ProtocolQuery,
    wanted: QueryRequest,
    answer: Answer,
    headers: dict[str, str],
) -> Response:
    """Answer with the page of a result.

    :param headers: those of the answer
    :raises TzgraphError: if the query fails while its rows are read
    :raises ProblemError: if the client leaves
    """
    view = read_view(query.view)
    data = await unless_client_leaves(request, read_all(answer))
    seconds = seconds_of(request.scope)
    table = await aside(lambda: read_rows(data))
    # Of rows that none is behind, and of which there are some, nothing has to be explained.
    is_empty = not table.boolean and not table.rows and not view.offset
    notes: list[ResultNote] = []
    if is_empty or (len(table.rows) == 1 and await aside(lambda: sums_up(wanted.text))):
        notes = await notes_on(request, service, wanted, is_empty)
    labels = await labels_for(request, service, labelled_terms(table, view))
    if labels.missing:
        notes.append(ResultNote(labels.missing))
    if labels.failed:  # not to be kept: the next time they may be there
        headers = {name: value for name, value in headers.items() if name != "ETag"}
        headers["Cache-Control"] = "no-store"
    choices = await choices_for(request, service, declared_in(query.text or ""))
    limits = _limits(state_of(request))
    told = ResultFacts(notes, seconds, limits, service.release.id)
    page = await aside(
        lambda: result_page(
            service.pages, query, answer.kind, table, view, labels.of, told, choices
        )
    )
    return HTMLResponse(page, headers=headers)


def _limits(state: ServerState) -> list[str]:
    """Give the limits of a query in words."""
    settings = state.settings.queries
    limits = [f"{settings.timeout_s:g} s", f"{settings.memory_mb:,} MB of memory"]
    if settings.max_result_rows:
        limits.append(f"{settings.max_result_rows:,} rows")
    return limits
