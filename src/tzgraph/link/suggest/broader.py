"""Broader terms for things that have no term of their own.

A term that is right for what a thing is a kind of holds the thing too: that is logic. A name less
its first words ("HER2-positive gastric carcinoma" less "HER2-positive") names something broader in
English, for kinds of things whose names work that way: that is a guess, and scored as one. A cancer
is a neoplasm, also where a vocabulary has none but these.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tzgraph.link.graph.judge import Judge, Place
from tzgraph.link.graph.things import Thing
from tzgraph.link.identifiers.normal_form import curie_of, prefix_of
from tzgraph.link.names.matching import Aliases, keys
from tzgraph.link.ontology.kinds import EntityKind, head_kind
from tzgraph.link.suggest.choose import EXACT, Scored
from tzgraph.link.suggest.lexical import TermName
from tzgraph.link.suggest.model import Candidate, Evidence, Justification
from tzgraph.names.folding import fold

__all__ = ["Heads", "broader_candidates"]

_BROAD = "skos:broadMatch"
#: From here on an exact candidate is good enough to make a broader one needless.
_ENOUGH = 0.7
#: Kinds whose names put what sets them apart before the word for the broader thing.
_HEADED = frozenset({EntityKind.DISEASE, EntityKind.CELL, EntityKind.ASSAY, EntityKind.DRUG})
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
#: Words that make of a name one for something else.
_TURNING = frozenset({"non", "not", "no", "anti", "pseudo", "pre"})
#: So do these, where a place follows: what is "metastatic in the brain" is no cancer of the brain.
_SPREAD = frozenset({"metastatic", "secondary"})
_PLACED = frozenset({"in", "of", "to"})
#: Words before the name of a disease that are sure to tell only which patients are meant.
_STAGE = re.compile(
    r"advanced|early|locally|metastatic|recurrent|refractory|unresectable|.+-mutated"
    r"|.+[+]|.+-(?:positive|negative)",
    re.IGNORECASE,
)
#: What says more of what stands before it.
_TAIL = re.compile(r"\s(?:of|in|with|for|against)\s")
_SYNTHASE = re.compile(r"(.+) synthase inhibitors?", re.IGNORECASE)
#: What each kind of tumour is a kind of; the last words mean the same.
_TUMOURS = (("adenocarcinoma",), ("carcinoma",), ("cancer",), ("neoplasm", "tumor"))
#: Words of terms for what has no term of its own, which hold nothing that has one.
_REST = frozenset({"nos", "other", "unspecified"})


class _Cut(NamedTuple):
    """What was done to a name to get that of something broader; the least is the nearest.

    ``words`` were left out, of which ``guessed`` may have told more than which patients are meant,
    and the kind of tumour was made wider by ``steps``.
    """

    words: int = 0
    steps: int = 0
    guessed: int = 0

    @property
    def sure(self) -> bool:
        """Whether the name is that of a wider kind of the same tumour, and nothing else."""
        return self.steps > 0 and self.words == 0

    @property
    def weight(self) -> float:
        """How likely the link is right."""
        if self.words == 0 and self.steps == 0:  # of the class
            return 0.8
        return (0.8 if self.guessed else 0.88) - 0.03 * self.guessed - 0.02 * self.steps


class Heads:
    """Terms that are named as our things are, less the first words.

    :param things: our things
    :param aliases: names that mean one thing inside longer names
    """

    def __init__(self, things: Sequence[Thing], aliases: Aliases) -> None:
        self._wanted: dict[str, list[tuple[Thing, str, _Cut]]] = defaultdict(list)
        for thing in things:
            for head, cut in _heads(thing):
                for key in keys(head, thing.kind, aliases).values():
                    if key.weight >= 0.95 or thing.kind is EntityKind.SEQUENCE:
                        self._wanted[key.text].append((thing, head, cut))
        self._found: dict[str, dict[str, tuple[_Cut, str, Place]]] = defaultdict(dict)

    def see(self, place: Place, names: Sequence[TermName], judge: Judge) -> None:
        """Note a term, if it is named as one of our things less its first words."""
        for name in names:
            if name.scope not in ("label", "exact") or _REST.intersection(fold(name.text)):
                continue
            for key in name.keys:
                for thing, head, cut in self._wanted.get(key, ()):
                    # Of synonyms, "brain neoplasm" is one of brain cancer.
                    if not cut.steps or name.text == place.term.label:
                        self._keep(thing, head, cut, place, judge)

    def _keep(self, thing: Thing, head: str, cut: _Cut, place: Place, judge: Judge) -> None:
        prefix = prefix_of(place.curie)
        best = self._found[thing.iri].get(prefix)
        rank = (cut, place.curie)
        if (best is None or rank < (best[0], best[2].curie)) and judge.factor(thing, place) == 1:
            self._found[thing.iri][prefix] = (cut, head, place)

    def of(self, thing: Thing) -> Mapping[str, tuple[_Cut, str, Place]]:
        """Give, by vocabulary, what was left out or made wider, the rest, and the term named so."""
        return self._found.get(thing.iri, {})


def _heads(thing: Thing) -> Iterator[tuple[str, _Cut]]:
    """Give the names of what a thing is a kind of, as its own names tell."""
    if thing.kind is EntityKind.SEQUENCE:
        yield thing.class_label, _Cut()
    for name in thing.names if thing.kind in _HEADED else ():
        words = name.split()
        guessed = 0
        for cut in range(len(words)):
            if cut and _parted(words[cut - 1], words[cut:]):
                break  # what stands before it is not said of what stands behind it
            if cut and (
                thing.kind is not EntityKind.DISEASE or not _STAGE.fullmatch(words[cut - 1])
            ):
                guessed += 1
            head = " ".join(words[cut:])
            for steps, wider in _wider(head, thing.kind):
                yield wider, _Cut(cut, steps, guessed)
            if cut and _says_enough(head, thing.kind):
                yield head, _Cut(cut, 0, guessed)
        before = _TAIL.split(name, maxsplit=1)[0]
        left_out = len(words) - len(before.split())
        if left_out and " " in before and _says_enough(before, thing.kind):
            yield before, _Cut(left_out, 0, 1)


def _says_enough(head: str, kind: EntityKind) -> bool:
    """Whether a part of a name is one of the same kind, and of more than a whole kind."""
    tokens = fold(head)
    vague = _BARE.issuperset(tokens) or (kind is EntityKind.DRUG and len(tokens) < 2)
    return not vague and head_kind(head) is kind


def _parted(word: str, rest: Sequence[str]) -> bool:
    """Whether the rest of a name, less this word, isn't what the name is a kind of."""
    return (
        word in _JOINING | _TURNING
        or rest[0] in _JOINING
        or (word in _SPREAD and not _PLACED.isdisjoint(rest))
    )


