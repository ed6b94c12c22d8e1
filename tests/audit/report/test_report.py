"""What all writers of an audit have in common, and the plain ones: text, Markdown, JSON, CSV."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tests.audit.report.samples import (
    CONTRADICTED,
    DOI,
    EMPTY,
    FULL,
    HOSTILE,
    LONG,
    OPEN,
    PERTUZUMAB,
    PLACEBO,
    hostile,
)
from tzgraph.audit.model import Audit, AuditedClaim, ClaimPart, Difference, Judgement
from tzgraph.audit.report.data import as_data, write_json
from tzgraph.audit.report.editors import write_editors_list
from tzgraph.audit.report.formats import FORMATS
from tzgraph.audit.report.markup import write_markdown
from tzgraph.audit.report.plain import write_text
from tzgraph.audit.report.spreadsheet import COLUMNS, write_csv
from tzgraph.audit.report.words import short_link, web_address

_DIFFERENCE = Difference("value", "15.5 months", "17.5 months", "2 more")
AUDITS = {"full": FULL, "empty": EMPTY, "hostile": hostile(HOSTILE), "long": hostile(LONG)}


def test_formats_have_names_people_try() -> None:
    assert set(FORMATS) == {"text", "markdown", "md", "html", "json", "csv", "editor"}
    assert FORMATS["md"] is FORMATS["markdown"]


@pytest.mark.parametrize("audit", AUDITS.values(), ids=AUDITS)
@pytest.mark.parametrize("write", FORMATS.values(), ids=FORMATS)
def test_every_audit_can_be_written_and_gives_the_same_each_time(
    write: Callable[[Audit], str], audit: Audit
) -> None:
    text = write(audit)
    assert text.endswith("\n")
    assert write(audit) == text


@pytest.mark.parametrize("name", ["text", "markdown", "html", "json"])
def test_everything_about_a_contradicted_claim_is_said(name: str) -> None:
    text = " ".join(FORMATS[name](FULL).split())
    expected = [
        CONTRADICTED.name,
        CONTRADICTED.text,
        "17.5 months (95 % CI 16.2 to 19.3)",
        "14.2 months",
        "17.5 months is the figure of the other arm.",
        "stated-values",
        "Jane Doe",
        "The arm is confused.",
        "Bang 2010",
        "results.tsv",
        "2026-11-23-abc",
    ]
    assert [part for part in expected if part not in text] == []


class TestText:
    def test_fits_100_columns_and_has_no_control_characters(self) -> None:
        text = write_text(FULL) + write_text(hostile(HOSTILE))
        assert max(map(len, text.splitlines())) <= 100
        assert "\x1b" not in text
        assert "\x00" not in text
        assert r"\x1b[31m" in text

    def test_claims_stand_in_their_sections_and_the_summary_at_the_end(self) -> None:
        text = write_text(FULL)
        places = [
            text.index(part)
            for part in (
                "Section 3.2",
                "claim 57",
                "claim 65",
                "claim 67",
                "Section 3.3",
                "Summary",
            )
        ]
        assert places == sorted(places)
        summary = text[places[-1] :]
        assert "Imprecise    1  (1 provisional)" in summary
        assert "1 claim with a reference that does not bear it out." in summary
        assert "1 claim in words only" in summary

    def test_verdict_citation_and_source_of_a_claim(self) -> None:
        lines = [line.strip() for line in write_text(FULL).splitlines()]
        assert (
            "✗ CONTRADICTED, curator and rule differ · review 3.2, claim 65 · trial result" in lines
        )
        assert "≈ IMPRECISE, provisional · review 3.3, claim 77 · trial result" in lines
        joined = " ".join(lines)
        assert "citation contradicted: the reference does not say so. ToGA, not JACOB." in " ".join(
            joined.split()
        )
        assert "doi:10.1016/S1470-2045(18)30481-9) · curated from Tabernero 2018" in joined
        assert "recalled, not looked up · results.tsv:13" in joined

    def test_an_open_claim_says_why(self) -> None:
        assert "in words only, so no rule can judge it" in write_text(replace(FULL, claims=(OPEN,)))

    def test_no_claims(self) -> None:
        assert "There are no claims" in write_text(EMPTY)


class TestMarkdown:
    def test_nothing_in_the_texts_is_markup(self) -> None:
        page = (
            MarkdownIt("commonmark", {"html": True})
            .enable("table")
            .render(write_markdown(hostile(HOSTILE)))
        )
        assert "<script" not in page
        assert "href" not in page
        assert "<code>" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; | `code` *bold*" in page

    def test_tables_keep_their_columns(self) -> None:
        text = write_markdown(hostile("a | b"))
        for block in text.split("\n\n"):
            if block.startswith("|"):
                pipes = {line.replace("\\|", "").count("|") for line in block.splitlines()}
                assert len(pipes) == 1

    def test_publications_are_links(self) -> None:
        page = MarkdownIt("commonmark").render(write_markdown(FULL))
        assert f'<a href="{DOI}">doi:10.1016/S1470-2045(18)30481-9</a>' in page

    @pytest.mark.parametrize("text", ["# no", "1. no", "- no", "+ no", "=== no"])
    def test_starts_of_blocks_are_texts(self, text: str) -> None:
        audit = replace(EMPTY, document=replace(EMPTY.document, citation=text))
        assert f"<p>{text}</p>" in MarkdownIt("commonmark").render(write_markdown(audit))


class TestJson:
    def test_round_trip(self) -> None:
        for audit in AUDITS.values():
            assert json.loads(write_json(audit)) == as_data(audit)

    def test_has_all_that_the_audit_has(self) -> None:
        data = json.loads(write_json(FULL))
        assert data["summary"]["contradicted"] == 1
        assert data["summary"]["sections"][0] == {
            "locator": "3.2",
            "contradicted": 1,
            "imprecise": 0,
            "supported": 1,
            "unverified": 1,
        }
        assert [claim["iri"] for claim in data["claims"]] == [claim.iri for claim in FULL.claims]
        part = data["claims"][1]["judgements"][0]["checked_against"][0]
        assert part["cells"][0] == {"file": "results.tsv", "row": 12, "column": 7}
        assert part["pages"] == list(PERTUZUMAB.pages)
        assert part["link"] == DOI
        assert data["claims"][2]["citation_verdict"] is None
        assert data["ratios"][2]["ratio"] == {"value": 0.47, "lower": None, "upper": None}
        assert data["findings"][0]["row"] == 4

    def test_no_field_of_the_model_is_left_out(self) -> None:
        data = as_data(FULL)
        claim = data["claims"][1]
        pairs: list[tuple[dict[str, object], AuditedClaim | Judgement | ClaimPart]] = [
            (claim, CONTRADICTED),
            (claim["judgements"][0], CONTRADICTED.judgements[0]),
            (claim["states"][0], CONTRADICTED.states[0]),
        ]
        for written, value in pairs:
            assert {field.name for field in fields(value)} <= set(written)
        assert {field.name for field in fields(FULL)} <= set(data)

    def test_what_is_no_number_is_null(self) -> None:
        audit = replace(
            EMPTY, ratios=(ClaimPart("x", "", ratio=(float("nan"), float("inf"), 1.0)),)
        )
        ratio = json.loads(write_json(audit))["ratios"][0]["ratio"]
        assert ratio == {"value": None, "lower": None, "upper": 1.0}


class TestCsv:
    def test_one_row_for_each_claim(self) -> None:
        text = write_csv(FULL)
        assert text.count("\r\n") == 1 + len(FULL.claims)
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        row = rows[1]
        assert tuple(row) == COLUMNS
        assert row["locator"] == "3.2"
        assert row["states"] == "17.5 months (JACOB: placebo arm)"
        assert row["reported"].startswith("17.5 months (95 % CI 16.2 to 19.3) (JACOB: pertuzumab")
        assert row["verdict"] == "Contradicted"
        assert row["provisional"] == "false"
        assert row["decided_by"] == "rule stated-values"
        assert row["checked_against"].endswith("jacob-placebo-os results.tsv:13")
        assert row["citation_verdict"] == "Contradicted"
        assert row["cites"] == "Bang 2010"
        assert rows[3]["provisional"] == "true"

    def test_values_are_as_they_are(self) -> None:
        rows = list(csv.DictReader(io.StringIO(write_csv(hostile(HOSTILE)), newline="")))
        assert [row["text"] for row in rows] == [HOSTILE] * 4

    def test_no_claims(self) -> None:
        assert write_csv(EMPTY) == ",".join(COLUMNS) + "\r\n"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (DOI, "doi:10.1016/S1470-2045(18)30481-9"),
        ("https://pubmed.ncbi.nlm.nih.gov/20728210/", "PMID 20728210"),
        ("https://clinicaltrials.gov/study/NCT01041404", "NCT01041404"),
        ("https://www.example.org/a", "example.org"),
        ("github:owner/name:file", "github:owner/name:file"),
        ("", ""),
    ],
)
def test_short_link(address: str, name: str) -> None:
    assert short_link(address) == name


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//host/x", "https:", "http://[", ""]
)
def test_only_the_web_is_linked(address: str) -> None:
    assert web_address(address) == ""


class TestEditorsList:
    def test_the_worst_comes_first_and_what_is_supported_is_left_out(self) -> None:
        lines = write_editors_list(FULL).splitlines()
        headings = [line for line in lines if line.startswith("## ")]
        assert headings == ["## To correct", "## To make precise", "## Open: what would decide"]
        assert not [line for line in lines if "Median OS was not reached" in line]
        (entry,) = (line for line in lines if CONTRADICTED.text in line)
        assert entry.startswith("1. **3.2** (review 3.2, claim 65): ")

    def test_rule_and_curator_are_both_named(self) -> None:
        text = write_editors_list(FULL)
        assert "- contradicted, rule stated-values: " in text
        assert "- imprecise, curator Jane Doe: The arm is confused." in text
        assert f"(<{DOI}>)" in text

    @pytest.mark.parametrize(
        ("change", "suggested"),
        [
            ({}, True),
            ({"checked_against": (PERTUZUMAB, PLACEBO)}, False),
            ({"checked_against": (PLACEBO,)}, False),  # recalled
            ({"checked_against": ()}, False),
            ({"differences": ()}, False),
            ({"differences": (_DIFFERENCE, replace(_DIFFERENCE, what="lower limit"))}, False),
        ],
    )
    def test_a_wording_is_suggested_only_where_one_number_can_be_meant(
        self, change: dict[str, Any], suggested: bool
    ) -> None:
        judgement = replace(
            CONTRADICTED.judgements[0],
            checked_against=(PERTUZUMAB,),
            differences=(_DIFFERENCE,),
        )
        judgement = replace(judgement, **change)
        claim = replace(CONTRADICTED, judgements=(judgement,))
        text = write_editors_list(replace(FULL, claims=(claim,)))
        wanted = "- suggested: 17.5 months instead of 15.5 months, after Tabernero 2018"
        assert (wanted in text) == suggested == ("suggested" in text)
        provisional = write_editors_list(replace(FULL, claims=(replace(claim, provisional=True),)))
        assert "suggested" not in provisional

    def test_nothing_in_the_texts_is_markup(self) -> None:
        page = MarkdownIt("commonmark", {"html": True}).render(write_editors_list(hostile(HOSTILE)))
        assert "<script" not in page
        assert "href" not in page
