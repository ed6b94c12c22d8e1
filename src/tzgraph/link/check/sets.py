"""Checks of mappings against each other, and against what other people's sets say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from tzgraph.link.check.model import LinkProblem, LinkStatus
from tzgraph.link.identifiers.normal_form import prefix_of
from tzgraph.link.inputs.closure import Chain, Web
from tzgraph.link.sssom.reader import SssomMapping

__all__ = ["contradictions", "doubles"]

_EXACT = "skos:exactMatch"
_INEXACT = frozenset({"skos:broadMatch", "skos:narrowMatch", "skos:relatedMatch"})


def doubles(mappings: Sequence[SssomMapping]) -> Iterator[tuple[int, LinkProblem]]:
    """Give exact matches of which at most one can be right, by the number of the mapping.

    One thing can't be the same as two terms of one vocabulary, nor one term the same as two things.
    """
    terms: dict[tuple[str, str], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    things: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, mapping in enumerate(mappings):
        if mapping.predicate_id == _EXACT and mapping.predicate_modifier != "Not":
            vocabulary = prefix_of(mapping.object_id)
            terms[mapping.subject_id, vocabulary][mapping.object_id].append(number)
            own = prefix_of(mapping.subject_id)
            things[f"{own} {mapping.object_id}"][mapping.subject_id].append(number)
    for (subject, vocabulary), found in terms.items():
        if len(found) > 1:
            names = ", ".join(sorted(found))
            message = f"{subject} is said to be exactly {len(found)} terms of {vocabulary}: {names}"
            hint = "Keep one as exact; say skos:closeMatch or its kin for the others."
            for number in (n for numbers in found.values() for n in numbers):
                yield number, LinkProblem(LinkStatus.TWO_TERMS, f"{message}.", hint)
    for at, subjects in things.items():
        if len(subjects) > 1:
            names = ", ".join(sorted(subjects))
            message = f"{at.partition(' ')[2]} is said to be exactly {len(subjects)} things"
            hint = "Keep it exact for one; the others are broader, narrower or related."
            for number in (n for numbers in subjects.values() for n in numbers):
                yield number, LinkProblem(LinkStatus.TWO_THINGS, f"{message}: {names}.", hint)


def contradictions(mappings: Sequence[SssomMapping], web: Web) -> Iterator[tuple[int, LinkProblem]]:
    """Give mappings that don't go together with chains of exact matches of other sets.

    From the exact matches of a thing the chains lead to terms of further vocabularies. They
    contradict if the thing has another exact match there, or if they lead to what is the exact
    match of another thing, or to what ours says is only broader, narrower or related.

    :param web: the exact matches of the other sets
    """
    exact: dict[str, list[tuple[int, str]]] = defaultdict(list)
    owner: dict[str, str] = {}
    inexact: dict[tuple[str, str], int] = {}
    for number, mapping in enumerate(mappings):
        if mapping.predicate_id == _EXACT:
            exact[mapping.subject_id].append((number, mapping.object_id))
            owner.setdefault(mapping.object_id, mapping.subject_id)
        elif mapping.predicate_id in _INEXACT:
            inexact[mapping.subject_id, mapping.object_id] = number
    for subject, own in exact.items():
        for number, obj in own:
            reached = {chain.end: chain for chain in web.chains(obj)}
            if web.denies(subject, obj):
                yield number, _problem(f"a set denies that {subject} is {obj}")
            yield from _elsewhere(number, obj, own, reached)
            for end, chain in reached.items():
                other = owner.get(end)
                if (
                    other is not None
                    and other != subject
                    and prefix_of(other) == prefix_of(subject)
                ):
                    told = f"{_told(chain)}, and {end} is {other}: both things would be one"
                    yield number, _problem(told)
                if (subject, end) in inexact:
                    told = f"{_told(chain)}, but ours says that {end} is not the same as {subject}"
                    yield inexact[subject, end], _problem(told)


def _elsewhere(
    number: int, obj: str, own: Sequence[tuple[int, str]], reached: Mapping[str, Chain]
) -> Iterator[tuple[int, LinkProblem]]:
    """Compare chains from one exact match with the other exact matches of the same thing."""
    by_vocabulary: dict[str, list[str]] = defaultdict(list)
    for end in reached:
        by_vocabulary[prefix_of(end)].append(end)
    for _other, second in own:
        ends = by_vocabulary.get(prefix_of(second), [])
        if second != obj and ends and second not in ends and prefix_of(second) != prefix_of(obj):
            end = min(ends, key=lambda e: (len(reached[e].steps), e))
            yield number, _problem(f"{_told(reached[end])}, where ours says {second}")


def _told(chain: Chain) -> str:
    return ", ".join(map(str, chain.steps))


def _problem(text: str) -> LinkProblem:
    hint = "One of the mappings is wrong, ours or theirs: compare the definitions."
    return LinkProblem(LinkStatus.CONTRADICTION, f"{text}.", hint)
