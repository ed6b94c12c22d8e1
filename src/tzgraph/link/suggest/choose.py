"""Candidates held against each other: of several terms for one thing, few can be right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice

from tzgraph.link.names.matching import same_name
from tzgraph.link.suggest.model import Candidate, Evidence, combined

__all__ = ["Scored", "choose"]

#: Scores nearer than this are a tie.
_TIE = 0.03
EXACT = "skos:exactMatch"
#: The best rivals, which each candidate is held against.
_RIVALS = 20
_AMBIGUOUS = 0.7
_BEATEN = 0.6


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its score, the predicate of its best reason, and notes."""

    candidate: Candidate
    score: float
    predicate: str
    notes: tuple[str, ...]

    @property
    def best(self) -> Evidence:
        """The reason that weighs most."""
        return max(self.candidate.evidence, key=lambda e: e.weight)


def choose(candidates: Iterable[Candidate]) -> list[Scored]:
    """Score candidates of one vocabulary, and lower the score of those that others beat.

    Terms for one thing compete, and things for one term. A tie means that names don't tell, so all
    of a tie are lowered.

    :param candidates: at most one for each pair of thing and term
    """
    scored = [_scored(one) for one in candidates]
    scored = _compete(scored, lambda s: s.candidate.thing, lambda s: s.candidate.object_id)
    return _compete(scored, lambda s: s.candidate.object_id, lambda s: s.candidate.thing)


def _scored(candidate: Candidate) -> Scored:
    score = combined(candidate.evidence) * candidate.factor
    best = max(candidate.evidence, key=lambda e: e.weight)
    return Scored(candidate, score, best.predicate, candidate.notes)


def _compete(
    scored: list[Scored], group: Callable[[Scored], str], name: Callable[[Scored], str]
) -> list[Scored]:
    groups: dict[str, list[Scored]] = defaultdict(list)
    for one in scored:
        groups[group(one)].append(one)
    found: list[Scored] = []
    for members in groups.values():
        exact = [m for m in members if m.predicate == EXACT]
        exact.sort(key=lambda m: (-m.score, name(m)))
        for member in members:
            others = (m for m in exact if m is not member and not _alike(m, member))
            found.append(_against(member, list(islice(others, _RIVALS)), name))
    return found


def _alike(one: Scored, other: Scored) -> bool:
    """Whether a term and the one above it have the same label, as blocks of ICD-10 do."""
    a, b = one.candidate, other.candidate
    above = a.object_iri in b.parents or b.object_iri in a.parents
    return above and a.thing == b.thing and same_name(a.object_label, b.object_label)


def _against(member: Scored, rivals: list[Scored], name: Callable[[Scored], str]) -> Scored:
    top = max((r.score for r in rivals), default=0.0)
    if not rivals or top < member.score - _TIE:
        return member
    if member.predicate == EXACT and top <= member.score + _TIE:
        near = sorted({name(r) for r in rivals if abs(r.score - member.score) <= _TIE})
        note = f"as good a match: {', '.join(near[:3])}" + (" and others" if near[3:] else "")
        return replace(member, score=member.score * _AMBIGUOUS, notes=(*member.notes, note))
    better = min((r for r in rivals if r.score == top), key=name)
    note = f"a better match: {name(better)}"
    return replace(member, score=member.score * _BEATEN, notes=(*member.notes, note))
