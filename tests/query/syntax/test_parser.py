"""The parser of queries: what it takes, what its tree says, and that it always ends soon."""

from __future__ import annotations

import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, URIRef
from rdflib.term import BNode

from tests.shared import need
from tzgraph.query.syntax import MAX_LENGTH, parse
from tzgraph.query.syntax.tree import (
    Bind,
    Expression,
    Filter,
    GroupPattern,
    InlineData,
    Join,
    NamedPattern,
    ParsedQuery,
    PropertyPath,
    SameSubject,
    SyntaxNode,
    Term,
    TermKind,
    TriplePattern,
    UnionPattern,
    children,
    walk,
)
from tzgraph.query.tokens import TokenKind, tokenize

ROOT = Path(__file__).parents[3]
SHIPPED = sorted(
    path
    for folder in ("queries", "src", "shapes", "ontology")
    for path in (ROOT / folder).rglob("*.rq")
)


def parsed(text: str) -> ParsedQuery:
    query = parse(text)
    assert query is not None, text
    return query


def pattern(text: str) -> GroupPattern:
    where = parsed(text).where
    assert where is not None
    return where


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_queries_are_parsed(path: Path) -> None:
    parsed(path.read_text(encoding="utf-8"))


def test_there_are_shipped_queries() -> None:
    assert len(SHIPPED) > 60


@pytest.mark.parametrize(
    "text",
    [
        "SELECT*{?s?p?o}LIMIT 1",
        "SELECT ?s{?s ?p 1.}",
        "SELECT ?s { ?s ?p 1.0.?s ?p -1. ?s ?p +1e3 }",
        "SELECT (1+1-1 AS ?x) (-?y AS ?z) (?a-1 AS ?b) {}",
        "PREFIX a:<b> BASE <c> VERSION '1.2' ASK FROM <d> FROM NAMED <e> WHERE {}",
        "ASK { ?s ^<p>/!(^a|<q>)*|(<r>/<s>)+/(a)? ?o ; <t> [ <u> (1 () [] 'x'@en) ] , 'y'^^<z> . }",
        "ASK { [] <p> 1 ; . [ <p> 1 ] . (1) <p> 2 ; ; <q> 3 ; }",
        "ASK { FILTER NOT EXISTS { ?s ?p ?o } FILTER(?a NOT IN (1, 2) && ?b IN ()) FILTER <f>(1) }",
        "ASK { OPTIONAL { } MINUS { } GRAPH ?g { } SERVICE SILENT <x> { } BIND(1 AS ?x) }",
        "ASK { LATERAL { SELECT * { } } {} UNION {} UNION { {} } }",
        "SELECT ?a { } GROUP BY ?a (1 AS ?b) STR(?c) HAVING (?a) (COUNT(*) > 1)",
        "SELECT ?a { } ORDER BY DESC(?a) ?b STR(?c) ASC (1) LIMIT 1 OFFSET 2 VALUES ?a { UNDEF }",
        "SELECT (GROUP_CONCAT(DISTINCT ?x ; separator = ' ') AS ?y) (COUNT(DISTINCT *) AS ?z) { }",
        "CONSTRUCT { ?s <p> [] } WHERE { } VALUES (?a ?b) { (1 UNDEF) (<x> 'y') }",
        "CONSTRUCT WHERE { ?s ?p ?o . } LIMIT 1",
        "DESCRIBE <x> ?y",
        "DESCRIBE * { ?x a <y> }",
        "ASK { VALUES () { () () } VALUES (?x) { } }",
        # SPARQL 1.2, as the engine knows it.
        "ASK { << ?s ?p ?o >> <q> 1 . << ?s ?p ?o ~ <r> >> }",
        "ASK { ?s ?p ?o ~ {| <q> 1 |} ~ [] {| <q> 2 |} }",
        "ASK { ?x <p> <<( ?s ?p ?o )>> BIND(<<( ?s a <<( ?s ?p 1 )>> )>> AS ?t) }",
        "ASK { VALUES ?x { <<( <s> <p> <<( <s> a 'o' )>> )>> true FALSE } }",
    ],
)
def test_what_the_grammar_has_is_parsed(text: str) -> None:
    parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "SELECT", "ASK", "ASK {", "ASK {}}", "INSERT DATA {}", "ASK { ?s ?p }", "ASK { ?s }"),
        *("ASK { 'a", "SELECT { }", "SELECT ?x", "ASK { ?s ?p ?o ?o ?p ?s }", "ASK { FILTER ?x }"),
        *("ASK { FILTER(1 }", "ASK { BIND(1) }", "ASK { VALUES { } }", "ASK { VALUES ?x { (1) } }"),
        *("ASK { GRAPH 1 { } }", "PREFIX a ASK {}", "ASK { <a> <b>| <c> }", "ASK {} LIMIT x"),
        *("CONSTRUCT { ?s <p>/<q> 1 } {}", "ASK { \\u0041 }", "ASK { [] }", "ASK { ?s !() }", "\0"),
    ],
)
def test_what_the_grammar_lacks_is_not_parsed(text: str) -> None:
    assert parse(text) is None


