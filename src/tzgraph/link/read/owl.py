"""OWL in syntaxes that are no RDF: put into RDF/XML by horned-owl, then read like the rest."""

from __future__ import annotations

import re
from typing import Literal

import pyoxigraph as ox

from tzgraph.errors import DataError, ReaderUnavailableError, UnsafeDataError
from tzgraph.link.read.depth import brackets, too_deep
from tzgraph.link.read.detect import Syntax
from tzgraph.link.read.draft import DraftOntology
from tzgraph.link.read.mistakes import unsafe
from tzgraph.link.read.rdf import read_triples
from tzgraph.link.read.source import Source, unusable
from tzgraph.parsing import check_xml

__all__ = ["read_owl"]

_SERIALISATIONS: dict[Syntax, Literal["owx", "ofn", "omn"]] = {
    Syntax.OWLXML: "owx",
    Syntax.FUNCTIONAL: "ofn",
    Syntax.MANCHESTER: "omn",
}
_PLACE = re.compile(r"line_col: Pos\(\((\d+), (\d+)\)\)")
_BYTE = re.compile(r"BytePosition\((\d+)\)")
_WHAT = re.compile(r"Syntax\((\w+)\)|line: \"((?:[^\"\\]|\\.)*)\"|ValidityError\(\"([^\"]*)\"")


def read_owl(source: Source, syntax: Syntax, draft: DraftOntology) -> int:
    """Read OWL/XML, functional or Manchester syntax.

    :param source: the file
    :param syntax: which of them it is
    :param draft: takes what is read
    :return: number of axioms
    :raises ReaderUnavailableError: if py-horned-owl is not installed
    :raises DataError: if it breaks a rule of the syntax
    """
    try:
        import pyhornedowl
    except ImportError as error:
        raise ReaderUnavailableError(
            f"{source.name} is in {syntax.value} syntax, which py-horned-owl has to read.",
            "Install it: pip install 'tzgraph[link]'. Or convert the file to RDF/XML or OBO.",
        ) from error
    if syntax is Syntax.OWLXML:
        # Of XML that breaks off within a text, horned-owl waits for the rest without end.
        try:
            check_xml(source.open())
        except UnsafeDataError as error:
            raise unsafe(source, error) from error
    data = source.whole()
    if syntax is not Syntax.OWLXML and (deep := too_deep(source, brackets(data))):
        raise deep
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise unusable(
            source.name,
            "bad-utf-8",
            f"Byte 0x{data[error.start]:02x} is not UTF-8.",
            "Save the file as UTF-8.",
            line,
        ) from error
    try:
        ontology = pyhornedowl.open_ontology_from_string(text, _SERIALISATIONS[syntax])
        axioms = len(ontology.get_axioms())
        triples = ontology.save_to_string("rdf").encode()
    except (ValueError, RuntimeError) as error:
        raise _error(source, syntax, data, str(error)) from error
    read_triples(triples, ox.RdfFormat.RDF_XML, draft, source)
    return axioms


def _error(source: Source, syntax: Syntax, data: bytes, text: str) -> DataError:
    place, at = _PLACE.search(text), _BYTE.search(text)
    row = column = None
    if place:
        row, column = int(place[1]), int(place[2])
    elif at:
        row = data.count(b"\n", 0, int(at[1])) + 1
    what = _WHAT.search(text)
    said = next((group for group in what.groups() if group), "") if what else text
    return _unusable(source, syntax, said[:200], row, column)


def _unusable(
    source: Source, syntax: Syntax, what: str, row: int | None, column: int | None
) -> DataError:
    return unusable(
        source.name,
        "syntax-error",
        f"The file is no OWL in {syntax.value} syntax: {what}.",
        "Fetch it again, or tell its makers; nothing of it was used.",
        row,
        column,
    )
