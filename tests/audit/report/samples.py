"""Audits made by hand for the tests of the writers."""

from tzgraph.audit.model import (
    Audit,
    AuditedClaim,
    AuditedDocument,
    ClaimPart,
    Disagreement,
    Judgement,
    Verdict,
)
from tzgraph.errors import Finding, Severity
from tzgraph.read.provenance import CellRef

HOSTILE = (
    "<script>alert(1)</script> | `code` *bold* [x](javascript:alert(2)) & \"q\" 'p' \x1b[31m\x00"
)
LONG = "pneumono" * 200
ID = "https://w3id.org/tzgraph/id/"
DOI = "https://doi.org/10.1016/S1470-2045(18)30481-9"

PERTUZUMAB = ClaimPart(
    iri=ID + "result/jacob-pertuzumab-os",
    text="17.5 months (95 % CI 16.2 to 19.3)",
    about="JACOB: pertuzumab arm · overall survival · intention to treat · data up to 2016-12-09",
    source="curated from Tabernero 2018",
    publication="Tabernero 2018: JACOB, final analysis",
    link=DOI,
    pages=("https://www.mendeley.com/catalogue/0fa272a7/", "github:owner/name:file"),
    cells=(CellRef("results.tsv", 12, 7), CellRef("results.tsv", 12, 8)),
    trial="JACOB",
    endpoint="Overall survival",
)
PLACEBO = ClaimPart(
    iri=ID + "result/jacob-placebo-os",
    text="14.2 months",
    about="JACOB: placebo arm · overall survival · intention to treat",
    publication="Tabernero 2018: JACOB, final analysis",
    link=DOI,
    recalled=True,
    cells=(CellRef("results.tsv", 13, 7),),
)
STATED = ClaimPart(iri=ID + "stated/c065", text="17.5 months", about="JACOB: placebo arm")


def judged(verdict: Verdict, **values: object) -> Judgement:
    return Judgement(ID + "assessment/a", verdict, **values)  # type: ignore[arg-type]  # any field of a judgement


CONTRADICTED = AuditedClaim(
    iri=ID + "claim/sun-c065",
    name="review 3.2, claim 65",
    locator="3.2",
    kind="trial result",
    text="JACOB showed a median OS of 17.5 months for trastuzumab plus chemotherapy.",
    verdict=Verdict.CONTRADICTED,
    citation_verdict=Verdict.CONTRADICTED,
    cites=("Bang 2010",),
    states=(STATED,),
    judgements=(
        judged(
            Verdict.CONTRADICTED,
            rule="stated-values",
            title="A figure against the figures that are reported",
            reason="17.5 months is the figure of the other arm.",
            checked_against=(PERTUZUMAB, PLACEBO),
        ),
        judged(Verdict.IMPRECISE, curator="Jane Doe", reason="The arm is confused."),
        judged(
            Verdict.CONTRADICTED, aspect="Citation", curator="Jane Doe", reason="ToGA, not JACOB."
        ),
    ),
)
IMPRECISE = AuditedClaim(
    iri=ID + "claim/sun-c077",
    name="review 3.3, claim 77",
    locator="3.3",
    kind="trial result",
    text="Median OS was 20.1 months.",
    verdict=Verdict.IMPRECISE,
    provisional=True,
    judgements=(
        judged(
            Verdict.IMPRECISE,
            curator="Jane Doe",
            reason="20.1 months is the subgroup with CPS of at least 1.",
            pages=("https://ascopost.com/news/x",),
            provisional=True,
        ),
    ),
)
SUPPORTED = AuditedClaim(
    iri=ID + "claim/sun-c057",
    name="review 3.2, claim 57",
    locator="3.2",
    kind="trial result",
    text="Median OS was not reached.",
    verdict=Verdict.SUPPORTED,
    states=(ClaimPart(ID + "stated/c057", "not reached"),),
    judgements=(
        judged(
            Verdict.SUPPORTED,
            rule="stated-values",
            reason="Both say the same.",
            checked_against=(
                ClaimPart(ID + "result/nr", "not reached", cells=(CellRef("r.tsv", 2),)),
            ),
        ),
    ),
)
OPEN = AuditedClaim(
    iri=ID + "claim/sun-c067",
    name="review 3.2, claim 67",
    locator="3.2",
    kind="",
    text="The regimen had a favourable safety profile.",
    verdict=Verdict.UNVERIFIED,
    structured=False,
)
RATIOS = (
    ClaimPart(
        ID + "comparison/toga-os",
        "HR 0.74 (95 % CI 0.60 to 0.91)",
        "ToGA: trastuzumab against chemotherapy · overall survival · primary analysis",
        publication="Bang 2010",
        trial="ToGA",
        endpoint="Overall survival",
        ratio=(0.74, 0.60, 0.91),
    ),
    ClaimPart(
        ID + "comparison/wide",
        "HR 0.9",
        "WIDE: a against b",
        recalled=True,
        trial="WIDE",
        endpoint="Overall survival",
        ratio=(0.9, 0.01, 50.0),
    ),
    ClaimPart(
        ID + "comparison/bare",
        "HR 0.47",
        trial="BARE",
        endpoint="Progression-free survival",
        ratio=(0.47, None, None),
    ),
)
DOCUMENT = AuditedDocument(
    ID + "publication/sun-review", "sun-review", "Trastuzumab: a review", "Sun Y. Trastuzumab."
)
FULL = Audit(
    document=DOCUMENT,
    release="2026-11-23-abc",
    claims=(SUPPORTED, CONTRADICTED, OPEN, IMPRECISE),
    disagreements=(Disagreement(PERTUZUMAB, PLACEBO),),
    findings=(
        Finding(Severity.WARNING, "no-locator", "A claim has no section.", "Add one.", "c.tsv", 4),
    ),
    ratios=RATIOS,
)
EMPTY = Audit(document=AuditedDocument("https://example.org/d", "d", ""), release="r")


def hostile(text: str) -> Audit:
    """An audit in which every text is the given one."""
    part = ClaimPart(
        text, text, text, text, text, text, (text,), True, (CellRef(text, 2, 3),), text, text,
        (0.5, 0.4, 0.6),
    )  # fmt: skip
    judgements = tuple(
        Judgement(text, verdict, aspect, rule, text, text, text, (part,), (part,), (text,), True)
        for verdict in Verdict
        for aspect in ("Content", "Citation")
        for rule in ("", text)
    )
    claims = tuple(
        AuditedClaim(
            f"{text}{index}", text, text, text, text, verdict, True, False, verdict, (text,),
            (part,), judgements,
        )
        for index, verdict in enumerate(Verdict)
    )  # fmt: skip
    finding = Finding(Severity.WARNING, text, text, text, text, 1, 2)
    document = AuditedDocument(text, text, text, text)
    return Audit(document, text, claims, (Disagreement(part, part),), (finding,), (part,))
