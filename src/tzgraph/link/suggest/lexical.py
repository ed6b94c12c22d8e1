"""Candidates by names: labels and synonyms of terms against those of our things."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tzgraph.link.graph.things import Thing, name_groups
from tzgraph.link.names.matching import LIGHTER, Aliases, Key, is_acronym, is_symbol, keys
from tzgraph.link.ontology.kinds import EntityKind
from tzgraph.link.ontology.model import OntologyTerm
from tzgraph.link.suggest.model import Evidence, Justification
from tzgraph.names.folding import fold

__all__ = ["Lexicon", "TermName", "term_names"]

#: How likely a link is right if these names are the same: ours, and the term's. Of synonyms
#: without a scope nobody said that they mean the same, but most do.
_WEIGHTS = {
    "label": {"label": 0.98, "exact": 0.93, "unscoped": 0.9, "related": 0.72, "other": 0.75},
    "name": {"label": 0.9, "exact": 0.8, "unscoped": 0.77, "related": 0.55, "other": 0.55},
    "gene’s symbol": {"label": 0.92, "exact": 0.85, "unscoped": 0.8, "related": 0.6, "other": 0.5},
}
#: What follows if our name is a synonym of this scope. A narrow synonym means less than its term.
_PREDICATES = {
    "broad": "skos:narrowMatch",
    "narrow": "skos:broadMatch",
    "related": "skos:closeMatch",
}
_GRADES = ("adenocarcinoma", "carcinoma", "cancer", "neoplasm")
_UNIPROT = re.compile(r", EC \d|\[(?:Includes|Cleaved into):")
#: What an acronym is worth as a second name, by kind: codes of drugs are rarely used twice.
_ACRONYM = {EntityKind.DRUG: 0.85, EntityKind.GENE: 0.78, EntityKind.PROTEIN: 0.78}


@dataclass(frozen=True, slots=True)
class _Entry:
    thing: Thing
    name: str
    role: str
    key: Key


@dataclass(frozen=True, slots=True)
class TermName:
    """A name of a term: ``label`` or the scope of the synonym, and the keys of the name."""

    text: str
    scope: str
    keys: Mapping[str, Key]


class Lexicon:
    """The names of things, to be looked up with names of terms.

    :param things: what links may be suggested for
    :param known: all things, from which the names of molecules are taken
    """

    def __init__(self, things: Sequence[Thing], known: Sequence[Thing]) -> None:
        self.aliases = Aliases.of(name_groups(known))
        self._entries: dict[str, list[_Entry]] = {}
        #: Words of our names: a name without any of them can't match, and needs no second look.
        self._words: set[str] = set()
        for thing in things:
            roles = dict.fromkeys(thing.names[:1], "label")
            roles |= dict.fromkeys(thing.names[1:], "name")
            if thing.symbol and roles.get(thing.symbol) != "label":
                roles[thing.symbol] = "gene’s symbol"
            for name, role in roles.items():
                self._words.update(fold(name))
                for key in keys(name, thing.kind, self.aliases).values():
                    entry = _Entry(thing, name, role, key)
                    self._entries.setdefault(key.text, []).append(entry)
        self._words.update(self._entries)
        self._words.update(self.aliases.starts)

    def names(self, term: OntologyTerm) -> list[TermName]:
        """Give the names of a term that may match, with their keys."""
        return [
            TermName(text, scope, keys(text, None, self.aliases))
            for text, scope in term_names(term)
            if not self._words.isdisjoint(fold(text))
        ]

    def matches(
        self, names: Sequence[TermName], label: str, *, scoped: bool = True
    ) -> Iterator[tuple[Thing, Evidence]]:
        """Give the things that share a name with a term, with the reason; the best of each name.

        :param names: what :meth:`names` gave
        :param label: the label of the term
        :param scoped: whether the file says of synonyms how they compare with their terms
        """
        best: dict[tuple[str, str], tuple[Thing, Evidence]] = {}
        for name in names:
            scope = name.scope if scoped or name.scope != "related" else "unscoped"
            text = name.text
            for key in name.keys.values():
                for entry in self._entries.get(key.text, ()):
                    if LIGHTER in key.how and _is_bound(entry.thing):
                        continue
                    evidence = _evidence(entry, text, scope, key, label)
                    at = (entry.thing.iri, entry.name)
                    if at not in best or best[at][1].weight < evidence.weight:
                        best[at] = (entry.thing, evidence)
        yield from best.values()


def _is_bound(thing: Thing) -> bool:
    """Whether a receptor of a thing's name is another thing, which it binds to."""
    kinds = (EntityKind.GENE, EntityKind.PROTEIN)
    return thing.kind in kinds and not any("receptor" in fold(name) for name in thing.names)


