"""Mistakes in the syntax of RDF and XML, with their places."""

from __future__ import annotations

from xml.parsers import expat

import pyoxigraph as ox

from tzgraph.errors import DataError
from tzgraph.link.read.source import Source, unusable

__all__ = ["syntax_error", "xml_place"]


def syntax_error(source: Source, form: ox.RdfFormat, error: SyntaxError | ValueError) -> DataError:
    """Give the error for what a parser of RDF didn't take."""
    line = error.lineno if isinstance(error, SyntaxError) else None
    column = error.offset if isinstance(error, SyntaxError) else None
    if "LoadDocumentCallback" in str(error):
        return unusable(
            source.name,
            "syntax-error",
            "The JSON-LD needs a context that is elsewhere, and nothing is fetched.",
            "Put the context into the file, or convert it to Turtle or N-Triples.",
        )
    message = str(error.msg if isinstance(error, SyntaxError) else error).removesuffix(".")
    if form == ox.RdfFormat.RDF_XML and line is None:
        line, column, message = xml_place(source) or (None, None, message)
    return unusable(
        source.name,
        "syntax-error",
        f"The file is no {form.name}: {message}.",
        "Fetch it again, or tell its makers; nothing of it was used.",
        line,
        column,
    )


def xml_place(source: Source) -> tuple[int, int, str] | None:
    """Where XML stops being well-formed, which Oxigraph does not tell."""
    parser = expat.ParserCreate()
    try:
        with source.open() as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as error:
        return error.lineno, error.offset + 1, expat.ErrorString(error.code)
    return None
