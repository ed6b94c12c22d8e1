"""The words and small forms that the writers share: verdicts, places, names and links."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from tzgraph.audit.model import Audit, AuditedClaim, ClaimPart, Judgement, Verdict
from tzgraph.read.provenance import CellRef

__all__ = [
    "CITATIONS",
    "HALVES",
    "MEANINGS",
    "PROVISIONAL",
    "SIGNS",
    "brief",
    "by_reference",
    "citation_judgements",
    "cited_parts",
    "claims_with",
    "content_judgements",
    "decided_by",
    "one_line",
    "place",
    "places",
    "plural",
    "reason",
    "reported",
    "row_cells",
    "short_link",
    "visible",
    "web_address",
    "without_reference",
]

#: Headings of disagreements, and whether they are within one document.
HALVES = (
    ("Where the document disagrees with itself", True),
    ("Where sources disagree", False),
)
#: What each verdict means to a reader who knows nothing of the program.
MEANINGS = {
    Verdict.CONTRADICTED: "The primary source says something else.",
    Verdict.IMPRECISE: "The claim is right in part, or leaves out what matters: another population,"
    " another date of analysis, a rounder figure.",
    Verdict.SUPPORTED: "The primary source says the same.",
    Verdict.UNVERIFIED: "No primary source was found that decides. This is no sign that the claim"
    " is wrong.",
}
#: What each verdict means where it is about the reference that a claim gives.
CITATIONS = {
    Verdict.CONTRADICTED: "reference does not say so",
    Verdict.IMPRECISE: "reference says so only in part",
    Verdict.SUPPORTED: "reference says so",
    Verdict.UNVERIFIED: "reference could not be checked",
}
#: What ``provisional`` means.
PROVISIONAL = (
    "The verdict rests only on facts that a curator recalled and nobody has looked up yet. Look at"
    " the source before you rely on it."
)
#: A sign for each verdict, so that colour is never the only one.
SIGNS = {
    Verdict.CONTRADICTED: "✗",
    Verdict.IMPRECISE: "≈",
    Verdict.SUPPORTED: "✓",
    Verdict.UNVERIFIED: "?",
}

_SHORT_LINKS = (
    (re.compile(r"https?://(?:dx\.)?doi\.org/(10\..+)", re.I), "doi:"),
    (re.compile(r"https?://pubmed\.ncbi\.nlm\.nih\.gov/(\d+)/?", re.I), "PMID "),
    (re.compile(r"https?://(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed/(\d+)/?", re.I), "PMID "),
    (re.compile(r"https?://(?:www\.)?clinicaltrials\.gov/.*\b(NCT\d{8})\b.*", re.I), ""),
)


def one_line(text: str) -> str:
    r"""Give a text on one line: one space for each run of blanks, control characters made visible.

    >>> one_line("two\n lines\x1b[31m")
    'two lines\\x1b[31m'
    """
    return visible(" ".join(text.split()))


def visible(text: str) -> str:
    r"""Give a text with its control characters made visible, except blanks and ends of lines.

    >>> visible("a\tb\x00")
    'a\tb\\x00'
    """
    return "".join(c if c.isprintable() or c in "\t\n" else repr(c)[1:-1] for c in text)


def brief(text: str, length: int) -> str:
    """Cut a text to a length, with an ellipsis in place of what is left out.

    >>> brief("trastuzumab", 6)
    'trast…'
    """
    return text if len(text) <= length else text[: max(length - 1, 0)].rstrip() + "…"


def plural(count: int, noun: str, several: str = "") -> str:
    """Give a number with its noun.

    >>> plural(1, "claim"), plural(0, "claim"), plural(2, "figure was", "figures were")
    ('1 claim', '0 claims', '2 figures were')
    """
    return f"{count} {noun if count == 1 else several or noun + 's'}"


def place(cell: CellRef) -> str:
    """Give a place in a table as editors understand it, without the column.

    >>> place(CellRef("results.tsv", 12, 7))
    'results.tsv:12'
    """
    return cell.file if cell.row is None else f"{cell.file}:{cell.row}"


def places(parts: Iterable[ClaimPart]) -> tuple[str, ...]:
    """Give the rows that parts come from, each once."""
    return tuple(dict.fromkeys(place(cell) for part in parts for cell in part.cells))


def row_cells(part: ClaimPart) -> tuple[CellRef, ...]:
    """Give one cell for each row that a part comes from, the first."""
    return tuple({place(cell): cell for cell in reversed(part.cells)}.values())[::-1]


def web_address(address: str) -> str:
    """Give an address if a page may lead to it, else nothing: only the web, no other scheme.

    >>> web_address("https://doi.org/10.1/x"), web_address("javascript:alert(1)")
    ('https://doi.org/10.1/x', '')
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.netloc else ""


