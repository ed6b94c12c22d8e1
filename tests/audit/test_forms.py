"""Each form in which a claim can be given reaches both verdicts, on a graph of its own.

A form is what a document may say: differences, landmarks, harm, denials. Of each
``forms/forms.tsv`` has a made-up claim that is borne out and one that is contradicted by the facts
of ``forms/world.ttl``.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest

from tests.audit.figures import DOCUMENT, REPORT, add, audit_rules, quoting
from tests.reason.graphs import E
from tzgraph.audit.run import run_audit
from tzgraph.vocabulary import TZ

_HERE = Path(__file__).parent / "forms"
_VIEW = ox.DefaultGraph()
_WORLD = (_HERE / "world.ttl").read_text(encoding="utf-8")
_RULES = (
    "PREFIX tz: <{0}> SELECT ?rule WHERE "
    "{{ ?a tz:assesses <{1}claim> ; tz:byRule ?rule ; tz:assessedAs <{2}> }}"
)


class Form(NamedTuple):
    """A form: what a document says rightly and wrongly, and the rules that judge so.

    ``stated_by`` is the property of the claim that leads to it, or nothing where the cells are
    those of the claim itself.
    """

    name: str
    stated_by: str
    right: str
    wrong: str
    supported_by: str
    contradicted_by: str


def _forms() -> dict[str, Form]:
    with (_HERE / "forms.tsv").open(encoding="utf-8", newline="") as lines:
        _head, *rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row[0]: Form(*row) for row in rows}


FORMS = _forms()


def _pattern(stated: str, stated_by: str = "tz:statesResult") -> tuple[str, str]:
    """What the document's graph has besides the claim, and the cells of the claim."""
    return (f"{stated} .", f"{stated_by} :said") if stated_by else ("", stated)


def audited(stated: str, cells: str, world: str = _WORLD) -> ox.Store:
    """Audit one claim of a document against what accepted sources report."""
    store = quoting(stated)
    shown = [] if "tz:negated" in cells else [_VIEW]  # as a build shows claims
    add(store, f":claim a tz:Claim ; {cells} .", DOCUMENT, *shown)
    add(store, ":claim a tz:Claim .", _VIEW)
    add(store, world, REPORT, _VIEW)
    run_audit(store, audit_rules(), [DOCUMENT.value])
    return store


def _judged(store: ox.Store) -> tuple[str, set[str]]:
    """The verdict on the claim, and the rules that come to it."""
    claim, link = ox.NamedNode(E + "claim"), ox.NamedNode(TZ + "verdict")
    (verdict,) = {q.object for q in store.quads_for_pattern(claim, link, None, _VIEW)}
    assert isinstance(verdict, ox.NamedNode)
    found = store.query(_RULES.format(TZ, E, verdict.value))
    assert isinstance(found, ox.QuerySolutions)
    rules = {str(row["rule"])[1:-1].rsplit("/", 1)[-1] for row in found}
    return verdict.value.removeprefix(TZ), rules


@cache
def _verdict(stated: str, stated_by: str = "tz:statesResult", more: str = "") -> tuple[str, str]:
    """The verdict on a claim and the rules that come to it, in one text."""
    verdict, rules = _judged(audited(*_pattern(stated, stated_by), world=_WORLD + more))
    return verdict, " ".join(sorted(rules))


@pytest.mark.parametrize("name", FORMS)
def test_a_form_reaches_supported(name: str) -> None:
    form = FORMS[name]
    assert _verdict(form.right, form.stated_by) == ("Supported", form.supported_by)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_reaches_contradicted(name: str) -> None:
    form = FORMS[name]
    verdict, rules = _verdict(form.wrong, form.stated_by)
    assert (verdict, form.contradicted_by in rules.split()) == ("Contradicted", True), rules


@pytest.mark.parametrize("name", FORMS)
def test_without_the_reported_facts_nothing_is_decided(name: str) -> None:
    form = FORMS[name]
    for stated in (form.right, form.wrong):
        said, cells = _pattern(stated, form.stated_by)
        assert _judged(audited(said, cells, ":new tz:armOf :trial ."))[0] == "Unverified"


_STATEMENT = "a tz:CompletenessStatement"
#: Worlds don't agree on these, or one other case is enough.
_SURE = {"enrolled", "about so many enrolled", "planned", "analysed", "only", "denial"}
#: So does a claim that names the final analysis, which is reported.
_SURE |= {"standard of care", "cut-off in words"}


