"""Candidates by names: labels and synonyms of terms against those of our things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tzgraph.link.kinds import Kind
from tzgraph.link.model import Scope, Term
from tzgraph.link.names import Aliases, Key, is_acronym, is_symbol, keys
from tzgraph.link.suggest.model import Evidence, Justification
from tzgraph.link.things import Thing, name_groups

__all__ = ["Lexicon", "term_names"]

#: How likely a link is right if these names are the same: ours (label or not), and the term's.
_WEIGHTS = {
    (True, "label"): 0.98,
    (True, "exact"): 0.93,
    (True, "broad"): 0.75,
    (True, "narrow"): 0.75,
    (True, "related"): 0.72,
    (False, "label"): 0.9,
    (False, "exact"): 0.8,
    (False, "broad"): 0.55,
    (False, "narrow"): 0.55,
    (False, "related"): 0.55,
}
#: What follows if our name is a synonym of this scope. A narrow synonym means less than its term.
_PREDICATES = {
    "broad": "skos:narrowMatch",
    "narrow": "skos:broadMatch",
    "related": "skos:closeMatch",
}
#: What an acronym is worth as a second name, by kind: codes of drugs are rarely used twice.
_ACRONYM = {Kind.DRUG: 0.85, Kind.GENE: 0.78, Kind.PROTEIN: 0.78}


@dataclass(frozen=True, slots=True)
class _Entry:
    thing: Thing
    name: str
    main: bool
    key: Key


class Lexicon:
    """The names of things, to be looked up with names of terms.

    :param things: what links may be suggested for
    :param known: all things, from which the names of molecules are taken
    """

    def __init__(self, things: Sequence[Thing], known: Sequence[Thing]) -> None:
        self.aliases = Aliases.of(name_groups(known))
        self._entries: dict[str, list[_Entry]] = {}
        for thing in things:
            for at, name in enumerate(thing.names):
                for key in keys(name, thing.kind, self.aliases).values():
                    entry = _Entry(thing, name, at == 0, key)
                    self._entries.setdefault(key.text, []).append(entry)

    def matches(self, term: Term) -> Iterator[tuple[Thing, Evidence]]:
        """Give the things that share a name with a term, with the reason; the best of each name."""
        best: dict[tuple[str, str], tuple[Thing, Evidence]] = {}
        for text, scope in term_names(term):
            for key in keys(text, None, self.aliases).values():
                for entry in self._entries.get(key.text, ()):
                    evidence = _evidence(entry, text, scope, key)
                    at = (entry.thing.iri, entry.name)
                    if at not in best or best[at][1].weight < evidence.weight:
                        best[at] = (entry.thing, evidence)
        yield from best.values()


def term_names(term: Term) -> Iterator[tuple[str, str]]:
    """Give the names of a term, each with ``label`` or the scope of the synonym.

    Old labels of obsolete terms are given without the word that says so.
    """
    seen = set()
    for label in (term.label, *term.labels):
        text = label.removeprefix("obsolete ").removeprefix("obsolete_").strip()
        if text and text not in seen:
            seen.add(text)
            yield text, "label"
    for synonym in term.synonyms:
        if synonym.text and synonym.text not in seen and synonym.language in ("", "en"):
            seen.add(synonym.text)
            yield synonym.text, synonym.scope.value


def _evidence(entry: _Entry, text: str, scope: str, key: Key) -> Evidence:
    """Weigh a shared key."""
    kind = entry.thing.kind
    weight = _WEIGHTS[entry.main, scope] * entry.key.weight * key.weight
    how = [h for h in dict.fromkeys((entry.key.how, key.how)) if h]
    if is_acronym(entry.name):
        if not entry.main:
            weight *= _ACRONYM.get(kind, 0.7)
            how.append("an acronym may stand for many things")
        elif scope != Scope.EXACT.value and scope != "label":
            weight *= 0.8
    if kind is Kind.GENE and is_symbol(entry.name) and text != entry.name and text.istitle():
        weight *= 0.8
        how.append("written as genes of other species are")
    predicate = _PREDICATES.get(scope, "skos:exactMatch")
    if predicate == "skos:exactMatch":
        predicate = _affix_predicate(entry.key, key)
    ours = "label" if entry.main else "name"
    theirs = "label" if scope == "label" else f"{scope} synonym"
    told = f" ({'; '.join(how)})" if how else ""
    return Evidence(
        Justification.LEXICAL,
        weight,
        f"our {ours} “{entry.name}” is the {theirs} “{text}”{told}",
        predicate,
        key.text,
        entry.name,
    )


def _affix_predicate(ours: Key, theirs: Key) -> str:
    """A salt is narrower than what it is a salt of."""
    salt = ["salt" in ours.how, "salt" in theirs.how]
    if salt == [False, True]:
        return "skos:narrowMatch"
    if salt == [True, False]:
        return "skos:broadMatch"
    return "skos:exactMatch"
