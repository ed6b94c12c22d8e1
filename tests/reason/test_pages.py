"""Where a fact was seen only: on second-hand pages, as far as the pages are known."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reason.graphs import domain_rules, reasoned
from tzgraph.resources import shipped
from tzgraph.vocabulary import TZ

_PAGES = """
tz:NewsPage a tz:SecondHandPageKind . tz:CompanyPage a tz:SecondHandPageKind .
tz:FullReport a tz:FirstHandPageKind .
:news tz:pageAddress "news" ; tz:pageKind tz:NewsPage .
:firm tz:pageAddress "firm" ; tz:pageKind tz:CompanyPage .
:report tz:pageAddress "report" ; tz:pageKind tz:FullReport .
"""
_BARE = re.compile(r"^https?://\d+[.]\d+[.]\d+[.]\d+")


def _seen_only_in(*addresses: str) -> set[str]:
    given = "".join(f' :fact tz:checkedAt "{address}" .' for address in addresses)
    found = reasoned(_PAGES + given, domain_rules()).new
    return {o.removeprefix(TZ) for s, p, o in found if (s, p) == ("fact", TZ + "seenOnlyIn")}


@pytest.mark.parametrize(
    ("addresses", "kinds"),
    [
        (["news"], {"NewsPage"}),
        (["news", "firm"], {"NewsPage", "CompanyPage"}),
        (["report"], set()),
        (["news", "report"], set()),
        (["elsewhere"], set()),
        (["news", "elsewhere"], set()),  # a page of unknown kind may be first-hand
        ([], set()),
    ],
)
def test_second_hand_is_what_has_no_other_page(addresses: list[str], kinds: set[str]) -> None:
    assert _seen_only_in(*addresses) == kinds


def _rows() -> Iterator[tuple[Path, dict[str, str]]]:
    with_names = sorted(Path(str(shipped("sources"))).glob("*.tsv"))
    for path in with_names:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield path, row


def _pages(row: dict[str, str]) -> list[str]:
    return [text for text in re.split(r"(?<!\\)\|", row.get("tz:checkedAt") or "") if text]


def test_each_page_that_a_table_names_is_described_and_no_other() -> None:
    named = {page for _, row in _rows() for page in _pages(row)}
    described = [row["tz:pageAddress"] for path, row in _rows() if path.name == "pages.tsv"]
    assert sorted(described) == sorted(named)


def test_no_page_is_a_server_without_a_name() -> None:
    assert [page for _, row in _rows() for page in _pages(row) if _BARE.match(page)] == []


def test_few_rows_are_recalled_and_no_figure_or_identifier() -> None:
    with_status = [(path.stem, row) for path, row in _rows() if row.get("tz:checkStatus")]
    recalled = [name for name, row in with_status if row["tz:checkStatus"] == "Recalled"]
    in_part = [
        (name, row["tz:recalledProperty"])
        for name, row in with_status
        if row.get("tz:recalledProperty") not in (None, "", "skos:altLabel")  # names find, no more
    ]
    assert len(recalled) < 70
    assert len(recalled) < 0.05 * len(with_status)
    assert not {"results", "comparisons", "arms", "populations", "trials"} & {
        *recalled,
        *(name for name, _ in in_part),
    }
    assert not re.search("tz:(pmid|doi|nctId)|Match", " ".join(parts for _, parts in in_part))
