"""Read ontologies and vocabularies as they come: any usual syntax, packed or not."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from tzgraph.link.ontology.model import Ontology
from tzgraph.link.read.detect import Syntax, detect, misnamed
from tzgraph.link.read.documents import read_document
from tzgraph.link.read.draft import DraftOntology
from tzgraph.link.read.obo import read_obo
from tzgraph.link.read.owl import read_owl
from tzgraph.link.read.rdf import read_rdf
from tzgraph.link.read.source import Source, out_of_memory
from tzgraph.link.read.table import read_table

__all__ = ["read_ontology"]

#: Each includes another: Turtle is TriG without graphs, N-Triples are N-Quads without.
_RDF = {
    Syntax.RDFXML: ox.RdfFormat.RDF_XML,
    Syntax.TURTLE: ox.RdfFormat.TRIG,
    Syntax.NQUADS: ox.RdfFormat.N_QUADS,
}


def read_ontology(path: Path) -> Ontology:
    """Read a file of terms, by its content and not by its suffix.

    RDF/XML, Turtle, TriG, N-Triples, N-Quads, JSON-LD, OWL/XML, functional and Manchester syntax,
    OBO, OBO Graphs, some lists of terms in JSON, and tables; packed with gzip, xz, bzip2, or not.

    :raises InputUnreadableError: if the file can't be opened
    :raises ReaderUnavailableError: if its syntax needs a package that is not installed
    :raises DataError: if it is damaged or no ontology; nothing of it is given then
    """
    try:
        with _uncollected():
            return _read(Source(path))
    except MemoryError as error:
        raise out_of_memory(path.name) from error


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles from looking at a million new objects again and again.

    Reading makes no cycles, and takes a third longer with it.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _read(source: Source) -> Ontology:
    syntax = detect(source)
    draft = DraftOntology(source)
    draft.findings += misnamed(source, syntax)
    name = syntax.value
    if syntax in _RDF:
        count = read_rdf(source, _RDF[syntax], draft)
    elif syntax is Syntax.OBO:
        count = read_obo(source, draft)
    elif syntax is Syntax.JSON:
        name, count = read_document(source, draft)
    elif syntax is Syntax.TABLE:
        count = read_table(source, draft)
    else:
        count = read_owl(source, syntax, draft)
    return draft.finish(name, count)
