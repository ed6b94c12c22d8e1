"""The shipped sources: every statement leads to its cell; what is quoted answers no query."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.read.lookup import CellLookup
from tzgraph.read.provenance import CellRef
from tzgraph.read.table import rows, split_values
from tzgraph.release import BuildOptions, Release, build_release, open_release
from tzgraph.resources import shipped
from tzgraph.terms import Term
from tzgraph.vocabulary import GRAPH, ID, RDF, TZ, XSD, Graphs

_TYPE = ox.NamedNode(RDF + "type")
_DEFAULT = ox.DefaultGraph()


def tz(name: str) -> ox.NamedNode:
    return ox.NamedNode(TZ + name)


@pytest.fixture(scope="module")
def release(shipped_dir: Path) -> Release:
    return open_release(shipped_dir)


def graphs(release: Release, *, quoted: bool) -> Iterator[ox.NamedNode]:
    for source in release.manifest.sources:
        if (source["role"] == TZ + "SecondarySource") is quoted:
            yield ox.NamedNode(source["graph"])


def said(cell: str, term: Term) -> bool:
    """Whether a cell can be read as saying this."""
    values = split_values(cell)
    if isinstance(term, ox.Literal) and term.datatype.value == XSD + "decimal":
        return Decimal(term.value) in [Decimal(value) for value in values]
    if isinstance(term, ox.Literal):
        return term.value in values
    name = str(term).strip("<>")
    locals_ = {value.strip("<>").rsplit(":", 1)[-1].rsplit("/", 1)[-1] for value in values}
    return bool(locals_) and any(name.endswith(local) for local in locals_)


def test_every_statement_of_a_source_leads_to_a_cell_that_says_it(release: Release) -> None:
    store = release.store()
    lookup = CellLookup(store)
    tables = {
        path.name: dict(rows(path, lambda _f: None)) for path in shipped("sources").glob("*.tsv")
    }
    checked = 0
    for graph in [*graphs(release, quoted=False), *graphs(release, quoted=True)]:
        for quad in store.quads_for_pattern(None, None, None, graph):
            cells = [
                cell
                for cell, where in lookup.stated(quad.subject, quad.predicate, quad.object)
                if where == graph
            ]
            assert cells, f"no cell for {quad}"
            for cell in cells:
                assert cell.row is not None
                assert cell.column is not None
                row = tables[cell.file][cell.row]
                text = row[cell.column - 1] if cell.column > 1 else tables[cell.file][1][0]
                backwards = tables[cell.file][1][cell.column - 1].startswith("^")
                assert said(text, quad.subject if backwards else quad.object), f"{quad}: {text}"
            checked += 1
    assert checked > 1_000


_STATEMENT = {ox.NamedNode(RDF + name) for name in ("subject", "predicate", "object")}
_TRUE = ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))


def test_quoted_statements_stay_out_of_the_default_view(release: Release) -> None:
    store = release.store()
    quoted = 0
    for graph in graphs(release, quoted=True):
        for quad in store.quads_for_pattern(None, None, None, graph):
            is_claim = ox.Quad(quad.subject, _TYPE, tz("Claim"), graph) in store
            elsewhere = [
                other
                for other in store.quads_for_pattern(
                    quad.subject, quad.predicate, quad.object, None
                )
                if other.graph_name not in (graph, _DEFAULT)
            ]
            shown = ox.Quad(quad.subject, quad.predicate, quad.object) in store
            # What a claim denies is nothing that it says.
            is_denied = quad.predicate in _STATEMENT and (
                ox.Quad(quad.subject, tz("negated"), _TRUE, graph) in store
            )
            assert shown is ((is_claim and not is_denied) or bool(elsewhere)), str(quad)
            quoted += not is_claim
    claims = sum(1 for _ in store.quads_for_pattern(None, _TYPE, tz("Claim"), _DEFAULT))
    assert claims > 0


def test_what_claims_say_is_not_asserted_by_them(release: Release) -> None:
    store = release.store()
    named = {name: ox.NamedNode(RDF + name) for name in ("subject", "predicate", "object")}
    for found in store.quads_for_pattern(None, _TYPE, tz("Claim"), _DEFAULT):
        parts = {
            name: [q.object for q in store.quads_for_pattern(found.subject, node, None, _DEFAULT)]
            for name, node in named.items()
        }
        if not all(len(part) == 1 for part in parts.values()):
            continue
        subject, predicate, obj = (parts[name][0] for name in named)
        assert isinstance(subject, ox.NamedNode)
        assert isinstance(predicate, ox.NamedNode)
        for graph in graphs(release, quoted=True):
            assert ox.Quad(subject, predicate, obj, graph) not in store


def test_a_misquoted_hazard_ratio_answers_no_query_and_shows_no_benefit(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    shutil.copytree(shipped("sources"), sources)
    head = "tz:Comparison\trdfs:label\ttz:comparesArm\ttz:referenceArm\ttz:endpoint\ttz:population"
    head += "\ttz:hazardRatio\ttz:ciLower\ttz:ciUpper\tsource"
    values = "toga-trastuzumab\ttoga-chemotherapy\tOverallSurvival\ttoga-primary-analysis"
    (sources / "misquotes.tsv").write_text(
        f"{head}\n"
        f"misquote\tA misquote\t{values}\t0.123\t0.10\t0.20\tsun-review\n"
        f"true-report\tA report\t{values}\t0.456\t0.40\t0.50\tbang-2010\n",
        encoding="utf-8",
    )
    (sources / "more-claims.tsv").write_text(
        "tz:Claim\trdfs:label\tdcterms:description\ttz:statedIn\ttz:locator"
        "\trdf:subject\trdf:predicate\trdf:object\tsource\n"
        "misquoting\tA claim\tA claim of the tests.\tsun-review\t2.1"
        "\ttzcomparison:true-report\ttz:hazardRatio\t0.234\tsun-review\n",
        encoding="utf-8",
    )
    store = build_release(tmp_path / "build", BuildOptions(sources=sources)).store()
    ratio, benefit = tz("hazardRatio"), tz("SurvivalBenefit")
    misquote = ox.NamedNode(ID + "comparison/misquote")
    report = ox.NamedNode(ID + "comparison/true-report")
    claim = ox.NamedNode(ID + "claim/misquoting")
    ratios = {str(quad.object) for quad in store.quads_for_pattern(None, ratio, None, _DEFAULT)}
    benefits = [
        quad.subject
        for graph in (_DEFAULT, ox.NamedNode(Graphs.INFERRED))
        for quad in store.quads_for_pattern(None, _TYPE, benefit, graph)
    ]
    assert any("0.456" in found for found in ratios)
    assert not any("0.123" in found for found in ratios)
    assert report in benefits
    assert misquote not in benefits
    assert list(store.quads_for_pattern(misquote, None, None, _DEFAULT)) == []
    assert ox.Quad(claim, ox.NamedNode(RDF + "subject"), report) in store
    assert [str(q.object) for q in store.quads_for_pattern(report, ratio, None)] == [
        f'"0.456"^^<{XSD}decimal>'
    ] * 2  # in the default view and in the report's graph
    review = ox.NamedNode(GRAPH + "source/sun-review")
    assert list(store.quads_for_pattern(misquote, ratio, None, review))


def test_digits_are_kept_as_reported(release: Release) -> None:
    lookup = CellLookup(release.store())
    table = shipped("sources") / "comparisons.tsv"
    header, *body = list(rows(table, lambda _f: None))
    column = header[1].index("tz:ciLower")
    written = {number: cells[column] for number, cells in body if cells[column].endswith("0")}
    assert written
    for number, text in written.items():
        assert lookup.verbatim(CellRef("comparisons.tsv", number, column + 1)) == text
