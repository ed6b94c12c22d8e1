"""Read a query out of an HTTP request (SPARQL 1.1 Protocol, section 2.1).

Beside what the protocol knows, ``format=NAME`` (or ``output``, ``results``) asks for a format by
the name that it has on the command line or with other endpoints; it is passed over where the result
is of another kind. ``timeout`` says how many seconds the query may take. ``download`` asks for the
result as a file to keep, ``explain`` for the plan. ``$name=TERM`` gives a variable a value, as in
the RDF4J REST API: of the type that a header ``#+ param:`` in the query gives it, else a term in
N-Triples or a CURIE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.curies import Curies
from tzgraph.errors import TzgraphError, UnsafeDataError, UsageError
from tzgraph.parsing import parse_rdf
from tzgraph.query.binding import parse_iri, term_of
from tzgraph.query.formats import FORMATS, ResultKind, formats_for
from tzgraph.query.library import parse_query
from tzgraph.release.manifest import Manifest
from tzgraph.serve.engine.base import Offer, QueryRequest
from tzgraph.serve.engine.page_thread import aside
from tzgraph.serve.messages.format_names import PAGE, formats_called
from tzgraph.serve.messages.negotiate import HTML, choose, quality
from tzgraph.serve.messages.problems import ProblemError, Refusal, fail
from tzgraph.serve.messages.protocol_query import ProtocolQuery
from tzgraph.serve.messages.view import VIEW
from tzgraph.serve.sparql.payload import (
    FORM,
    charset_of,
    decode_body,
    read_body,
    read_fields,
    refuse_encoded,
    too_long,
)
from tzgraph.terms import Term

__all__ = [
    "DIRECT",
    "UPDATE",
    "SentQuery",
    "has_large_values",
    "negotiated",
    "query_of",
    "read_sent",
]

DIRECT = "application/sparql-query"
UPDATE = "application/sparql-update"
#: Bytes of a body, and characters of values of variables, that are read in the event loop.
_LARGE = 16 * 1024
#: Characters of an Accept header of which the outcome is remembered.
_SHORT = 400
#: Parameters that name a format.
_FORMAT = frozenset({"format", "output", "results"})
_SECONDS = re.compile(r"\s*+(?>(?:([0-9]{1,12}(?:\.[0-9]{1,12})?)\s*+(m?s)?)?)\s*+")
#: Values of ``download`` and ``explain`` that ask for neither.
_NO = frozenset({"0", "false", "no"})


@dataclass(frozen=True, slots=True)
class SentQuery:
    """What was sent to ``/sparql``, before it is known whether it can be understood.

    :ivar fields: names and values, of the URL and then of the form
    :ivar direct: the query, if it is all of the body
    """

    fields: Sequence[tuple[str, str]]
    direct: str | None = None

    @property
    def text(self) -> str:
        """The text of the query or update, to show it to who sent it; empty if there is none."""
        found = (value for name, value in self.fields if name in ("query", "update") and value)
        return self.direct or next(found, "")


async def read_sent(request: Request, limit: int) -> SentQuery:
    """Read what a request to ``/sparql`` carries.

    :param limit: bytes that a query may have
    :raises ProblemError: with status 400, 413 or 415
    """
    fields = read_fields(request.scope["query_string"])
    if request.method in ("GET", "HEAD"):
        return SentQuery(fields)
    header = request.headers.get("content-type", "")
    media_type, _, parameters = header.partition(";")
    media_type = media_type.strip().lower()
    if media_type == UPDATE:
        raise _update()
    if media_type not in (FORM, DIRECT):
        raise fail(
            Refusal.MEDIA_TYPE,
            f"A query is sent as {FORM} or as {DIRECT}, not as {header or 'nothing'!r}.",
            {f"Accept-{request.method.capitalize()}": f"{FORM}, {DIRECT}"},
        )
    refuse_encoded(request)
    charset = charset_of(parameters)
    body = await read_body(request, limit if media_type == DIRECT else 3 * limit)
    if media_type == FORM and _least_decoded(body) > limit + _LARGE:
        raise too_long(limit)

    def read() -> SentQuery:
        if media_type == FORM:
            return SentQuery(fields + read_fields(body, charset))
        return SentQuery(fields, decode_body(body, charset))

    sent = await aside(read) if len(body) > _LARGE else read()
    if len(sent.text) > limit:
        raise too_long(limit)
    return sent


def negotiated(query: ProtocolQuery, accept: str | None, manifest: Manifest) -> QueryRequest:
    """Give the engine's request: choose a format for each kind of result.

    :raises UsageError: if a value can't be read
    :raises ProblemError: with status 406 if no format is wanted
    """
    bindings, graph = (_offer(kind, query.formats, accept) for kind in ResultKind)
    if bindings is None and graph is None:
        every = {f.media_types[0] for f in FORMATS if f.media_types}
        detail = "Results come in none of the formats that the Accept header asks for."
        raise fail(Refusal.NOT_ACCEPTABLE, detail, available=[*sorted(every), HTML])
    try:
        terms = tuple(_terms(query, manifest))
    except ValueError as error:
        raise UsageError(f"{error}.") from error
    return QueryRequest(
        query.text or "",
        query.default_graphs,
        query.named_graphs,
        bindings,
        graph,
        terms,
        timeout_s=query.timeout_s,
    )


def has_large_values(query: ProtocolQuery) -> bool:
    """Say whether the values of a query's variables are to be read beside the event loop."""
    values = query.values or {}
    size = sum(len(name) + len(value) for name, value in values.items())
    # Their types stand in the query's header.
    return bool(values) and size + len(query.text or "") > _LARGE


