"""Details of references in one form, so that rules can compare what is written in many.

Reference lists give one paper as ``Bang YJ, … Lancet 2010; 376: 687–97`` and as ``Y.-J. Bang et
al., The Lancet 376 (9742), pp. 687-697``. What of each detail is compared:

============  ====================================================================================
author        the family name of the first author, where it may stand: before initials or a comma,
              behind initials, first or last of a full name
journal       a name of the journal in the graph, or the words, of which each may be abbreviated;
              full stops, capitals, “The” and a place in brackets don't matter
volume        what stands before an issue in brackets
issue         of its own cell, or in brackets behind the volume
first page    without “pp.”; an e-locator counts as one
last page     in full: ``687–97`` ends on 697
DOI, PMID     without resolver or prefix; capitals don't matter
============  ====================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pyoxigraph as ox

from tzgraph.audit.terms import View, solutions
from tzgraph.names.spelling import plain
from tzgraph.resources import own_query
from tzgraph.vocabulary import TZ

__all__ = ["bibliography", "details_of"]

#: Characters of the longest detail that is read.
_LONGEST = 300
_DASHES = re.compile("[\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}]")
_OTHERS = re.compile(
    r"(?:\bet\.?\s+al\b|\band (?:others|colleagues|co-?workers)\b|&).*$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*", re.UNICODE)
_INITIALS = re.compile(r"[^\W\d_]{1,3}", re.UNICODE)
#: Words of names of journals that abbreviations leave out.
_STOP = frozenset({"of", "the", "and", "for", "in", "on", "a", "an", "de", "et"})
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_VOLUME = re.compile(
    r"(?:vol(?:ume)?s?\b\.?\s*)?([^\s(),;:]+)\s*"
    r"(?:[(,;:]?\s*(?:issue|iss|no|nr)?\b\.?\s*([^\s(),;:]+)\s*\)?)?",
    re.IGNORECASE,
)
_PAGES = re.compile(r"^(?:(?:pages?|pp?|article|art)\b\.?\s*)+", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_DIGITS = re.compile(r"\d+")
#: Letters of the shortest word that may be contracted, as “Natl” is of “National”.
_CONTRACTED = 3


def details_of(given: Mapping[str, str], *, family: bool = False) -> dict[str, frozenset[str]]:
    """Give the details of a reference in the forms that count, all but the journal.

    :param given: what is written, by local name of the property
    :param family: whether the author is given by family name, without the given name

    :return: forms by local name of the property that holds them: two references agree in a detail
        where they have a form in common

    >>> details_of({"firstAuthor": "Y.-J. Bang et al."})["authorKey"]
    frozenset({'bang'})
    >>> details_of({"volume": "376 (9742)", "pages": "pp. 687-97"})["lastPage"]
    frozenset({'697'})
    """
    found: dict[str, frozenset[str]] = {}
    texts = {name: _DASHES.sub("-", text.strip())[:_LONGEST] for name, text in given.items()}
    if author := texts.get("firstAuthor"):
        found["authorKey"] = frozenset(_families(author, whole=family))
    volume, issue = _volume(texts.get("volume", ""))
    issue = _plain(texts.get("issue", "")) or issue
    first, last = _pages(texts.get("pages", ""))
    doi = _DOI.search(texts.get("doi", ""))
    pmid = _DIGITS.search(texts.get("pmid", ""))
    single = {
        "volumeKey": volume,
        "issueKey": issue,
        "firstPage": first,
        "lastPage": last,
        "doiKey": doi[0].rstrip(".,;)").lower() if doi else "",
        "pmidKey": pmid[0].lstrip("0") if pmid else "",
    }
    found |= {name: frozenset({text}) for name, text in single.items() if text}
    return {name: forms for name, forms in found.items() if forms}


def _families(author: str, *, whole: bool) -> Iterator[str]:
    """Give what the family name of the first of some authors may be.

    :param whole: whether no given name is written out
    """
    first = _OTHERS.sub("", author).rstrip(" ,;").split(";")[0]
    family, comma, _rest = first.partition(",")
    if comma and len(_WORD.findall(family)) > 1 and _is_given_first(family):
        comma = ""  # several authors, the first with initials
    words = _WORD.findall(family)
    names = [word for word in words if not _is_initials(word)]
    if not names:  # short names in capitals, of which any may be the family's
        yield from map(_joined, ([word] for word in words))
    elif whole or comma or len(names) < len(words):
        yield _joined(names)
    else:
        for size in range(1, len(words) + 1):
            yield _joined(words[:size])
            yield _joined(words[-size:])


def _is_given_first(text: str) -> bool:
    words = _WORD.findall(text)
    return _is_initials(words[-1]) or _is_initials(words[0])


def _is_initials(word: str) -> bool:
    letters = re.sub(r"[.'’-]", "", word)
    return _INITIALS.fullmatch(letters) is not None and letters.isupper()


def _joined(words: Sequence[str]) -> str:
    return re.sub(r"[^a-z]", "", plain("".join(words)))


def _plain(text: str) -> str:
    return re.sub(r"[\s.]", "", text.casefold())


def _volume(text: str) -> tuple[str, str]:
    """Give the volume, and the issue in brackets behind it."""
    found = _VOLUME.match(text)
    return (_plain(found[1]), _plain(found[2] or "")) if found else ("", "")


def _pages(text: str) -> tuple[str, str]:
    """Give the first and the last page; the last may be missing."""
    bare = _plain(_PAGES.sub("", text))
    first, _dash, last = bare.partition("-")
    if first and last and len(last) < len(first) and last.isdigit():
        last = first[: len(first) - len(last)] + last
    return first, last


# -- journals ------------------------------------------------------------------------------------


def _name(text: str) -> str:
    """Give the name of a journal without what doesn't matter in it."""
    bare = _BRACKETS.sub(" ", text) if _BRACKETS.sub("", text).strip() else text
    words = re.findall(r"[^\W_]+", plain(bare.replace("&", " and ")))
    return " ".join(w for w in words if w not in _STOP) or " ".join(words)


