"""An audit as values: what a document says, what was reported, and the verdicts.

:mod:`tzgraph.audit.collect` fills these from a release; the writers turn them into text, HTML,
Markdown, JSON and CSV. Nothing here knows a store or a file format.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from tzgraph.errors import Finding
from tzgraph.read.provenance import CellRef

__all__ = [
    "AboutThing",
    "Audit",
    "AuditedClaim",
    "AuditedDocument",
    "ClaimPart",
    "Difference",
    "Disagreement",
    "Judgement",
    "Verdict",
]


class Verdict(StrEnum):
    """What was found about a claim, from worst to best, then what nobody could decide."""

    CONTRADICTED = "Contradicted"
    IMPRECISE = "Imprecise"
    SUPPORTED = "Supported"
    UNVERIFIED = "Unverified"


@dataclass(frozen=True, slots=True)
class AboutThing:
    """A thing that a claim is about; ``kind`` is the word in its IRI, such as ``trial``."""

    iri: str
    label: str
    kind: str

    @property
    def slug(self) -> str:
        """The end of the IRI, by which a list of claims is filtered."""
        return self.iri.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class ClaimPart:
    """Something that is said or reported: a figure, a reference, an approval, a statement.

    ``text`` is the whole in one line, such as “17.5 months (95 % CI 16.2 to 19.3)”; ``about`` says
    of what, such as “JACOB: pertuzumab arm · overall survival · intention to treat · data up to
    2016-12-09”. ``source`` is the label of who says so. ``pages`` are addresses where a curator saw
    it. ``ratio`` is a hazard ratio with its limits (either may be ``None``). ``graph`` and
    ``published`` are the IRIs of the source and of the publication, for links.
    """

    iri: str
    text: str
    about: str = ""
    source: str = ""
    publication: str = ""
    link: str = ""
    pages: tuple[str, ...] = ()
    recalled: bool = False
    cells: tuple[CellRef, ...] = ()
    trial: str = ""
    endpoint: str = ""
    ratio: tuple[float, float | None, float | None] | None = None
    graph: str = ""
    published: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A number or detail that a claim has otherwise than what it was checked against.

    ``by`` says by how much, such as “0.1 more”; it is empty where that can't be said.
    """

    what: str
    stated: str
    reported: str
    by: str = ""

    def __str__(self) -> str:
        """The difference as a sentence without its full stop.

        >>> str(Difference("value", "15.5 months", "13.8 months", "1.7 more"))
        'The value is 15.5 months here and 13.8 months there (1.7 more)'
        """
        by = f" ({self.by})" if self.by else ""
        return f"The {self.what} is {self.stated} here and {self.reported} there{by}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One assessment: the verdict, who or what came to it, and what it rests on.

    ``aspect`` is ``Content`` or ``Citation``. Either ``rule`` (the name of its file) or ``curator``
    is set; ``title`` and ``reason`` say why, in a sentence each, ``differences`` what is not as it
    was checked against.
    """

    iri: str
    verdict: Verdict
    aspect: str = "Content"
    rule: str = ""
    curator: str = ""
    title: str = ""
    reason: str = ""
    stated: tuple[ClaimPart, ...] = ()
    checked_against: tuple[ClaimPart, ...] = ()
    pages: tuple[str, ...] = ()
    provisional: bool = False
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditedClaim:
    """A claim with its verdict.

    ``structured`` says whether the claim is given in the graph's terms, so that rules can judge
    it, and ``left_in_words`` why it is not, such as “vague”; ``cites`` are labels of what it refers
    to, as the document gives it; ``cells`` say where its row begins; ``about`` is what it is about.
    """

    iri: str
    name: str
    locator: str
    kind: str
    text: str
    verdict: Verdict
    provisional: bool = False
    structured: bool = True
    citation_verdict: Verdict | None = None
    cites: tuple[str, ...] = ()
    states: tuple[ClaimPart, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    cells: tuple[CellRef, ...] = ()
    left_in_words: str = ""
    about: tuple[AboutThing, ...] = ()

    @property
    def deciding(self) -> tuple[Judgement, ...]:
        """The judgements of the content that come to the verdict, or all, if it weighs several."""
        content = [j for j in self.judgements if j.aspect == "Content"]
        deciding = tuple(j for j in content if j.verdict is self.verdict)
        return deciding or tuple(content)

    @property
    def disputed(self) -> bool:
        """Whether a curator and a rule decide differently."""
        content = [j for j in self.judgements if j.aspect == "Content"]
        curators = {j.verdict for j in content if j.curator}
        rules = {j.verdict for j in content if j.rule} - {Verdict.UNVERIFIED}
        worst = next((verdict for verdict in Verdict if verdict in rules), None)
        return bool(curators) and worst is not None and worst not in curators


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources that give different figures for the same, or two places of one document."""

    one: ClaimPart
    other: ClaimPart

    @property
    def within(self) -> bool:
        """Whether both figures stand in one source."""
        return self.one.source == self.other.source


@dataclass(frozen=True, slots=True)
class AuditedDocument:
    """The document that is audited."""

    iri: str
    source: str
    label: str
    citation: str = ""


@dataclass(frozen=True)
class Audit:
    """The audit of one document. Claims are in the order of the document."""

    document: AuditedDocument
    release: str
    claims: tuple[AuditedClaim, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    #: What is wrong in the tables that the claims came from.
    findings: tuple[Finding, ...] = ()
    #: Hazard ratios that accepted sources report for the trials that the claims speak of.
    ratios: tuple[ClaimPart, ...] = field(default=())

    @property
    def is_judged(self) -> bool:
        """Whether anything was assessed: if not, the graph of the audit is empty or gone."""
        return any(claim.judgements for claim in self.claims)

    @property
    def sections(self) -> tuple[str, ...]:
        """The locators, in the order of the document."""
        return tuple(dict.fromkeys(claim.locator for claim in self.claims))

    def count(self, locator: str | None = None) -> Counter[Verdict]:
        """Count the verdicts of the document or of one section."""
        chosen = (c for c in self.claims if locator is None or c.locator == locator)
        return Counter(claim.verdict for claim in chosen)

    @property
    def unstructured(self) -> int:
        """How many claims rules can't judge because they are not given in the graph's terms."""
        return sum(not claim.structured for claim in self.claims)