def test_nodes_say_where_they_stand() -> None:
    text = """PREFIX e: <http://e/> # a comment
    SELECT ?s (COUNT(DISTINCT ?o) AS ?n) WHERE {
      ?s e:p|^e:q ?o ; a e:T . OPTIONAL { ?o e:r/e:s* "x" FILTER(?o != 1 || !(?s)) }
      BIND(STR(?s) AS ?t) { } UNION { GRAPH e:g { ?s ?p ?o } }
    } GROUP BY ?s HAVING (COUNT(*) > 1) VALUES ?s { e:a }"""
    query = parsed(text)
    written = {
        (type(node).__name__, text[node.start : node.end])
        for node in walk(query)
        if not isinstance(node, Term)
    }
    assert {
        ("TriplePattern", "e:p|^e:q ?o"),
        ("TriplePattern", "a e:T"),
        ("PropertyPath", "e:p|^e:q"),
        ("PropertyPath", "^e:q"),
        ("PropertyPath", "e:r/e:s*"),
        ("SameSubject", "?s e:p|^e:q ?o ; a e:T"),
        ("Join", 'OPTIONAL { ?o e:r/e:s* "x" FILTER(?o != 1 || !(?s)) }'),
        ("Filter", "FILTER(?o != 1 || !(?s))"),
        ("Expression", "?o != 1 || !(?s)"),
        ("Expression", "!(?s)"),
        ("Bind", "BIND(STR(?s) AS ?t)"),
        ("UnionPattern", "{ } UNION { GRAPH e:g { ?s ?p ?o } }"),
        ("NamedPattern", "GRAPH e:g { ?s ?p ?o }"),
        ("Item", "(COUNT(DISTINCT ?o) AS ?n)"),
        ("Expression", "COUNT(DISTINCT ?o)"),
        ("Expression", "COUNT(*) > 1"),
        ("InlineData", "VALUES ?s { e:a }"),
    } <= written
    assert query.prefixes == {"e": "http://e/"}


def test_operators_bind_as_in_the_grammar() -> None:
    group = pattern("ASK { FILTER(!?a || ?b && ?c = ?d + ?e * -?f - 1) }")
    (element,) = group.elements
    assert isinstance(element, Filter)

    def shown(node: SyntaxNode) -> str:
        if isinstance(node, Term):
            return node.value
        assert isinstance(node, Expression)
        return f"{node.name}({' '.join(map(shown, node.arguments))})"

    assert shown(element.condition) == "()(||(!(a) &&(b =(c -(+(d *(e -(f))) 1)))))"


