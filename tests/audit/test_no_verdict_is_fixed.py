"""Verdicts follow from the sources: change those, and they change; no claim has one of its own."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.audit.laid import audit_in, laid_over
from tests.audit.sheets import Folder, audit_of, claims_of
from tzgraph.audit.model import AuditedClaim, Verdict
from tzgraph.audit.template import TEMPLATE
from tzgraph.errors import Severity
from tzgraph.release import BuildOptions, Release, build_release, open_release
from tzgraph.release.aside import Aside
from tzgraph.vocabulary import TZ, Graphs

Claims = dict[str, AuditedClaim]

#: Beginnings of the ids of results and comparisons that are left out, and the claims they decide.
_GONE = {
    "toga-": ["sun-c004", "sun-c010", "sun-c011", "sun-c014", "sun-c057", "sun-c058"],
    "toga-t": ["sun-c059", "sun-c060", "sun-c184"],
    "jacob-": ["sun-c065"],
    "keynote-811-": ["sun-c077", "sun-c078", "sun-c079", "sun-c081"],
    "destiny-gastric01-": ["sun-c113", "sun-c114"],
    "destiny-gastric04-": ["sun-c118", "sun-c170"],
}
#: Ids of results, what they are made to say, the claim, and its verdict before and after.
_CHANGED = [
    (("toga-trastuzumab-os-bang-2010",), "15.8", "sun-c057", "Supported", "Unverified"),
    (("toga-trastuzumab-orr-bang-2010",), "97.3", "sun-c060", "Supported", "Contradicted"),
    (("jacob-placebo-os-tabernero-2018",), "17.5", "sun-c065", "Contradicted", "Supported"),
    (("jacob-placebo-orr-tabernero-2018",), "53.7", "sun-c066", "Unverified", "Supported"),
    (
        (
            "keynote-811-pembrolizumab-os-janjigian-2024",
            "keynote-811-pembrolizumab-os-keynote-811-follow-up-2026",
        ),
        "20.1",
        "sun-c077",
        "Imprecise",
        "Supported",
    ),
    (("destiny-gastric01-t-dxd-os-shitara-2020",), "18.2", "sun-c114", "Contradicted", "Supported"),
    (("toga-chemotherapy-os-bang-2010",), "12.1", "sun-c058", "Supported", "Unverified"),
    (("toga-chemotherapy-os-bang-2010",), "12.1", "sun-c011", "Supported", "Unverified"),
]
#: The same for comparisons: what they are made to say by column.
_COMPARED = [
    (
        ("destiny-gastric04-os-shitara-2025",),
        {
            "hazardRatio": "0.90",
            "ciLower": "0.70",
            "ciUpper": "1.20",
            "pValue": "0.4",
            "endpointOutcome": "Missed",
        },
        ["sun-c118", "sun-c170"],
    ),
]


@pytest.fixture(scope="module")
def before(shipped_dir: Path) -> Claims:
    return claims_of(open_release(shipped_dir), "sun-review")


# -- results that are missing or others --------------------------------------------------------


@pytest.fixture(scope="module")
def without_results(tmp_path_factory: pytest.TempPathFactory) -> Claims:
    root = tmp_path_factory.mktemp("without")
    sources = Folder.of_shipped(root / "sources")
    for table in ("results", "comparisons"):
        ids = {row[0] for row in sources.read(table)[1]}
        sources.drop(table, *(gone for gone in _GONE if any(i.startswith(gone) for i in ids)))
    return claims_of(build_release(root / "build", BuildOptions(sources.path)), "sun-review")


@pytest.mark.parametrize("name", [name for names in _GONE.values() for name in names])
def test_without_the_primary_result_a_claim_is_unverified(
    name: str, before: Claims, without_results: Claims
) -> None:
    assert before[name].verdict is not Verdict.UNVERIFIED
    claim = without_results[name]
    assert claim.verdict is Verdict.UNVERIFIED
    content = [j for j in claim.judgements if j.aspect == "Content"]
    assert {j.rule for j in content} <= {"no-primary-source", "nobody-compared"}
    assert {part.iri for j in content for part in j.stated} <= {part.iri for part in claim.states}
    assert content


def test_what_does_not_rest_on_results_stays(before: Claims, without_results: Claims) -> None:
    moved = {n for n in before if before[n].verdict is not without_results[n].verdict}
    expected = {name for names in _GONE.values() for name in names}
    assert moved - expected <= {"sun-c195", "sun-c196"}  # of these trials, too
    assert expected <= moved


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Release:
    root = tmp_path_factory.mktemp("changed")
    sources = Folder.of_shipped(root / "sources")
    for ids, value, *_rest in _CHANGED:
        sources.change("results", ids, value=value)
    for ids, cells, _names in _COMPARED:
        sources.change("comparisons", ids, **cells)
    head, rows = sources.read("results")
    (row,) = (r for r in rows if r[0] == "destiny-gastric01-t-dxd-dcr-shitara-2020")
    second = dict(zip(head, row, strict=True))
    second |= {
        "tz:OutcomeResult": "second-opinion",
        "rdfs:label": "second opinion",
        "tz:value": "90.1",
        "tz:reportedIn": "enhertu-us-2021",
        "source": "enhertu-us-2021",
    }
    same = second | {"tz:OutcomeResult": "third-opinion", "rdfs:label": "third opinion"}
    same |= {"tz:value": "85.70", "source": "yamaguchi-2021", "tz:reportedIn": "yamaguchi-2021"}
    sources.append("results", second, same)
    return build_release(root / "build", BuildOptions(sources.path))


@pytest.mark.parametrize(("ids", "value", "name", "old", "new"), _CHANGED)
def test_another_primary_result_flips_the_verdict(
    ids: tuple[str, ...],
    value: str,
    name: str,
    old: str,
    new: str,
    before: Claims,
    changed: Release,
) -> None:
    assert before[name].verdict == old
    claim = claims_of(changed, "sun-review")[name]
    assert claim.verdict == new
    held = {part.iri.rsplit("/", 1)[-1] for j in claim.deciding for part in j.checked_against}
    assert held & set(ids)
    assert any(part.text.startswith(value) for j in claim.deciding for part in j.checked_against)


@pytest.mark.parametrize(("ids", "cells", "names"), _COMPARED)
def test_superiority_that_was_not_shown_is_contradicted(
    ids: tuple[str, ...],
    cells: dict[str, str],
    names: list[str],
    before: Claims,
    changed: Release,
) -> None:
    assert ids
    assert float(cells["pValue"]) >= 0.05
    claims = claims_of(changed, "sun-review")
    for name in names:
        assert before[name].verdict is Verdict.SUPPORTED
        assert claims[name].verdict is Verdict.CONTRADICTED
        assert {j.rule for j in claims[name].deciding} == {"finding-not-shown"}


# -- disagreement ------------------------------------------------------------------------------


def _disagreeing(store: ox.Store) -> set[tuple[str, str]]:
    link, audit = ox.NamedNode(TZ + "disagreesWith"), ox.NamedNode(Graphs.AUDIT)
    quads = store.quads_for_pattern(None, link, None, audit)
    return {
        (str(q.subject)[1:-1].rsplit("/", 1)[-1], str(q.object)[1:-1].rsplit("/", 1)[-1])
        for q in quads
    }


def test_two_accepted_sources_that_disagree_are_told(changed: Release) -> None:
    found = _disagreeing(changed.store())
    pairs = {frozenset(pair) for pair in found}
    first = "destiny-gastric01-t-dxd-dcr-shitara-2020"
    assert pairs == {
        frozenset({first, "second-opinion"}),
        frozenset({"second-opinion", "third-opinion"}),
    }
    assert len(found) == len(pairs), "each pair once"
    told = audit_of(changed, "sun-review").disagreements
    texts = {frozenset({one.one.text, one.other.text}) for one in told}
    assert texts == {frozenset({"85.7 %", "90.1 %"}), frozenset({"85.70 %", "90.1 %"})}


def test_the_shipped_sources_agree(shipped_dir: Path) -> None:
    assert _disagreeing(open_release(shipped_dir).store()) == set()


# -- other documents ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aside]:
    """The review's claims under another name, and a paper with a figure of its own."""
    root = tmp_path_factory.mktemp("others")
    shipped = Folder.of_shipped(root / "sources")
    shipped.quote_again("sun-review", "moon-review", "moon-", into=root / "moon")
    shutil.copytree(TEMPLATE, root / "paper")
    paper = Folder(root / "paper")
    paper.change("statedresults", ("my-review-01",), value="15.5", approximate="")
    with laid_over(root / "moon", root / "paper") as aside:
        yield aside


