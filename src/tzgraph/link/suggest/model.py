"""What a suggestion is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tzgraph.link.ontology.kinds import EntityKind

__all__ = ["Candidate", "Evidence", "Justification", "Suggestion", "combined"]


class Justification(StrEnum):
    """How a mapping was found, as the Semantic Mapping Vocabulary calls it."""

    LEXICAL = "semapv:LexicalMatching"
    REFERENCE = "semapv:BackgroundKnowledgeBasedMatching"
    CHAIN = "semapv:MappingChaining"
    LOGIC = "semapv:LogicalReasoning"
    COMPOSITE = "semapv:CompositeMatching"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a suggestion.

    ``weight`` is how likely the reason alone makes the link right, up to 1. ``match`` is the text
    that both sides share, where the reason is lexical; ``derived_from`` are the CURIEs of the
    mappings or sets that a chain went through; ``name`` is the name of the thing that matched.
    """

    justification: Justification
    weight: float
    text: str
    predicate: str = "skos:exactMatch"
    match: str = ""
    name: str = ""
    derived_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A term that a thing may be linked to, before candidates are compared with each other."""

    thing: str
    object_iri: str
    object_id: str
    object_label: str
    kind: EntityKind
    factor: float
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...] = ()
    source: str = ""
    version: str = ""
    #: Whether the term is that of all species, and the thing of one.
    broader: bool = False
    #: IRIs of what the term is a kind of.
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A link to review: what would be linked to what, how sure that is, and why.

    ``score`` is between 0 and 1. ``reasons`` are sentences; ``notes`` say what lowered the score.
    """

    subject_id: str
    subject_label: str
    predicate_id: str
    object_id: str
    object_label: str
    score: float
    justification: str
    reasons: tuple[str, ...]
    notes: tuple[str, ...] = ()
    match_string: str = ""
    derived_from: tuple[str, ...] = ()
    object_source: str = ""
    object_source_version: str = ""
    subject_iri: str = ""
    object_iri: str = ""

    def as_dict(self) -> dict[str, object]:
        """The suggestion for JSON."""
        return {
            "subject_id": self.subject_id,
            "subject_label": self.subject_label,
            "predicate_id": self.predicate_id,
            "object_id": self.object_id,
            "object_label": self.object_label,
            "score": round(self.score, 3),
            "mapping_justification": self.justification,
            "reasons": list(self.reasons),
            "notes": list(self.notes),
            "derived_from": list(self.derived_from),
            "object_source": self.object_source,
            "object_source_version": self.object_source_version,
            "object_iri": self.object_iri,
        }


def combined(evidence: tuple[Evidence, ...]) -> float:
    """Combine reasons: the best one counts in full, each independent one halves what is missing.

    Matches of one and the same name aren't independent, so the best of them counts.

    >>> one = Evidence(Justification.LEXICAL, 0.8, "a", name="x")
    >>> combined((one,)), round(combined((one, Evidence(Justification.REFERENCE, 0.8, "b"))), 2)
    (0.8, 0.88)
    """
    best: dict[tuple[str, str], float] = {}
    for one in evidence:
        group = (one.justification.value, one.name)
        best[group] = max(best.get(group, 0.0), one.weight)
    weights = sorted(best.values(), reverse=True)
    score = weights[0] if weights else 0.0
    for weight in weights[1:]:
        score += (1 - score) * weight * 0.5
    return score
