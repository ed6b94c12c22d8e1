"""What of an ontology a module takes, and how it is written."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.link.imports.extract import default_name, linked_terms, module_of, module_quads
from tzgraph.link.imports.registry import Changes, changes, write_import
from tzgraph.link.ontology.model import Ontology
from tzgraph.link.read import read_ontology
from tzgraph.vocabulary import GRAPH

OBO = "http://purl.obolibrary.org/obo/"
#: Diseases; the relation of carcinoma leads out of every module, that of adenocarcinoma stays in.
DISEASES = """format-version: 1.2
data-version: releases/2026-02-03/x.obo
ontology: mondo
property_value: dcterms:license https://creativecommons.org/licenses/by/4.0/

[Term]
id: MONDO:1
name: disease

[Term]
id: MONDO:2
name: gastric cancer
synonym: "stomach cancer" EXACT []
synonym: "GC" RELATED []
def: "A cancer of the stomach." []
is_a: MONDO:1

[Term]
id: MONDO:3
name: gastric carcinoma
is_a: MONDO:2
relationship: part_of MONDO:8

[Term]
id: MONDO:4
name: gastric adenocarcinoma
is_a: MONDO:3
relationship: part_of MONDO:2
intersection_of: MONDO:3
intersection_of: part_of MONDO:2

[Term]
id: MONDO:5
name: unrelated
is_a: MONDO:1

[Term]
id: MONDO:6
name: obsolete tumour
is_obsolete: true
replaced_by: MONDO:7

[Term]
id: MONDO:7
name: tumour
is_a: MONDO:1

