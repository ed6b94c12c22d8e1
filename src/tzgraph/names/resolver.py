"""One resolver of names: what people write to what it names in a release."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice, product

from tzgraph.curies import Curies, IriError
from tzgraph.names.folding import fold
from tzgraph.names.index import (
    LABELS,
    LINKS,
    LONGEST_NAME,
    SLUG,
    Name,
    NameIndex,
    key_of,
    slug_of,
)
from tzgraph.vocabulary import ID

__all__ = ["MOST_HITS", "Hit", "MatchedBy", "NameResolver", "best", "kind_of_match"]

#: Hits that can be asked for.
MOST_HITS = 100
#: Ways to correct slips that are tried.
_MOST_TRIED = 500
#: Words of the longest name in which slips are looked for, and how many of them may have one.
_MOST_WORDS, _MOST_SLIPS = 6, 2
_LOCAL = re.compile(r"[a-z][a-z0-9-]*/[^\s/?#<>\"{}|\\^`]+")
#: What stands between two names of one thing: ``HER2/neu``, ``trastuzumab (Herceptin)``.
_BETWEEN = re.compile(r"[/()\[\]]")


#: Where the words of a local name part: ``lineOfTherapy``, ``line-of-therapy``.
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|[_-]")


class MatchedBy(StrEnum):
    """What of a thing a text is."""

    IRI = "iri"
    LABEL = "label"
    IDENTIFIER = "identifier"
    SYNONYM = "synonym"
    ID = "id"
    SAME = "same elsewhere"
    LIKE = "like it elsewhere"
    WORDS = "words"
    SPELLING = "spelling"

    @property
    def names(self) -> bool:
        """Whether the text names the thing, and is not merely near to it."""
        return self not in (MatchedBy.LIKE, MatchedBy.WORDS, MatchedBy.SPELLING)


#: How good a match is, up to 1; less where the text is written in another way.
_SCORES = {
    MatchedBy.IRI: 1.0,
    MatchedBy.LABEL: 1.0,
    MatchedBy.IDENTIFIER: 0.98,
    MatchedBy.SYNONYM: 0.96,
    MatchedBy.SAME: 0.92,
    MatchedBy.ID: 0.9,
    MatchedBy.LIKE: 0.6,
    MatchedBy.WORDS: 0.5,
    MatchedBy.SPELLING: 0.5,
}
_OTHERWISE_WRITTEN = 0.05
_SAME = LINKS[:2]


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found.

    :ivar label: the label, the IRI if there is none
    :ivar kind: what it is, in a word, such as ``drug``
    :ivar matched: the name, identifier or link by which it was found
    :ivar by: what that is of the thing
    :ivar score: how good the match is, up to 1
    :ivar prop: the property whose value matched, empty for the IRI or its end
    :ivar value: that value as in N-Triples, empty likewise
    """

    iri: str
    label: str
    kind: str
    matched: str
    by: MatchedBy
    score: float
    prop: str = ""
    value: str = ""

    def as_dict(self) -> dict[str, str | float]:
        """The hit for JSON and tables."""
        return {
            "iri": self.iri,
            "label": self.label,
            "kind": self.kind,
            "matched": self.matched,
            "by": self.by.value,
            "score": round(self.score, 3),
        }


