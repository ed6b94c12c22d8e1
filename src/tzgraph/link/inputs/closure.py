"""What mapping sets say when their exact matches are chained."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tzgraph.link.identifiers.normal_form import curie_of
from tzgraph.link.ontology.model import Ontology
from tzgraph.link.sssom.reader import MappingSet, SssomMapping

__all__ = ["Chain", "Step", "Web", "references_of"]

_EXACT = frozenset({"skos:exactMatch", "owl:equivalentClass", "owl:sameAs"})
#: Cross-references are taken for matches that are a little less sure.
_XREF = "oboinowl:hasDbXref"
_DEFAULT_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Step:
    """One exact match of a mapping set, in the direction in which a chain goes."""

    start: str
    end: str
    end_label: str
    source: str
    confidence: float

    def __str__(self) -> str:
        """The step as a sentence's part."""
        return f"{self.start} = {self.end} ({self.source})"


@dataclass(frozen=True, slots=True)
class Chain:
    """Exact matches that lead from one identifier to another."""

    steps: tuple[Step, ...]

    @property
    def end(self) -> str:
        """The CURIE that the chain leads to."""
        return self.steps[-1].end

    @property
    def confidence(self) -> float:
        """The product of the confidences of the steps."""
        product = 1.0
        for step in self.steps:
            product *= step.confidence
        return product


class Web:
    """The exact matches of mapping sets, to be followed in both directions.

    Matches that a set denies (``predicate_modifier`` Not) are left out, whoever states them.

    :param sets: mapping sets, of other projects or ours
    """

    def __init__(self, sets: Iterable[MappingSet]) -> None:
        self._steps: dict[str, list[Step]] = {}
        self._denied: set[frozenset[str]] = set()
        stated: list[tuple[str, str, SssomMapping, MappingSet]] = []
        for one in sets:
            for mapping in one.mappings:
                if mapping.predicate_id not in _EXACT and mapping.predicate_id != _XREF:
                    continue
                ends = _normal(mapping.subject_id), _normal(mapping.object_id)
                if mapping.predicate_modifier == "Not":
                    self._denied.add(frozenset(ends))
                else:
                    stated.append((*ends, mapping, one))
        for subject, obj, mapping, one in stated:
            if frozenset((subject, obj)) not in self._denied and subject != obj:
                self._add(subject, obj, mapping, one)
        for steps in self._steps.values():
            steps.sort(key=lambda s: (-s.confidence, s.end, s.source))

    def _add(self, subject: str, obj: str, mapping: SssomMapping, source: MappingSet) -> None:
        confidence = mapping.confidence
        if confidence is None:
            confidence = 0.85 if mapping.predicate_id == _XREF else _DEFAULT_CONFIDENCE
        for start, end, label in (
            (subject, obj, mapping.object_label),
            (obj, subject, mapping.subject_label),
        ):
            step = Step(start, end, label, source.source, confidence)
            self._steps.setdefault(start, []).append(step)

    def denies(self, one: str, other: str) -> bool:
        """Whether a set says that two identifiers are not the same."""
        return frozenset((_normal(one), _normal(other))) in self._denied

    def chains(self, start: str, longest: int = 3) -> Iterator[Chain]:
        """Give the shortest chain to each identifier that can be reached.

        :param start: a CURIE
        :param longest: how many steps a chain may have
        """
        begin = _normal(start)
        seen = {begin}
        queue: deque[tuple[Step, ...]] = deque([()])
        while queue:
            path = queue.popleft()
            at = path[-1].end if path else begin
            for step in self._steps.get(at, ()):
                if step.end not in seen:
                    seen.add(step.end)
                    longer = (*path, step)
                    yield Chain(longer)
                    if len(longer) < longest:
                        queue.append(longer)


def _normal(curie: str) -> str:
    return curie_of(curie)


def references_of(ontology: Ontology) -> MappingSet:
    """Give the cross-references and exact matches of an ontology's terms as a mapping set."""
    found = [
        SssomMapping(curie_of(iri), predicate, curie_of(target), "semapv:UnspecifiedMatching")
        for iri, term in ontology.terms.items()
        if not term.deprecated
        for predicate, targets in (("skos:exactMatch", term.exact), (_XREF, term.xrefs))
        for target in targets
    ]
    return MappingSet(ontology.source, {}, tuple(found))
