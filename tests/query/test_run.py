"""Running queries, the places of syntax errors, formats and tables."""

from __future__ import annotations

import io

import pyoxigraph as ox
import pytest

from tzgraph.curies import Curies
from tzgraph.errors import QueryError, UsageError
from tzgraph.query.formats import FORMATS, ResultKind, format_named
from tzgraph.query.guard import QuerySyntaxError
from tzgraph.query.run import kind_of, run, serialize
from tzgraph.query.table import write_table

PREFIXES = {"ex": "http://example.org/", "exa": "http://example.org/a/"}


@pytest.fixture
def store() -> ox.Store:
    """Two triples."""
    store = ox.Store()
    text = """@prefix ex: <http://example.org/> .
        ex:s ex:p "a\\u0007b\\nc"@en . <http://example.org/a/x> ex:p 12 ."""
    store.load(text.encode(), format=ox.RdfFormat.TURTLE)
    return store


@pytest.mark.parametrize(
    ("query", "line", "column"),
    [
        ("SELECT ?s {\n ?s ?p }", 2, 8),
        ("ASK {?s ?p }", 1, 12),
        ("SELEC * {}", 1, 1),
        ("SELECT * {?s ?p ?o} LIMIT ?v", 1, 27),
        ("SELECT * {?s foo:bar ?o}", 1, 14),
        ("SELECT * {?s ?p 'é€😀' . ?x }", 1, 28),
        ("SELECT * {\n  ?s ?p ?o .\n  FILTR(?s = 1)\n}", 3, 3),
        ("SELECT * { ?s ?p ?o } }", 1, 23),
        ("SELECT ?s {?s ?p", 1, 17),
        ("# nothing\n", 1, 10),
        ("SELECT (GROUP_CONCAT(?s) AS ?x) {\n ?s a <x:T>; ?p foo:bar }", 2, 17),
        ("SELECT ?s (GROUP_CONCAT(?s) AS ?x) { ?s ?p ?o }", 1, 48),
        ("", 1, 1),
    ],
)
def test_place_of_syntax_error(query: str, line: int, column: int) -> None:
    """An error points at the token that can't stand there."""
    with pytest.raises(QuerySyntaxError) as raised:
        run(ox.Store(), query)
    assert (raised.value.line, raised.value.column) == (line, column)


def test_reason_of_syntax_error() -> None:
    """What the engine says in words is kept."""
    with pytest.raises(QuerySyntaxError, match="Prefix not found: foo:bar"):
        run(ox.Store(), "SELECT * {?s foo:bar ?o}")


def test_bad_graph_name() -> None:
    """The name of a graph has to be an IRI."""
    with pytest.raises(UsageError):
        run(ox.Store(), "ASK {}", default_graphs=["a b"])


@pytest.mark.parametrize("form", [f for f in FORMATS if f.iri], ids=lambda f: f.name)
def test_formats(store: ox.Store, form: object) -> None:
    """Each format writes what can be read back."""
    chosen = next(f for f in FORMATS if f is form)
    if chosen.name in ("xml", "rdfxml"):  # they have no control characters
        store.update("DELETE { ?s ?p ?o } INSERT { ?s ?p 'a\\nc'@en } WHERE { ?s ?p ?o }")
    query = "CONSTRUCT WHERE {?s ?p ?o}" if chosen.graph else "SELECT ?s ?o {?s ?p ?o}"
    result, output = run(store, query), io.BytesIO()
    serialize(result, chosen, output, PREFIXES)
    data = output.getvalue()
    if chosen.graph is not None:
        quads = list(ox.parse(data, format=chosen.graph))
        assert {str(quad.object) for quad in quads} == {str(q.object) for q in store}
        if chosen.name in ("turtle", "trig"):
            assert b"ex:s ex:p" in data
    elif chosen.name != "csv":
        read = ox.parse_query_results(data, format=chosen.bindings)
        assert isinstance(read, ox.QuerySolutions)
        assert len(list(read)) == 2


def test_formats_by_name() -> None:
    """Unknown and unfit formats are errors that say which there are."""
    assert format_named("CSV").name == "csv"
    with pytest.raises(UsageError, match="Did you mean turtle"):
        format_named("turtel")
    with pytest.raises(UsageError, match="Formats that can: table, markdown, turtle"):
        format_named("csv", ResultKind.GRAPH)
    result = run(ox.Store(), "ASK {}")
    assert kind_of(result) is ResultKind.BINDINGS
    with pytest.raises(UsageError):
        serialize(result, format_named("turtle"), io.BytesIO())


def test_table(store: ox.Store) -> None:
    """A table has aligned columns, CURIEs, and no control characters."""
    output = io.StringIO()
    query = "SELECT ?s ?o (1 AS ?size) ?none {?s ?p ?o} ORDER BY ?s"
    assert write_table(run(store, query), output, Curies(PREFIXES)) == 2
    assert output.getvalue() == (
        "s      o          size  none\n"
        "─────  ─────────  ────  ────\n"
        "exa:x  12            1\n"
        "ex:s   a\\x07b\\nc     1\n"
    )


def test_table_fits_the_terminal(store: ox.Store) -> None:
    """Long cells are cut where a width is given, and only there."""
    query = f"SELECT ('{'x' * 90}' AS ?long) ('日本' AS ?wide) {{}}"
    narrow, wide = io.StringIO(), io.StringIO()
    write_table(run(store, query), narrow, Curies(), width=40)
    assert max(map(len, narrow.getvalue().splitlines())) <= 40
    assert "…" in narrow.getvalue()
    write_table(run(store, query), wide, Curies())
    assert "x" * 90 in wide.getvalue()


def test_table_shows_labels_but_those_of_several_things(store: ox.Store) -> None:
    query = "SELECT ?x { VALUES ?x { <http://e.org/a> <http://e.org/b> <http://e.org/c> } }"
    names = {"http://e.org/a": "one", "http://e.org/b": "one", "http://e.org/c": "t\x07wo|"}
    output = io.StringIO()
    write_table(run(store, query), output, Curies(), labels=lambda node: names[node.value])
    assert output.getvalue().split()[2:] == ["<http://e.org/a>", "<http://e.org/b>", "t\\x07wo|"]
    output = io.StringIO()
    markdown = run(store, "SELECT ('a|b' AS ?x) (1 AS ?n) {}")
    write_table(markdown, output, Curies(), markdown=True)
    assert output.getvalue() == "| x | n |\n| --- | --: |\n| a\\|b | 1 |\n"


def test_a_table_loses_prefixes_before_it_is_cut(store: ox.Store) -> None:
    query = "SELECT ?x ?y { VALUES (?x ?y) { (<http://e.org/abc> 'k:a') (<http://e.org/d> 'b') } }"
    curies = Curies({"verylong": "http://e.org/"})
    wide, narrow, none = io.StringIO(), io.StringIO(), io.StringIO()
    write_table(run(store, query), wide, curies, width=80)
    assert "verylong:abc" in wide.getvalue()
    write_table(run(store, query), narrow, curies, width=12)
    assert narrow.getvalue().split() == ["x", "y", "───", "───", "abc", "k:a", "d", "b"]
    write_table(run(store, query), none, curies, width=4)
    assert none.getvalue().startswith("── ")  # a list of its rows


def test_query_error_of_evaluation() -> None:
    """A value for a variable that the query has not is an error, no crash."""
    with pytest.raises(QueryError):
        run(ox.Store(), "ASK {}", substitutions={ox.Variable("v"): ox.Literal("x")})
