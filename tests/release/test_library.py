"""The query library as RDF: each query whole, and fit to be run anywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from pyshacl.shapes_graph import ShapesGraph
from rdflib import Graph
from rdflib.plugins.sparql import prepareQuery

from tzgraph.query.binding import bind
from tzgraph.query.library import load_library, parse_query
from tzgraph.query.run import run
from tzgraph.release import open_release
from tzgraph.release.library import library_triples, with_prefixes
from tzgraph.resources import shipped
from tzgraph.vocabulary import RDF, SH, Graphs

QUERIES = sorted(shipped("queries").glob("*.rq"))


@pytest.fixture(scope="module")
def store(shipped_dir: Path) -> ox.Store:
    """The shipped graph."""
    return open_release(shipped_dir).store()


def answer(result: object) -> list[str]:
    """A result, whatever its order."""
    if isinstance(result, ox.QuerySolutions):
        return sorted(str(list(row)) for row in result)
    if isinstance(result, ox.QueryTriples):
        return sorted(map(str, result))
    return [str(result)]


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_file_runs_elsewhere_as_it_is(store: ox.Store, shipped_dir: Path, path: Path) -> None:
    """Without the prefixes that are known here, and with the same answer.

    Parameters have their default values: about all things at once, ``where-from`` takes minutes.
    """
    text = path.read_text(encoding="utf-8")
    prepareQuery(text)
    manifest = open_release(shipped_dir).manifest
    prefixes = manifest.prefixes
    query = load_library()[path.stem]
    given = tuple(p for p in query.parameters if p.default is not None)
    values = bind(replace(query, parameters=given), {}, manifest.curies, manifest.kinds)
    elsewhere = store.query(text, substitutions=dict(values))
    assert answer(elsewhere) == answer(run(store, text, prefixes=prefixes, substitutions=values))
    assert with_prefixes(text, prefixes) == text


def test_every_query_is_described_with_its_text(store: ox.Store) -> None:
    """In the default view and in the graph ``metadata``; the text is that of the file."""
    for where in ("{ %s }", f"{{ GRAPH <{Graphs.METADATA}> {{ %s }} }}"):
        found = store.query(
            "SELECT ?query ?text " + where % f"?query <{SH}select>|<{SH}ask>|<{SH}construct> ?text"
        )
        assert isinstance(found, ox.QuerySolutions)
        texts = {row[0].value.partition("#query-")[2]: row[1].value for row in found}
        assert texts == {name: query.text for name, query in load_library().items()}


@pytest.mark.parametrize(
    ("text", "of_class", "holds"),
    [
        ("SELECT * {}", "SPARQLSelectExecutable", "select"),
        ("# SELECT\nPREFIX select: <x:> ask { ?s select:ask ?o }", "SPARQLAskExecutable", "ask"),
        ("CONSTRUCT WHERE { ?s ?p 'SELECT' }", "SPARQLConstructExecutable", "construct"),
    ],
)
def test_a_query_is_of_the_class_of_its_form(text: str, of_class: str, holds: str) -> None:
    query = parse_query(f"#+ title: T\n#+ tags: a, b\n{text}", name="q")
    said = list(library_triples([query], {}))
    types = {t.object for t in said if t.predicate.value == RDF + "type"}
    assert types == {ox.NamedNode(SH + of_class), ox.NamedNode(SH + "SPARQLExecutable")}
    assert [t.object for t in said if t.predicate.value == SH + holds] == [ox.Literal(query.text)]
    assert len([t for t in said if t.predicate.value.endswith("keywords")]) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK { a:b ?p 'c:d' } # e:f", "PREFIX a: <x:a>\nASK { a:b ?p 'c:d' } # e:f"),
        ("#+ title: a:b\nASK { ?s ?p <c:d> }", "#+ title: a:b\nASK { ?s ?p <c:d> }"),
        ("prefix a: <y:> ASK { a:b c:d ?o }", "PREFIX c: <x:c>\nprefix a: <y:> ASK { a:b c:d ?o }"),
        ("ASK { unknown:b ?p ?o }", "ASK { unknown:b ?p ?o }"),
    ],
)
def test_declares_what_a_query_uses(text: str, expected: str) -> None:
    """Not what stands in strings, comments and IRIs, nor what is declared or unknown."""
    assert with_prefixes(text, {prefix: f"x:{prefix}" for prefix in "abce"}) == expected


def test_nothing_of_it_is_a_shape() -> None:
    """Although it has the vocabulary of SHACL: data that hold it can be validated as before."""
    said = library_triples(load_library().values(), {"tz": "https://w3id.org/tzgraph/ontology#"})
    turtle = ox.serialize(said, format=ox.RdfFormat.TURTLE)
    assert turtle is not None
    shapes = list(ShapesGraph(Graph().parse(turtle, format="turtle")).shapes)
    assert shapes == []