[Term]
id: MONDO:8
name: elsewhere
"""


def mondo(*numbers: int) -> set[str]:
    return {f"{OBO}MONDO_{number}" for number in numbers}


def ontology(tmp_path: Path, text: str = DISEASES) -> Ontology:
    path = tmp_path / "x.obo"
    path.write_text(text)
    return read_ontology(path)


def stored(lines: list[str]) -> ox.Store:
    store = ox.Store()
    store.extend(ox.parse("".join(f"{line}\n" for line in lines), format=ox.RdfFormat.N_QUADS))
    return store


def asked(lines: list[str], pattern: str) -> set[str]:
    graph = f"<{GRAPH}import/mondo>"
    prefixes = (
        "PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX obo: <http://purl.obolibrary.org/obo/>"
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
        "PREFIX oio: <http://www.geneontology.org/formats/oboInOwl#> "
        "PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> "
    )
    found = stored(lines).query(f"{prefixes} SELECT ?x {{ GRAPH {graph} {{ {pattern} }} }}")
    assert isinstance(found, ox.QuerySolutions)
    return {row[0].value for row in found}


def test_a_module_has_the_linked_terms_and_all_above_them(tmp_path: Path) -> None:
    module = module_of(ontology(tmp_path), mondo(4) | {"http://example.org/else"})
    assert set(module.terms) == mondo(1, 2, 3, 4)
    assert set(module.linked) == mondo(4)
    assert module.missing == ()


def test_an_obsolete_term_brings_what_replaces_it(tmp_path: Path) -> None:
    module = module_of(ontology(tmp_path), mondo(6))
    assert set(module.terms) == mondo(1, 6, 7)
    lines = module_quads(module, "mondo", "digest")
    assert asked(lines, "?x owl:deprecated true ; obo:IAO_0100001 obo:MONDO_7") == mondo(6)


def test_a_linked_term_that_should_be_there_is_missed(tmp_path: Path) -> None:
    module = module_of(ontology(tmp_path), mondo(4, 99) | {f"{OBO}DOID_1"})
    assert set(module.missing) == mondo(99)


def test_terms_are_found_by_curie_where_iris_differ(tmp_path: Path) -> None:
    path = tmp_path / "x.ttl"
    path.write_text(
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix : <https://identifiers.org/hgnc/> .\n"
        ":3430 rdfs:label 'ERBB2' ; rdfs:subClassOf :1 . :1 rdfs:label 'gene' .\n"
    )
    base = "http://identifiers.org/hgnc/"
    module = module_of(read_ontology(path), {base + "3430"})
    lines = module_quads(module, "mondo", "digest")
    assert asked(lines, "?x rdfs:subClassOf ?above . ?above rdfs:label 'gene'") == {base + "3430"}


def test_a_cycle_ends(tmp_path: Path) -> None:
    text = DISEASES.replace("name: disease\n", "name: disease\nis_a: MONDO:4\n")
    assert set(module_of(ontology(tmp_path, text), mondo(4)).terms) == mondo(1, 2, 3, 4)


def test_what_a_module_says(tmp_path: Path) -> None:
    lines = module_quads(module_of(ontology(tmp_path), mondo(4)), "mondo", "digest")
    assert asked(lines, "obo:MONDO_4 rdfs:subClassOf+ ?x FILTER(isIRI(?x))") == mondo(1, 2, 3)
    assert asked(lines, "obo:MONDO_2 rdfs:label ?x") == {"gastric cancer"}
    assert asked(lines, "obo:MONDO_2 oio:hasExactSynonym ?x") == {"stomach cancer"}
    assert asked(lines, "obo:MONDO_2 oio:hasRelatedSynonym ?x") == {"GC"}
    some = "[ a owl:Restriction ; owl:onProperty obo:BFO_0000050 ; owl:someValuesFrom obo:MONDO_2 ]"
    assert asked(lines, f"?x rdfs:subClassOf {some}") == mondo(4)
    same = f"owl:equivalentClass [ owl:intersectionOf/rdf:rest*/rdf:first obo:MONDO_3, {some} ]"
    assert asked(lines, f"?x {same}") == mondo(4)
    assert asked(lines, "?x a owl:ObjectProperty ; rdfs:label 'part of'") == {OBO + "BFO_0000050"}
    assert asked(lines, "?x ?p ?o FILTER(?o = obo:MONDO_8 || ?x = obo:MONDO_5)") == set()


def test_the_metadata_names_version_licence_source_and_digest(tmp_path: Path) -> None:
    lines = module_quads(module_of(ontology(tmp_path), mondo(4)), "mondo", "ab12")
    own = ox.NamedNode(GRAPH + "import/mondo")
    quads = stored(lines).quads_for_pattern(own, None, None, ox.NamedNode(GRAPH + "metadata"))
    said = {q.predicate.value.rsplit("/", 1)[-1].rsplit("#", 1)[-1]: str(q.object) for q in quads}
    assert said == {
        "label": '"Imported from mondo 2026-02-03"@en',
        "title": '"mondo"',
        "versionInfo": '"2026-02-03"',
        "issued": '"2026-02-03"',
        "fileName": '"x.obo"',
        "checksumValue": '"ab12"',
        "source": f"<{OBO}mondo.owl>",
        "license": "<https://creativecommons.org/licenses/by/4.0/>",
    }


def test_the_same_module_has_the_same_bytes_whatever_the_seed(tmp_path: Path) -> None:
    (tmp_path / "x.obo").write_text(DISEASES)
    code = (
        "import sys; from pathlib import Path\n"
        "from tzgraph.link.imports.extract import *; from tzgraph.link.read import read_ontology\n"
        f"seeds = {{'{OBO}MONDO_%d' % n for n in (4, 6, 5)}}\n"
        "module = module_of(read_ontology(Path(sys.argv[1])), seeds)\n"
        "print('\\n'.join(module_quads(module, 'm', '')))"
    )
    path = os.pathsep.join(entry for entry in sys.path if entry)
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code, tmp_path / "x.obo"],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert outputs.pop().count(b"\n") > 30


def test_changes_between_versions_are_told(tmp_path: Path) -> None:
    seeds = mondo(4, 6)
    old = module_quads(module_of(ontology(tmp_path), seeds), "mondo", "a")
    assert changes(tmp_path, "mondo", old) is None
    write_import(tmp_path, "mondo", old)
    assert not changes(tmp_path, "mondo", old)
    text = DISEASES.replace("is_a: MONDO:3\n", "is_a: MONDO:5\n")
    text = text.replace(
        "name: gastric adenocarcinoma", "name: adenocarcinoma of stomach\nis_obsolete: true"
    )
    text = text.replace("intersection_of: MONDO:3\nintersection_of: part_of MONDO:2\n", "")
    new = module_quads(module_of(ontology(tmp_path, text), seeds), "mondo", "b")
    four, five, two, three = (f"{OBO}MONDO_{n}" for n in (4, 5, 2, 3))
    assert changes(tmp_path, "mondo", new) == Changes(
        added=((five, "unrelated"),),
        removed=((two, "gastric cancer"), (three, "gastric carcinoma")),
        obsolete=((four, "adenocarcinoma of stomach"),),
        relabelled=((four, "“gastric adenocarcinoma” → “adenocarcinoma of stomach”"),),
        moved=((four, "gastric carcinoma → unrelated"),),
    )


@pytest.mark.parametrize(
    ("iri", "first", "name"),
    [
        (OBO + "mondo.owl", "MONDO:1", "mondo"),
        (OBO + "doid/subsets/DO_cancer_slim.owl", "DOID:1", "doid"),
        ("", "MONDO:1", "mondo"),
        ("http://example.org/x", "CL:1", "cl"),
    ],
)
def test_a_name_is_that_of_the_ontology_or_of_its_terms(
    tmp_path: Path, iri: str, first: str, name: str
) -> None:
    header = f"ontology: {iri}\n" if iri else ""
    found = ontology(tmp_path, f"format-version: 1.2\n{header}\n[Term]\nid: {first}\nname: a\n")
    assert default_name(found) == name


def test_only_links_of_our_things_count() -> None:
    store = ox.Store()
    exact = ox.NamedNode("http://www.w3.org/2004/02/skos/core#exactMatch")
    ours = ox.NamedNode("https://w3id.org/tzgraph/id/disease/a")
    theirs, others = ox.NamedNode(OBO + "MONDO_1"), ox.NamedNode(OBO + "MONDO_2")
    store.extend([ox.Quad(ours, exact, theirs), ox.Quad(theirs, exact, others)])
    store.add(ox.Quad(ours, exact, others, ox.NamedNode(GRAPH + "source/quoted")))
    assert linked_terms(store) == {theirs.value}
