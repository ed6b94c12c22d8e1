"""The card of a claim: what the document says, what was reported, and why the verdict is so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.audit.model import AuditedClaim, Judgement
from tzgraph.audit.report.words import citation_judgements, content_judgements
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.vocabulary import TZ

__all__ = ["ClaimCard", "claim_card"]


@dataclass(frozen=True, slots=True)
class ClaimCard:
    """What the card shows.

    :ivar claim: the claim with its judgements
    :ivar why: where the verdict is explained, down to the cells
    :ivar citation_why: likewise, the verdict on the reference; empty if there is none
    :ivar previous: the claim before it in the document
    :ivar following: the claim after it
    """

    claim: AuditedClaim
    why: str
    citation_why: str
    previous: Shown | None
    following: Shown | None
    kind: str = "claim"

    @property
    def judgements(self) -> Sequence[Judgement]:
        """What was judged about the content, what decides first."""
        return content_judgements(self.claim)

    @property
    def on_reference(self) -> Sequence[Judgement]:
        """What was judged about the reference."""
        return citation_judgements(self.claim)


def claim_card(
    claim: AuditedClaim,
    rows: Iterable[Row],
    named: Callable[[ox.NamedNode, list[ox.Literal]], Shown],
    explain: Callable[[ox.NamedNode, ox.NamedNode, ox.NamedNode], str],
) -> ClaimCard:
    """Give the card of a claim.

    :param rows: of ``claim-neighbours.rq``
    :param named: shows a thing by its label
    :param explain: gives the path of the explanation of a triple
    """
    before: Shown | None = None
    after: Shown | None = None
    for row in rows:
        node, label, away = row.get("claim"), row.get("claimLabel"), row.get("away")
        if not isinstance(node, ox.NamedNode) or not isinstance(away, ox.Literal):
            continue
        shown = named(node, [label] if isinstance(label, ox.Literal) else [])
        if away.value.startswith("-"):
            before = shown  # the last of them is nearest
        elif after is None:
            after = shown
    node = ox.NamedNode(claim.iri)
    verdict = ox.NamedNode(TZ + claim.verdict.value)
    cited = claim.citation_verdict
    return ClaimCard(
        claim,
        explain(node, ox.NamedNode(TZ + "verdict"), verdict),
        explain(node, ox.NamedNode(TZ + "citationVerdict"), ox.NamedNode(TZ + cited.value))
        if cited
        else "",
        before,
        after,
    )
