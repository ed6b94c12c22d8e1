"""Clients that people use."""

from __future__ import annotations

from typing import Any

import pytest
from rdflib import URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore

from tests.serve.helpers import EX

# SPARQLWrapper 2.0 uses names that rdflib has since deprecated.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
wrapper: Any = pytest.importorskip("SPARQLWrapper")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper(url: str, method: str) -> None:
    """SPARQLWrapper reads JSON, XML and graphs."""
    client = wrapper.SPARQLWrapper(f"{url}/sparql")
    client.setMethod(method)
    client.setReturnFormat(wrapper.JSON)
    client.setQuery("SELECT ?o { ex:a ex:p ?o }")
    assert client.query().convert()["results"]["bindings"][0]["o"]["value"] == EX + "b"
    client.setReturnFormat(wrapper.XML)
    assert EX + "b" in client.query().convert().toxml()
    client.setQuery("CONSTRUCT { ?s ex:q ?o } WHERE { ?s ex:p ?o }")
    assert len(client.query().convert()) == 2


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib(url: str, method: Any) -> None:
    """rdflib's SPARQLStore reads triples, also of a named graph."""
    store = SPARQLStore(f"{url}/sparql", method=method)
    found = {str(o) for (_, _, o), _ in store.triples((URIRef(EX + "a"), URIRef(EX + "p"), None))}
    assert found == {EX + "b"}
    rows = list(store.query("SELECT ?o { ?s <http://example.org/p> ?o }", queryGraph=EX + "G1"))
    assert [str(row[0]) for row in rows] == [EX + "only1"]  # type: ignore[index]
