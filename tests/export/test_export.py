"""Every syntax holds the same graph, and Turtle can be read by people."""

from __future__ import annotations

import re
from functools import cache
from io import BytesIO
from pathlib import Path
from warnings import catch_warnings, simplefilter

import owlready2
import pyoxigraph as ox
import pytest
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

from tests.shipped import shipped_release
from tzgraph.errors import UsageError
from tzgraph.export import FORMATS, export
from tzgraph.query.xml import NotInXmlError
from tzgraph.release import Manifest, Release
from tzgraph.release.canonical import sha256, write_sorted
from tzgraph.vocabulary import GRAPH, OWL, RDF, RDFS, TZ, Graphs

TRIPLES = ["turtle", "ntriples", "rdfxml"]
QUADS = ["nquads", "trig", "jsonld"]
_RDFLIB = {"turtle": "turtle", "ntriples": "nt", "rdfxml": "xml"} | {
    "nquads": "nquads",
    "trig": "trig",
    "jsonld": "json-ld",
}
_OXIGRAPH = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "rdfxml": ox.RdfFormat.RDF_XML,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
}
_E = "https://example.org/"
_ONTOLOGY = ox.NamedNode(Graphs.ONTOLOGY)


def _exported(name: str, graph: str | None = None, release: Release | None = None) -> bytes:
    out = BytesIO()
    export(release or shipped_release(), name, out, graph=graph)
    return out.getvalue()


@cache
def _shipped(name: str, graph: str | None = None) -> bytes:
    return _exported(name, graph)


def _load(name: str, data: bytes) -> ox.Dataset:
    dataset = ox.Dataset(ox.parse(data, format=_OXIGRAPH[name]))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def _stored(*, triples: bool) -> ox.Dataset:
    quads = list(shipped_release().store())
    if triples:
        default = ox.DefaultGraph()
        quads = [quad for quad in quads if quad.graph_name == default]
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return dataset


def test_these_are_all_formats() -> None:
    assert {name for name, form in FORMATS.items() if not form.supports_datasets} == set(TRIPLES)
    assert {name for name, form in FORMATS.items() if form.supports_datasets} == set(QUADS)


@pytest.mark.parametrize("name", TRIPLES + QUADS)
def test_oxigraph_reads_the_same_graph(name: str) -> None:
    loaded, stored = _load(name, _shipped(name)), _stored(triples=name in TRIPLES)
    assert len(loaded) == len(stored)
    manifest = shipped_release().manifest
    assert len(loaded) == (manifest.triples if name in TRIPLES else manifest.quads)
    if name in ("trig", "jsonld", "nquads"):
        # The ontology stands in two graphs, which share their blank nodes; a syntax may part them.
        plain = [q for q in stored if "_:" not in str(q)]
        assert {q for q in loaded if "_:" not in str(q)} == set(plain)
    else:
        assert loaded == stored


@pytest.mark.parametrize("name", TRIPLES)
def test_rdflib_reads_the_same_number_of_triples(name: str) -> None:
    graph = Graph().parse(data=_shipped(name), format=_RDFLIB[name])
    assert len(graph) == shipped_release().manifest.triples


@pytest.mark.parametrize("name", QUADS)
def test_rdflib_reads_the_same_number_of_quads(name: str) -> None:
    dataset = Dataset()
    with catch_warnings():  # rdflib's own parsers use what rdflib deprecates
        simplefilter("ignore", DeprecationWarning)
        dataset.parse(data=_shipped(name), format=_RDFLIB[name])
    found = {
        str(graph.identifier): len(graph)
        for graph in dataset.graphs()
        if str(graph.identifier) != "urn:x-rdflib:default"
    }
    assert {name: size for name, size in found.items() if size} == dict(
        shipped_release().manifest.graphs
    )
    assert len(dataset.default_graph) == shipped_release().manifest.triples


@pytest.mark.parametrize("name", TRIPLES)
def test_the_graph_of_the_ontology_is_the_same_in_each_syntax(name: str) -> None:
    quads = shipped_release().store().quads_for_pattern(None, None, None, _ONTOLOGY)
    stored = ox.Dataset(ox.Quad(*quad.triple) for quad in quads)
    stored.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    data = _shipped(name, "ontology")
    assert _load(name, data) == stored
    reference = Graph().parse(data=_shipped("ntriples", "ontology"), format="nt")
    assert isomorphic(Graph().parse(data=data, format=_RDFLIB[name]), reference)


