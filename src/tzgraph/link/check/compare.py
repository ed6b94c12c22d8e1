"""Two mapping sets side by side: what another project says of the terms that our things link to."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import combinations

from tzgraph.link.identifiers.normal_form import prefix_of
from tzgraph.link.sssom.mapping import MappingSet, SssomMapping
from tzgraph.link.sssom.slots import NO_TERM

__all__ = ["LinkComparison", "LinkOutcome", "as_json", "as_table", "compare_sets"]

_EXACT = "skos:exactMatch"
#: Predicates read from the other end.
_INVERSE = {
    "skos:broadMatch": "skos:narrowMatch",
    "skos:narrowMatch": "skos:broadMatch",
    **{p: p for p in (_EXACT, "skos:closeMatch", "skos:relatedMatch")},
}


class LinkOutcome(StrEnum):
    """How two sets stand to each other on one link."""

    DIFFER = "differ"
    ONLY_THERE = "only there"
    ONLY_HERE = "only here"
    AGREE = "agree"


@dataclass(frozen=True, slots=True)
class LinkComparison:
    """One link of a thing of ours, as the other set implies it and as ours has it.

    ``via`` is the term that our thing matches exactly and the other set maps (or the thing
    itself, if that set maps it). ``theirs`` and ``ours`` are terms of one vocabulary with the
    predicate before them; either may be empty. ``line`` is that of the other file.
    """

    outcome: LinkOutcome
    thing: str
    via: str
    theirs: str
    ours: str
    line: int | None = None


def compare_sets(own: MappingSet, other: MappingSet) -> list[LinkComparison]:
    """Compare our links with those that follow from another set.

    If our thing matches a term exactly, and the other set maps that term on, the thing should
    have that link, too.

    :param own: links of our things to terms
    :param other: mappings between terms, or of our things
    :return: what differs first; nothing on things whose terms the other set doesn't know
    """
    links: dict[str, dict[str, str]] = {}
    for mapping in _usable(own):
        links.setdefault(mapping.subject_id, {})[mapping.object_id] = mapping.predicate_id
    things: dict[str, list[str]] = {}
    for thing, found in links.items():
        things.setdefault(thing, []).append(thing)
        for term, predicate in found.items():
            if predicate == _EXACT:
                things.setdefault(term, []).append(thing)
    told = dict.fromkeys(_implied(other, things, links))
    return sorted([*told, *_missing(other, links)], key=_order)


def as_table(found: Sequence[LinkComparison]) -> str:
    """Give a line for each comparison, in columns, and a last one that counts them."""
    rows = [("", "thing", "by way of", "there", "here")]
    rows += [(c.outcome.value, c.thing, c.via, c.theirs, c.ours) for c in found]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(f"{c:<{w}}" for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]
    counts = Counter(comparison.outcome for comparison in found)
    lines.append(", ".join(f"{counts[outcome]} {outcome.value}" for outcome in LinkOutcome) + ".")
    return "\n".join(lines if found else lines[-1:])


def as_json(found: Sequence[LinkComparison]) -> str:
    """Give a JSON list with an object for each comparison."""
    return json.dumps([asdict(c) for c in found], ensure_ascii=False, indent=2)


def _usable(given: MappingSet) -> Iterator[SssomMapping]:
    """Mappings that state a link."""
    for mapping in given.mappings:
        if not mapping.predicate_modifier and NO_TERM not in (
            mapping.subject_id,
            mapping.object_id,
        ):
            yield mapping


def _steps(mapping: SssomMapping) -> Iterator[tuple[str, str, str]]:
    """A mapping from either end: from, predicate, to."""
    yield mapping.subject_id, mapping.predicate_id, mapping.object_id
    if mapping.predicate_id in _INVERSE:
        yield mapping.object_id, _INVERSE[mapping.predicate_id], mapping.subject_id


def _implied(
    other: MappingSet, things: Mapping[str, list[str]], links: Mapping[str, Mapping[str, str]]
) -> Iterator[LinkComparison]:
    """What follows from the other set for our things; once if both ends of a mapping are ours."""
    for mapping in _usable(other):
        told = set()
        for term, predicate, target in _steps(mapping):
            for thing in things.get(term, ()) if target not in links else ():
                if thing not in told:
                    told.add(thing)
                    yield _compared(thing, (term, predicate, target), links[thing], mapping.line)


def _compared(
    thing: str, step: tuple[str, str, str], ours: Mapping[str, str], line: int | None
) -> LinkComparison:
    """How a link that follows from the other set stands to those of a thing of ours."""
    term, predicate, target = step
    if target in ours:
        outcome = LinkOutcome.AGREE if ours[target] == predicate else LinkOutcome.DIFFER
        here = f"{ours[target]} {target}"
    else:
        alike = [(t, p) for t, p in sorted(ours.items()) if prefix_of(t) == prefix_of(target)]
        outcome = LinkOutcome.DIFFER if alike else LinkOutcome.ONLY_THERE
        here = ", ".join(f"{p} {t}" for t, p in alike)
    return LinkComparison(outcome, thing, term, f"{predicate} {target}", here, line)


def _missing(other: MappingSet, links: Mapping[str, Mapping[str, str]]) -> Iterator[LinkComparison]:
    """Exact links to two terms of ours that the other set could have, and hasn't."""
    mapped: set[tuple[str, str]] = set()
    vocabularies: set[frozenset[str]] = set()
    for mapping in _usable(other):
        subject, obj = mapping.subject_id, mapping.object_id
        vocabularies.add(frozenset((prefix_of(subject), prefix_of(obj))))
        mapped |= {(subject, prefix_of(obj)), (obj, prefix_of(subject))}
    for thing, found in sorted(links.items()):
        exact = sorted(term for term, predicate in found.items() if predicate == _EXACT)
        for via, term in combinations(exact, 2):
            kinds = prefix_of(via), prefix_of(term)
            known = (via, kinds[1]) in mapped or (term, kinds[0]) in mapped
            if len(set(kinds)) == len(kinds) and frozenset(kinds) in vocabularies and not known:
                yield LinkComparison(LinkOutcome.ONLY_HERE, thing, via, "", f"{_EXACT} {term}")


def _order(found: LinkComparison) -> tuple[int, str, str, str, str]:
    rank = list(LinkOutcome).index(found.outcome)
    return (rank, found.thing, found.via, found.theirs, found.ours)
