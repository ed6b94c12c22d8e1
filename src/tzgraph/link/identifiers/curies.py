"""CURIEs of other people's identifiers, by the prefixes of the ontology that ships."""

from __future__ import annotations

import re
from functools import cache

from tzgraph.curies import Curies
from tzgraph.resources import shipped
from tzgraph.schema import load_schema

__all__ = ["compress", "converter", "expand", "normalise", "pattern"]


@cache
def converter() -> Curies:
    """Give what turns CURIEs into IRIs and back where no schema or release is at hand."""
    prefixes = load_schema(shipped("ontology")).prefixes
    # With "obo", terms of any ontology of OBO would seem to be of one vocabulary.
    return Curies({prefix: iri for prefix, iri in prefixes.items() if prefix != "obo"})


def expand(curie: str) -> str | None:
    """Give the IRI of a CURIE; see :meth:`tzgraph.curies.Curies.expand`."""
    return converter().expand(curie)


def compress(iri: str) -> str | None:
    """Give the CURIE of an IRI in any form; see :meth:`tzgraph.curies.Curies.compress`."""
    return converter().compress(iri)


def pattern(prefix: str) -> re.Pattern[str] | None:
    """Give what identifiers look like; see :meth:`tzgraph.curies.Curies.pattern`."""
    return converter().pattern(prefix)


def normalise(curie: str) -> str | None:
    """Give a CURIE in its one form; see :meth:`tzgraph.curies.Curies.normalise`."""
    return converter().normalise(curie)
