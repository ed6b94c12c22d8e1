"""An audit as one HTML page that needs nothing else: no script, no font, no other file."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tzgraph.audit.model import Audit, AuditedClaim, Verdict
from tzgraph.audit.report import words
from tzgraph.audit.report.bars import by_section, overview
from tzgraph.audit.report.forest import forests, ratio_text

__all__ = ["FILTERS", "TEMPLATES", "WORDS", "anchors_of", "claims_style", "write_html"]

#: Where ``_claims.html`` is, whose macros other pages of claims import.
TEMPLATES = Path(__file__).parent / "templates"
#: The filters that these macros use, by name.
FILTERS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            words.plural,
            words.row_cells,
            words.place,
            words.reason,
            words.reported,
            words.decided_by,
            words.short_link,
            words.web_address,
            words.content_judgements,
            words.citation_judgements,
            words.cited_parts,
        )
    }
)
#: The words that they use, by name.
WORDS: Mapping[str, object] = MappingProxyType(
    {
        "citations": words.CITATIONS,
        "signs": words.SIGNS,
        "meanings": words.MEANINGS,
        "provisional_means": words.PROVISIONAL,
    }
)


def claims_style() -> str:
    """Give the style of verdicts and cards, which is for any page that has them."""
    return (TEMPLATES / "claims.css").read_text(encoding="utf-8")


def write_html(audit: Audit) -> str:
    """Write an audit as a page that can be read, sent and printed on its own.

    The page loads nothing: its content security policy allows only its own style, by its hash.

    >>> from tzgraph.audit.model import AuditedDocument
    >>> write_html(Audit(AuditedDocument("", "", "A review"), release="1"))[:15]
    '<!doctype html>'
    """
    style = claims_style() + (TEMPLATES / "audit.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    provisional = sum(claim.provisional for claim in audit.claims)
    return (
        _environment()
        .get_template("audit.html")
        .render(
            audit=audit,
            # Both are made here of our own text and of texts that the charts have escaped.
            style=Markup(style),  # noqa: S704 - made here
            overview=Markup(overview(audit)),  # noqa: S704 - made here
            by_section=Markup(by_section(audit)),  # noqa: S704 - made here
            forests=[(plot, Markup(plot.picture)) for plot in forests(audit.ratios)],  # noqa: S704 - made here
            style_hash=f"sha256-{digest}",
            anchors=anchors_of(audit.claims),
            provisional=provisional,
            verdicts=list(Verdict),
            contradicted=words.claims_with(audit, Verdict.CONTRADICTED),
            imprecise=words.claims_with(audit, Verdict.IMPRECISE),
            references=words.without_reference(audit),
            cited=words.by_reference(words.without_reference(audit)),
            disputed=[claim for claim in audit.claims if claim.disputed],
            halves=[
                (
                    "itself" if within else "disagreements",
                    heading,
                    [pair for pair in audit.disagreements if pair.within == within],
                )
                for heading, within in words.HALVES
            ],
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters.update(FILTERS)
    # In a file of its own, nothing leads to the pages of a server.
    environment.globals.update(
        WORDS, ratio_text=ratio_text, href=lambda _iri: "", cell_href=lambda _cell: ""
    )
    return environment


def _shown(value: object) -> object:
    """Make control characters visible, which HTML can't hold; leave what is markup alone."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return words.visible(value)
    return value


def anchors_of(claims: Iterable[AuditedClaim]) -> dict[str, str]:
    """Give each claim a name within the page: the end of its IRI, which stays the same."""
    anchors: dict[str, str] = {}
    taken: set[str] = set()
    for claim in claims:
        end = re.sub(r"[^A-Za-z0-9-]+", "-", re.split(r"[/#]", claim.iri)[-1]).strip("-")
        anchor = f"claim-{end}" if end else "claim"
        while anchor in taken:
            anchor += "-"
        taken.add(anchor)
        anchors[claim.iri] = anchor
    return anchors
