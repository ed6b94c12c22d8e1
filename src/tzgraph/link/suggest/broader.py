"""Broader terms for things that have no term of their own.

A term that is right for what a thing is a kind of holds the thing too: that is logic. A name less
its first words ("HER2-positive gastric carcinoma" less "HER2-positive") names something broader in
English, for kinds of things whose names work that way: that is a guess, and scored as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tzgraph.link.identifiers import curie_of, prefix_of
from tzgraph.link.judge import Judge, Place
from tzgraph.link.kinds import Kind, head_kind
from tzgraph.link.names import Aliases, fold, keys
from tzgraph.link.suggest.choose import EXACT, Scored
from tzgraph.link.suggest.lexical import TermName
from tzgraph.link.suggest.model import Candidate, Evidence, Justification
from tzgraph.link.things import Thing

__all__ = ["Heads", "broader_candidates"]

_BROAD = "skos:broadMatch"
#: From here on an exact candidate is good enough to make a broader one needless.
_ENOUGH = 0.7
#: Kinds whose names put what sets them apart before the word for the broader thing.
_HEADED = frozenset({Kind.DISEASE, Kind.CELL, Kind.ASSAY, Kind.DRUG})
#: Words for a whole kind, which say too little to be linked to.
_BARE = frozenset(
    {"agent", "antibody", "assay", "cancer", "carcinoma", "cell", "condition", "diseas"}
    | {"disorder", "drug", "inhibitor", "metastas", "neoplasm", "procedur", "syndrom", "test"}
    | {"tumor"}
)
#: Words that join things; "PD-1 or PD-L1 inhibitors" are more than PD-L1 inhibitors.
_JOINING = frozenset(
    {"and", "or", "and/or", "plus", "versus", "with", "without", "to", "of", "for"}
)


class Heads:
    """Terms that are named as our things are, less the first words.

    :param things: our things
    :param aliases: names that mean one thing inside longer names
    """

    def __init__(self, things: Sequence[Thing], aliases: Aliases) -> None:
        self._wanted: dict[str, list[tuple[Thing, str, int]]] = defaultdict(list)
        for thing in things:
            if thing.kind is Kind.SEQUENCE:
                for key in keys(thing.class_label, thing.kind).values():
                    self._wanted[key.text].append((thing, thing.class_label, 0))
            for name in thing.names if thing.kind in _HEADED else ():
                words = name.split()
                for cut in range(1, len(words)):
                    if words[cut - 1] in _JOINING or words[cut] in _JOINING:
                        break  # what stands before it is not said of what stands behind it
                    head = " ".join(words[cut:])
                    tokens = fold(head)
                    vague = _BARE.issuperset(tokens) or (
                        thing.kind is Kind.DRUG and len(tokens) < 2
                    )
                    if vague or head_kind(head) is not thing.kind:
                        continue
                    for key in keys(head, thing.kind, aliases).values():
                        if key.weight >= 0.95:
                            self._wanted[key.text].append((thing, head, cut))
        self._found: dict[str, dict[str, tuple[int, str, Place]]] = defaultdict(dict)

    def see(self, place: Place, names: Sequence[TermName], judge: Judge) -> None:
        """Note a term, if it is named as one of our things less its first words."""
        for name in names:
            if name.scope in ("label", "exact"):
                for key in name.keys:
                    for thing, head, cut in self._wanted.get(key, ()):
                        self._keep(thing, head, cut, place, judge)

    def _keep(self, thing: Thing, head: str, cut: int, place: Place, judge: Judge) -> None:
        prefix = prefix_of(place.curie)
        best = self._found[thing.iri].get(prefix)
        rank = (cut, place.curie)
        if (best is None or rank < (best[0], best[2].curie)) and judge.factor(thing, place) == 1:
            self._found[thing.iri][prefix] = (cut, head, place)

    def of(self, thing: Thing) -> Mapping[str, tuple[int, str, Place]]:
        """Give, by vocabulary, how many words were left out, the rest, and the term named so."""
        return self._found.get(thing.iri, {})


def broader_candidates(
    things: Sequence[Thing], scored: Sequence[Scored], heads: Heads, judge: Judge, *, linked: bool
) -> list[Scored]:
    """Give broader terms, in vocabularies where a thing has no exact candidate.

    :param scored: the candidates so far
    :param linked: whether links that things have count for nothing, as in an evaluation
    """
    exact: dict[tuple[str, str], Scored] = {}
    have: set[tuple[str, str]] = set()
    for one in scored:
        prefix = prefix_of(one.candidate.object_id)
        at = (one.candidate.thing, prefix)
        if one.predicate == EXACT and (at not in exact or exact[at].score < one.score):
            exact[at] = one
        if one.score >= _ENOUGH:
            have.add(at)
    if not linked:
        have |= {(t.iri, prefix_of(curie_of(k.target))) for t in things for k in t.links}
    by_iri = {thing.iri: thing for thing in things}
    found = []
    for thing in things:
        options: dict[str, Candidate] = {}
        for prefix, candidate in _by_name(thing, heads):
            options[prefix] = candidate
        for prefix, candidate in _by_logic(thing, by_iri, exact, judge):
            options[prefix] = candidate
        for prefix, candidate in options.items():
            if (thing.iri, prefix) not in have:
                score = candidate.evidence[0].weight
                found.append(Scored(candidate, score, _BROAD, ()))
    return found


def _by_logic(
    thing: Thing,
    by_iri: Mapping[str, Thing],
    exact: Mapping[tuple[str, str], Scored],
    judge: Judge,
) -> Iterator[tuple[str, Candidate]]:
    """Give the terms of the nearest things above, by vocabulary."""
    seen = {thing.iri}
    level = list(thing.broader)
    told: set[str] = set()
    while level:
        here = [by_iri[iri] for iri in dict.fromkeys(level) if iri in by_iri and iri not in seen]
        seen.update(t.iri for t in here)
        answers: dict[str, Candidate] = {}
        for above in here:
            for link in above.links:
                place = judge.place(link.target) if link.predicate == EXACT else None
                if place is not None and not judge.is_obsolete(place.term.iri):
                    weight, text = 0.92, f"ours is a kind of {above.curie}, which is {place.curie}"
                    answers.setdefault(
                        prefix_of(place.curie), _candidate(thing, place, weight, text)
                    )
            for (iri, prefix), one in exact.items():
                if iri == above.iri and one.score >= _ENOUGH and prefix not in answers:
                    place = judge.place(one.candidate.object_iri)
                    if place is not None:
                        text = f"ours is a kind of {above.curie}, for which {place.curie} is found"
                        answers[prefix] = _candidate(thing, place, 0.96 * one.score, text)
        for prefix, candidate in answers.items():
            if prefix not in told:
                told.add(prefix)
                yield prefix, candidate
        level = [iri for above in here for iri in above.broader]


def _by_name(thing: Thing, heads: Heads) -> Iterator[tuple[str, Candidate]]:
    for prefix, (cut, head, place) in heads.of(thing).items():
        less = "word" if cut == 1 else f"{cut} words"
        text = (
            f"our name less its first {less} is “{head}”" if cut else f"ours is of class “{head}”"
        )
        weight = 0.8 - 0.03 * cut
        yield prefix, _candidate(thing, place, weight, text, Justification.LEXICAL)


def _candidate(
    thing: Thing,
    place: Place,
    weight: float,
    text: str,
    justification: Justification = Justification.LOGIC,
) -> Candidate:
    derived = () if justification is Justification.LEXICAL else (place.curie,)
    evidence = Evidence(justification, weight, text, _BROAD, derived_from=derived)
    return Candidate(
        thing.iri, place.term.iri, place.curie, place.term.label, thing.kind, 1.0, (evidence,), (),
        place.ontology.iri, place.ontology.version or place.ontology.version_iri,
    )  # fmt: skip