def test_only_what_is_known_in_full_is_contradicted() -> None:
    """Without anybody who says that all is known, another figure may have been reported."""
    sections = re.split(r"(?<=[.]\n)", _WORLD)
    kept = "".join(text for text in sections if _STATEMENT not in text)
    assert kept.count("\n") < _WORLD.count("\n")
    verdicts = {}
    for name, form in FORMS.items():
        said, cells = _pattern(form.wrong, form.stated_by)
        verdicts[name] = _judged(audited(said, cells, kept))[0]
    sure = {name for name, verdict in verdicts.items() if verdict != "Unverified"}
    assert sure == _SURE
    assert {verdicts[name] for name in sure} == {"Contradicted"}


# -- between right and wrong -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "old", "new", "verdict", "rule"),
    [
        ("enrolled", "594.0", "584.0", "Imprecise", "number-counted-otherwise"),
        ("enrolled", "594.0", "600.0", "Imprecise", "number-counted-otherwise"),
        ("adverse event", "37.0", "19.0", "Imprecise", "figure-of-a-grade"),
        ("landmark", "tz:timePoint 12.0", "tz:timePoint 36.0", "Unverified", "no-primary-source"),
        ("cut-off in words", "Final", "PostHoc", "Unverified", "no-primary-source"),
        ("follow-up of a figure", "38.0", "60.0", "Unverified", "no-primary-source"),
        ("cases a year", "2020", "2012", "Unverified", "no-primary-source"),
        ("cases a year", "World", "Japan", "Unverified", "no-primary-source"),
        ("frequency", ":her2", ":other", "Unverified", "no-primary-source"),
    ],
)
def test_a_figure_of_something_else(name: str, old: str, new: str, verdict: str, rule: str) -> None:
    assert old in FORMS[name].right
    assert _verdict(FORMS[name].right.replace(old, new)) == (verdict, rule)


def test_a_rank_that_changed_is_imprecise_without_a_year() -> None:
    rank = "tz:frequencyOf :gastric ; tz:frequencyMeasure tz:MortalityRank ; tz:year 2018"
    before = f':then a tz:Frequency ; {rank} ; tz:place "World" ; tz:value 3.0 ; tz:unit tz:One .'
    stated = FORMS["rank"].wrong
    assert _verdict(stated, more=before) == (
        "Imprecise",
        "frequency-of-some-year",
    )
    named = _verdict(f"{stated} ; tz:year 2018", more=before)
    assert named == ("Supported", "figure-borne-out")


def test_a_denial_that_evidence_is_divided_on_is_imprecise() -> None:
    against = (
        ":e5 a tz:Evidence ; rdf:subject :mab ; rdf:predicate tz:mediates ; rdf:object :adcc ;"
        " tz:direction tz:Refutes ."
    )
    assert _verdict(FORMS["denial"].wrong, "", against) == ("Imprecise", "denial-disputed")


@pytest.mark.parametrize("name", ["denial"])
def test_what_is_denied_is_not_what_the_claim_says(name: str) -> None:
    for stated in (FORMS[name].right, FORMS[name].wrong):
        assert "statement-" not in _verdict(stated, "")[1]


# -- one document against itself ---------------------------------------------------------------


def _disagreeing(one: str, other: str) -> set[frozenset[str]]:
    store = audited(f"{one} . {other.replace(':said', ':again', 1)} .", "tz:statesResult :said")
    quads = store.quads_for_pattern(None, ox.NamedNode(TZ + "disagreesWith"), None, _VIEW)
    return {frozenset({str(q.subject)[1:-1], str(q.object)[1:-1]}) for q in quads}


@pytest.mark.parametrize("name", ["cut-off in words", "n of N", "lower risk", "enrolled", "rank"])
def test_two_places_of_one_document_that_disagree_are_told(name: str) -> None:
    pairs = _disagreeing(FORMS[name].right, FORMS[name].wrong)
    assert pairs == {frozenset({E + "said", E + "again"})}


@pytest.mark.parametrize(
    ("name", "other"),
    [("landmark", "landmark in years"), ("enrolled", "planned"), ("adverse event", "n of N")],
)
def test_figures_of_other_circumstances_do_not_disagree(name: str, other: str) -> None:
    assert _disagreeing(FORMS[name].right, FORMS[other].right) == set()
