"""Tools that look for examples, a schema and prefixes at an endpoint find them.

The queries have the shape of those that the SPARQL editor of the SIB sends to every endpoint
(https://github.com/sib-swiss/sparql-editor: ``getPrefixes``, ``voidQuery`` and
``getExampleQueries`` in ``packages/sparql-editor/src/metadata.ts``), and of the one with counts in
the README of its VoID generator (https://github.com/JervenBolleman/void-generator).
"""

from __future__ import annotations

import httpx
import pyoxigraph as ox
import pytest

from tzgraph.query.library import load_library
from tzgraph.vocabulary import TZ, XSD

PREFIXES = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?name ?iri { ?declared sh:prefix ?name ; sh:namespace ?iri } ORDER BY ?name
"""
EXAMPLES = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX spex: <https://purl.expasy.org/sparql-examples/ontology#>
SELECT DISTINCT ?example ?says ?text {
  ?example a sh:SPARQLExecutable ; rdfs:comment ?says .
  ?example sh:select|sh:ask|sh:construct|spex:describe ?text
} ORDER BY ?example
"""
SCHEMA = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?graph ?class ?by ?leads ?datatype ?triples ?label {
  {
    OPTIONAL { ?graph sd:graph ?described . ?described void:classPartition ?part }
    ?part void:class ?class ; void:propertyPartition ?property .
    OPTIONAL { ?class rdfs:label ?label }
    ?property void:property ?by
    OPTIONAL { ?property void:triples ?triples }
    OPTIONAL {
      { ?property void:classPartition [ void:class ?leads ] }
      UNION { ?property void-ext:datatypePartition [ void-ext:datatype ?datatype ] }
    }
  } UNION {
    ?links void:subjectsTarget [ void:class ?class ] ; void:linkPredicate ?by ;
      void:objectsTarget [ void:class ?leads ]
  }
} ORDER BY ?class ?leads ?datatype
"""
COUNTS = """
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT ?class ?things ?by ?leads ?triples {
  ?part void:class ?class ; void:entities ?things ; void:propertyPartition ?property .
  ?property void:property ?by ; void:classPartition [ void:class ?leads ; void:triples ?triples ]
}
"""


def rows(client: httpx.Client, query: str) -> list[dict[str, str]]:
    """Ask as the editor does."""
    response = client.get(
        "/sparql",
        params={"ac": "1", "query": query},
        headers={"Accept": "application/sparql-results+json"},
    )
    assert response.status_code == 200, response.text
    found = response.json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in found]


def test_prefixes(shipped: httpx.Client) -> None:
    found = {row["name"]: row["iri"] for row in rows(shipped, PREFIXES)}
    assert found["tz"] == TZ
    assert found["xsd"] == XSD
    assert len(found) > 50


def test_examples_run_as_they_are_given(shipped: httpx.Client) -> None:
    found = rows(shipped, EXAMPLES)
    assert len(found) == len(load_library())
    for row in found:
        name = row["example"].partition("#query-")[2]
        assert row["says"].startswith(load_library()[name].title)
    mine = next(row for row in found if row["example"].endswith("#query-drug-classes"))
    asked = shipped.post("/sparql", data={"query": mine["text"]}, headers={"Accept": "text/csv"})
    assert len(asked.text.splitlines()) > 5


def test_the_schema_has_classes_properties_and_what_they_lead_to(shipped: httpx.Client) -> None:
    found = rows(shipped, SCHEMA)
    leads = {(row["class"], row["by"], row.get("leads") or row.get("datatype")) for row in found}
    assert (TZ + "Drug", TZ + "targets", TZ + "Target") in leads
    assert (TZ + "Trial", TZ + "nctId", XSD + "string") in leads
    assert "Drug" in {row.get("label", "").capitalize() for row in found}
    assert all(int(row["triples"]) > 0 for row in found)


@pytest.mark.parametrize("asked", [SCHEMA, COUNTS])
def test_no_vocabulary_of_ontologies_is_in_the_schema(shipped: httpx.Client, asked: str) -> None:
    """What is of a class of OWL or RDFS is described by the ontology."""
    found = rows(shipped, asked)
    assert found
    for row in found:
        assert "/owl#" not in row["class"]
        assert "/rdf-schema#" not in row.get("leads", "")


def test_relations_of_classes_are_counted(shipped: httpx.Client) -> None:
    counted = {
        (row["class"], row["by"], row["leads"]): (row["things"], row["triples"])
        for row in rows(shipped, COUNTS)
    }
    things, triples = counted[TZ + "Drug", TZ + "targets", TZ + "Target"]
    (expected,) = rows(
        shipped,
        "SELECT (COUNT(DISTINCT ?drug) AS ?things) { ?drug a tz:Drug }",
    )
    assert things == expected["things"]
    (expected,) = rows(
        shipped,
        "SELECT (COUNT(*) AS ?triples) { ?s a tz:Drug ; tz:targets ?o . ?o a tz:Target }",
    )
    assert triples == expected["triples"]


def test_describe_gives_what_has_the_thing_as_subject(shipped: httpx.Client) -> None:
    """And what the blank nodes say that it leads to; nothing that has it as object."""

    def described(thing: str) -> set[ox.Triple]:
        response = shipped.get(
            "/sparql",
            params={"query": f"DESCRIBE {thing}"},
            headers={"Accept": "application/n-triples"},
        )
        return {q.triple for q in ox.parse(response.content, format=ox.RdfFormat.N_TRIPLES)}

    assert {t.subject.value for t in described("tztarget:her2")} == {  # type: ignore[union-attr]
        "https://w3id.org/tzgraph/id/target/her2"
    }
    of_class = described("tz:HER2TargetedDrug")
    blank = {t.subject for t in of_class if isinstance(t.subject, ox.BlankNode)}
    assert blank
    assert blank <= {t.object for t in of_class}
