"""Whatever reads bytes of clients or files takes time in proportion to them.

The only tests that are timed: each compares the processor time of one call for n units with that
of the same call for 8n, the best of five each.
"""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from importlib import import_module

import pyoxigraph as ox
import pytest

from tests.project.linear.attacks import attacks_on
from tests.project.linear.growth import LADDER, Growth, growth_of, looks_slow, undisturbed
from tests.project.linear.patterns import MODES, AnyPattern, all_modules, find_patterns
from tests.project.linear.readers import Reader, attacks, find_readers, of
from tzgraph.curies import Curies
from tzgraph.errors import QueryError, UsageError
from tzgraph.explain.labels import Labels
from tzgraph.explain.steps import absent_in_words
from tzgraph.explain.terms import Terms
from tzgraph.query.binding import parse_iri, term_of
from tzgraph.query.guard import check, check_update
from tzgraph.query.library import TYPES, Parameter, QueryFile, find_query
from tzgraph.query.plain import plain
from tzgraph.query.rdf12 import Rdf12QueryError, refuse_rdf12_data
from tzgraph.query.rewrite.patterns import replacement
from tzgraph.query.rewrite.updates import rewrite_update
from tzgraph.query.run import as_rewritten
from tzgraph.query.services import Call, remote_query
from tzgraph.query.syntax.strings import iri_of
from tzgraph.query.syntax.tree import Term, TermKind
from tzgraph.query.tokens import TokenKind, line_and_column, tokenize
from tzgraph.query.update import with_dataset
from tzgraph.query.written import (
    changes_written,
    check_written,
    refuse_untagged,
    with_own_functions,
)
from tzgraph.query.xml import XmlOutput
from tzgraph.serve.federation.words import words_of
from tzgraph.serve.messages.negotiate import choose
from tzgraph.serve.messages.problems import ProblemError
from tzgraph.serve.messages.view import VIEW, read_view
from tzgraph.serve.sparql.multipart import read_parts
from tzgraph.serve.transport.heads import checked
from tzgraph.serve.views.digits import Digits
from tzgraph.serve.views.query_list import is_about
from tzgraph.serve.views.snippets import snippets

pytestmark = pytest.mark.linear


def _registered() -> Iterable[AnyPattern]:
    """What identifiers under the registered prefixes look like."""
    known = Curies()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of brackets in two of them
        return [found for prefix in known.vocabularies if (found := known.pattern(prefix))]


def _places() -> Iterable[AnyPattern]:
    """What finds the lines that describe terms: of names as long as each other, and of others."""
    places = import_module("tzgraph.link.read.line_index")
    return [places.pattern_of([b"aa", b"a0", b"0", b"a.a-a"])]


def _quoted() -> Iterable[AnyPattern]:
    """What goes on and ends in texts, IRIs and comments, of each syntax."""
    nesting = import_module("tzgraph.parsing.nesting")
    grammars = [one for one in vars(nesting).values() if isinstance(one, nesting.Grammar)]
    return [found for one in grammars for pair in one.quoted.values() for found in pair]


