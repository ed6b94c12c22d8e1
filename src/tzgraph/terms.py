"""Terms of RDF and their short forms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeAlias

import pyoxigraph as ox

__all__ = ["Term", "compact_iri"]

#: Anything that may stand in a triple.
Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

#: Local names that can be written after a prefix without escapes, in any syntax.
_LOCAL = re.compile(r"[\w.-]*(?<!\.)|")


def compact_iri(iri: str, prefixes: Mapping[str, str]) -> str:
    """Write an IRI as a CURIE by the longest namespace that fits, else in angle brackets.

    >>> compact_iri("https://example.org/a/b", {"e": "https://example.org/"})
    '<https://example.org/a/b>'
    >>> compact_iri("https://example.org/b", {"e": "https://example.org/"})
    'e:b'
    """
    fits = [
        (base, prefix)
        for prefix, base in prefixes.items()
        if iri.startswith(base) and _LOCAL.fullmatch(iri[len(base) :])
    ]
    if not fits:
        return f"<{iri}>"
    base, prefix = max(fits, key=lambda pair: len(pair[0]))
    return f"{prefix}:{iri[len(base) :]}"
