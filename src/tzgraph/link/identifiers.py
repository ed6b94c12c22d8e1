"""One form for identifiers that are written as IRIs or as CURIEs."""

from __future__ import annotations

from functools import lru_cache

from tzgraph.link.curies import compress, normalise

__all__ = ["curie_of"]


@lru_cache(maxsize=100_000)
def curie_of(identifier: str) -> str:
    """Give the normal CURIE of an IRI or CURIE; what has none is given back.

    >>> curie_of("http://purl.obolibrary.org/obo/GO_0001837"), curie_of("GO:0001837")
    ('go:0001837', 'go:0001837')
    """
    if "://" in identifier:
        return compress(identifier) or identifier
    return normalise(identifier) or identifier
