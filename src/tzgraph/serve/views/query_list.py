"""The page that lists the query library: by subject, by tag, by words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from urllib.parse import urlencode

from tzgraph.query.library import QueryFile
from tzgraph.serve.views.pages import Pages

__all__ = ["is_about", "list_page"]

#: Queries of a tag up to which it stands behind the others.
_RARE = 2
#: Characters of the words that are sought.
_LONGEST = 200


def is_about(query: QueryFile, tag: str, text: str) -> bool:
    """Say whether a query has a tag and all of some words; those that are empty all have.

    >>> trials = QueryFile("trials", "", "Trials of a drug", tags=("trial", "drug"))
    >>> [is_about(trials, *asked) for asked in (("", ""), ("drug", "DRUG tri"), ("audit", ""))]
    [True, True, False]
    """
    said = " ".join((query.name, query.title, query.description, *query.tags)).casefold()
    words = text[:_LONGEST].casefold().split()
    return (not tag or tag in query.tags) and all(word in said for word in words)


def list_page(
    pages: Pages, library: Collection[QueryFile], found: Iterable[QueryFile], tag: str, text: str
) -> str:
    """Give the page.

    :param library: all queries
    :param found: those that are listed
    :param tag: the tag that they have, empty for any
    :param text: the words that they have
    """
    counts = Counter(name for query in library for name in query.tags)
    tags = [
        (name, count, "/queries?" + urlencode({"tag": name}))
        for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    listed = list(found)
    groups: dict[str, list[QueryFile]] = {}
    for query in listed:
        # Each query once, under what its author named first.
        groups.setdefault(query.tags[0] if query.tags and not tag else tag, []).append(query)
    order = [name for name, _, _ in tags]
    return pages.render(
        "queries.html",
        common=[one for one in tags if one[1] > _RARE or one[0] == tag],
        rare=[one for one in tags if one[1] <= _RARE and one[0] != tag],
        tag=tag,
        text=text[:_LONGEST],
        count=len(listed),
        all_count=len(library),
        groups=sorted(groups.items(), key=lambda g: order.index(g[0]) if g[0] in order else 10**6),
    )
