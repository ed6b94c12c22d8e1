"""Mistakes in the syntax of RDF and XML, with their places."""

from __future__ import annotations

import pyoxigraph as ox

from tzgraph.errors import DataError, UnsafeDataError
from tzgraph.link.read.source import Source, unusable

__all__ = ["syntax_error", "unsafe"]


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
    return unusable(
        source.name,
        "syntax-error",
        f"The file is no {form.name}: {message}.",
        "Fetch it again, or tell its makers; nothing of it was used.",
        line,
        column,
    )


def unsafe(source: Source, error: UnsafeDataError) -> DataError:
    """Give the error for what a parser would not survive, or what is no XML."""
    return unusable(source.name, error.finding, error.message, error.hint, error.line, error.column)
