"""One form for identifiers that are written as IRIs or as CURIEs."""

from __future__ import annotations

import re
from functools import lru_cache

from tzgraph.link.identifiers.curies import compress, normalise

__all__ = ["curie_of", "prefix_of"]

#: What the last part of an IRI stands behind.
_LAST = re.compile(r"[/#_]")
#: OBO's way of making IRIs, also of prefixes that OBO doesn't know.
_OBO = re.compile(
    r"https?://purl\.obolibrary\.org/obo/([A-Za-z](?>(?:(?!_\w)[\w.])*))_(\w[\w.-]*+)"
)


@lru_cache(maxsize=100_000)
def curie_of(identifier: str) -> str:
    """Give the normal CURIE of an IRI or CURIE; what has none is given back.

    >>> curie_of("http://purl.obolibrary.org/obo/GO_0001837"), curie_of("GO:0001837")
    ('go:0001837', 'go:0001837')
    """
    if "://" in identifier:
        known = compress(identifier)
        if known is None and (found := _OBO.fullmatch(identifier)):
            known = normalise(f"{found[1]}:{found[2]}")
        return known or identifier
    return normalise(identifier) or identifier


def prefix_of(curie: str) -> str:
    """Give the prefix of a CURIE; of an IRI without one, what comes before its last part.

    >>> prefix_of("go:0001837"), prefix_of("http://example.org/terms#a")
    ('go', 'http://example.org/terms#')
    """
    if "://" in curie:
        return curie[: len(curie) - len(_LAST.split(curie)[-1])]
    return curie.partition(":")[0]
