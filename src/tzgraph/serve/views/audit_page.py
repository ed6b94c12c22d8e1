"""The pages of audits: the claims of a document by verdict, and the documents that there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from markupsafe import Markup

from tzgraph.audit.model import Audit, AuditedClaim, Verdict
from tzgraph.audit.report.bars import strip
from tzgraph.audit.report.page import anchors_of
from tzgraph.audit.report.selection import Selection, counted
from tzgraph.serve.views.pages import Pages

__all__ = ["ClaimsAsked", "audit_page", "documents_page", "path_of"]

#: Claims on one page.
_MOST = 300
#: The verdicts in the order of what matters to a reader.
_ORDER = (Verdict.CONTRADICTED, Verdict.IMPRECISE, Verdict.UNVERIFIED, Verdict.SUPPORTED)
#: What the claims of each verdict are, as a heading.
_HEADINGS = {
    Verdict.CONTRADICTED: "Contradicted: the source says something else",
    Verdict.IMPRECISE: "Imprecise: right in part, or without what matters",
    Verdict.UNVERIFIED: "Unverified: what would decide",
    Verdict.SUPPORTED: "Supported: the source says the same",
}
#: Formats that the page leads to, with their titles.
_TWINS = {"json": "JSON", "csv": "CSV", "markdown": "Markdown", "text": "text"}
_FILTERS = {
    "verdict": "verdict",
    "reference": "reference",
    "section": "section",
    "trial": "trial",
    "about": "about",
    "provisional": "provisional",
    "text": "words",
}


@dataclass(frozen=True, slots=True)
class ClaimsAsked:
    """What a URL asks for: a document (none: all), which of its claims, and a page of them."""

    document: str
    selection: Selection
    page: int = 1


@dataclass(frozen=True, slots=True)
class VerdictChoice:
    """A link that changes what is selected, with the number of claims that it leads to."""

    text: str
    value: str
    href: str
    count: int
    chosen: bool
    sign: str = ""


def path_of(asked: ClaimsAsked, form: str = "") -> str:
    """Give the path of a page of claims, or of another format of all of them.

    >>> path_of(ClaimsAsked("sun-review", Selection(verdict="imprecise"), 2))
    '/audit/sun-review?verdict=imprecise&page=2'
    """
    fields = asked.selection.given
    if form:
        fields["format"] = form
    elif asked.page > 1:
        fields["page"] = str(asked.page)
    path = f"/audit/{asked.document}" if asked.document else "/audit"
    return f"{path}?{urlencode(fields)}" if fields else path


def audit_page(pages: Pages, audit: Audit, asked: ClaimsAsked, changes: int) -> str:
    """Give the page of the claims of one document; threads may call this.

    :param audit: all claims of the document
    :param asked: which of them are wanted
    :param changes: how many updates changed the graph since they were assessed
    """
    asked = replace(asked, document=audit.document.source)
    chosen = asked.selection.of_audit(audit)
    ordered = sorted(chosen.claims, key=lambda claim: _ORDER.index(claim.verdict))
    start = (asked.page - 1) * _MOST
    shown = ordered[start : start + _MOST]
    return pages.render(
        "audit.html",
        audit=audit,
        changes=changes,
        strip=Markup(strip(asked.selection.without("verdict").of_audit(audit).count())),  # noqa: S704 -- made here
        verdicts=_verdicts(audit, asked),
        groups=[
            (verdict, _HEADINGS[verdict], claims)
            for verdict in _ORDER
            if (claims := [claim for claim in shown if claim.verdict is verdict])
        ],
        anchors=anchors_of(audit.claims),
        count=len(chosen.claims),
        first=start + 1,
        shown=len(shown),
        pages_of=_pages(asked, len(ordered)),
        page=asked.page,
        given=[
            (name, _FILTERS[name], value, _path(asked, asked.selection.without(name)))
            for name, value in asked.selection.given.items()
        ],
        selection=asked.selection,
        everything=path_of(ClaimsAsked(asked.document, Selection())),
        action=path_of(ClaimsAsked(asked.document, Selection())),
        options=_options(audit, asked.selection),
        provisional=sum(claim.provisional for claim in chosen.claims),
        disputed=[claim for claim in chosen.claims if claim.disputed],
        references=[
            (verdict, count, _path(asked, replace(asked.selection, reference=verdict.lower())))
            for verdict in (Verdict.CONTRADICTED, Verdict.IMPRECISE)
            if (count := sum(c.citation_verdict is verdict for c in chosen.claims))
            and not asked.selection.reference
        ],
        why=why_path,
        twins=[(path_of(asked, form), title) for form, title in _TWINS.items()],
        editor=path_of(asked, "editor"),
    )


def documents_page(pages: Pages, audits: Sequence[Audit], asked: ClaimsAsked, changes: int) -> str:
    """Give the page of the documents that make claims: none, or several.

    :param asked: which claims are wanted
    """
    found = []
    for number, audit in enumerate(audits, 1):
        chosen = asked.selection.of_audit(audit)
        picture = Markup(strip(chosen.count(), f"strip-{number}"))  # noqa: S704 -- made here
        path = path_of(ClaimsAsked(audit.document.source, asked.selection))
        found.append((audit, chosen, picture, path))
    return pages.render(
        "audits.html",
        documents=found,
        order=_ORDER,
        changes=changes,
        given=[(_FILTERS[name], value) for name, value in asked.selection.given.items()],
        everything=path_of(ClaimsAsked("", Selection())),
    )


def why_path(claim: AuditedClaim) -> str:
    """Give the path of what a verdict follows from, step by step."""
    return "/explain?" + urlencode({"subject": claim.iri})


def _path(asked: ClaimsAsked, selection: Selection) -> str:
    return path_of(ClaimsAsked(asked.document, selection))


def _verdicts(audit: Audit, asked: ClaimsAsked) -> list[VerdictChoice]:
    counts = asked.selection.without("verdict").of_audit(audit).count()
    found = []
    for verdict in Verdict:
        name = verdict.value.lower()
        chosen = asked.selection.verdict == name
        other = asked.selection.without("verdict")
        href = _path(asked, other if chosen else replace(other, verdict=name))
        found.append(VerdictChoice(verdict.value, name, href, counts[verdict], chosen))
    return found


def _options(audit: Audit, selection: Selection) -> dict[str, list[tuple[str, str]]]:
    """Give what the fields of the form offer: values and texts, with what is chosen among them."""
    sections, _ = counted(selection.without("section").of_audit(audit))
    _, trials = counted(selection.without("trial").of_audit(audit))
    found = {
        "section": [(name, f"{name} ({count})") for name, count in sections.items()],
        "trial": [(thing.slug, f"{thing.label} ({count})") for thing, count in trials.items()],
        "provisional": [("yes", "only provisional"), ("no", "without provisional")],
    }
    for name, options in found.items():
        value = getattr(selection, name)
        if value and value not in (given for given, _text in options):
            options.append((value, f"{value} (0)" if name == "section" else value))
    return found


def _pages(asked: ClaimsAsked, count: int) -> list[tuple[int, str]]:
    numbers = range(1, -(-count // _MOST) + 1)
    return [(n, path_of(replace(asked, page=n))) for n in numbers] if len(numbers) > 1 else []
