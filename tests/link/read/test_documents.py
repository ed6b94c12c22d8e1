"""Terms in JSON of several makers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tzgraph.errors import DataError
from tzgraph.link.identifiers.normal_form import curie_of
from tzgraph.link.ontology.model import Definition, Ontology, Relation, Scope, Synonym
from tzgraph.link.read import read_ontology

OBO = "http://purl.obolibrary.org/obo/"


def read(tmp_path: Path, data: Any) -> Ontology:
    path = tmp_path / "x.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data, indent=1))
    return read_ontology(path)


GRAPHS = {
    "graphs": [
        {
            "id": OBO + "x.owl",
            "meta": {"version": OBO + "x/releases/2026-02-03/x.json"},
            "nodes": [
                {"id": OBO + "X_1", "lbl": "disease", "type": "CLASS"},
                {
                    "id": OBO + "X_2",
                    "lbl": "gastric cancer",
                    "type": "CLASS",
                    "meta": {
                        "definition": {"val": "A cancer.", "xrefs": ["a:b"]},
                        "synonyms": [
                            {"pred": "hasExactSynonym", "val": "GC", "xrefs": ["a:b"]},
                            {"pred": "hasNarrowSynonym", "val": "narrow"},
                        ],
                        "xrefs": [{"val": "DOID:10534"}],
                        "basicPropertyValues": [
                            {
                                "pred": "http://www.w3.org/2004/02/skos/core#exactMatch",
                                "val": OBO + "NCIT_C9331",
                            }
                        ],
                    },
                },
                {
                    "id": OBO + "X_3",
                    "lbl": "old",
                    "type": "CLASS",
                    "meta": {
                        "deprecated": True,
                        "basicPropertyValues": [{"pred": OBO + "IAO_0100001", "val": "DOID:2"}],
                    },
                },
                {"id": OBO + "BFO_0000050", "lbl": "part of", "type": "PROPERTY"},
            ],
            "edges": [
                {"sub": OBO + "X_2", "pred": "is_a", "obj": OBO + "X_1"},
                {"sub": OBO + "X_2", "pred": OBO + "BFO_0000050", "obj": OBO + "X_1"},
                {"sub": OBO + "X_2", "pred": OBO + "RO_0002162", "obj": OBO + "NCBITaxon_9606"},
            ],
            "logicalDefinitionAxioms": [
                {
                    "definedClassId": OBO + "X_2",
                    "genusIds": [OBO + "X_1"],
                    "restrictions": [{"propertyId": OBO + "BFO_0000050", "fillerId": OBO + "X_1"}],
                }
            ],
        }
    ]
}


def test_obo_graphs(tmp_path: Path) -> None:
    found = read(tmp_path, GRAPHS)
    assert (found.syntax, found.iri, found.version, found.statements) == (
        "obographs",
        OBO + "x.owl",
        "2026-02-03",
        4,
    )
    term = found.terms[OBO + "X_2"]
    assert (term.label, term.definition, term.parents) == (
        "gastric cancer",
        "A cancer.",
        (OBO + "X_1",),
    )
    assert term.synonyms == (Synonym("GC", Scope.EXACT), Synonym("narrow", Scope.NARROW))
    assert (term.xrefs, term.exact, term.taxa) == (
        ("doid:10534",),
        (OBO + "NCIT_C9331",),
        ("ncbitaxon:9606",),
    )
    part = Relation(OBO + "BFO_0000050", OBO + "X_1")
    assert found.relations == {OBO + "X_2": (part,)}
    assert found.definitions == {OBO + "X_2": (Definition((OBO + "X_1",), (part,)),)}
    old = found.terms[OBO + "X_3"]
    assert (old.deprecated, old.replaced_by) == (True, (OBO + "DOID_2",))


def test_a_finding_of_json_has_a_line(tmp_path: Path) -> None:
    data = json.loads(json.dumps(GRAPHS))
    data["graphs"][0]["edges"].append({"sub": OBO + "X_3", "pred": "is_a", "obj": OBO + "X_9"})
    (finding,) = read(tmp_path, data).findings
    assert finding.code == "dangling-parent"
    line = (tmp_path / "x.json").read_text().splitlines()[(finding.row or 0) - 1]
    assert "X_3" in line


def test_a_dictionary_with_ancestors(tmp_path: Path) -> None:
    """As CELLxGENE publishes them; ancestors of other ontologies are left out there."""
    entries = {
        "EFO:1": {"label": "root", "ancestors": {}, "deprecated": False},
        "EFO:2": {"label": "mid", "ancestors": {"EFO:1": 1}, "deprecated": False},
        "EFO:3": {"label": "low", "ancestors": {"EFO:2": 2, "EFO:1": 3}, "synonyms": ["l"]},
        "EFO:4": {"label": "old", "ancestors": {}, "deprecated": True, "replaced_by": "MONDO:1"},
    }
    found = read(tmp_path, entries)
    efo = "http://www.ebi.ac.uk/efo/EFO_"
    assert found.syntax == "term-dictionary"
    assert found.terms[efo + "3"].parents == (efo + "2",)
    assert found.terms[efo + "3"].synonyms == (Synonym("l", Scope.EXACT),)
    assert found.terms[efo + "4"].replaced_by == (OBO + "MONDO_1",)
    assert found.terms[efo + "4"].deprecated


def test_a_list_of_terms(tmp_path: Path) -> None:
    entries = [
        {
            "id": "GO:2",
            "name": "two",
            "synonyms": ["zwei"],
            "alt_ids": ["GO:9"],
            "xrefs": [{"namespace": "CHEBI", "id": "CHEBI:5"}],
            "relations": {"is_a": ["GO:1"], "part_of": ["GO:1"]},
        },
        {"id": "GO:1", "name": "one"},
    ]
    found = read(tmp_path, entries)
    term = found.terms[OBO + "GO_2"]
    assert (term.parents, term.xrefs) == ((OBO + "GO_1",), ("chebi:5",))
    assert term.synonyms == (Synonym("zwei", Scope.RELATED),)
    assert found.relations[OBO + "GO_2"] == (Relation(OBO + "BFO_0000050", OBO + "GO_1"),)
    assert found.terms[OBO + "GO_9"].replaced_by == (OBO + "GO_2",)


def test_numbered_entries_have_the_ids_of_another_key(tmp_path: Path) -> None:
    entries = [
        {"id": 0, "name": "Drug A", "conceptType": "Drug", "coding": "ncit:C1"},
        {"id": 1, "name": "Drug B", "conceptType": "Drug", "coding": "ncit:C2"},
    ]
    found = read(tmp_path, entries)
    assert [curie_of(iri) for iri in found.terms] == ["ncit:C1", "ncit:C2"]
    assert next(iter(found.terms.values())).types == ("Drug",)
    assert found.findings == ()


def test_numbered_entries_without_ids_get_the_name_of_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, [{"id": 0, "name": "a"}, {"id": None, "name": "b"}, {"name": "c"}])
    assert [term.label for term in found.terms.values()] == ["a"]
    assert sorted(f.code for f in found.findings) == ["no-id", "no-id", "no-prefix"]


@pytest.mark.parametrize("form", ["tree", "list"])
def test_oncotree(tmp_path: Path, form: str) -> None:
    child: dict[str, Any] = {
        "code": "STAD",
        "name": "Stomach Adenocarcinoma",
        "externalReferences": {"UMLS": ["C0278701"], "NCI": ["C4004"]},
        "history": ["OLD"],
        "parent": "STOMACH",
    }
    top: dict[str, Any] = {"code": "STOMACH", "name": "Stomach", "parent": None}
    data = [top, child] if form == "list" else {"STOMACH": {**top, "children": {"STAD": child}}}
    found = read(tmp_path, data)
    stad, top_iri = (
        f"http://oncotree.mskcc.org/api/tumorTypes/search/code/{code}"
        for code in ("STAD", "STOMACH")
    )
    term = found.terms[stad]
    assert (term.label, term.parents) == ("Stomach Adenocarcinoma", (top_iri,))
    assert term.xrefs == ("umls:C0278701", "ncit:C4004")
    assert [t.replaced_by for t in found.terms.values() if t.deprecated] == [(stad,)]


def test_a_key_that_is_there_twice_is_told(tmp_path: Path) -> None:
    text = '{"X:1": {"label": "a", "ancestors": {}}, "X:1": {"label": "b", "ancestors": {}}}'
    found = read(tmp_path, text)
    assert [f.code for f in found.findings] == ["duplicate-term"]


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ('{"graphs": [\n{"nodes": [', "syntax-error", 2),
        ('{"some": "thing"}', "unknown-syntax", 1),
        ("[" * 100_000, "syntax-error", None),
        ('{"graphs": []}', "no-terms", None),
    ],
)
def test_what_is_no_ontology_is_refused(
    tmp_path: Path, text: str, code: str, row: int | None
) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, text)
    (finding,) = caught.value.findings
    assert (finding.code, finding.row, finding.unreadable) == (code, row, True)


@pytest.mark.parametrize(
    "data",
    [
        {"graphs": [{"nodes": ["text"]}]},
        {"graphs": [{"nodes": {"id": "x"}}]},
        {"graphs": [{"nodes": [{"id": "X:1", "meta": "text"}]}]},
        {"graphs": [{"nodes": [{"id": "X:1", "meta": {"synonyms": [1]}}]}]},
        {"graphs": [{"nodes": [{"id": "X:1", "lbl": "x"}], "edges": [["a", "is_a", "b"]]}]},
        [{"id": "X:1", "name": "a", "xrefs": 5}],
        [{"id": "X:1", "name": "a", "relations": ["is_a"]}],
        [{"code": "A", "name": "a", "externalReferences": ["NCI"]}],
        {"A": {"code": "A", "name": "a", "children": {"B": "text"}}},
    ],
)
def test_parts_of_another_form_make_the_file_useless(tmp_path: Path, data: Any) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, data)
    (finding,) = caught.value.findings
    assert finding.code in ("malformed-document", "unknown-syntax")
    assert finding.file == "x.json"
    assert caught.value.exit_status == 2


def test_a_type_of_tumour_without_code_is_left_out(tmp_path: Path) -> None:
    tree = {
        "A": {
            "code": "A",
            "name": "a",
            "children": {"B": {"name": "b"}, "C": {"code": "C", "name": "c"}},
        }
    }
    found = read(tmp_path, tree)
    assert sorted(term.label for term in found.terms.values()) == ["a", "c"]
    assert [finding.code for finding in found.findings] == ["no-id"]
