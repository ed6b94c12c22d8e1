"""What a search shows: hits by kind, with what matched, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import pyoxigraph as ox

from tzgraph.names.index import NameIndex
from tzgraph.names.resolver import Hit, MatchedBy, kind_of_match
from tzgraph.release import Manifest
from tzgraph.serve.messages.links import local_path
from tzgraph.serve.views.pages import Pages
from tzgraph.vocabulary import ID

__all__ = ["Kinds", "matched", "search_page", "suggestions", "things_first"]

#: The kind whose labels are made of addresses; its things are seldom what one looks for.
_PAGE = "page"

#: What a name is of a thing, in words.
_WORDS = {
    MatchedBy.IRI: "address",
    MatchedBy.LABEL: "name",
    MatchedBy.ID: "id",
    MatchedBy.SAME: "id elsewhere",
    MatchedBy.LIKE: "id of something like it elsewhere",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A hit as pages show it.

    :ivar href: where its page is, ``None`` if it has none
    :ivar matched: the name that matched and what it is, empty if that is its label
    :ivar text: its definition, may be empty
    """

    label: str
    href: str | None
    curie: str
    matched: str
    text: str


class Kinds:
    """Names kinds of things in words: ``drugclass`` is a drug class.

    :param manifest: tells the classes of things by what their IRIs begin with
    :param names: labels of classes
    """

    def __init__(self, manifest: Manifest, names: NameIndex) -> None:
        self._classes: dict[str, str] = {}
        for iri, base in sorted(manifest.kinds.items()):
            kind = base.removeprefix(ID).strip("/")
            # Of the classes whose things begin alike, the one that they are called after.
            if kind not in self._classes or iri.rpartition("#")[2].lower() == kind:
                self._classes[kind] = iri
        self._names = names

    def title(self, kind: str) -> str:
        """Give what a kind is called, "other" if a thing has none."""
        known = self._names.thing(self._classes.get(kind, ""))
        return (known[1] if known else "") or kind or "other"


def things_first(hits: Sequence[Hit]) -> list[Hit]:
    """Put the web pages that were consulted behind all else, which stays in its order."""
    return sorted(hits, key=lambda hit: hit.kind == _PAGE)


def matched(hit: Hit) -> str:
    """Say which name matched, and what it is of the thing; nothing if it is the label."""
    by = hit.by
    if by in (MatchedBy.WORDS, MatchedBy.SPELLING):
        by = kind_of_match(hit.prop)[0]
    if by is MatchedBy.LABEL and hit.matched == hit.label:
        return ""
    return f"{hit.matched}, {_WORDS.get(by, by.value)}"


def search_page(
    pages: Pages,
    kinds: Kinds,
    text: str,
    hits: Sequence[Hit],
    texts: Mapping[str, str],
    more: str | None,
) -> str:
    """Give the page of a search; threads may call this.

    :param texts: definitions by IRI
    :param more: path of the same search with more hits, if there may be any; empty if there may
        be and no more are given
    """
    groups: dict[str, list[Found]] = {}
    for hit in things_first(hits):
        shown = pages.cell(ox.NamedNode(hit.iri))
        found = Found(hit.label, shown.href, shown.text, matched(hit), texts.get(hit.iri, ""))
        groups.setdefault(kinds.title(hit.kind), []).append(found)
    return pages.render(
        "search.html",
        text=text,
        groups=groups,
        number=len(hits),
        slip=any(hit.by is MatchedBy.SPELLING for hit in hits),
        more=more,
    )


def suggestions(kinds: Kinds, text: str, hits: Sequence[Hit], base: str) -> list[object]:
    """Give hits as browsers take suggestions: the text, labels, descriptions and addresses.

    See https://github.com/dewitt/opensearch, "OpenSearch Suggestions".

    :param base: address of this server, without a slash at its end
    """
    abouts = [" · ".join(filter(None, (kinds.title(hit.kind), matched(hit)))) for hit in hits]
    paths = [local_path(hit.iri) for hit in hits]
    return [
        text,
        [hit.label for hit in hits],
        abouts,
        [
            base + (path or f"/search?{urlencode({'q': hit.iri})}")
            for path, hit in zip(paths, hits, strict=True)
        ],
    ]
