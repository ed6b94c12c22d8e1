"""Fields for the parameters of a query in the editor, where its text may say anything."""

from __future__ import annotations

import httpx
import pytest

from tests.serve.test_pages import BROWSER, Page
from tzgraph.curies import Curies
from tzgraph.serve.views.inputs import editor_inputs

CURIES = Curies({"ex": "http://example.org/", "tz": "http://t/"})
DRUGS = {"tz:Drug": {"http://example.org/a": "Alpha", "http://example.org/b": "<b>"}}
KINDS = {"http://t/Drug": "http://example.org/"}


def test_default_is_chosen_in_the_list() -> None:
    text = "#+ param: drug tz:Drug = a -- which\n#+ param: n integer?\nSELECT * {}"
    drug, number = editor_inputs(CURIES, KINDS, text, {}, DRUGS)
    assert drug.is_list
    assert [(c.value, c.text, c.is_chosen) for c in drug.choices] == [
        ("ex:b", "<b>", False),
        ("ex:a", "Alpha", True),
    ]
    assert (number.kind, number.optional, number.value) == ("number", True, "")


@pytest.mark.parametrize("value", ["ex:c", "no such thing", "", "http://x/\u2028", "\udcff"])
def test_what_was_written_stays(value: str) -> None:
    text = "#+ param: drug tz:Drug = a\nSELECT * {}"
    drug, other = editor_inputs(CURIES, KINDS, text, {"drug": value, "y": value}, DRUGS)
    assert drug.value == (value or "a")
    assert drug.is_list == (not value)
    assert (other.name, other.value, other.optional) == ("y", value, not value)


def test_header_that_can_not_be_read_declares_nothing() -> None:
    for text in ("#+ param: x", "#+ nonsense", "#+ param: a iri\n#+ param: a iri", "", "#+"):
        assert editor_inputs(CURIES, KINDS, text, {}, DRUGS) == []


def test_choices_in_the_editor_and_above_the_result(shipped: httpx.Client) -> None:
    first = shipped.get("/sparql?library=drugs-on-target", headers=BROWSER)
    (select,) = Page(first.text).all("select")
    assert select["name"] == "$target"
    chosen = [o["value"] for o in Page(first.text).all("option") if "selected" in o]
    assert chosen == ["tztarget:her2"]
    query = shipped.get("/queries").json()["queries"]
    assert any(entry["name"] == "drugs-on-target" for entry in query)
    text = Page(first.text).all("textarea")
    assert text
    other = "#+ param: target tz:Target = her2\nSELECT ?target ?d { ?d tz:targets ?target }"
    answer = shipped.get(
        "/sparql", params={"query": other, "$target": "tztarget:egfr"}, headers=BROWSER
    )
    assert answer.status_code == 200
    chosen = [o["value"] for o in Page(answer.text).all("option") if "selected" in o]
    assert chosen == ["tztarget:egfr"]