def _offer(kind: ResultKind, wanted: tuple[str, ...], accept: str | None) -> Offer | None:
    if len(accept or "") <= _SHORT:
        return _offer_again(kind, wanted, accept)
    return _find_offer(kind, wanted, accept)


def _find_offer(kind: ResultKind, wanted: tuple[str, ...], accept: str | None) -> Offer | None:
    formats = list(formats_for(kind, served=True))
    for form in formats:
        if form.name in wanted:
            return Offer(form.name, form.media_types[0])
    if PAGE in wanted:
        return Offer(formats[0].name, HTML)
    by_type = {media_type: form for form in reversed(formats) for media_type in form.media_types}
    # Registered types first: they win where a client takes anything.
    offers = [form.media_types[0] for form in formats]
    offers += [media_type for media_type in by_type if media_type not in offers]
    chosen = choose(accept, offers)
    if chosen is not None:
        return Offer(by_type[chosen].name, chosen)
    if quality(accept, HTML) > 0:
        return Offer(formats[0].name, HTML)
    return None


#: A program asks for the same formats each time.
_offer_again = lru_cache(maxsize=1024)(_find_offer)


def query_of(sent: SentQuery) -> ProtocolQuery:
    """Give what is asked by what was sent.

    :raises UsageError: if it is nothing that can be asked
    :raises ProblemError: if it is an update
    """
    fields, direct = list(sent.fields), sent.direct
    queries = [value for name, value in fields if name == "query"]
    if direct is not None:
        queries.append(direct)
    if any(name == "update" for name, _ in fields):
        raise _update()
    if len(queries) > 1:
        raise UsageError("There is more than one query.")
    # Virtuoso's clients send an empty one where they have none.
    default = tuple(value for name, value in fields if name == "default-graph-uri" and value)
    named = tuple(value for name, value in fields if name == "named-graph-uri" and value)
    if not queries and (default or named):
        raise UsageError("It names graphs but holds no query.")
    values: dict[str, str] = {}
    for name, value in fields:
        if name.startswith("$") and len(name) > 1:
            if name[1:] in values:
                raise UsageError(f"{name} is given twice.")
            values[name[1:]] = value
    return ProtocolQuery(
        queries[0] if queries else None,
        default if default or named else None,
        named if default or named else None,
        _formats(fields),
        values,
        any(name == "download" and value.lower() not in _NO for name, value in fields),
        _timeout(next((value for name, value in fields if name == "timeout"), "")),
        any(name == "explain" and value.lower() not in _NO for name, value in fields),
        {name: value for name, value in reversed(fields) if name in VIEW},
    )


def _formats(fields: list[tuple[str, str]]) -> tuple[str, ...]:
    """Give the formats that the first of the parameters names that names any.

    :raises UsageError: if one names none that there is
    """
    chosen: tuple[str, ...] = ()
    for parameter, value in fields:
        if parameter not in _FORMAT:
            continue
        try:
            called = formats_called(value)
        except ValueError as error:
            raise UsageError(f"{parameter}: {error}") from error
        chosen = chosen or called
    return chosen


def _timeout(value: str) -> float:
    """Read a number of seconds, or of milliseconds if it says ``ms``; 0 stands for no wish.

    :raises UsageError: if it is none
    """
    found = _SECONDS.fullmatch(value)
    if found is None:
        shown = value if len(value) <= 40 else value[:40] + "…"
        detail = f"timeout: {shown!r} is no number of seconds, such as 10, 2.5, 10s or 500ms."
        raise UsageError(detail)
    return float(found[1] or 0) / (1000 if found[2] == "ms" else 1)


def _update() -> ProblemError:
    return fail(
        Refusal.UPDATE_SENT,
        "This route answers queries only; updates are posted to /update, with a token.",
    )


def _least_decoded(form: bytes) -> int:
    """Give how many bytes a form has at least when it is decoded, which takes much longer."""
    escapes = form.count(b"%")
    return max(escapes, len(form) - 2 * escapes)


def _terms(query: ProtocolQuery, manifest: Manifest) -> Iterator[tuple[str, Term]]:
    """Read the values of variables: by the types in the query's header, else as terms.

    :raises ValueError: if one can't be read
    """
    if not query.values:
        return
    try:
        header = parse_query(query.text or "", name="query").parameters
    except TzgraphError:
        header = ()
    declared = {parameter.name: parameter for parameter in header}
    for name, value in query.values.items():
        if name in declared and declared[name].optional and not value.strip():
            continue
        if name in declared and not value.strip().startswith('"'):
            yield name, term_of(declared[name], value, manifest.curies, manifest.kinds)
        else:
            yield name, _term(name, value, manifest.curies)


def _term(name: str, value: str, curies: Curies) -> Term:
    """Read the value of a variable: a term in N-Triples, or a CURIE."""
    ox.Variable(name)
    written = value.strip()
    if written.startswith('"'):
        try:
            line = f"<x:s> <x:p> {written} ."
            triples = list(islice(parse_rdf(line.encode(), ox.RdfFormat.N_TRIPLES), 2))
        except (SyntaxError, UnsafeDataError) as error:
            raise ValueError(f"${name}: {value!r} is no N-Triples term") from error
        if len(triples) != 1:
            raise ValueError(f"${name}: {value!r} is more than one term")
        term: Term = triples[0].object
        return term
    try:
        return parse_iri(written, curies)
    except ValueError as error:
        literal = '; a literal is written as in N-Triples, "3" or "3"^^<…#integer>'
        raise ValueError(f"${name}: {error}{literal}") from error
