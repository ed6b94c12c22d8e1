"""The HTML report and its pictures."""

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from tests.audit.report.samples import (
    CONTRADICTED,
    DOI,
    EMPTY,
    FULL,
    HOSTILE,
    LONG,
    RATIOS,
    hostile,
)
from tzgraph.audit.model import Audit, AuditedClaim, ClaimPart, Verdict
from tzgraph.audit.report.bars import by_section, overview
from tzgraph.audit.report.forest import Axis, forests
from tzgraph.audit.report.page import write_html

SVG = "{http://www.w3.org/2000/svg}"
VOID = {"meta", "input", "br", "link", "img", "hr"}
#: What would make a page load or run something.
LOADING = {"src", "srcset", "data", "action", "background", "poster", "formaction", "style"}
AUDITS = {"full": FULL, "empty": EMPTY, "hostile": hostile(HOSTILE), "long": hostile(LONG)}


class Page(HTMLParser):
    """What a page consists of; fails where tags are not nested."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


def texts(picture: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(picture).iter(SVG + "text")]  # noqa: S314 - our own SVG


@pytest.mark.parametrize("audit", AUDITS.values(), ids=AUDITS)
def test_the_page_loads_and_runs_nothing(audit: Audit) -> None:
    text = write_html(audit)
    page = Page(text)
    assert not set(page.tags) & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "image",
    }
    names = {name for _, name, _ in page.attributes}
    assert not names & LOADING
    assert not [name for name in names if name.startswith("on")]
    assert all(link.startswith(("https://", "http://", "#")) for link in page.values("href"))
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("audit", AUDITS.values(), ids=AUDITS)
def test_the_policy_allows_the_style_and_nothing_else(audit: Audit) -> None:
    text = write_html(audit)
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        in Page(text).values("content")
    )


@pytest.mark.parametrize("audit", AUDITS.values(), ids=AUDITS)
def test_names_within_the_page_are_unique_and_links_to_them_lead_somewhere(audit: Audit) -> None:
    page = Page(write_html(audit))
    ids = page.values("id")
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    referred = [link[1:] for link in page.values("href") if link.startswith("#")]
    referred += " ".join(page.values("aria-labelledby")).split()
    assert set(referred) - set(ids) == set()


def test_texts_are_shown_as_they_are_but_for_control_characters() -> None:
    text = write_html(hostile(HOSTILE))
    assert "<script>alert" not in text
    assert "\x1b" not in text
    assert "\x00" not in text
    assert (
        "<script>alert(1)</script> | `code` *bold* [x](javascript:alert(2)) & \"q\" 'p' \\x1b[31m"
        in (Page(text).text)
    )


def test_a_contradicted_claim_has_both_sides() -> None:
    text = write_html(FULL)
    start = text.index('<article class="card contradicted" id="claim-sun-c065"')
    card = Page(text[start : text.index("</article>", start) + 10])
    said, reported = card.text.split("The primary source reports")
    assert CONTRADICTED.text in said
    assert "17.5 months JACOB: placebo arm" in said
    assert "Cites Bang 2010 (reference does not say so)" in said
    assert "17.5 months (95 % CI 16.2 to 19.3) JACOB: pertuzumab arm" in reported
    assert "intention to treat · data up to 2016-12-09" in reported
    assert "Row results.tsv:12 · seen at mendeley.com , github:owner/name:file" in reported
    assert "14.2 months ○ from memory, not checked" in reported
    assert "17.5 months is the figure of the other arm. rule stated-values" in reported
    assert "But: imprecise. The arm is confused. curator Jane Doe" in reported
    assert "curator and rule differ" in said
    assert DOI in card.values("href")
    assert "github:owner/name:file" not in card.values("href")


def test_claims_stand_where_their_verdict_puts_them() -> None:
    text = write_html(FULL)
    page = Page(text)
    assert page.tags["article"] == 2
    assert '<tr class="supported" id="claim-sun-c057">' in text
    assert '<tr class="unverified" id="claim-sun-c067">' in text
    assert "In words only: no rule can judge it, and no curator has." in page.text
    assert "Contradicted: 1 claim" in page.text
    assert "Imprecise: 1 claim" in page.text
    # In the key, on the card and in the row of its section.
    assert page.text.count("○ provisional") == 3
    assert "1 of the verdicts is provisional." in page.text
    assert "1 of 4 claims has no structured form yet" in page.text
    assert "Release 2026-11-23-abc of tzgraph" in page.text


def test_other_parts_are_there_and_left_out_where_there_is_nothing() -> None:
    headings = {
        "references": "References that do not bear the claim out",
        "disagreements": "Where sources disagree",
        "ratios": "Hazard ratios in the primary sources",
        "findings": "What is wrong in the tables",
    }
    full, empty = write_html(FULL), write_html(EMPTY)
    for name, title in headings.items():
        assert f'<h2 id="{name}">{title}</h2>' in full
        assert title not in empty
    assert "c.tsv:4" in full
    assert "The release holds no claims of this document." in empty
    assert "<svg" not in empty


def test_tables_and_headings_serve_readers_who_listen() -> None:
    text = write_html(FULL)
    page = Page(text)
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert page.tags["caption"] == page.tags["table"]
    assert page.tags["figcaption"] == page.tags["figure"] == page.tags["svg"]
    assert page.tags["h1"] == 1
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    heads = re.findall(r"<th(?![^>]*scope=)", text.replace("<thead", ""))
    assert heads == []


def test_two_claims_of_one_name_have_two_places() -> None:
    twins = tuple(
        replace(CONTRADICTED, iri=f"https://example.org/{folder}/c1") for folder in ("a", "b")
    )
    text = write_html(replace(FULL, claims=twins))
    assert 'id="claim-c1"' in text
    assert 'id="claim-c1-"' in text


class TestBars:
    def test_numbers_stand_in_the_bars(self) -> None:
        audit = replace(FULL, claims=(*FULL.claims, *FULL.claims))
        assert texts(overview(audit))[:4] == ["2", "2", "2", "2"]
        shown = texts(by_section(audit))
        assert shown[4:] == ["3.2", "2", "2", "2", "6", "3.3", "2", "2"]

    def test_no_section_and_a_part_too_small_for_its_number(self) -> None:
        claim = AuditedClaim("x", "x", "", "", "x", Verdict.SUPPORTED)
        rare = replace(claim, verdict=Verdict.CONTRADICTED)
        audit = replace(EMPTY, claims=(*(claim,) * 900, rare))
        shown = texts(by_section(audit))
        assert shown[4:] == ["no section", "900", "901"]
        assert "1 contradicted, 900 supported" in by_section(audit)

    @pytest.mark.parametrize("draw", [overview, by_section])
    def test_pictures_are_xml_with_title_and_description(self, draw: object) -> None:
        assert callable(draw)
        for text in (HOSTILE, LONG, "]]>"):
            root = ElementTree.fromstring(draw(hostile(text)))  # noqa: S314 - our own SVG
            assert root.get("role") == "img"
            assert root[0].tag == SVG + "title"
            assert root[1].tag == SVG + "desc"
            assert (root.get("aria-labelledby") or "").split() == [
                root[0].get("id"),
                root[1].get("id"),
            ]
        assert draw(EMPTY) == ""


class TestForest:
    def test_rows_by_endpoint_with_ratio_and_interval(self) -> None:
        overall, free = forests(RATIOS)
        assert (overall.endpoint, free.endpoint) == (
            "Overall survival",
            "Progression-free survival",
        )
        shown = texts(overall.picture)
        assert "0.74 (0.60–0.91)" in shown
        assert "trastuzumab against chemotherapy · primary analysis" in shown
        assert "0.47 (no interval)" in texts(free.picture)

    @pytest.mark.parametrize(
        ("lower", "upper", "arrows"), [(0.6, 0.9, 0), (0.01, 0.9, 1), (0.6, 50, 1), (0.01, 50, 2)]
    )
    def test_an_end_of_an_interval_that_leaves_the_axis_is_an_arrow(
        self, lower: float, upper: float, arrows: int
    ) -> None:
        (plot,) = forests([ClaimPart("x", "", about="T: a", ratio=(0.7, lower, upper))])
        assert plot.picture.count("<polygon") == arrows

    def test_recalled_ratios_are_hollow(self) -> None:
        overall = forests(RATIOS)[0].picture
        markers = re.findall(r'<rect[^>]*fill="(#\w+)"', overall)
        assert markers == ["#1b2430", "#ffffff"]

    def test_one_is_marked_and_on_the_axis(self) -> None:
        for plot in forests(RATIOS):
            assert re.search(r'font-weight="bold"[^>]*>1<', plot.picture)

    @pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
    def test_what_has_no_place_on_the_axis_is_left_out(self, value: float) -> None:
        assert forests([ClaimPart("x", "", ratio=(value, None, None))]) == ()
        part = ClaimPart("x", "", about="T: a", ratio=(0.5, value, 2.0))
        (plot,) = forests([part])
        assert "0.50 (?–2.00)" in texts(plot.picture)

    @pytest.mark.parametrize("value", [1e-9, 1e9])
    def test_a_ratio_beyond_all_axes_is_still_drawn(self, value: float) -> None:
        (plot,) = forests([ClaimPart("x", "", ratio=(value, value, value))])
        ElementTree.fromstring(plot.picture)  # noqa: S314 - our own SVG
        numbers = [float(n) for n in re.findall(r' x="(-?[\d.]+)"', plot.picture)]
        assert all(-10 <= number <= 770 for number in numbers)

    def test_long_groups_are_parted_evenly(self) -> None:
        many = [replace(RATIOS[0], iri=str(n)) for n in range(17)]
        plots = forests(many)
        assert [len(plot.rows) for plot in plots] == [9, 8]
        assert [plot.endpoint for plot in plots] == [
            "Overall survival",
            "Overall survival, continued",
        ]

    def test_pictures_are_xml_whatever_the_texts(self) -> None:
        for text in (HOSTILE, LONG, "]]>", ""):
            for plot in forests(hostile(text).ratios):
                ElementTree.fromstring(plot.picture)  # noqa: S314 - our own SVG

    def test_halves_and_doubles_are_as_far_from_one(self) -> None:
        axis = Axis(0.25, 4)
        assert axis.at(1) - axis.at(0.5) == pytest.approx(axis.at(2) - axis.at(1))
