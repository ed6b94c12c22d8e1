"""Input that readers took time for that goes with the square of its length, and its kin."""

from __future__ import annotations

from pathlib import Path

import pytest

from tzgraph.link.identifiers.curies import normalise
from tzgraph.link.identifiers.normal_form import curie_of
from tzgraph.link.inputs.files import read_link_files
from tzgraph.link.ontology.model import OntologyTerm
from tzgraph.link.ontology.species import species_of
from tzgraph.link.read import read_ontology
from tzgraph.link.read.depth import brackets

_HEADER = "subject_id\tpredicate_id\tobject_id\tmapping_justification\n"
_ROW = "mondo:0005146\tskos:exactMatch\tumls:C0000001\tsemapv:ManualMappingCuration\n"


@pytest.mark.parametrize(
    "comments",
    [
        "#curie_map:\n" + "".join(f"#  p{n}: http://example.org/p{n}/\n" for n in range(3000)),
        "# " + "a" * 200_000 + "\n",
        "\n\n",
        "",
        "\ufeff#a: b\n",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_mapping_set_is_told_behind_comments_of_any_length(
    tmp_path: Path, comments: str, end: str
) -> None:
    path = tmp_path / "a.sssom.tsv"
    text = comments + _HEADER + _ROW
    path.write_bytes(text.replace("\n", end).encode())
    assert len(read_link_files([path]).sets) == 1


def test_each_prefix_without_an_iri_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.sssom.tsv"
    path.write_text("#curie_map:\n#  p: x\n#  'q': y\n#  r: http://e.org/\n" + _HEADER + _ROW)
    found = read_link_files([path]).findings
    wrong = [(f.message.split("“")[1].split("”")[0], f.row) for f in found if "no IRI" in f.message]
    assert sorted(wrong, key=str) == [("p", 2), ("q", None)]


def test_keys_that_are_there_twice_are_told_once_each(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    node = '{"id": "http://e.org/A_1", "lbl": "a", "type": "CLASS"}'
    graph = f'{{"id": "http://e.org/a", "nodes": [{node}]}}'
    path.write_text(f'{{"graphs": [{graph}], "a": 1, "b": 2, "a": 3, "a": 4}}')
    found = read_ontology(path).findings
    assert [f.message for f in found if f.code == "duplicate-term"] == [
        "The key “a” is there twice."
    ]


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("a b", "a b"),
        ('a {source="x"}', "a"),
        ('a  {source="x"}  ! b', "a"),
        (r"a \{b\}", "a {b}"),
        ("a {b} c", "a {b} c"),
        ("a   b   {x=y}", "a   b"),
    ],
)
def test_modifiers_of_names_in_obo(tmp_path: Path, value: str, label: str) -> None:
    path = tmp_path / "a.obo"
    path.write_text(f"format-version: 1.2\nontology: a\n\n[Term]\nid: A:1\nname: {value}\n")
    (term,) = read_ontology(path).terms.values()
    assert term.label == label


def test_comments_of_references_in_obo(tmp_path: Path) -> None:
    path = tmp_path / "a.obo"
    stanza = '[Term]\nid: A:1\nname: a\nis_a: A:2   {x="y"}  ! b ! c\nis_a: A:3! ! d\n'
    path.write_text(f"format-version: 1.2\nontology: a\n\n{stanza}")
    term = next(iter(read_ontology(path).terms.values()))
    assert [iri.rpartition("/")[2] for iri in term.parents] == ["A_2", "A_3!"]


@pytest.mark.parametrize(
    ("label", "species"),
    [
        ("ErbB2 (mouse)", "NCBITaxon:10090"),
        ("ErbB2 [ Mus musculus ]", "NCBITaxon:10090"),
        ("ErbB2, human", "NCBITaxon:9606"),
        ("ErbB2 (x, rat)", "NCBITaxon:10116"),
        ("ErbB2 (mouse) x", None),
        ("ErbB2 mouse", None),
    ],
)
def test_species_in_labels(label: str, species: str | None) -> None:
    expected = {species} if species else set()
    assert species_of(OntologyTerm("x", label, "class"), None) == expected


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("GO:GO:0001837", "go:0001837"),
        ("GO:GO_0001837", "go:0001837"),
        ("http://purl.obolibrary.org/obo/GO_0001837", "go:0001837"),
        ("http://purl.obolibrary.org/obo/XYZ_a_b", "http://purl.obolibrary.org/obo/XYZ_a_b"),
    ],
)
def test_prefixes_that_are_doubled(written: str, normal: str) -> None:
    assert curie_of(written) == normal


def test_prefixes_that_are_doubled_for_ever_are_left() -> None:
    found = normalise("GO:" * 1000 + "0001837")
    assert found is not None
    assert found.endswith("GO:0001837")


@pytest.mark.parametrize(
    ("data", "depth"),
    [(b'A("(" B(C))', 2), (b'A("\\"(((" B())', 2), (b'A(B("(((', 2), (b'A("\\\\" B())', 2)],
)
def test_brackets_in_texts_are_no_nesting(data: bytes, depth: int) -> None:
    assert brackets(data) == depth