def term_names(term: OntologyTerm) -> Iterator[tuple[str, str]]:
    """Give the names of a term, each with ``label`` or the scope of the synonym.

    Old labels of obsolete terms are given without the word that says so.
    """
    seen = set()
    for label in (term.label, *term.labels):
        for text in _parts(
            label.removeprefix("obsolete ").removeprefix("obsolete_").strip(), term.iri
        ):
            if text and text not in seen:
                seen.add(text)
                yield text, "label"
    for synonym in term.synonyms:
        if synonym.text and synonym.text not in seen and synonym.language in ("", "en"):
            seen.add(synonym.text)
            yield synonym.text, synonym.scope.value


def _parts(label: str, iri: str) -> list[str]:
    """Take apart names of proteins as UniProt writes them: names, EC number, parts in brackets."""
    if not _UNIPROT.search(label) and "/uniprot/" not in iri:
        return [label]
    whole = re.sub(r" \([^()]*\)", "", label.partition(" [")[0])
    names = [p.strip() for p in whole.split(", ") if not p.strip().startswith("EC ")]
    return [label, *names]


def _evidence(entry: _Entry, text: str, scope: str, key: Key, label: str) -> Evidence:
    """Weigh a shared key."""
    weights = _WEIGHTS[entry.role]
    weight = weights.get(scope, weights["other"]) * entry.key.weight * key.weight
    how = [h for h in dict.fromkeys((entry.key.how, key.how)) if h]
    penalty, why = _doubt(entry, text, scope, label)
    if why:
        how.append(why)
    predicate = _PREDICATES.get(scope, "skos:exactMatch")
    if predicate == "skos:exactMatch":
        predicate = _affix_predicate(entry.key, key)
    theirs = "label" if scope == "label" else f"{scope} synonym"
    told = f" ({'; '.join(how)})" if how else ""
    return Evidence(
        Justification.LEXICAL,
        weight * penalty,
        f"our {entry.role} “{entry.name}” is the {theirs} “{text}”{told}",
        predicate,
        key.text,
        entry.name,
    )


def _doubt(entry: _Entry, text: str, scope: str, label: str) -> tuple[float, str]:
    """Say what a match of names is worth less, and why."""
    kind = entry.thing.kind
    if kind is EntityKind.GENE and is_symbol(entry.name) and text != entry.name and text.istitle():
        return 0.8, "written as genes of other species are"
    if is_acronym(entry.name) and entry.role != "gene’s symbol":
        if entry.role == "name":
            return _ACRONYM.get(kind, 0.7), "an acronym may stand for many things"
        if scope != "label":
            return 0.9, "an acronym may stand for many things"
    if kind is EntityKind.DISEASE and scope != "label":
        ours, theirs = _grade(entry.thing.label), _grade(label)
        if ours and theirs and ours != theirs:
            return 0.88, f"one is a {ours}, the other a {theirs}"
    return 1.0, ""


def _grade(label: str) -> str:
    """Tell how far a name of a tumour says what it is: a carcinoma is a cancer of some kind."""
    tokens = set(fold(label))
    if "malignant" in tokens and tokens & {"neoplasm", "tumor"}:
        return "cancer"
    return next(
        (w for w in ("adenocarcinoma", "carcinoma", "cancer", "neoplasm") if w in tokens), ""
    )


def _affix_predicate(ours: Key, theirs: Key) -> str:
    """A salt is narrower than what it is a salt of."""
    salt = ["salt" in ours.how, "salt" in theirs.how]
    if salt == [False, True]:
        return "skos:narrowMatch"
    if salt == [True, False]:
        return "skos:broadMatch"
    return "skos:exactMatch"