def _abbreviates(one: str, other: str) -> bool:
    """Whether each word of a name is that of the other, or one abbreviates the other.

    >>> _abbreviates("new engl j med", "new england journal medicine")
    True
    >>> _abbreviates("cancer cell", "cancer lett"), _abbreviates("lancet", "lancet oncol")
    (False, False)
    """
    words, others = one.split(), other.split()
    return len(words) == len(others) and all(map(_shortens, words, others))


def _shortens(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if long.startswith(short):
        return True
    letters = iter(long)
    contracted = len(short) >= _CONTRACTED and short[0] == long[0] and short[-1] == long[-1]
    return contracted and all(letter in letters for letter in short)


@dataclass
class _Journals:
    """The names of journals of the graph."""

    names: dict[str, set[str]] = field(default_factory=dict)

    def add(self, iri: str, text: str) -> None:
        self.names.setdefault(_name(text), set()).add(iri)

    def meant(self, name: str) -> set[str]:
        """Give the journals that a name may be that of."""
        if exact := self.names.get(name):
            return exact
        near = (iris for known, iris in self.names.items() if _abbreviates(name, known))
        return set().union(*near)


# -- what rules see ------------------------------------------------------------------------------


def bibliography(store: ox.Store, view: View) -> Iterator[ox.Triple]:
    """Give the details of all references and publications as triples.

    :param view: the graphs that hold them
    """
    given, published = _given(store, view)
    journals = _journals(store)
    names = {_name(texts["journal"]) for texts in given.values() if "journal" in texts}
    for node in sorted(given, key=str):
        for name, forms in details_of(given[node], family=node in published).items():
            for form in sorted(forms):
                yield ox.Triple(node, ox.NamedNode(TZ + name), ox.Literal(form))
        if "journal" in given[node]:
            yield from _journal(node, _name(given[node]["journal"]), journals, names)


def _given(
    store: ox.Store, view: View
) -> tuple[dict[ox.NamedNode, dict[str, str]], set[ox.NamedNode]]:
    """What references and publications give, by local name, and which are publications."""
    given: dict[ox.NamedNode, dict[str, str]] = {}
    published: set[ox.NamedNode] = set()
    for row in solutions(store, own_query("audit", "references"), view):
        node, link, value = row["reference"], row["property"], row["value"]
        if isinstance(node, ox.NamedNode) and isinstance(link, ox.NamedNode):
            text = value.value if isinstance(value, ox.Literal) else ""
            given.setdefault(node, {})[link.value.removeprefix(TZ)] = text
            if row["published"] == ox.Literal(True):
                published.add(node)
    return given, published


def _journals(store: ox.Store) -> _Journals:
    journals = _Journals()
    for row in solutions(store, own_query("audit", "journals")):
        node, name = row["journal"], row["name"]
        if isinstance(node, ox.NamedNode) and isinstance(name, ox.Literal):
            journals.add(node.value, name.value)
    return journals


def _journal(
    node: ox.NamedNode, name: str, journals: _Journals, names: set[str]
) -> Iterator[ox.Triple]:
    """Give the journals that a name means, or else all names that it may abbreviate."""
    if meant := journals.meant(name):
        for iri in sorted(meant):
            yield ox.Triple(node, ox.NamedNode(TZ + "inJournal"), ox.NamedNode(iri))
        return
    for other in sorted(names):
        if _abbreviates(name, other):
            yield ox.Triple(node, ox.NamedNode(TZ + "plainName"), ox.Literal(other))
