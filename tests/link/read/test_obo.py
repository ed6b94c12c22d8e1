"""OBO files, with the dirt that real ones have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tzgraph.link.ontology.model import Definition, Ontology, Relation, Scope
from tzgraph.link.read import read_ontology

OBO = "http://purl.obolibrary.org/obo/"
HEADER = """format-version: 1.2
data-version: releases/2026-02-03/x.obo
date: 05:02:2026 10:00
ontology: mondo
property_value: terms:license https://creativecommons.org/licenses/by/4.0/
"""
GASTRIC = """
[Term]
id: MONDO:0001056
name: gastric cancer {source="x"}
alt_id: MONDO:0000999
def: "A cancer \\(malignant\\) of the \\"stomach\\"." [url:http\\://example.org]
synonym: "stomach cancer" EXACT OMO:0003012 [DOID:10534]
synonym: "gastric tumour" BROAD []
synonym: "no scope" []
exact_synonym: "old style" []
xref: DOID:10534 {source="MONDO:equivalentTo"}
xref: UMLS_CUI:C0024623 "text"
is_a: MONDO:0000001 {source="x"} ! disease
relationship: part_of MONDO:0000002 ! other
relationship: RO:0002162 NCBITaxon:9606 ! in taxon
intersection_of: MONDO:0000001 ! disease
intersection_of: disease_has_location UBERON:0000945 ! stomach
property_value: skos:exactMatch NCIT:C9331
property_value: IAO:0000118 "gastric ca" xsd:string

[Typedef]
id: disease_has_location
xref: RO:0004026
"""


def read(tmp_path: Path, text: str | bytes, name: str = "x.obo") -> Ontology:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_ontology(path)


def test_everything_that_a_term_says(tmp_path: Path) -> None:
    found = read(tmp_path, HEADER + GASTRIC)
    assert (found.syntax, found.iri, found.version, found.date, found.licence) == (
        "obo",
        OBO + "mondo.owl",
        "2026-02-03",
        "2026-02-03",
        "https://creativecommons.org/licenses/by/4.0/",
    )
    iri = OBO + "MONDO_0001056"
    term = found.terms[iri]
    assert term.label == "gastric cancer"
    assert term.definition == 'A cancer (malignant) of the "stomach".'
    assert {(s.text, s.scope) for s in term.synonyms} == {
        ("stomach cancer", Scope.EXACT),
        ("gastric tumour", Scope.BROAD),
        ("no scope", Scope.RELATED),
        ("old style", Scope.EXACT),
        ("gastric ca", Scope.EXACT),
    }
    assert term.xrefs == ("doid:10534", "umls:C0024623")
    assert set(term.exact) == {OBO + "DOID_10534", OBO + "NCIT_C9331"}
    assert term.parents == (OBO + "MONDO_0000001",)
    assert term.taxa == ("ncbitaxon:9606",)
    assert term.line == 8
    assert found.relations[iri] == (Relation(OBO + "BFO_0000050", OBO + "MONDO_0000002"),)
    stomach = Relation(OBO + "RO_0004026", OBO + "UBERON_0000945")
    assert found.definitions[iri] == (Definition((OBO + "MONDO_0000001",), (stomach,)),)


def test_an_alternative_id_leads_to_its_term(tmp_path: Path) -> None:
    old = read(tmp_path, HEADER + GASTRIC).terms[OBO + "MONDO_0000999"]
    assert (old.deprecated, old.replaced_by) == (True, (OBO + "MONDO_0001056",))


def test_an_obsolete_term_says_what_to_use(tmp_path: Path) -> None:
    text = "[Term]\nid: X:1\nname: a\nis_obsolete: true\nreplaced_by: MONDO:1\nconsider: DOID:2\n"
    term = read(tmp_path, HEADER + "\n" + text).terms[OBO + "X_1"]
    assert (term.deprecated, term.replaced_by, term.consider) == (
        True,
        (OBO + "MONDO_1",),
        (OBO + "DOID_2",),
    )


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("[Term]\nid: X:1\nname: a\nsynonym: broken EXACT []\n", "malformed-clause", 10),
        ("[Term]\nid: X:1\nname: a\ngarbage without a colon\n", "malformed-clause", 10),
        ("[Term]\nname: nameless\n", "no-id", 7),
        ("[Term]\nid: X:1\nname: a\n\n[Term]\nid: X:1\nname: a\n", "duplicate-term", 12),
        ("[Term]\nid: X:1\nname: a\nname: b\n", "two-names", 10),
        ("[Term]\nid: X:1\nname: a\nis_a: X:9\n", "dangling-parent", 8),
        ("[Term]\nid: X:1\nis_a: X:2\n\n[Term]\nid: X:2\nis_a: X:1\n", "is-a-cycle", 8),
        ("[Term]\nid: X:1\nname: a\nis_a: X:1\n", "is-a-cycle", 8),
        ("[Term]\r\nid: X:1\r\nname: a\r\n", "mixed-line-ends", 7),
    ],
)
def test_what_is_odd_is_told_with_its_line(tmp_path: Path, text: str, code: str, line: int) -> None:
    good = "\n[Term]\nid: OK:1\nname: fine\n"
    found = read(tmp_path, HEADER + "\n" + text + good)
    assert [(f.code, f.file, f.row) for f in found.findings if f.code != "unknown-prefix"] == [
        (code, "x.obo", line)
    ]
    assert OBO + "OK_1" in found.terms, "the rest is read all the same"


def test_old_line_ends_are_read(tmp_path: Path) -> None:
    found = read(tmp_path, (HEADER + GASTRIC).replace("\n", "\r"))
    assert found.terms[OBO + "MONDO_0001056"].line == 8


def test_many_findings_of_a_kind_are_counted(tmp_path: Path) -> None:
    text = "".join(f"\n[Term]\nid: X:{n}\nname: t{n}\nis_a: Y:{n}\n" for n in range(100))
    codes = [f.code for f in read(tmp_path, HEADER + text).findings]
    assert codes.count("dangling-parent") == 20
    assert codes.count("more-findings") == 1
