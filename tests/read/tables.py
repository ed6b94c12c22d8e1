"""A tiny graph of widgets and gears: its ontology, shapes and sources, as folders of a test.

None of its classes ships with tzgraph, so what is read here is read without code that knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from tzgraph.errors import Finding
from tzgraph.read import ReadResult, read_sources
from tzgraph.read.lookup import CellLookup
from tzgraph.release import BuildOptions
from tzgraph.schema import Schema, load_schema
from tzgraph.terms import Term
from tzgraph.vocabulary import GRAPH, ID, RDF, RDFS, TZ, XSD, Graphs

__all__ = ["PLACE", "Reading", "Workshop", "gear", "place", "source", "tz", "widget"]

#: What a finding says apart from its words: code, file, row, column.
PLACE = tuple[str, str, int | None, int | None]

_PREFIXES = """{"@context": {
  "tz": "https://w3id.org/tzgraph/ontology#",
  "ex": "https://example.org/",
  "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
  "rdfs": "http://www.w3.org/2000/01/rdf-schema#"
}}
"""

_ONTOLOGY = """
@prefix tz: <https://w3id.org/tzgraph/ontology#> .
@prefix ex: <https://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<https://example.org/workshop> a owl:Ontology ; owl:versionInfo "1" .

tz:idKind a owl:AnnotationProperty .
tz:idBase a owl:AnnotationProperty .
tz:columnType a owl:AnnotationProperty .

tz:Source a owl:Class ; tz:idKind "source" ;
    tz:idBase "https://w3id.org/tzgraph/graph/source/" .
tz:SourceRole a owl:Class .
tz:sourceRole a owl:ObjectProperty ; rdfs:label "source role"@en ; rdfs:range tz:SourceRole .
tz:PrimarySource a owl:NamedIndividual , tz:SourceRole .
tz:ReferenceDatabase a owl:NamedIndividual , tz:SourceRole .
tz:Curation a owl:NamedIndividual , tz:SourceRole .
tz:SecondarySource a owl:NamedIndividual , tz:SourceRole .

tz:Claim a owl:Class ; tz:idKind "claim" .
tz:Evidence a owl:Class ; tz:idKind "evidence" .
tz:EvidenceDirection a owl:Class .
tz:direction a owl:ObjectProperty ; rdfs:label "direction"@en ; rdfs:range tz:EvidenceDirection .
tz:Supports a owl:NamedIndividual , tz:EvidenceDirection .
tz:Refutes a owl:NamedIndividual , tz:EvidenceDirection .

tz:Part a owl:Class ; rdfs:label "part"@en .
tz:Widget a owl:Class ; rdfs:label "widget"@en ; tz:idKind "widget" ; rdfs:subClassOf tz:Part .
tz:Sprocket a owl:Class ; rdfs:label "sprocket"@en ; rdfs:subClassOf tz:Widget .
tz:Gear a owl:Class ; rdfs:label "gear"@en ; tz:idKind "gear" ; rdfs:subClassOf tz:Part .
tz:HeavyPart a owl:Class ; owl:equivalentClass [
    a owl:Restriction ; owl:onProperty tz:drives ; owl:someValuesFrom tz:Gear ] .
tz:Colour a owl:Class .
tz:Red a owl:NamedIndividual , tz:Colour ; rdfs:label "bright red"@en .
tz:Blue a owl:NamedIndividual , tz:Colour ; rdfs:label "deep blue"@en .
tz:Finish a owl:Class .
tz:Matt a owl:NamedIndividual , tz:Finish ; rdfs:label "matt"@en .

tz:drives a owl:ObjectProperty ; rdfs:label "drives"@en ;
    rdfs:domain tz:Widget ; rdfs:range tz:Gear .
tz:touches a owl:ObjectProperty ; rdfs:label "touches"@en ;
    rdfs:domain tz:Part ; rdfs:range tz:Part .
tz:colour a owl:ObjectProperty ; rdfs:label "colour"@en ; rdfs:range tz:Colour .
ex:maker a owl:ObjectProperty ; rdfs:label "made by"@en .

tz:weight a owl:DatatypeProperty ; rdfs:label "weight"@en ; rdfs:range xsd:decimal .
tz:strain a owl:DatatypeProperty ; rdfs:label "strain"@en ; rdfs:range xsd:double .
tz:teeth a owl:DatatypeProperty ; rdfs:label "teeth"@en ; rdfs:range xsd:integer .
tz:spare a owl:DatatypeProperty ; rdfs:label "spare"@en ; rdfs:range xsd:boolean .
tz:code a owl:DatatypeProperty ; rdfs:label "code"@en ; rdfs:range xsd:string .
tz:madeOn a owl:AnnotationProperty ; rdfs:label "made on"@en ; tz:columnType xsd:date .
tz:madeAt a owl:AnnotationProperty ; rdfs:label "made at"@en ; tz:columnType xsd:dateTime .
tz:model a owl:AnnotationProperty ; rdfs:label "model year"@en ; tz:columnType xsd:gYear .
tz:page a owl:AnnotationProperty ; rdfs:label "page"@en ; tz:columnType rdfs:Resource .
tz:note a owl:AnnotationProperty ; rdfs:label "note"@en .
"""

_SHAPES = """
@prefix tz: <https://w3id.org/tzgraph/ontology#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<https://example.org/shapes#Weight> a sh:PropertyShape ; sh:targetClass tz:Widget ;
    sh:path tz:weight ; sh:maxInclusive 100 ; sh:severity sh:Violation ;
    sh:message "A widget weighs at most 100."@en .
