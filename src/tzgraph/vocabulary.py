"""The IRIs that code has to know: the graph's own layout and the W3C vocabularies it handles.

Domain terms (drugs, trials, endpoints) are not here: they stand in the ontology file, and no
code knows them. What is here is the frame that any content is put into.
"""

from __future__ import annotations

import re

__all__ = [
    "DCTERMS",
    "GRAPH",
    "ID",
    "OWL",
    "PROV",
    "RDF",
    "RDFS",
    "SH",
    "SKOS",
    "TZ",
    "XSD",
    "Graphs",
    "local_name",
]

#: Base of the terms of the ontology, prefix ``tz:``.
TZ = "https://w3id.org/tzgraph/ontology#"
#: Base of the IRIs of things.
ID = "https://w3id.org/tzgraph/id/"
#: Base of the names of graphs.
GRAPH = "https://w3id.org/tzgraph/graph/"

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
DCTERMS = "http://purl.org/dc/terms/"
PROV = "http://www.w3.org/ns/prov#"
SH = "http://www.w3.org/ns/shacl#"


class Graphs:
    """Names of the named graphs."""

    ONTOLOGY = GRAPH + "ontology"
    INFERRED = GRAPH + "inferred"
    MAPPINGS = GRAPH + "mappings"
    AUDIT = GRAPH + "audit"
    PROVENANCE = GRAPH + "provenance"
    METADATA = GRAPH + "metadata"
    SOURCE = GRAPH + "source/"
    IMPORT = GRAPH + "import/"


def local_name(iri: str) -> str:
    """Give what an IRI ends with, behind its last ``#`` or ``/``.

    >>> local_name(TZ + "targets"), local_name(ID + "drug/trastuzumab")
    ('targets', 'trastuzumab')
    """
    return re.split(r"[#/]", iri)[-1]