def _wider(name: str, kind: EntityKind) -> Iterator[tuple[int, str]]:
    """Give names of wider kinds of what has a name, and how many steps up they are.

    >>> list(_wider("gastric carcinoma", EntityKind.DISEASE))
    [(1, 'gastric cancer'), (2, 'gastric neoplasm'), (2, 'gastric tumor')]
    >>> list(_wider("fatty acid synthase inhibitors", EntityKind.DRUG))
    [(1, 'fatty acid synthesis inhibitor')]
    """
    if kind is EntityKind.DISEASE:
        yield from _tumours_above(name)
    elif kind is EntityKind.DRUG and (found := _SYNTHASE.fullmatch(name)):
        yield 1, f"{found[1]} synthesis inhibitor"


def _tumours_above(name: str) -> Iterator[tuple[int, str]]:
    place, _, last = name.rpartition(" ")
    word = "".join(fold(last))
    if not place:
        return
    at = next((n for n, words in enumerate(_TUMOURS) if word in words), None)
    if word == "metastas":  # not of a primary tumour
        yield from ((1, f"{place} {wider}") for wider in _TUMOURS[-1])
    elif at is not None:
        for step, words in enumerate(_TUMOURS[at + 1 :], 1):
            yield from ((step, f"{place} {wider}") for wider in words)