#: Functions that make patterns of what they are given, and examples of what they make.
_MADE: Mapping[str, Callable[[], Iterable[AnyPattern]]] = {
    "tzgraph.curies:_compiled": _registered,
    "tzgraph.link.read.line_index:pattern_of": _places,
    "tzgraph.parsing.nesting:_quoted": _quoted,
}
#: Patterns that were in use until they stopped a server, or took minutes for a file.
_QUADRATIC: Mapping[str, tuple[AnyPattern, str]] = {
    "Accept": (re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+'), "findall"),
    "header": (re.compile(r"#\+\s*([^:\s]*)\s*:?\s*(.*?)\s*\Z"), "match"),
    "parameter": (
        re.compile(r"(\w+)\s+(\S+?)(\?)?(?:\s+=\s+(.*?))?(?:\s+--\s+(.*))?\Z"),
        "match",
    ),
    "literal": (re.compile(r'"(.*)"(@[A-Za-z-]+|\^\^\S+)?', re.DOTALL), "fullmatch"),
    "comment": (re.compile(r"\s+!.*$"), "search"),
    "bytes": (re.compile(rb"\s+!.*$"), "findall"),
}


def _slowest(pattern: AnyPattern, mode: str) -> Growth | None:
    """Give the first attack on a pattern that takes more than time in proportion to it."""
    use = partial(MODES[mode], pattern)
    of_bytes = isinstance(pattern.pattern, bytes)

    def call(text: str) -> object:
        return use(text.encode("latin-1") if of_bytes else text)

    for attack in attacks_on(pattern):
        most = looks_slow(call, attack)
        if most and not (growth := growth_of(call, attack, most)).is_linear:
            return growth
    return None


@pytest.mark.parametrize("name", _QUADRATIC)
def test_finds_patterns_that_are_not_linear(name: str) -> None:
    with undisturbed():
        assert _slowest(*_QUADRATIC[name]) is not None


def test_sees_all_patterns() -> None:
    found, missing = find_patterns(all_modules(), _MADE)
    assert missing == []
    assert len(found) > 150
    places = {place.partition(", line")[0] for one in found for place in one.places}
    # A global, one in a function, in a table, and in a tuple of tuples.
    assert "tzgraph.serve.messages.negotiate._PART" in places
    assert "tzgraph.serve.views.thing_sections._DIGITS" in places
    assert "tzgraph.read.values._LEXICAL" in places
    assert "tzgraph.link.read.columns:_normal" in places


def test_a_pattern_that_cannot_be_seen_is_told() -> None:
    _, missing = find_patterns([import_module("tzgraph.curies")], {})
    assert len(missing) == 1
    assert missing[0].startswith("tzgraph.curies:_compiled, line ")


def test_all_patterns_are_linear() -> None:
    found, _ = find_patterns(all_modules(), _MADE)
    with undisturbed():
        slow = [
            f"{one}, {mode}: {growth}"
            for one in found
            for mode in sorted(one.modes)
            if (growth := _slowest(one.pattern, mode))
        ]
    assert slow == []


def _possessive(node: object) -> bool:
    """Say whether a parsed pattern repeats, possessively, more than one set of characters."""
    if isinstance(node, re._parser.SubPattern):
        return any(_possessive(one) for one in node.data)
    if isinstance(node, tuple) and node and node[0] is re._constants.POSSESSIVE_REPEAT:
        repeated = list(node[1][2])
        if len(repeated) != 1 or repeated[0][0] is re._constants.SUBPATTERN:
            return True
    return isinstance(node, (tuple, list)) and any(_possessive(one) for one in node)


def _is_possessive(pattern: AnyPattern) -> bool:
    return _possessive(re._parser.parse(pattern.pattern, pattern.flags))


@pytest.mark.parametrize(
    "text", ["(?:ab?c)*+", "a(?:(a|b)++)", "[ab]|(?:a+b){2,3}+", "(?:(?:ab)?+)"]
)
def test_finds_groups_that_are_repeated_possessively(text: str) -> None:
    assert _is_possessive(re.compile(text))
    assert not _is_possessive(re.compile(r"(?>(?:ab?c)*)[^a]*+(?:[a-c])?+x{2}+"))


def test_no_pattern_repeats_a_group_possessively() -> None:
    # Before Python 3.11.5 such a pattern matched too much (gh-106052): write (?>(?:...)*).
    found, _ = find_patterns(all_modules(), _MADE)
    assert [str(one) for one in found if _is_possessive(one.pattern)] == []


_PREFIXES = {"a": "http://example.org/a#", "tz": "http://example.org/tz#"}
_TERMS = Terms(Curies(_PREFIXES))
_LABELS = Labels(ox.Store(), Curies())


def _typed(kind: str) -> Callable[[str], object]:
    return lambda text: term_of(
        Parameter("a", kind), text, Curies(_PREFIXES), {"tz:A": "http://e.org/"}
    )


def _form(text: str) -> None:
    """Read a form with a text as its Content-Type, and as its body."""
    for header, body in ((text, b""), ("; boundary=b", f"--b\r\n{text}".encode())):
        with contextlib.suppress(ProblemError, UsageError):
            list(read_parts(f"multipart/form-data{header}", body))


def _view(text: str) -> None:
    for name in VIEW:
        with contextlib.suppress(UsageError):
            read_view({name: text})


def _head(text: str) -> list[object]:
    """Read a target, and headers of one line and of many."""
    data = text.encode()
    heads = [[(b"host", b"a"), (b"accept", data)], [(b"host", data)], [(b"host", b"a")] * len(data)]
    tried: list[object] = []
    for url, headers in (
        (b"/" + data, heads[0]),
        (data, heads[0]),
        (b"/", heads[1]),
        (b"/", heads[2]),
    ):
        try:
            tried.append(checked(b"GET", url, "1.1", headers))
        except Exception as error:
            tried.append(error)
    return tried


def _written(text: str) -> None:
    """Look at an update, and at the same text as data."""
    for update in (text, f"INSERT {{ {text} }} WHERE {{}}", f"INSERT DATA {{ {text} }}"):
        tokens = [token for token in tokenize(update) if token.kind is not TokenKind.SPACE]
        with contextlib.suppress(QueryError):
            refuse_untagged(update, _PREFIXES)
            check_written(update, tokens, _PREFIXES)
        changes_written(update, tokens, _PREFIXES, None)
        with_own_functions(update, tokens)
    update = f"INSERT {{}} WHERE {{ {text} }}"
    with contextlib.suppress(QueryError):
        rewrite_update(update, check_update(update), _PREFIXES)
    with contextlib.suppress(QueryError):
        refuse_rdf12_data(text, 0, len(text))


def _xml(text: str) -> None:
    """Write a text as one piece, and in pieces."""
    data = text.encode()
    for size in (7, len(data) or 1):
        output = XmlOutput(io.BytesIO())
        with contextlib.suppress(QueryError):
            for at in range(0, len(data), size):
                output.write(data[at : at + size])


#: Readers of clients' text that need more than text.
_FIGURE = {"figure": ox.NamedNode("x:f"), "property": ox.NamedNode("x:p")}
_GIVEN: Mapping[str, Callable[[str], object]] = {
    "tzgraph.serve.views.digits:Digits.of": lambda text: Digits(
        [{**_FIGURE, "written": ox.Literal(text)}]
    ).of(_FIGURE["figure"], "x:p", text),
    "tzgraph.explain.labels:Labels.in_title": _LABELS.in_title,
    "tzgraph.explain.labels:Labels.written": _LABELS.written,
    "tzgraph.explain.steps:absent_in_words": lambda text: absent_in_words(text, str),
    "tzgraph.explain.terms:Terms.node": _TERMS.node,
    "tzgraph.explain.terms:Terms.literal": _TERMS.literal,
    "tzgraph.explain.terms:Terms.term": _TERMS.term,
    "tzgraph.explain.terms:Terms.compact": _TERMS.compact,
    "tzgraph.serve.views.snippets:snippets": lambda text: snippets(text, [("query", text)]),
    "tzgraph.query.binding:parse_iri": lambda text: parse_iri(text, Curies(_PREFIXES)),
    "tzgraph.query.binding:term_of": lambda text: [_typed(k)(text) for k in (*TYPES, "tz:A")],
    "tzgraph.query.guard:check": lambda text: check(text, endpoints=["http://example.org/"]),
    "tzgraph.query.library:find_query": lambda text: find_query(text, {}),
    "tzgraph.query.rewrite.patterns:replacement": lambda text: replacement(text, 3),
    "tzgraph.query.run:as_rewritten": lambda text: as_rewritten(plain(text)),
    "tzgraph.query.services:remote_query": lambda text: remote_query(
        text, Call("http://e.org/", 0, 0, 0, (0, len(text))), _PREFIXES, "http://e.org/"
    ),
    "tzgraph.query.syntax.strings:iri_of": lambda text: [
        iri_of(Term(0, len(one), TermKind.IRI, one), _PREFIXES, "http://example.org/")
        for one in (f"<{text}>", f"a:{text}")
    ],
    "tzgraph.query.tokens:line_and_column": lambda text: line_and_column(text, len(text)),
    **dict.fromkeys(
        (
            "tzgraph.query.rewrite.updates:rewrite_update",
            "tzgraph.query.written:refuse_untagged",
            "tzgraph.query.written:check_written",
            "tzgraph.query.written:changes_written",
            "tzgraph.query.written:with_own_functions",
            "tzgraph.query.rdf12:refuse_rdf12_data",
        ),
        _written,
    ),
    "tzgraph.query.rdf12:Rdf12QueryError.at": lambda text: Rdf12QueryError.at(text, len(text), ""),
    "tzgraph.query.xml:XmlOutput.write": _xml,
    "tzgraph.query.update:with_dataset": lambda text: with_dataset(text, ["http://e.org/"], []),
    "tzgraph.serve.federation.words:words_of": lambda text: [
        words_of(text.encode(), kind) for kind in ("text/plain", "text/html", "application/json")
    ],
    "tzgraph.serve.sparql.multipart:read_parts": _form,
    "tzgraph.serve.transport.heads:checked": _head,
    "tzgraph.serve.messages.view:read_view": _view,
    "tzgraph.serve.views.query_list:is_about": lambda text: is_about(
        QueryFile("a", "", text), "", text
    ),
    "tzgraph.serve.messages.negotiate:choose": lambda text: choose(text, ["text/html", "text/csv"]),
}
#: Public functions with a parameter for text in what answers clients that are no readers, and why.
_NO_READERS: Mapping[str, Sequence[str]] = {
    "they hand text on to the readers above": (
        "query.plan.planner:plan_query",
        "query.plan.hints:hints_for",
        "query.plan.patterns:asked_by",
        "query.plan.patterns:shown",
        "query.run:used_prefixes",
        "query.services:find_call",
        "query.redirection:redirections",
        "query.rewrite.edits:apply",
        "query.syntax.strings:iris_of_values",
        "query.syntax_errors:syntax_error",
        "serve.messages.documents:choose_document",
        "serve.views.audit_page:path_of",
        "serve.messages.documents:choose_format",
        "serve.sparql.request:negotiated",
        "serve.sparql.bearer:demand_token",
    ),
    "the text is a word of the grammar": (
        "query.syntax.cursor:Cursor.accept",
        "query.syntax.cursor:Cursor.accept_word",
        "query.syntax.cursor:Cursor.expect",
        "query.syntax.cursor:Cursor.expect_word",
    ),
    "the engine reads it, in a worker with limits": (
        "query.plan.counting:Dataset.has_graph",
        "query.plan.counting:Dataset.where",
        "query.run:run",
        "query.update:run_update",
        "serve.sparql.client:ask_rows",
        "serve.sparql.client:ask_some",
        "serve.sparql.client:ask_table",
        "serve.sparql.client:ask_triples",
        "serve.federation.relay:EndpointFetcher.ask",
        "serve.isolation.fetching:Fetcher.ask",
        "serve.isolation.channel:KeeperClient.fork",
        "serve.isolation.pool:WorkerPool.make",
        "serve.updates.process:WriterProcess.ask",
    ),
    "a parser of HTTP in C reads it, or it is passed on as it is": (
        "query.rows:CountedOutput.write",
        "query.rows:NoticedOutput.write",
        "serve.middleware.compression:squeezed",
        "serve.transport.http:HttpProtocol.data_received",
        "serve.transport.http:HttpProtocol.on_body",
        "serve.transport.http:HttpProtocol.on_header",
        "serve.transport.http:HttpProtocol.on_url",
        "serve.isolation.pipe:Pipe.data_received",
        "serve.isolation.pipe:Pipe.send",
        "serve.isolation.wire:pack",
        "serve.observe.logs:LineWriter.write",
    ),
    "it is a key, or a name that the server or the graph gave": (
        "serve.agents.asking:ask_about",
        "serve.agents.asking:known_as",
        "serve.agents.asking:layer_of",
        "serve.agents.asking:rows_about",
        "serve.agents.registry:call",
        "serve.agents.registry:read",
        "explain.about:found_about",
        "explain.comparison:compare",
        "explain.tree:Explainer.explain",
        "serve.middleware.response_cache:ResponseCache.keep",
        "serve.middleware.whole_files:WholeFiles.get_response",
        "serve.engine.cache:Cache.get",
        "serve.site.ontology:ontology_as",
        "serve.site.ontology:ontology_of",
        "serve.sparql.declared:format_names",
        "serve.messages.routes:content",
        "serve.sparql.description:describe",
        "serve.federation.addresses:refusal",
        "serve.isolation.turns:FairSemaphore.acquire",
        "serve.isolation.turns:FairSemaphore.release",
        "serve.isolation.turns:Turns.add",
        "serve.isolation.turns:Turns.discard",
        "serve.isolation.turns:busy",
        "serve.isolation.pool:WorkerPool.count",
        "serve.isolation.pool:WorkerPool.kill",
        "serve.federation.remote:ask",
        "serve.federation.remote:failed",
        "serve.federation.remote:resolve",
        "serve.middleware.access:RequestMetrics.end",
        "serve.observe.logs:log_request",
        "serve.observe.metrics:Metrics.observe",
        "serve.views.explain_page:explain_form",
        "serve.views.pages:Pages.render",
        "serve.views.pages:Pages.fields",
        "serve.views.inputs:editor_inputs",
        "serve.views.inputs:input_for",
        "serve.views.docs_page:docs_page",
        "serve.views.class_list:AskedList.path",
        "serve.views.class_list:AskedList.with_value",
        "serve.views.class_list:AskedList.without",
        "serve.site.class_names:label_of",
        "serve.sparql.lists:facets_query",
        "serve.sparql.lists:held_query",
        "serve.sparql.lists:properties_query",
        "serve.sparql.lists:rows_query",
        "serve.views.pictures.cells:text_of",
        "serve.views.pictures.mechanisms:MechanismMap.of",
        "serve.views.pictures.mechanisms:mechanism_page",
        "serve.views.pictures.protein:ProteinMap.of",
        "serve.views.pictures.ratios:ratios_page",
        "serve.views.pictures.protein:protein_map",
        "serve.views.pictures.protein:protein_page",
        "serve.views.search_page:Kinds.title",
        "serve.views.search_page:search_page",
        "serve.views.search_page:suggestions",
        "serve.views.query_list:list_page",
        "serve.views.query_page:query_page",
        "serve.views.result_table:address_of",
        "serve.messages.problems:fail",
        "serve.observe.record:note",
        "serve.observe.record:note_query",
        "serve.app:create_app",
        "serve.server:serve",
        "serve.views.thing:ThingDescription.text",
        "serve.views.thing:ThingDescription.values",
        "serve.views.trial_figures:Figure.all",
        "serve.views.trial_figures:Figure.iri",
        "serve.views.trial_figures:Figure.number",
        "serve.views.trial_figures:Figure.one",
        "serve.views.trial_figures:named",
    ),
}


def _slowest_call(reader: Reader, chosen: int) -> Growth | None:
    for attack in attacks(chosen):
        most = looks_slow(reader.call, attack, _FEWER)
        if most and not (growth := growth_of(reader.call, attack, most)).is_linear:
            return growth
    return None


#: Units for functions, whose loops take longer than those of patterns.
_FEWER = (LADDER[0], 600)


#: Functions that take text and do something that must not be done here: the first ends the process.
_DOERS = ("tzgraph.serve.engine.ending:give_up", "tzgraph.cli")


def _readers() -> tuple[list[Reader], list[str]]:
    found, others = find_readers(all_modules())
    found += [of(name, call) for name, call in _GIVEN.items()]
    return [one for one in found if not one.name.startswith(_DOERS)], others


def test_each_function_that_takes_text_of_clients_is_tried_or_said_to_read_none() -> None:
    tried, others = _readers()
    names = {one.name for one in tried}
    facing = {name for name in others if name.split(".")[1] in ("explain", "query", "serve")}
    none = {f"tzgraph.{name}" for group in _NO_READERS.values() for name in group}
    assert facing - names - none == set(), "give it a call in _GIVEN, or say why it reads nothing"
    assert none - facing - names == set(), "these are gone"
    assert "tzgraph.serve.messages.etag:matches" in names
    assert "tzgraph.serve.messages.negotiate:choose" in names
    assert "tzgraph.query.tokens:tokenize" in names


def test_finds_readers_that_are_not_linear() -> None:
    def closing(text: str) -> list[bool]:
        places = (place for place, sign in enumerate(text) if sign == "(")
        return [any(sign == ")" for sign in text[place:]) for place in places]

    with undisturbed():
        assert _slowest_call(of("closing", closing), 0) is not None


def test_all_readers_are_linear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    with undisturbed():
        slow = [
            f"{reader.name}: {growth}"
            for number, reader in enumerate(_readers()[0])
            if (growth := _slowest_call(reader, number))
        ]
    assert slow == []