"""

_RULE = """#+ title: A widget drives what a widget that it touches drives
PREFIX tz: <https://w3id.org/tzgraph/ontology#>
CONSTRUCT { ?widget tz:drives ?gear } WHERE { ?widget tz:touches ?other . ?other tz:drives ?gear . }
"""

#: The list of sources: one of each kind that is asserted, and one that is quoted.
_SOURCES = (
    "tz:Source\trdfs:label\ttz:sourceRole\tsource",
    "desk\tThe desk\tCuration\tdesk",
    "report\tA report\tPrimarySource\tdesk",
    "register\tA register\tReferenceDatabase\tdesk",
    "hearsay\tHearsay\tSecondarySource\tdesk",
)


def tz(name: str) -> ox.NamedNode:
    return ox.NamedNode(TZ + name)


def widget(slug: str) -> ox.NamedNode:
    return ox.NamedNode(f"{ID}widget/{slug}")


def gear(slug: str) -> ox.NamedNode:
    return ox.NamedNode(f"{ID}gear/{slug}")


def source(slug: str) -> ox.NamedNode:
    return ox.NamedNode(f"{GRAPH}source/{slug}")


def place(finding: Finding) -> PLACE:
    return (finding.code, finding.file, finding.row, finding.column)


@dataclass(frozen=True)
class Reading:
    """What reading gave: the result, the N-Quads as written, and a store that holds them."""

    result: ReadResult
    nquads: bytes
    store: ox.Store

    @property
    def places(self) -> list[PLACE]:
        """Code, file, row and column of all findings."""
        return [place(finding) for finding in self.result.findings]

    def finding(self, code: str) -> Finding:
        """The one finding with this code."""
        (found,) = (f for f in self.result.findings if f.code == code)
        return found

    def objects(
        self, subject: ox.NamedNode, predicate: str, graph: ox.NamedNode | None = None
    ) -> list[str]:
        """Objects in the default view or a graph, as N-Triples writes them, sorted."""
        name = graph or ox.DefaultGraph()
        quads = self.store.quads_for_pattern(subject, ox.NamedNode(predicate), None, name)
        return sorted(str(quad.object) for quad in quads)

    def holds(self, *triple: ox.NamedNode | ox.Literal, graph: ox.NamedNode | None = None) -> bool:
        """Whether a triple stands in the default view or a graph."""
        subject, predicate, obj = triple
        assert isinstance(subject, ox.NamedNode)
        assert isinstance(predicate, ox.NamedNode)
        return ox.Quad(subject, predicate, obj, graph or ox.DefaultGraph()) in self.store

    def cells(
        self, subject: ox.NamedNode, predicate: str, obj: Term
    ) -> list[tuple[str, int | None, int | None, str]]:
        """File, row, column and source of the cells that state a triple."""
        found = CellLookup(self.store).stated(subject, ox.NamedNode(predicate), obj)
        base = len(GRAPH + "source/")
        return [(cell.file, cell.row, cell.column, graph.value[base:]) for cell, graph in found]


@dataclass(frozen=True)
class Workshop:
    """Folders of a tiny graph below one folder."""

    root: Path

    @classmethod
    def at(cls, root: Path) -> Workshop:
        """Set it up: an ontology, a rule, a shape, and sources that describe nothing yet."""
        made = cls(root)
        for folder in (made.ontology / "rules", made.shapes, made.sources):
            folder.mkdir(parents=True)
        (made.ontology / "workshop.ttl").write_text(_ONTOLOGY, encoding="utf-8")
        (made.ontology / "prefixes.json").write_text(_PREFIXES, encoding="utf-8")
        (made.ontology / "rules" / "touching.rq").write_text(_RULE, encoding="utf-8")
        (made.shapes / "workshop.ttl").write_text(_SHAPES, encoding="utf-8")
        made.table("sources.tsv", *_SOURCES)
        return made

    @property
    def ontology(self) -> Path:
        return self.root / "ontology"

    @property
    def shapes(self) -> Path:
        return self.root / "shapes"

    @property
    def sources(self) -> Path:
        return self.root / "sources"

    @property
    def options(self) -> BuildOptions:
        return BuildOptions(sources=self.sources, ontology=self.ontology, shapes=self.shapes)

    @property
    def schema(self) -> Schema:
        return load_schema(self.ontology)

    def table(self, name: str, *lines: str) -> None:
        """Write a table, a line for each row."""
        self.put(name, "".join(f"{line}\n" for line in lines).encode())

    def put(self, name: str, content: bytes) -> None:
        """Write a file among the sources."""
        (self.sources / name).write_bytes(content)

    def widgets(self, columns: Sequence[str], *rows: Sequence[str], sourced: str = "desk") -> None:
        """Write ``widgets.tsv``: id first, then these columns; the source comes last."""
        head = "\t".join(["tz:Widget", *columns, "source"])
        self.table("widgets.tsv", head, *("\t".join([*row, sourced]) for row in rows))

    def read(self) -> Reading:
        """Read the sources and load what was written, if it is fit for use."""
        output = self.root / "data.nq"
        result = read_sources(self.sources, self.schema, output)
        nquads = output.read_bytes()
        store = ox.Store()
        if not result.failed:
            store.bulk_load(nquads, format=ox.RdfFormat.N_QUADS)
        return Reading(result, nquads, store)


#: Predicates that many tests name.
TYPE = RDF + "type"
LABEL = RDFS + "label"
DECIMAL = ox.NamedNode(XSD + "decimal")
PROVENANCE = ox.NamedNode(Graphs.PROVENANCE)