def short_link(address: str) -> str:
    """Give what people call an address: its DOI, PubMed or trial number, or its host.

    >>> short_link("https://doi.org/10.1000/182"), short_link("https://www.bjs.co.uk/a/b")
    ('doi:10.1000/182', 'bjs.co.uk')
    """
    for pattern, prefix in _SHORT_LINKS:
        match = pattern.fullmatch(address)
        if match:
            return prefix + match[1]
    if not web_address(address):
        return address
    return urlsplit(address).netloc.removeprefix("www.")


def content_judgements(claim: AuditedClaim) -> tuple[Judgement, ...]:
    """Give what was judged about what the claim says: the deciding judgements, then the others."""
    others = (j for j in claim.judgements if j.aspect == "Content" and j not in claim.deciding)
    return (*claim.deciding, *others)


def citation_judgements(claim: AuditedClaim) -> tuple[Judgement, ...]:
    """Give what was judged about the claim's reference."""
    return tuple(j for j in claim.judgements if j.aspect == "Citation")


def reported(claim: AuditedClaim) -> tuple[ClaimPart, ...]:
    """Give what the deciding judgements were checked against, each part once."""
    parts = (part for j in claim.deciding for part in j.checked_against)
    return tuple({part.iri or part: part for part in parts}.values())


def decided_by(judgement: Judgement) -> str:
    """Name the rule or the curator.

    >>> decided_by(Judgement("x", Verdict.SUPPORTED, rule="values"))
    'rule values'
    """
    if judgement.rule:
        return f"rule {judgement.rule}"
    if not judgement.curator:
        return "nobody named"
    named = "curator" in judgement.curator.casefold()
    return judgement.curator if named else f"curator {judgement.curator}"


def reason(judgement: Judgement) -> str:
    """Give why, as one text: the title of the rule, the reason, and what differs."""
    differing = [str(difference) for difference in judgement.differences]
    texts = map(one_line, (judgement.title, judgement.reason, *differing))
    kept = dict.fromkeys(text for text in texts if text)
    return " ".join(text if text[-1] in ".!?…" else f"{text}." for text in kept)


def claims_with(audit: Audit, verdict: Verdict) -> tuple[AuditedClaim, ...]:
    """Give the claims that have a verdict."""
    return tuple(claim for claim in audit.claims if claim.verdict is verdict)


def by_reference(
    claims: Iterable[AuditedClaim],
) -> tuple[tuple[tuple[str, ...], tuple[AuditedClaim, ...]], ...]:
    """Group claims by what they cite, in the order in which it is cited first."""
    groups: dict[tuple[str, ...], list[AuditedClaim]] = {}
    for claim in claims:
        groups.setdefault(claim.cites, []).append(claim)
    return tuple((cites, tuple(group)) for cites, group in groups.items())


def cited_parts(claims: Iterable[AuditedClaim]) -> tuple[ClaimPart, ...]:
    """Give what the references of claims were checked against, each once."""
    judged = (j for claim in claims for j in citation_judgements(claim))
    parts = (part for judgement in judged for part in judgement.checked_against)
    return tuple({part.iri or part: part for part in parts}.values())


def without_reference(audit: Audit) -> tuple[AuditedClaim, ...]:
    """Give the claims whose reference does not, or not quite, say what they say."""
    poor = (Verdict.CONTRADICTED, Verdict.IMPRECISE)
    return tuple(claim for claim in audit.claims if claim.citation_verdict in poor)