@pytest.mark.parametrize(("name", "suffix"), [("ntriples", "nt"), ("rdfxml", "owl")])
def test_owlready2_reads_it(tmp_path: Path, name: str, suffix: str) -> None:
    # owlready2 stops at years (xsd:gYear) in the default view; the ontology has none.
    path = tmp_path / f"ontology.{suffix}"
    path.write_bytes(_shipped(name, "ontology"))
    world = owlready2.World()
    ontology = world.get_ontology(path.as_uri()).load()
    assert len(ontology.graph) == shipped_release().manifest.graphs[Graphs.ONTOLOGY]
    trial = world[TZ + "FirstLineTrial"]
    assert trial.equivalent_to
    assert world[TZ + "Trial"] in trial.equivalent_to[0].Classes


@pytest.mark.parametrize("name", TRIPLES + QUADS)
@pytest.mark.parametrize("spelling", ["inferred", Graphs.INFERRED, f"<{Graphs.INFERRED}>"])
def test_one_graph_is_exported_by_name_or_iri(name: str, spelling: str) -> None:
    loaded = _load(name, _exported(name, spelling))
    assert len(loaded) == shipped_release().manifest.graphs[Graphs.INFERRED]
    graph = ox.DefaultGraph() if name in TRIPLES else ox.NamedNode(Graphs.INFERRED)
    assert {quad.graph_name for quad in loaded} == {graph}


def test_the_graph_of_a_source_is_exported() -> None:
    loaded = _load("turtle", _exported("turtle", "source/bang-2010"))
    assert len(loaded) == shipped_release().manifest.graphs[Graphs.SOURCE + "bang-2010"]


