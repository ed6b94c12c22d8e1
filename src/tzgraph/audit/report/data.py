"""An audit as JSON, with everything that the audit holds.

The structure, in which keys are never left out (an unknown text is ``""``, an unknown verdict or
number ``null``, an empty list ``[]``), and in which lists keep the order of the document::

    format          "tzgraph-audit/1"; the number changes when a key changes its meaning
    document        iri, source, label, citation
    release         id of the release
    summary         claims, contradicted, imprecise, supported, unverified, assessed, provisional,
                    disputed, unstructured: counts; references: counts of the verdicts on
                    references; sections: for each locator, and a count for each verdict
    claims          iri, name, locator, kind, text, verdict, provisional, structured,
                    disputed, citation_verdict, cites, states: parts; judgements; cells;
                    left_in_words: why no rule can judge it, or nothing;
                    about: iri, label, kind of the things that it speaks of
    judgement       iri, aspect, verdict, rule, curator, title, reason, provisional, pages,
                    stated: parts; checked_against: parts;
                    differences: what, stated, reported, by
    part            iri, text, about, source, publication, link, pages, recalled, trial, endpoint,
                    cells: file, row, column; ratio: null, or value, lower, upper;
                    graph, published: IRIs of source and publication
    disagreements   one, other: parts
    ratios          parts
    findings        severity, code, message, hint, file, row, column

Verdicts are ``Contradicted``, ``Imprecise``, ``Supported`` and ``Unverified``.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from math import isfinite
from typing import Any

from tzgraph.audit.model import Audit, AuditedClaim, ClaimPart, Judgement, Verdict
from tzgraph.read.provenance import CellRef

__all__ = ["FORMAT", "as_data", "claim_data", "judgement_data", "write_json"]

#: Names the structure and its version.
FORMAT = "tzgraph-audit/1"


def write_json(audit: Audit) -> str:
    """Write an audit as JSON; the docstring of the module says what is where.

    >>> from tzgraph.audit.model import AuditedDocument
    >>> json.loads(write_json(Audit(AuditedDocument("", "", ""), release="1")))["format"]
    'tzgraph-audit/1'
    """
    return json.dumps(as_data(audit), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def as_data(audit: Audit) -> dict[str, Any]:
    """Give an audit as dictionaries, lists, texts and numbers."""
    return {
        "format": FORMAT,
        "document": asdict(audit.document),
        "release": audit.release,
        "summary": _summary(audit),
        "claims": [claim_data(claim) for claim in audit.claims],
        "disagreements": [
            {"one": _part(pair.one), "other": _part(pair.other)} for pair in audit.disagreements
        ],
        "ratios": [_part(part) for part in audit.ratios],
        "findings": [finding.as_dict() for finding in audit.findings],
    }


def _summary(audit: Audit) -> dict[str, Any]:
    references = Counter(c.citation_verdict for c in audit.claims if c.citation_verdict)
    return {
        "claims": len(audit.claims),
        **_counts(audit.count()),
        "assessed": sum(bool(claim.judgements) for claim in audit.claims),
        "provisional": sum(claim.provisional for claim in audit.claims),
        "disputed": sum(claim.disputed for claim in audit.claims),
        "unstructured": audit.unstructured,
        "references": _counts(references),
        "sections": [
            {"locator": section, **_counts(audit.count(section))} for section in audit.sections
        ],
    }


def _counts(counts: Counter[Verdict]) -> dict[str, int]:
    return {verdict.value.lower(): counts[verdict] for verdict in Verdict}


def claim_data(claim: AuditedClaim) -> dict[str, Any]:
    """Give a claim as dictionaries, lists, texts and numbers."""
    return {
        "iri": claim.iri,
        "name": claim.name,
        "locator": claim.locator,
        "kind": claim.kind,
        "text": claim.text,
        "verdict": claim.verdict.value,
        "provisional": claim.provisional,
        "structured": claim.structured,
        "left_in_words": claim.left_in_words,
        "disputed": claim.disputed,
        "citation_verdict": claim.citation_verdict.value if claim.citation_verdict else None,
        "cites": list(claim.cites),
        "states": [_part(part) for part in claim.states],
        "judgements": [judgement_data(judgement) for judgement in claim.judgements],
        "cells": [_cell(cell) for cell in claim.cells],
        "about": [asdict(thing) for thing in claim.about],
    }


def judgement_data(judgement: Judgement) -> dict[str, Any]:
    """Give a judgement as dictionaries, lists, texts and numbers."""
    return {
        "iri": judgement.iri,
        "aspect": judgement.aspect,
        "verdict": judgement.verdict.value,
        "rule": judgement.rule,
        "curator": judgement.curator,
        "title": judgement.title,
        "reason": judgement.reason,
        "provisional": judgement.provisional,
        "pages": list(judgement.pages),
        "stated": [_part(part) for part in judgement.stated],
        "checked_against": [_part(part) for part in judgement.checked_against],
        "differences": [asdict(difference) for difference in judgement.differences],
    }


def _part(part: ClaimPart) -> dict[str, Any]:
    ratio = None
    if part.ratio is not None:
        ratio = {name: _number(value) for name, value in zip(_RATIO, part.ratio, strict=True)}
    return {
        "iri": part.iri,
        "text": part.text,
        "about": part.about,
        "source": part.source,
        "publication": part.publication,
        "link": part.link,
        "pages": list(part.pages),
        "recalled": part.recalled,
        "trial": part.trial,
        "endpoint": part.endpoint,
        "cells": [_cell(cell) for cell in part.cells],
        "ratio": ratio,
        "graph": part.graph,
        "published": part.published,
    }


def _number(value: float | None) -> float | None:
    """Give a number as JSON can hold it, which has none for NaN and infinity."""
    return value if value is not None and isfinite(value) else None


def _cell(cell: CellRef) -> dict[str, Any]:
    return {"file": cell.file, "row": cell.row, "column": cell.column}


_RATIO = ("value", "lower", "upper")
