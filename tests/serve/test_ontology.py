"""``/ontology``: every term with an anchor, and the graph as RDF."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import httpx
import pyoxigraph as ox

from tests.serve.helpers import problem
from tests.serve.test_pages import BROWSER, Page
from tzgraph.release import open_release
from tzgraph.vocabulary import TZ, Graphs


def test_rdf_is_the_graph(shipped: httpx.Client, shipped_dir: Path) -> None:
    """In each format as many triples as the graph has; N-Triples give the same ones."""
    count = open_release(shipped_dir).manifest.graphs[Graphs.ONTOLOGY]
    for suffix, form in (
        ("ttl", ox.RdfFormat.TURTLE),
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("jsonld", ox.RdfFormat.JSON_LD),
        ("rdf", ox.RdfFormat.RDF_XML),
    ):
        response = shipped.get(f"/ontology.{suffix}")
        assert response.status_code == 200
        assert len(set(ox.parse(response.content, format=form))) == count
        negotiated = shipped.get("/ontology", headers={"Accept": form.media_type})
        assert negotiated.content == response.content
        assert negotiated.headers["content-location"] == f"/ontology.{suffix}"


def test_blank_nodes_are_named_as_in_the_release(shipped: httpx.Client, shipped_dir: Path) -> None:
    """So that a restarted server, or a second one, sends the same bytes and ETag."""
    quads = ox.parse(path=str(open_release(shipped_dir).nquads), format=ox.RdfFormat.N_QUADS)
    built = {str(q.triple) for q in quads if q.graph_name == ox.NamedNode(Graphs.ONTOLOGY)}
    served = ox.parse(shipped.get("/ontology.nt").content, format=ox.RdfFormat.N_TRIPLES)
    assert {str(q.triple) for q in served} == built
    assert any("_:" in triple for triple in built)


def test_every_term_has_an_anchor(shipped: httpx.Client, shipped_dir: Path) -> None:
    """So that its IRI leads to its definition."""
    response = shipped.get("/ontology", headers=BROWSER)
    page = Page(response.text)
    ids = [str(attributes["id"]) for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    store = open_release(shipped_dir).store()
    found = store.query(
        f"SELECT DISTINCT ?s {{ GRAPH <{Graphs.ONTOLOGY}> {{ ?s a ?c }}"
        f" FILTER(STRSTARTS(STR(?s), '{TZ}')) }}"
    )
    assert isinstance(found, ox.QuerySolutions)
    terms = {str(row[0])[1:-1].removeprefix(TZ) for row in found}
    assert len(terms) > 300
    assert terms <= set(ids)
    links = {str(a["href"]) for a in page.all("a")}
    anchors = {link.partition("#")[2] for link in links if link.startswith(("#", "/ontology#"))}
    assert anchors <= set(ids)
    assert not page.strange_scripts


def test_axioms_are_readable(shipped: httpx.Client) -> None:
    """Class expressions, chains and what is said of a term elsewhere."""
    text = unescape(shipped.get("/ontology.html").text)

    def entry(term: str) -> str:
        start = text.index(f'<article id="{term}">')
        return text[start : text.index("</article>", start)]

    assert "subclass of" in entry("MonoclonalAntibody")
    assert 'href="/ontology#Drug"' in entry("MonoclonalAntibody")
    assert "monoclonal antibody" in entry("Drug")
    assert " value " in entry("FirstLineTrial")
    assert " then " in entry("targets")
    assert " or " in entry("epitopeOf")
    assert "[maxExclusive 1]" in entry("SurvivalBenefit")
    assert "FunctionalProperty" in entry("nctId")
    assert "only the RDF shows" not in text


def test_versions(shipped: httpx.Client, shipped_dir: Path) -> None:
    """The version that the release has, under its IRI, and no other."""
    version = open_release(shipped_dir).manifest.ontology_version
    assert shipped.get(f"/ontology/{version}").content == shipped.get("/ontology").content
    problem(shipped.get("/ontology/1999-01-01"), 404)
    problem(shipped.get("/ontology.exe"), 404)
    problem(shipped.get("/ontology", headers={"Accept": "image/png"}), 406)
    links = shipped.head("/ontology").headers["link"]
    assert f'<{TZ[:-1]}>; rel="canonical"' in links
    assert 'rel="license"' in links


def test_things_lead_to_the_terms(shipped: httpx.Client) -> None:
    """Classes and properties on their pages."""
    links = {str(a["href"]) for a in Page(shipped.get("/id/target/her2.html").text).all("a")}
    assert {"/ontology#Target", "/ontology#encodedBy"} <= links


def test_a_release_without_ontology(client: httpx.Client) -> None:
    """It is no mistake of the server."""
    problem(client.get("/ontology"), 404)
