"""Of a verdict: what the document says beside what was reported, and who or what decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from tzgraph.audit.collect import collect_claim
from tzgraph.audit.model import AuditedClaim, ClaimPart, Judgement, Verdict
from tzgraph.audit.report.data import claim_data, judgement_data
from tzgraph.audit.report.words import citation_judgements, content_judgements
from tzgraph.vocabulary import TZ, Graphs

__all__ = ["ClaimComparison", "compare"]

_CONTENT, _CITATION = "Content", "Citation"
_ASSESSES = ox.NamedNode(TZ + "assesses")


@dataclass(frozen=True, slots=True)
class ClaimComparison:
    """What a verdict rests on, as the audit has it.

    ``aspect`` is ``Content`` or ``Citation``; ``judgements`` begin with those that decide.
    """

    claim: AuditedClaim
    aspect: str
    verdict: Verdict
    judgements: tuple[Judgement, ...] = ()
    provisional: bool = False

    @property
    def stated(self) -> tuple[ClaimPart, ...]:
        """What the document says: what was judged, each part once, else all that the claim says."""
        judged = [part for judgement in self.judgements for part in judgement.stated]
        return tuple(dict.fromkeys(judged)) or self.claim.states

    def differs(self, judgement: Judgement) -> bool:
        """Whether a judgement comes to another verdict than those that decide.

        Where none comes to the verdict, it follows from all of them: what is borne out in part and
        open in part is imprecise.
        """
        verdicts = {each.verdict for each in self.judgements}
        return self.verdict in verdicts and judgement.verdict is not self.verdict

    def part_judged(self, judgement: Judgement) -> str:
        """What a judgement is about, in words, where the document says several things."""
        if len(self.stated) < 2:
            return ""
        texts = [part.text for part in self.stated]
        alike = len(set(texts)) < len(texts)
        names = (part.about or part.text if alike else part.text for part in judgement.stated)
        return "; ".join(filter(None, names))

    def as_dict(self) -> dict[str, Any]:
        """The comparison for JSON, its parts as in the JSON of an audit."""
        claim = claim_data(self.claim)
        del claim["judgements"]
        return {
            "aspect": self.aspect,
            "verdict": self.verdict.value,
            "provisional": self.provisional,
            "claim": claim,
            "judgements": [judgement_data(judgement) for judgement in self.judgements],
        }


def compare(store: ox.Store, subject: str, predicate: str) -> ClaimComparison | None:
    """Give what the verdict of a claim, or of one assessment, rests on.

    :param store: of a release
    :param subject: a claim or an assessment, in N-Triples syntax
    :param predicate: ``tz:verdict`` or ``tz:citationVerdict`` of a claim, ``tz:assessedAs`` of
        an assessment, in N-Triples syntax
    :return: ``None`` if the terms are others
    """
    name = predicate[1:-1].removeprefix(TZ)
    if not subject.startswith("<") or name not in ("verdict", "citationVerdict", "assessedAs"):
        return None
    thing = subject[1:-1]
    if name == "assessedAs":
        return _of_assessment(store, thing)
    claim = collect_claim(store, thing)
    if claim is None:
        return None
    if name == "verdict":
        return ClaimComparison(
            claim, _CONTENT, claim.verdict, content_judgements(claim), claim.provisional
        )
    if claim.citation_verdict is None:
        return None
    verdict = claim.citation_verdict
    judged = sorted(citation_judgements(claim), key=lambda j: j.verdict is not verdict)
    deciding = [judgement.provisional for judgement in judged if judgement.verdict is verdict]
    provisional = bool(deciding) and all(deciding)
    return ClaimComparison(claim, _CITATION, verdict, tuple(judged), provisional)


def _of_assessment(store: ox.Store, thing: str) -> ClaimComparison | None:
    graph = ox.NamedNode(Graphs.AUDIT)
    for quad in store.quads_for_pattern(ox.NamedNode(thing), _ASSESSES, None, graph):
        if not isinstance(quad.object, ox.NamedNode):
            continue
        claim = collect_claim(store, quad.object.value)
        for one in claim.judgements if claim else ():
            if claim and one.iri == thing:
                return ClaimComparison(claim, one.aspect, one.verdict, (one,), one.provisional)
    return None
