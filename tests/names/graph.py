"""A small graph with names, and its resolver."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.names.index import NameIndex, name_lines
from tzgraph.names.resolver import NameResolver
from tzgraph.release.canonical import write_sorted

__all__ = ["CURIES", "TURTLE", "index_of", "resolver_of", "store_of"]

PREFIXES = {
    "tz": "https://w3id.org/tzgraph/ontology#",
    "tzdrug": "https://w3id.org/tzgraph/id/drug/",
    "tztarget": "https://w3id.org/tzgraph/id/target/",
    "tzgene": "https://w3id.org/tzgraph/id/gene/",
    "tztrial": "https://w3id.org/tzgraph/id/trial/",
    "ex": "https://example.org/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "uniprot": "http://purl.uniprot.org/uniprot/",
    "atc": "http://www.whocc.no/atc_ddd_index/?code=",
}
CURIES = Curies(PREFIXES)
TURTLE = """
tzdrug:trastuzumab a tz:Drug ; rdfs:label "trastuzumab"@en ; skos:altLabel "Herceptin"@en ;
  skos:broadMatch atc:L01FD01 .
tzdrug:t-dxd a tz:Drug ; rdfs:label "trastuzumab deruxtecan"@en ; skos:altLabel "T-DXd", "Enhertu" .
tzdrug:cisplatin a tz:Drug ; rdfs:label "cisplatin"@en .
tzdrug:lapatinib a tz:Drug ; rdfs:label "lapatinib"@en .
tzdrug:nameless a tz:Drug .
tztarget:her2 a tz:Target ; rdfs:label "HER2"@en ; skos:altLabel "ErbB2", "neu" ;
  skos:exactMatch uniprot:P04626 .
tzgene:erbb2 a tz:Gene ; rdfs:label "ERBB2" ; skos:altLabel "HER2" .
tztarget:tgfb1 a tz:Target ; rdfs:label "TGF-β1"@en .
tztrial:toga a tz:Trial ; rdfs:label "ToGA"@en ; tz:nctId "NCT01041404" .
tz:nctId rdfs:label "NCT id" .
tz:targets a owl:ObjectProperty ; rdfs:label "targets"@en .
tz:Drug a owl:Class ; rdfs:label "drug"@en .
tz:Trial a owl:Class ; rdfs:label "trial"@en .
ex:odd a tz:Drug ; rdfs:label "曲妥珠单抗"@zh , "odd\\tone \\"x\\"\\n<b>"@en .
"""


def store_of(turtle: str = TURTLE) -> ox.Store:
    """Give a store with some triples in its default graph."""
    store = ox.Store()
    prologue = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
    store.load(prologue + turtle, format=ox.RdfFormat.TURTLE)
    return store


def index_of(store: ox.Store, folder: Path) -> NameIndex:
    """Make the index of a store, as a build does, and open it."""
    path = folder / "names.tsv"
    write_sorted(name_lines(store, CURIES), path)
    return NameIndex.open(path)


def resolver_of(store: ox.Store, folder: Path, *, updated: bool = False) -> NameResolver:
    """Give the resolver of a store."""
    return NameResolver(index_of(store, folder), CURIES, updated=updated)