def test_lists_and_blank_nodes_become_triples() -> None:
    (element,) = pattern("ASK { [ <p> (1 ?x) ] <q> _:b }").elements
    assert isinstance(element, SameSubject)
    assert element.plain
    verbs = [triple.verb.value for triple in element.triples if isinstance(triple.verb, Term)]
    ends = [verb.rpartition("#")[2] for verb in verbs]
    assert ends == ["first>", "rest>", "first>", "rest>", "<p>", "<q>"]
    first, last = element.triples[4], element.triples[-1]
    assert first.subject.value == last.subject.value != "_:b"
    assert last.object.value == "_:b"
    assert element.triples[3].object.value.endswith("nil>")


def test_values_say_what_has_none() -> None:
    (values,) = pattern("ASK { VALUES (?a ?b) { (1 2) (UNDEF 3) } }").elements
    assert isinstance(values, InlineData)
    assert values.rows == 2
    assert set(values.undefined) == {"a"}


def test_what_is_of_rdf_1_2_is_not_plain() -> None:
    (element,) = pattern("ASK { ?s ?p <<( ?a ?b ?c )>> }").elements
    assert isinstance(element, SameSubject)
    assert not element.plain
    assert element.triples[0].object.kind is TermKind.TRIPLE


# --- how far it nests, and how long it takes ---


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * " + "{" * 200 + "}" * 200,
        "ASK { FILTER(" + "(" * 195 + "1" + ")" * 195 + ") }",
        "ASK { ?s ?p " + "(" * 199 + ")" * 199 + " }",
        "ASK { ?s ?p " + "[ ?p " * 198 + "[]" + " ]" * 198 + " }",
        "ASK { ?s " + "(" * 199 + "<p>" + ")" * 199 + " ?o }",
        "ASK { FILTER(" + "!" * 2400 + "1) }",
        "ASK { FILTER(1" + "+1" * 2400 + ") }",
    ],
)
def test_what_the_guard_lets_pass_fits(text: str) -> None:
    assert sum(1 for _ in walk(parsed(text))) > 3


@pytest.mark.parametrize(
    "text",
    [
        "ASK " + "{" * 500_000,
        "ASK { FILTER" + "(" * 500_000,
        "ASK { ?s ?p " + "[" * 500_000,
        "ASK { ?s " + "(" * 500_000,
        "ASK { FILTER(" + "!" * 500_000,
        "ASK { FILTER(" + "STR(" * 100_000,
        "'" * 500_000,
        "<" * 500_000,
        "ASK { " + "?s " * 200_000,
        "x" * (MAX_LENGTH + 1),
    ],
    ids=range(10),
)
def test_hostile_texts_end_soon(text: str) -> None:
    begun = time.process_time()
    assert parse(text) is None
    assert time.process_time() - begun < 10  # a second or two; a quadratic reader takes minutes


# --- against the suites of the W3C ---

MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
QT = "http://www.w3.org/2001/sw/DataAccess/tests/test-query#"


def suite() -> list[tuple[Path, bool]]:
    """The queries of both suites, and whether each is one."""
    from tests.serve.w3c import entries, path_of
    from tests.serve.w3c import parsed as manifest_of

    found: dict[Path, bool] = {}
    for root in (need("w3c/sparql/sparql10"), need("w3c/sparql/sparql11")):
        for manifest in sorted(root.glob("*/manifest.ttl")):
            graph = manifest_of(manifest)
            for node in entries(graph):
                action = graph.value(node, URIRef(MF + "action"))
                if isinstance(action, BNode):
                    action = graph.value(action, URIRef(QT + "query"))
                path = path_of(action)
                if path.suffix == ".rq" and path.is_file():
                    found[path] = "Negative" not in str(graph.value(node, RDF.type))
    return sorted(found.items())


