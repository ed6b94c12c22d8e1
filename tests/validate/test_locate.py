"""Results lead to cells, whatever form their paths have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from rdflib import Graph, Literal, URIRef

from tests.validate.examples import PREFIXES, changed, conforming
from tzgraph.curies import Curies
from tzgraph.errors import Finding, Severity
from tzgraph.read.provenance import CellRef
from tzgraph.validate import (
    CellIndex,
    StoreCellIndex,
    as_json,
    as_text,
    locate_results,
    to_findings,
    validate_graph,
)
from tzgraph.vocabulary import GRAPH, ID, RDF, TZ, XSD

TYPE = RDF + "type"
CELLS = Curies(
    PREFIXES
    | {
        "tztrial": ID + "trial/",
        "tzresult": ID + "result/",
        "tztarget": ID + "target/",
    }
)
#: Tables as the reader takes them, each of one source; the first column is the class.
TABLES = {
    "trials.tsv": """
        tz:Trial    tz:nctId  tz:studiesCondition
        trial/t1    "NCT1"    disease/gastric
        trial/t2    .         .
        """,
    "arms.tsv": """
        tz:TrialArm  ^tz:hasArm  tz:dose    tz:regimen
        arm/a        trial/t1    "6 mg/kg"  .
        arm/b        trial/t1    .          regimen/old
        """,
    "results.tsv": """
        tz:OutcomeResult  ^tz:hasResult  tz:value         tz:ciLower
        result/os         arm/a          "13.8"^^decimal  "14.0"^^decimal
        result/nr         .              .                .
        """,
    "more results.tsv": """
        tz:OutcomeResult  ^tz:hasResult  tz:population
        result/os         arm/b          population/all
        """,
    "drugs.tsv": """
        tz:MonoclonalAntibody  tz:targets
        trial/t2               .
        """,
    "evidence.tsv": """
        tz:Evidence   rdf:subject  rdf:predicate  rdf:object       tz:direction
        evidence/ev   drug/mab     tz:targets     target/nowhere   tz:Supports
        evidence/ev2  gene/erbb2   tz:treats      disease/gastric  tz:Supports
        """,
}


def iri(text: str) -> ox.NamedNode:
    prefix, _, local = text.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local if prefix in PREFIXES else ID + text)


def term(text: str) -> ox.NamedNode | ox.Literal:
    if not text.startswith('"'):
        return iri(text)
    value, _, kind = text[1:].partition('"^^')
    return ox.Literal(value.rstrip('"'), datatype=ox.NamedNode(XSD + kind) if kind else None)


def quads(file: str, table: str) -> Iterator[ox.Quad]:
    """Statements and provenance of a table, as :mod:`tzgraph.read.rows` describes them."""
    header, *rows = [re.split(r"  +", line.strip()) for line in table.strip().splitlines()]
    source = ox.NamedNode(f"{GRAPH}source/{quote(file)}")
    graph = ox.NamedNode(GRAPH + "provenance")
    first = ox.NamedNode(CellRef(file, None, 1).iri)
    yield ox.Quad(first, iri("rdf:predicate"), iri("rdf:type"), graph)
    yield ox.Quad(first, iri("rdf:object"), iri(header[0]), graph)
    for number, name in enumerate(header[1:], start=2):
        place = ox.NamedNode(CellRef(file, None, number).iri)
        reads = "tz:readsInverse" if name.startswith("^") else "rdf:predicate"
        yield ox.Quad(place, iri(reads), iri(name.removeprefix("^")), graph)
    for number, (thing, *cells) in enumerate(rows, start=2):
        place, node = ox.NamedNode(CellRef(file, number).iri), iri(thing)
        yield ox.Quad(place, iri("rdf:subject"), node, graph)
        yield ox.Quad(place, iri("prov:hadPrimarySource"), source, graph)
        yield ox.Quad(node, iri("rdf:type"), iri(header[0]), source)
        for name, text in zip(header[1:], cells, strict=True):
            if text == ".":
                continue
            if name.startswith("^"):
                yield ox.Quad(iri(text), iri(name[1:]), node, source)
            else:
                yield ox.Quad(node, iri(name), term(text), source)
        if header[0] == "tz:Evidence":
            yield ox.Quad(iri(cells[0]), iri(cells[1]), iri(cells[2]), source)


@pytest.fixture
def index() -> StoreCellIndex:
    store = ox.Store()
    for file, table in TABLES.items():
        store.extend(quads(file, table))
    return StoreCellIndex(store)


@pytest.mark.parametrize(
    ("change", "code", "place", "hint"),
    [
        # The value's own cell.
        ('trial/t1 tz:nctId = "NCT1"', "shacl-pattern", "trials.tsv:2:2", ""),
        # The value stands in a row of evidence that asserts it.
        ("drug/mab tz:targets = target/nowhere", "shacl-class", "evidence.tsv:2:4", ""),
        # Numbers are found although their lexical forms differ (14.00 in the graph).
        ("result/os tz:ciLower = 14.00", "shacl-less-than-or-equals", "results.tsv:2:4", ""),
        # Missing, and the table has the column: the empty cell.
        ("arm/a tz:regimen = _", "shacl-min-count", "arms.tsv:2:4", ""),
        # Missing, and of two rows of the thing only one table has the column.
        ("trial/t2 tz:studiesCondition = _", "shacl-min-count", "trials.tsv:3:3", ""),
        # Missing, and the table has no such column: the id cell.
        ("trial/t1 tz:reportedIn = _", "shacl-min-count", "trials.tsv:2:1", ""),
        # Missing under an inverse path: the empty cell of the inverse column.
        ("arm/a tz:hasResult = result/os, result/orr", "shacl-min-count", "results.tsv:3:2", ""),
        # Too many under an inverse path: the cells of the inverse columns.
        (
            "arm/b tz:hasResult + result/os",
            "shacl-max-count",
            "more results.tsv:2:2",
            "See also results.tsv:2:2.",
        ),
        # No path: the id cell of the first row.
        ("result/os tz:valueStatus + tz:NotReached", "shacl-xone", "more results.tsv:2:1", ""),
        # No path, but the shape chose the node by a property: the cell of the property.
        ("gene/erbb2 tz:treats + disease/gastric", "shacl-or", "evidence.tsv:3:4", ""),
        # Nothing is known.
        ("assay/ihc tz:measures = _", "shacl-min-count", "(graph)", ""),
    ],
)
def test_place(
    change: str, code: str, place: str, hint: str, index: CellIndex, shapes: Graph, ontology: Graph
) -> None:
    data = changed(conforming(), (change,))
    (finding,) = to_findings(validate_graph(data, shapes, ontology), index, data, CELLS)
    assert (finding.code, finding.place, finding.hint) == (code, place, hint)


def test_wrong_value_under_an_inverse_path(
    index: CellIndex, shapes: Graph, ontology: Graph
) -> None:
    data = changed(conforming(), ("arm/a a tz:Gene",))
    data.remove((URIRef(ID + "arm/a"), URIRef(TYPE), URIRef(TZ + "TrialArm")))
    findings = to_findings(validate_graph(data, shapes, ontology), index, data, CELLS)
    wrong = [f for f in findings if f.message.startswith("tzresult:os")]
    assert [(f.place, f.code) for f in wrong] == [("results.tsv:2:2", "shacl-class")]


def test_rows_with_one_label_name_each_other(shapes: Graph, ontology: Graph) -> None:
    store = ox.Store()
    store.extend(
        quads(
            "g.tsv",
            """tz:Gene  rdfs:label
        gene/erbb2  "NRG1"
        gene/nrg1   "NRG1" """,
        )
    )
    data = changed(conforming(), ('gene/erbb2 rdfs:label = "NRG1"@en',))
    results = validate_graph(data, shapes, ontology)
    findings = to_findings(results, StoreCellIndex(store), data, CELLS)
    assert [(f.place, f.hint) for f in findings] == [
        ("g.tsv:2:2", "See also g.tsv:3:2."),
        ("g.tsv:3:2", "See also g.tsv:2:2."),
    ]
    assert findings[0].message.endswith("Found: <https://w3id.org/tzgraph/id/gene/nrg1> (NRG1).")


def test_many_rows_are_counted(shapes: Graph, ontology: Graph) -> None:
    store = ox.Store()
    for name in "abcdef":
        store.extend(
            quads(
                f"{name}.tsv",
                """tz:Trial  tz:phase  tz:nctId
            trial/t1  "3"  "NCT1" """,
            )
        )
    data = changed(conforming(), ('trial/t1 tz:nctId = "NCT1"',))
    results = validate_graph(data, shapes, ontology)
    (finding,) = to_findings(results, StoreCellIndex(store), data, Curies())
    assert finding.place == "a.tsv:2:3"
    assert finding.hint == "See also b.tsv:2:3, c.tsv:2:3, d.tsv:2:3 and 2 more."
    assert finding.message.startswith("<https://w3id.org/tzgraph/id/trial/t1> (trial 1): ")


def test_empty_cells_of_one_row_are_one_place(shapes: Graph, ontology: Graph) -> None:
    store = ox.Store()
    store.extend(quads("p.tsv", "tz:Publication  tz:pmid  tz:doi\npublication/p2  .  ."))
    data = changed(conforming(), ("publication/p2 tz:pmid = _",))
    results = validate_graph(data, shapes, ontology)
    (finding,) = to_findings(results, StoreCellIndex(store), data, Curies())
    assert (finding.place, finding.hint) == ("p.tsv:2:2", "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            'trial/t1 tz:nctId = "NCT1"',
            "tztrial:t1 (trial 1): A trial has one NCT id: the letters NCT and eight digits, such "
            "as NCT01041404. Correct it, or leave the cell empty if the trial isn't registered. "
            'Found: "NCT1".',
        ),
        ("drug/mab tz:targets = target/nowhere", "Found: tztarget:nowhere."),
        ("result/os tz:ciLower = 14.5", 'Found: "14.5" (xsd:decimal).'),
        ('gene/erbb2 rdfs:label = "ERBB2"@de', 'Found: "ERBB2"@de.'),
        (
            "drug/mab tz:targets = gene/erbb2",
            "Found: <https://w3id.org/tzgraph/id/gene/erbb2> (ERBB2).",
        ),
        ("result/os tz:valueStatus + tz:NotReached", "Fill one of the two cells."),
    ],
)
def test_message(
    change: str, message: str, index: CellIndex, shapes: Graph, ontology: Graph
) -> None:
    data = changed(conforming(), (change,))
    (finding,) = to_findings(validate_graph(data, shapes, ontology), index, data, CELLS)
    assert finding.message.endswith(message)


def test_index_takes_rdflib_terms(index: StoreCellIndex) -> None:
    result = ID + "result/os"
    assert index.home(result) == CellRef("more results.tsv", 2, 1)
    assert index.home(ID + "drug/nowhere") is None
    value = Literal("13.80", datatype=URIRef(XSD + "decimal"))
    assert index.cells(result, TZ + "value", value) == [CellRef("results.tsv", 2, 3)]
    assert index.cells(result, TZ + "value", Literal("13.8")) == []
    assert index.cells(result, TZ + "value", None) == [CellRef("results.tsv", 2, 3)]
    assert index.column_of("results.tsv", TZ + "hasResult") == 2
    assert index.column_of("results.tsv", TZ + "population") is None


def test_text_and_json(index: CellIndex, shapes: Graph, ontology: Graph) -> None:
    data = changed(conforming(), ('trial/t1 tz:nctId = "NCT1"', "arm/a tz:regimen = _"))
    located = locate_results(validate_graph(data, shapes, ontology), index, data, CELLS)
    other = Finding(Severity.VIOLATION, "stray-quote", "A quote.", "Remove it.", "b.tsv", 4, 2)
    lines = as_text([*located, other]).splitlines()
    assert [line.split(" ")[:3] for line in lines[:3]] == [
        ["arms.tsv:2:4:", "warning", "shacl-min-count:"],
        ["b.tsv:4:2:", "violation", "stray-quote:"],
        ["trials.tsv:2:2:", "violation", "shacl-pattern:"],
    ]
    assert lines[3:] == ["2 violations, 1 warning."]
    found = json.loads(as_json([*located, other]))
    assert found[1] == {
        "severity": "violation",
        "code": "stray-quote",
        "message": "A quote.",
        "hint": "Remove it.",
        "file": "b.tsv",
        "row": 4,
        "column": 2,
    }
    assert {key: found[0][key] for key in ("file", "row", "column", "focus", "path", "shape")} == {
        "file": "arms.tsv",
        "row": 2,
        "column": 4,
        "focus": ID + "arm/a",
        "path": f"<{TZ}regimen>",
        "shape": "https://w3id.org/tzgraph/shapes#TrialArm-regimen-absent",
    }
    assert as_json([]) == "[]"
    assert as_text([]) == "0 violations, 0 warnings."