def broader_candidates(
    things: Sequence[Thing], scored: Sequence[Scored], heads: Heads, judge: Judge, *, linked: bool
) -> list[Scored]:
    """Give broader terms, in vocabularies where a thing has no exact candidate.

    :param scored: the candidates so far
    :param linked: whether links that things have count for nothing, as in an evaluation
    """
    exact: dict[str, dict[str, Scored]] = defaultdict(dict)
    have: set[tuple[str, str]] = set()
    for one in scored:
        prefix = prefix_of(one.candidate.object_id)
        rivals = exact[one.candidate.thing]
        if one.predicate == EXACT and (prefix not in rivals or rivals[prefix].score < one.score):
            rivals[prefix] = one
        if one.score >= _ENOUGH:
            have.add((one.candidate.thing, prefix))
    if not linked:
        have |= {(t.iri, prefix_of(curie_of(k.target))) for t in things for k in t.links}
    by_iri = {thing.iri: thing for thing in things}
    found = []
    for thing in things:
        named = heads.of(thing)
        options = dict(_by_name(thing, heads))
        for prefix, candidate in _by_logic(thing, by_iri, exact, heads, judge):
            if prefix not in named or not named[prefix][0].sure:
                options[prefix] = candidate
        for prefix, candidate in options.items():
            if (thing.iri, prefix) not in have:
                score = candidate.evidence[0].weight
                found.append(Scored(candidate, score, _BROAD, ()))
    return found


def _by_logic(
    thing: Thing,
    by_iri: Mapping[str, Thing],
    exact: Mapping[str, Mapping[str, Scored]],
    heads: Heads,
    judge: Judge,
) -> Iterator[tuple[str, Candidate]]:
    """Give the terms of the nearest things above, by vocabulary."""
    seen = {thing.iri}
    level = list(thing.broader)
    told: set[str] = set()
    while level:
        here = [by_iri[iri] for iri in dict.fromkeys(level) if iri in by_iri and iri not in seen]
        seen.update(t.iri for t in here)
        for prefix, candidate in _answers(thing, here, exact, heads, judge).items():
            if prefix not in told:
                told.add(prefix)
                yield prefix, candidate
        level = [iri for above in here for iri in above.broader]


def _answers(
    thing: Thing,
    here: Sequence[Thing],
    exact: Mapping[str, Mapping[str, Scored]],
    heads: Heads,
    judge: Judge,
) -> dict[str, Candidate]:
    """Give the terms of things as near above as each other, by vocabulary."""
    answers: dict[str, Candidate] = {}
    for above in here:
        for link in above.links:
            place = judge.place(link.target) if link.predicate == EXACT else None
            if place is not None and not judge.is_obsolete(place.term.iri):
                text = f"ours is a kind of {above.curie}, which is {place.curie}"
                answers.setdefault(prefix_of(place.curie), _candidate(thing, place, 0.92, text))
        for prefix, one in exact.get(above.iri, {}).items():
            place = judge.place(one.candidate.object_iri) if prefix not in answers else None
            if place is not None and one.score >= _ENOUGH:
                text = f"ours is a kind of {above.curie}, for which {place.curie} is found"
                answers[prefix] = _candidate(thing, place, 0.96 * one.score, text)
    for above in here:
        for prefix, (cut, head, place) in heads.of(above).items():
            if prefix not in answers and cut.sure:
                text = f"ours is a kind of {above.curie}, and so of “{head}”"
                answers[prefix] = _candidate(thing, place, 0.96 * cut.weight, text)
    return answers


def _by_name(thing: Thing, heads: Heads) -> Iterator[tuple[str, Candidate]]:
    for prefix, (cut, head, place) in heads.of(thing).items():
        words = "word" if cut.words == 1 else f"{cut.words} words"
        less = f" less its first {words}" if cut.words else ""
        if cut.steps:
            text = f"our name{less} is a kind of “{head}”"
        else:
            text = f"our name{less} is “{head}”" if less else f"ours is of class “{head}”"
        yield prefix, _candidate(thing, place, cut.weight, text, Justification.LEXICAL)


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
