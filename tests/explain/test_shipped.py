"""Explanations of the shipped graph lead down to cells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache

import pyoxigraph as ox
import pytest

from tests.shipped import shipped_release
from tzgraph.errors import UsageError
from tzgraph.explain import Explainer, Explanation, Origin, TripleStatus, as_text
from tzgraph.explain.terms import Terms
from tzgraph.read.lookup import CellLookup
from tzgraph.reason import Rule
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.resources import shipped
from tzgraph.vocabulary import RDF, TZ, Graphs


@cache
def _opened() -> tuple[ox.Store, Explainer, Terms]:
    release = shipped_release()
    store = release.store()
    return store, Explainer(store, release.rules()), Terms(release.manifest.curies)


def _explain(subject: str, predicate: str, obj: str) -> Explanation:
    _, explainer, terms = _opened()
    link = terms.node("rdf:type" if predicate == "a" else predicate)
    return explainer.explain(terms.node(subject), link, terms.term(obj))


def _all(node: Explanation) -> Iterator[Explanation]:
    yield node
    for premise in node.premises:
        yield from _all(premise)


def _cell_text(origin: Origin) -> tuple[str, str]:
    """What stands at the top of the column and in the cell, read from the file itself."""
    assert origin.cell is not None
    assert origin.cell.row is not None
    assert origin.cell.column is not None
    lines = (shipped("sources") / origin.cell.file).read_text(encoding="utf-8").split("\n")
    header, row = lines[0].split("\t"), lines[origin.cell.row - 1].split("\t")
    return header[origin.cell.column - 1], row[origin.cell.column - 1]


def _places(node: Explanation) -> set[tuple[str, str, str]]:
    """Source slug, head of the column and text of the cell of each origin."""
    return {
        (origin.source.removeprefix(Graphs.SOURCE), *_cell_text(origin)) for origin in node.origins
    }


def test_a_stated_triple_leads_to_its_cell_and_source() -> None:
    found = _explain("tztarget:her2", "tz:encodedBy", "tzgene:erbb2")
    assert found.status is TripleStatus.ASSERTED
    assert _places(found) == {("uniprot", "tz:encodedBy", "erbb2")}
    (origin,) = found.origins
    assert origin.label
    assert origin.label != "uniprot"
    assert origin.cell is not None
    assert origin.cell.file == "targets.tsv"
    assert f"#cell={origin.cell.row},{origin.cell.column}" in origin.cell.iri


def test_one_value_of_several_in_a_cell_is_found() -> None:
    found = _explain("tzepitope:her2-trastuzumab", "tz:hasRange", "tzrange:her2-613")
    ((source, column, text),) = _places(found)
    assert (source, column) == ("pdb-1n8z", "tz:hasRange")
    assert "her2-613" in text.split("|")


def test_the_class_of_a_thing_leads_to_its_id() -> None:
    found = _explain("tzdomain:her2-domain-iv", "a", "tz:ProteinDomain")
    assert _places(found) == {("cho-2003", "tz:ProteinDomain", "her2-domain-iv")}


def test_what_two_sources_state_has_both_as_origins() -> None:
    found = _explain("tztarget:her2", "a", "tz:Target")
    sources = {source for source, _, _ in _places(found)}
    assert {"curation", "uniprot", "reactome"} <= sources
    assert {column for _, column, _ in _places(found)} == {"tz:Target"}


def test_a_statement_of_evidence_leads_to_the_evidence_row() -> None:
    store, explainer, _ = _opened()
    checked = 0
    for quad in store.quads_for_pattern(None, ox.NamedNode(TZ + "direction"), None, None):
        if quad.object != ox.NamedNode(TZ + "Supports") or quad.graph_name == ox.DefaultGraph():
            continue
        assert isinstance(quad.subject, ox.NamedNode)
        said = [
            str(q.object)
            for name in ("subject", "predicate", "object")
            for q in store.quads_for_pattern(
                quad.subject, ox.NamedNode(RDF + name), None, quad.graph_name
            )
        ]
        found = explainer.explain(*said)
        assert found.status is TripleStatus.ASSERTED
        # Evidence points at the cell of its rdf:object.
        cells = [o for o in found.origins if o.cell and o.cell.file == "evidence.tsv"]
        assert {_cell_text(origin)[0] for origin in cells} == {"rdf:object"}
        assert str(quad.graph_name)[1:-1] in {origin.source for origin in cells}
        checked += 1
    assert checked > 5


def test_a_refuted_statement_is_not_asserted_by_its_evidence() -> None:
    store, explainer, _ = _opened()
    places = CellLookup(store)
    for quad in store.quads_for_pattern(
        None, ox.NamedNode(TZ + "direction"), ox.NamedNode(TZ + "Refutes"), ox.DefaultGraph()
    ):
        assert isinstance(quad.subject, ox.NamedNode)
        said = [
            str(q.object)
            for name in ("subject", "predicate", "object")
            for q in store.quads_for_pattern(
                quad.subject, ox.NamedNode(RDF + name), None, ox.DefaultGraph()
            )
        ]
        found = explainer.explain(*said)
        # Other evidence may support what this refutes.
        assert all(
            o.cell is None or places.described(o.cell) != quad.subject for o in found.origins
        )


def test_a_column_read_backwards_leads_to_the_row_of_the_object() -> None:
    found = _explain(
        "tzarm:toga-trastuzumab", "tz:hasResult", "tzresult:toga-trastuzumab-os-bang-2010"
    )
    assert found.status is TripleStatus.ASSERTED
    ((source, column, text),) = _places(found)
    assert (source, column) == ("bang-2010", "^tz:hasResult")
    assert text == "toga-trastuzumab"
    assert found.origins[0].cell is not None
    assert found.origins[0].cell.file == "results.tsv"


def test_an_axiom_is_of_the_ontology() -> None:
    found = _explain("tz:BispecificAntibody", "rdfs:subClassOf", "tz:MonoclonalAntibody")
    assert found.status is TripleStatus.ONTOLOGY
    assert [origin.source for origin in found.origins] == [Graphs.ONTOLOGY]
    assert found.rule == ""


@pytest.mark.parametrize("number", ["0.60", "0.6", "+0.600"])
def test_a_number_is_found_however_it_is_written(number: str) -> None:
    found = _explain("tzcomparison:toga-os-bang-2010", "tz:ciLower", number)
    assert found.status is TripleStatus.ASSERTED
    assert _places(found) == {("bang-2010", "tz:ciLower", "0.60")}


def test_whole_numbers_and_texts_are_found() -> None:
    found = _explain("tzrange:her2-613", "tz:firstResidue", "613")
    assert _places(found) == {("pdb-1n8z", "tz:firstResidue", "613")}
    found = _explain("tzdomain:her2-domain-iv", "rdfs:label", '"HER2 domain IV"@en')
    assert _places(found) == {("cho-2003", "rdfs:label", "HER2 domain IV")}
    assert _explain("tztrial:toga", "tz:nctId", '"NCT01041404"').status is TripleStatus.ASSERTED


def test_a_compiled_rule_leads_down_to_cells() -> None:
    found = _explain("tztrial:toga", "tz:givesDrug", "tzdrug:cisplatin")
    assert (found.status, found.rule) == (TripleStatus.INFERRED, "prp-spo2")
    assert found.axiom == "tz:hasArm ∘ tz:regimen ∘ tz:includesDrug ⊑ tz:givesDrug"
    _, _, terms = _opened()
    path = [[terms.compact(term) for term in premise.triple] for premise in found.premises]
    assert [step[1] for step in path] == ["tz:hasArm", "tz:regimen", "tz:includesDrug"] or {
        step[1] for step in path
    } == {"tz:hasArm", "tz:regimen", "tz:includesDrug"}
    leaves = [node for node in _all(found) if not node.premises]
    assert all(node.status is TripleStatus.ASSERTED and node.origins for node in leaves)


def test_a_prediction_leads_down_to_the_residues() -> None:
    found = _explain("tzmechanism:rm-p95her2", "tz:predictedResistanceTo", "tzdrug:margetuximab")
    assert found.rule == "resistance-predicted"
    rules = {node.rule for node in _all(found)}
    assert rules & {"resistance-epitope-lost", "resistance-epitope-partly-lost"}
    assert "epitope-overlap" in rules
    columns = {
        _cell_text(origin)[0] for node in _all(found) for origin in node.origins if origin.cell
    }
    assert {"tz:hasRange", "tz:firstResidue", "tz:lastResidue", "tz:rangeOn"} <= columns
    texts = {
        _cell_text(origin)[1]
        for node in _all(found)
        for origin in node.origins
        if "firstResidue" in node.triple[1]
    }
    assert {"579", "582", "591", "613", "615", "618", "620", "622", "624"} <= texts
    assert texts & {"611", "648"}


def test_what_the_graph_does_not_have_is_not_known_to_hold() -> None:
    """Nobody lists all targets of a drug."""
    found = _explain("tzdrug:trastuzumab", "tz:targets", "tztarget:egfr")
    assert found == Explanation(found.triple, TripleStatus.ABSENT)
    assert as_text(found, str).endswith("  not known to hold")
    assert "excluded" not in found.as_dict()
    assert _explain("tzdrug:none", "tz:none", "12.5").status is TripleStatus.ABSENT


def test_what_only_a_secondary_source_says_is_quoted() -> None:
    store, explainer, _ = _opened()
    review = ox.NamedNode(Graphs.SOURCE + "sun-review")
    quoted = [
        quad
        for quad in store.quads_for_pattern(None, None, None, review)
        if ox.Quad(quad.subject, quad.predicate, quad.object) not in store
    ]
    for quad in quoted:
        found = explainer.explain(str(quad.subject), str(quad.predicate), str(quad.object))
        assert found.status is TripleStatus.QUOTED
        assert review.value in {origin.source for origin in found.origins}
    # Claims themselves stand in the view, with what they say quoted on them.
    # (That one is a claim also follows from its having been assessed.)
    claims = store.quads_for_pattern(None, ox.NamedNode(TZ + "locator"), None, review)
    for quad in list(claims)[:5]:
        found = explainer.explain(str(quad.subject), str(quad.predicate), str(quad.object))
        assert found.status is TripleStatus.ASSERTED
        assert [o.cell.file for o in found.origins if o.cell] == ["claims.tsv"]


def test_what_a_claim_says_is_not_asserted_by_it() -> None:
    store, explainer, _ = _opened()
    review = ox.NamedNode(Graphs.SOURCE + "sun-review")
    for quad in list(store.quads_for_pattern(None, ox.NamedNode(RDF + "subject"), None, review)):
        assert isinstance(quad.subject, ox.NamedNode)
        said = [
            str(q.object)
            for name in ("subject", "predicate", "object")
            for q in store.quads_for_pattern(quad.subject, ox.NamedNode(RDF + name), None, review)
        ]
        found = explainer.explain(*said)
        assert review.value not in {o.source for node in _all(found) for o in node.origins}


def test_what_is_said_of_sources_is_asserted() -> None:
    found = _explain("tzgraph:source/bang-2010", "tz:sourceRole", "tz:PrimarySource")
    assert found.status is TripleStatus.ASSERTED
    assert [o.cell.file for o in found.origins if o.cell] == ["sources.tsv"]


@pytest.mark.parametrize("most", [4, pytest.param(None, marks=pytest.mark.slow)])
def test_inferred_triples_are_explained_down_to_cells_and_axioms(most: int | None) -> None:
    """All of them, or as many of each kind, spread over it."""
    store, explainer, _ = _opened()
    rules = {rule.name: rule for heads in explainer._heads.values() for _, rule, _ in heads}
    kinds: dict[str, list[ox.Quad]] = {}
    for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(Graphs.INFERRED)):
        of_class = quad.object if quad.predicate.value == RDF + "type" else ""
        kinds.setdefault(f"{quad.predicate} {of_class}", []).append(quad)
    assert sum(map(len, kinds.values())) == shipped_release().manifest.graphs[Graphs.INFERRED]
    for quads in kinds.values():
        for quad in sorted(quads, key=str)[:: -(-len(quads) // most) if most else 1]:
            found = explainer.explain(str(quad.subject), str(quad.predicate), str(quad.object))
            assert found.status is TripleStatus.INFERRED
            _assert_sound(found, frozenset(), rules)


def _assert_sound(
    node: Explanation,
    above: frozenset[tuple[str, str, str]],
    rules: Mapping[str, Rule],
    *,
    quotes: bool = False,
) -> None:
    assert node.triple not in above, "it rests on itself"
    if node.status is TripleStatus.INFERRED:
        assert node.rule in rules, node.triple
        # Only what follows from one axiom alone has no premises.
        assert node.premises or (node.rule == "scm-int" and node.axiom), node.triple
        for premise in node.premises:
            below = above | {node.triple}
            _assert_sound(premise, below, rules, quotes=rules[node.rule].quotes)
        return
    # What the audit prepared is a quantity: it leads to the cell of a figure, too.
    # A rule of the audit may rest on what a document says.
    quoted = [TripleStatus.QUOTED] if quotes else []
    stated = (TripleStatus.ASSERTED, TripleStatus.ONTOLOGY, TripleStatus.PREPARED, *quoted)
    assert node.status in stated, node.triple
    assert node.origins
    assert not node.premises
    if node.status is TripleStatus.ASSERTED:
        assert all(origin.cell is not None for origin in node.origins)


def test_each_asserted_triple_of_tables_leads_to_a_cell() -> None:
    store, explainer, _ = _opened()
    for name in ("bang-2010", "pdb-1n8z", "reactome"):
        graph = ox.NamedNode(Graphs.SOURCE + name)
        for quad in store.quads_for_pattern(None, None, None, graph):
            found = explainer.explain(str(quad.subject), str(quad.predicate), str(quad.object))
            own = [o for o in found.origins if o.source == graph.value]
            assert own, quad
            assert all(origin.cell is not None for origin in own), quad


def test_the_json_form_holds_the_whole_tree() -> None:
    found = _explain("tztrial:toga", "tz:givesDrug", "tzdrug:cisplatin")
    data = json.loads(json.dumps(found.as_dict()))
    assert (data["subject"], data["predicate"], data["object"]) == found.triple
    assert data["status"] == "inferred"
    assert data["rule"] == "prp-spo2"
    assert data["axiom"]
    assert len(data["premises"]) == len(found.premises) == 3
    for premise, node in zip(data["premises"], found.premises, strict=True):
        origin = node.origins[0]
        assert origin.cell is not None
        assert premise["status"] == "asserted"
        assert premise["origins"][0] == {
            "source": origin.source,
            "label": origin.label,
            "cell": origin.cell.iri,
            "file": origin.cell.file,
            "row": origin.cell.row,
            "column": origin.cell.column,
        }
    assert "premises" not in data["premises"][0]


def test_the_text_form_shows_rule_cells_and_sources() -> None:
    _, _, terms = _opened()
    found = _explain("tztrial:toga", "tz:givesDrug", "tzdrug:cisplatin")
    lines = as_text(found, terms.compact).splitlines()
    assert lines[0] == "tztrial:toga tz:givesDrug tzdrug:cisplatin  [inferred]"
    assert lines[1].startswith("  by rule prp-spo2: ")
    origin = found.premises[0].origins[0]
    assert origin.cell is not None
    where = f"stated in {origin.cell.file}:{origin.cell.row}:{origin.cell.column}"
    assert f"{where} by {origin.label}" in [line.strip() for line in lines]


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("12", '"12"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("-1.50", '"-1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ('"x"', '"x"'),
        ('"x"@en', '"x"@en'),
        ('"say "x""', r'"say \"x\""'),
        ('"2020"^^xsd:gYear', '"2020"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
        ("tz:Drug", f"<{TZ}Drug>"),
        (f"<{TZ}Drug>", f"<{TZ}Drug>"),
        (f"{TZ}Drug", f"<{TZ}Drug>"),
    ],
)
def test_terms_are_read_as_people_write_them(text: str, term: str) -> None:
    assert _opened()[2].term(text) == term


@pytest.mark.parametrize(
    ("text", "hint"),
    [("tzdrgu:x", "tzdrug"), ("plain", "tzdrug:trastuzumab"), ("http://a b", "https://")],
)
def test_terms_that_cannot_be_read_are_explained(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        _opened()[2].node(text)
    assert hint in caught.value.hint


def test_a_whole_number_finds_the_decimal() -> None:
    release = shipped_release()
    explainer = ReleaseExplainer(release, release.store())
    found = explainer.explain("tzcomparison:jacob-os-tabernero-2018", "tz:ciUpper", "1")
    assert [origin.cell.file for origin in found.origins if origin.cell] == ["comparisons.tsv"]