def _named(aside: Aside, source: str) -> Claims:
    return {claim.name: claim for claim in audit_in(aside, source).claims}


def test_another_document_is_audited_without_a_change(before: Claims, others: Aside) -> None:
    ours, theirs = _named(others, "sun-review"), _named(others, "moon-review")
    assert set(theirs) == {f"moon-{name}" for name in ours}
    assert {n: c.verdict for n, c in ours.items()} == {n: c.verdict for n, c in before.items()}
    for name, claim in ours.items():
        rules = {j.rule: j.verdict for j in claim.judgements if j.rule}
        again = {j.rule: j.verdict for j in theirs[f"moon-{name}"].judgements}
        if again.keys() - rules.keys() == {"statement-holds"}:
            # What was read in the review alone is evidence for another document's claim only.
            assert rules["no-primary-source"] is Verdict.UNVERIFIED
            assert rules.keys() - again.keys() <= {"no-primary-source"}
            continue
        assert again == rules


def test_claims_that_no_curator_judged_get_the_same_verdicts(others: Aside) -> None:
    ours, theirs = _named(others, "sun-review"), _named(others, "moon-review")
    computed = [n for n, c in ours.items() if not any(j.curator for j in c.judgements)]
    assert len(computed) > 20
    for name in computed:
        claim, again = ours[name], theirs[f"moon-{name}"]
        assert (again.verdict, again.provisional) == (claim.verdict, claim.provisional)
        assert again.citation_verdict == claim.citation_verdict
        assert [p.text for p in again.states] == [p.text for p in claim.states]
    assert len(Counter(ours[n].verdict for n in computed)) == 4


def test_a_second_document_leaves_no_trace_in_what_is_asserted(others: Aside) -> None:
    store = others.store
    moon = ox.NamedNode(Graphs.SOURCE + "moon-review")
    for name in ("value", "finding"):
        stated = list(store.quads_for_pattern(None, ox.NamedNode(TZ + name), None, moon))
        assert stated
        assert not [q for q in stated if ox.Quad(q.subject, q.predicate, q.object) in store]


def test_two_documents_that_disagree_are_told(others: Aside) -> None:
    pairs = {frozenset(pair) for pair in _disagreeing(others.store)}
    assert pairs == {
        frozenset({"my-review-01", "sun-c057"}),
        frozenset({"my-review-01", "moon-sun-c057"}),
        frozenset({"my-review-05", "my-review-11"}),  # the example disagrees with itself
    }


def test_further_documents_bring_warnings_only(others: Aside) -> None:
    assert {f.severity for f in others.findings} == {Severity.WARNING}