@pytest.mark.w3c
@pytest.mark.filterwarnings("ignore")
def test_the_queries_of_the_suites_are_parsed() -> None:
    cases = suite()
    assert sum(right for _, right in cases) > 700
    refused = [path for path, right in cases if right and parse(path.read_text("utf-8")) is None]
    # Escapes outside strings and IRIs are resolved before a text is parsed.
    assert {path.name for path in refused} <= {"syn-codepoint-escape-01.rq"}


@pytest.mark.w3c
@pytest.mark.filterwarnings("ignore")
def test_parts_of_the_suites_queries_lie_in_each_other() -> None:
    for path, right in suite():
        query = parse(path.read_text("utf-8")) if right else None
        for node in walk(query) if query else ():
            inside = [child for child in children(node) if child.start < child.end]
            assert all(node.start <= child.start <= child.end <= node.end for child in inside) or (
                # The subject of a triple stands before its verb, and may be that of others.
                isinstance(node, TriplePattern)
            )


# --- random texts ---

WORDS = st.sampled_from(
    """SELECT ASK { } ( ) [ ] * + ? | / ^ ! ?x ?y <p> e:q a 1 -2 'x' @en ^^ . ; , FILTER OPTIONAL
    UNION BIND AS VALUES UNDEF GRAPH NOT EXISTS IN STR COUNT && || = < true _:b
    GROUP BY ORDER LIMIT <<( )>> << >> {| |} ~ MINUS LATERAL""".split()  # noqa: SIM905
)


@given(st.lists(WORDS, max_size=30))
def test_random_words_do_no_harm(words: list[str]) -> None:
    text = " ".join(words)
    for wrapped in (text, f"ASK {{ {text} }}", f"SELECT * {{ ?s {text} ?o }}"):
        query = parse(wrapped)
        if query is not None:
            assert query.end == len(wrapped.rstrip())


@given(st.lists(WORDS, max_size=12))
def test_what_the_engine_takes_is_parsed(words: list[str]) -> None:
    text = f"PREFIX e: <http://e/> SELECT ?x WHERE {{ ?x <http://p> ?z {' '.join(words)} }}"
    try:
        ox.Store().query(text.replace("<p>", "<http://e/p>"))
    except (SyntaxError, RuntimeError, ValueError):
        return
    assert parse(text) is not None


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_terms_are_tokens_of_the_guard(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    starts = {token.start for token in tokenize(text) if token.kind is not TokenKind.SPACE}
    for node in walk(parsed(text)):
        assert node.start in starts or node.start == 0
        if isinstance(node, Term) and node.kind is TermKind.VARIABLE:
            assert text[node.start + 1 : node.end] == node.value


def test_modifiers_are_told_apart() -> None:
    query = parsed(
        "SELECT ?a { ?a ?b ?c } GROUP BY ?a STR(?b) HAVING (COUNT(*) > 1) (?a = 1)"
        " ORDER BY DESC(?a) ?b LIMIT 3 OFFSET 4 VALUES (?a) { (1) }"
    )
    assert [len(part) for part in (query.group_by, query.having, query.order_by)] == [2, 2, 2]
    assert (query.limit, query.offset) == (3, 4)
    assert query.values is not None
    assert parsed("SELECT ?a { } ORDER BY ?a VALUES (?a) { (1) }").values is not None


def test_kinds_of_pattern_are_told_apart() -> None:
    group = pattern(
        "ASK { ?s ?p ?o OPTIONAL {} MINUS {} GRAPH ?g {}"
        " BIND(1 AS ?x) VALUES ?y { 1 } {} FILTER(1) }"
    )
    kinds = [type(element) for element in group.elements]
    assert kinds == [SameSubject, Join, Join, NamedPattern, Bind, InlineData, UnionPattern, Filter]
    (statement,) = pattern("ASK { ?s (<p>|<q>)? ?o }").elements
    assert isinstance(statement, SameSubject)
    verb = statement.triples[0].verb
    assert isinstance(verb, PropertyPath)
    assert verb.operator == "?"
    assert isinstance(group.elements[4], Bind)