@pytest.mark.parametrize(
    ("name", "graph", "message", "hint"),
    [
        ("turtel", None, "no export format “turtel”", "“turtle”"),
        ("zzz", None, "no export format “zzz”", "turtle, ntriples, rdfxml, jsonld, nquads, trig"),
        ("turtle", "infered", "no graph “infered”", "“inferred”"),
        ("turtle", GRAPH + "infered", "no graph", "“inferred”"),
        ("turtle", "qqqqqqqq", "no graph “qqqqqqqq”", "source/bang-2010"),
    ],
)
def test_unknown_names_are_refused_with_a_suggestion(
    name: str, graph: str | None, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        _exported(name, graph)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", TRIPLES + QUADS)
def test_the_same_release_gives_the_same_bytes(name: str) -> None:
    assert _exported(name) == _shipped(name)


def test_nquads_are_the_sorted_lines_of_the_release() -> None:
    lines = _shipped("nquads").decode().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == len(set(lines))
    assert _shipped("nquads") == shipped_release().nquads.read_bytes()


# -- Turtle ----------------------------------------------------------------------------------


def _subjects(turtle: str) -> list[str]:
    """What blocks begin with: lines that don't begin with a blank."""
    lines = [line for line in turtle.splitlines() if line and line[0] not in " \t@"]
    return [line.split()[0] for line in lines]


def test_turtle_declares_all_prefixes_and_uses_them() -> None:
    turtle = _shipped("turtle").decode()
    declared = dict(re.findall(r"^@prefix ([\w.]*): <([^>]*)> \.$", turtle, re.MULTILINE))
    assert declared == dict(shipped_release().manifest.prefixes)
    assert turtle.count("@prefix") == len(declared)
    assert "\ntzdrug:trastuzumab " in turtle
    written = re.findall(r"<(https://w3id\.org/tzgraph/(?:ontology#|id/drug/)[\w-]+)>", turtle)
    assert written == []


def test_turtle_is_sorted_with_a_block_for_each_thing() -> None:
    prefixes = shipped_release().manifest.prefixes
    turtle = _exported("turtle", "inferred").decode()
    subjects = _subjects(turtle)
    expanded = [
        subject[1:-1]
        if subject.startswith("<")
        else prefixes[subject.partition(":")[0]] + subject.partition(":")[2]
        for subject in subjects
    ]
    assert len(expanded) > 50
    assert len(set(expanded)) == len(expanded)
    assert expanded == sorted(expanded, key=lambda iri: f"<{iri}>")


@pytest.mark.parametrize("name", ["turtle", "trig"])
def test_class_expressions_are_nested(name: str) -> None:
    text = _shipped(name).decode()
    assert "_:" not in text
    assert "owl:intersectionOf (" in text
    assert "owl:AllDisjointClasses" in text


# -- a release made up here ------------------------------------------------------------------

_TEXTS = [
    'say "hello"',
    '""" three',
    "two\nlines",
    "carriage\rreturn and \ttab",
    "back\\slash \\n",
    'ends with quote"',
    "α→β – 中文 🧬 \u00a0",
    "\n@prefix x: <http://x/> .\n<http://x/a> a <http://x/b> .",
    "]]> & <tag>",
    "",
]


@pytest.fixture
def made_up(tmp_path: Path) -> Release:
    graph = ox.NamedNode(GRAPH + "ontology")
    node, restriction = ox.NamedNode(_E + "c"), ox.BlankNode("b1")
    label = ox.NamedNode(RDFS + "label")
    triples = [
        ox.Triple(node, ox.NamedNode(OWL + "equivalentClass"), restriction),
        ox.Triple(restriction, ox.NamedNode(OWL + "onProperty"), ox.NamedNode(_E + "p")),
        ox.Triple(
            restriction, ox.NamedNode(OWL + "hasValue"), ox.Literal("1.50", datatype=_decimal())
        ),
        ox.Triple(
            ox.BlankNode("b2"), ox.NamedNode(RDF + "type"), ox.NamedNode(OWL + "AllDifferent")
        ),
        ox.Triple(
            ox.NamedNode(_E + "a b".replace(" ", "/")), label, ox.Literal("x", language="en-gb")
        ),
        ox.Triple(ox.NamedNode(_E + "z."), label, ox.Literal("7", datatype=_decimal())),
    ]
    for thing in (node, ox.NamedNode(_E + "plain")):  # with and without a nested expression
        triples += [ox.Triple(thing, label, ox.Literal(text)) for text in _TEXTS]
        triples += [ox.Triple(thing, label, ox.Literal(text, language="en")) for text in _TEXTS]
    quads = [
        ox.Quad(t.subject, t.predicate, t.object, name)
        for t in triples
        for name in (graph, ox.DefaultGraph())
    ]
    count = write_sorted((f"{quad} ." for quad in quads), tmp_path / "graph.nq")
    manifest = Manifest(
        id="made-up",
        version="1",
        ontology_version="1",
        engine="",
        triples=len(triples),
        quads=count,
        graphs={graph.value: len(triples)},
        classes={},
        prefixes={"e": _E, "rdfs": RDFS, "owl": OWL},
        kinds={},
        files={"graph.nq": sha256(tmp_path / "graph.nq")},
    )
    return Release(tmp_path, manifest)


def _decimal() -> ox.NamedNode:
    return ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal")


@pytest.mark.parametrize("name", TRIPLES + QUADS)
def test_literals_survive(made_up: Release, name: str) -> None:
    data = _exported(name, "ontology", made_up)
    original = ox.Dataset(
        ox.Quad(*q.triple) for q in _quads_of(made_up) if q.graph_name == _ONTOLOGY
    )
    loaded = ox.Dataset(ox.Quad(*q.triple) for q in ox.parse(data, format=_OXIGRAPH[name]))
    texts = {str(q.object) for q in original if isinstance(q.object, ox.Literal)}
    assert {str(q.object) for q in loaded if isinstance(q.object, ox.Literal)} == texts
    for dataset in (original, loaded):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert loaded == original


def _quads_of(release: Release) -> list[ox.Quad]:
    return list(ox.parse(path=str(release.nquads), format=ox.RdfFormat.N_QUADS))


def _release_of(folder: Path, lines: list[str]) -> Release:
    write_sorted(lines, folder / "graph.nq")
    said = {"triples": 0, "quads": 0, "graphs": {}, "classes": {}, "prefixes": {}, "kinds": {}}
    files = {"graph.nq": sha256(folder / "graph.nq")}
    manifest = Manifest.named(version="", ontology_version="", engine="", files=files, **said)
    return Release(folder, manifest)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"<{_E}a> <http://snomed.info/id/116680003> <{_E}b> .", "116680003"),
        (f'<{_E}a> <{_E}p> "bell\\u0007" .', "U+0007"),
        (f"<{_E}a> <{RDF}li> <{_E}b> .", "#li"),
    ],
)
def test_what_xml_can_not_hold_is_refused_by_name(tmp_path: Path, line: str, told: str) -> None:
    release = _release_of(tmp_path, [line])
    with pytest.raises(NotInXmlError) as caught:
        _exported("rdfxml", release=release)
    assert told in caught.value.message
    assert caught.value.exit_code == 2
    for name in set(FORMATS) - {"rdfxml"}:
        assert len(_load(name, _exported(name, release=release))) == 1


def test_a_carriage_return_and_a_class_without_a_name_come_back(tmp_path: Path) -> None:
    lines = [
        f'<{_E}a> <{_E}p> "one\\rtwo\\r\\n" .',
        f"<{_E}a> <{RDF}type> <http://snomed.info/id/404684003> .",
    ]
    release = _release_of(tmp_path, lines)
    stated = Graph().parse(data=_exported("rdfxml", release=release), format="xml")
    assert {str(value) for value in stated.objects()} == {
        "one\rtwo\r\n",
        "http://snomed.info/id/404684003",
    }