class NameResolver:
    """Finds things by any of their names; threads and forks may share one.

    :param index: the index of names of a release
    :param curies: reads CURIEs with the prefixes of the release
    :param updated: whether updates changed the release, so that what the index says has to be held
        against its state, as :mod:`tzgraph.names.lookup` does
    """

    def __init__(self, index: NameIndex, curies: Curies, *, updated: bool = False) -> None:
        self.index = index
        self.curies = curies
        self.updated = updated

    def of_state(self, *, updated: bool) -> NameResolver:
        """Give a resolver with the same index, of another state of the release."""
        return NameResolver(self.index, self.curies, updated=updated)

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """Give what a text may mean, the best first.

        Things that it names come first, then those in whose names all its words are (the last may
        be begun only). If there are none, those that it names but for a slip of the hand.

        :param text: of which the first :data:`~tzgraph.names.index.LONGEST_NAME` characters count
        :param limit: how many, up to :data:`MOST_HITS`
        """
        limit = min(limit, MOST_HITS)
        found = self.named(text)
        if len(found) < limit:
            found = best([*found, *self._with_words(text, limit + len(found))])
        return (found or self.near(text))[:limit]

    def named(self, text: str) -> list[Hit]:
        """Give the things that a text names, or whose link elsewhere it is, the best first.

        Where it is two names, such as ``HER2/neu``, both have to name the thing.
        """
        text = text.strip()[:LONGEST_NAME]
        found = [*self._by_iri(text), *self._by_keys(text)]
        if not found and len(parts := [p for p in _BETWEEN.split(text) if p.strip()]) > 1:
            found = self._by_all(text, parts)
        return best(found)

    def near(self, text: str) -> list[Hit]:
        """Give the things whose label or synonym a text is but for a slip of the hand."""
        text = text.strip()[:LONGEST_NAME]
        words = fold(text)
        if not 0 < len(words) <= _MOST_WORDS or any("α" <= c <= "ω" for c in text.casefold()):
            return []
        choices = [[word, *self._meant(word)] for word in words]
        found = []
        for meant in islice(product(*choices), _MOST_TRIED):
            slips = sum(map(str.__ne__, meant, words))
            if 0 < slips <= _MOST_SLIPS:
                names = self.index.names("".join(meant))
                found += [self._hit(n, MatchedBy.SPELLING) for n in names if n.prop in LABELS]
        return best(found)

    def _meant(self, word: str) -> list[str]:
        """Give the word that one that is in no name may be, if it may be one only."""
        found = [] if self.index.keys_with(word) else self.index.slips(word)
        return found if len(found) == 1 else []

    def near_iri(self, iri: str) -> list[Hit]:
        """Give things with a label or synonym like the end of an IRI that is nowhere."""
        words = _WORDS.sub(" ", slug_of(iri)[:LONGEST_NAME])
        named = [hit for hit in self.named(words) if hit.prop in LABELS]
        return named or self.near(words)

    def _by_iri(self, text: str) -> Iterator[Hit]:
        """Give the thing whose IRI, CURIE or path a text is."""
        iri = ID + text if _LOCAL.fullmatch(text) else ""
        if not iri:
            try:
                iri = self.curies.iri(text)
            except IriError:
                return
        known = next((one for one in (iri, iri.lower()) if self.index.thing(one)), None)
        if known == iri or (known and known.startswith(ID)):
            yield self._hit(Name(SLUG, text, known), MatchedBy.IRI)

    def _by_keys(self, text: str) -> Iterator[Hit]:
        """Give the things with a name that has the key of a text, or of the CURIE that it is."""
        address = text.strip("<>") if "://" in text and len(text.split()) == 1 else ""
        keys = {key_of(text), self._key_of_curie(text), address} - {""}
        for name in (name for key in sorted(keys) for name in self.index.names(key)):
            by = _kind_of(name.prop)
            # The end of an IRI is a name only as it is written.
            if by is not MatchedBy.ID or name.value == text:
                less = 0.0 if name.text == text else _OTHERWISE_WRITTEN
                yield self._hit(name, by, less)

    def _key_of_curie(self, text: str) -> str:
        """Give the key of the CURIE that a text is, or that stands for the address that it is."""
        if text.startswith(("http://", "https://", "<")):
            curie = self.curies.compress(text.strip("<>"))
        else:
            curie = None if " " in text else self.curies.normalise(text)
        return key_of(curie) if curie else ""

    def _by_all(self, text: str, parts: list[str]) -> list[Hit]:
        """Give the things that each of several names names."""
        each = [{hit.iri: hit for hit in self._by_keys(p.strip()) if hit.by.names} for p in parts]
        common = set.intersection(*map(set, each))
        return [
            replace(hit, matched=text, score=hit.score - _OTHERWISE_WRITTEN)
            for iri, hit in each[0].items()
            if iri in common
        ]

    def _with_words(self, text: str, limit: int) -> Iterator[Hit]:
        """Give the things in whose names all words of a text are, by the shortest names first."""
        size = len(key_of(text.strip()))
        found: set[str] = set()
        for key in sorted(self.index.keys_with_all(text), key=lambda key: (len(key), key)):
            for name in self.index.names(key):
                if name.prop in LABELS:
                    found.add(name.iri)
                    yield self._hit(name, MatchedBy.WORDS, 0.4 * (1 - size / max(len(key), size)))
            if len(found) >= limit:
                return

    def _hit(self, name: Name, by: MatchedBy, less: float = 0.0) -> Hit:
        kind, label = self.index.thing(name.iri) or ("", "")
        value = name.value if name.prop else ""
        text = name.text
        if name.prop in LINKS:
            text = self.curies.compact(text).strip("<>")
        return Hit(
            *(name.iri, label or name.iri, kind, text, by, _SCORES[by] - less),
            *(name.prop, value),
        )


def kind_of_match(prop: str) -> tuple[MatchedBy, float]:
    """Give what the value of a property is of a thing, and how good a match by it is."""
    by = _kind_of(prop)
    return by, _SCORES[by]


def _kind_of(prop: str) -> MatchedBy:
    if prop == SLUG:
        return MatchedBy.ID
    if prop in LABELS:
        return MatchedBy.LABEL if prop in LABELS[:2] else MatchedBy.SYNONYM
    if prop in LINKS:
        return MatchedBy.SAME if prop in _SAME else MatchedBy.LIKE
    return MatchedBy.IDENTIFIER


def best(hits: Iterable[Hit]) -> list[Hit]:
    """Give the best hit of each thing, the best first."""
    found: dict[str, Hit] = {}
    for hit in hits:
        if hit.iri not in found or hit.score > found[hit.iri].score:
            found[hit.iri] = hit
    return sorted(found.values(), key=lambda h: (-h.score, len(h.matched), h.label, h.iri))
