"""``/.well-known/void``: what was counted, and where it can be asked."""

from __future__ import annotations

from pathlib import Path

import httpx
import pyoxigraph as ox

from tests.serve.helpers import problem
from tests.serve.test_pages import BROWSER
from tzgraph.release import open_release
from tzgraph.release.void import DATASET, VOID
from tzgraph.vocabulary import RDFS, Graphs

VOID_PATH = "/.well-known/void"


def test_void_in_all_formats(shipped: httpx.Client, shipped_dir: Path) -> None:
    """The counts of the release, and the endpoint under the name that the client used."""
    found = set()
    for media_type, form in (
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    ):
        response = shipped.get(VOID_PATH, headers={"Accept": media_type})
        assert response.status_code == 200
        assert response.headers["content-type"].partition(";")[0] == media_type
        found.add(frozenset(q.triple for q in ox.parse(response.content, format=form)))
    (triples,) = found
    dataset = ox.NamedNode(DATASET)
    said = {t.predicate.value: t.object for t in triples if t.subject == dataset}
    assert said[VOID + "sparqlEndpoint"] == ox.NamedNode(f"{shipped.base_url}/sparql")
    manifest = open_release(shipped_dir).manifest
    total = said[VOID + "triples"]
    assert isinstance(total, ox.Literal)
    assert int(total.value) == manifest.triples
    subsets = {t.object for t in triples if t.predicate.value == VOID + "subset"}
    assert subsets == {ox.NamedNode(graph) for graph in manifest.graphs}


def test_browsers_get_turtle(shipped: httpx.Client) -> None:
    """There is no page."""
    response = shipped.get(VOID_PATH, headers=BROWSER)
    assert response.headers["content-type"].startswith("text/turtle")
    problem(shipped.get(VOID_PATH, headers={"Accept": "image/png"}), 406)
    assert shipped.head(VOID_PATH).headers["content-type"] == response.headers["content-type"]


def test_graphs_have_pages_and_the_service_description_leads_there(shipped: httpx.Client) -> None:
    """Each named graph is described, those that are no sources, too."""
    for graph in (Graphs.INFERRED, Graphs.METADATA, Graphs.SOURCE + "chembl"):
        path = graph.removeprefix("https://w3id.org/tzgraph")
        assert shipped.get(path, headers=BROWSER).status_code == 200
    page = shipped.get("/graph/inferred", headers=BROWSER).text
    assert ">Properties</h2>" in page
    assert "predicate=void" not in page  # they have no cell and no rule to be explained by
    service = shipped.get("/sparql", headers={"Accept": "application/n-triples"}).text
    assert f"<{RDFS}seeAlso> <{shipped.base_url}/.well-known/void>" in service
