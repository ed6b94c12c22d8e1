"""The explanation of a verdict begins with what was said and what was reported."""

from __future__ import annotations

import json
from functools import cache

import pyoxigraph as ox
import pytest

import tzgraph
from tests.shipped import shipped_release
from tzgraph.audit.model import Verdict
from tzgraph.audit.report.data import as_data
from tzgraph.errors import UnknownNameError, UsageError
from tzgraph.explain import ClaimComparison, Explanation, TripleStatus, as_text
from tzgraph.explain.comparison import compare
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.vocabulary import TZ, Graphs


@cache
def _opened() -> tuple[ox.Store, ReleaseExplainer]:
    release = shipped_release()
    store = release.store()
    return store, ReleaseExplainer(release, store)


def _explain(*terms: str) -> Explanation:
    return _opened()[1].explain(*terms)


def _comparison(*terms: str) -> ClaimComparison:
    found = _explain(*terms).comparison
    assert found is not None
    return found


def _text(*terms: str) -> list[str]:
    return as_text(_explain(*terms), _opened()[1].terms.compact).splitlines()


def test_both_sides_stand_before_the_tree() -> None:
    lines = _text("tzclaim:sun-c065", "tz:verdict", "tz:Contradicted")
    block = " ".join(line.strip() for line in lines[: lines.index("")])
    assert lines[0].startswith("✗ CONTRADICTED · sun-c065 · ")
    assert "section 3.2 · claims.tsv:66:1" in lines[0]
    assert "says      JACOB showed a median OS of 17.5 months" in block
    assert "states    17.5 months" in block
    assert "statedresults.tsv:9:8" in block
    assert "reported  17.5 months · JACOB: pertuzumab" in block
    assert "(doi:10.1016/S1470-2045(18)30481-9)" in block
    assert "results.tsv:10:7" in block
    assert "seen at   https://" in block
    assert "why       rule figure-of-another-arm: " in block
    assert lines[lines.index("") + 1].startswith("tzclaim:sun-c065 tz:verdict tz:Contradicted  [")


def test_a_claim_alone_asks_for_its_verdict() -> None:
    whole = _explain("tzclaim:sun-c065", "tz:verdict", "tz:Contradicted")
    assert _explain("tzclaim:sun-c065") == whole


@pytest.mark.parametrize(
    "terms", [("tzdrug:trastuzumab",), ("tz:Claim",), ("tzclaim:sun-c065", "a")]
)
def test_other_terms_do_not_stand_alone(terms: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        _explain(*terms)
    assert "Give SUBJECT PREDICATE OBJECT" in caught.value.hint


@pytest.mark.parametrize("rest", [(), ("tz:assessedAs", "tz:Supported")])
def test_an_unknown_claim_is_unknown(rest: tuple[str, ...]) -> None:
    with pytest.raises(UnknownNameError, match="claim/none is unknown"):
        _explain("tzclaim:none", *rest)


def test_every_verdict_has_its_comparison() -> None:
    store, _ = _opened()
    counted = dict.fromkeys(("verdict", "citationVerdict", "assessedAs"), 0)
    for name in counted:
        link = ox.NamedNode(TZ + name)
        for quad in store.quads_for_pattern(None, link, None, ox.DefaultGraph()):
            found = compare(store, str(quad.subject), str(link))
            assert found is not None, quad
            assert f"<{TZ}{found.verdict.value}>" == str(quad.object)
            verdicts = {judgement.verdict for judgement in found.judgements}
            # What no rule and no curator looked at is unverified; what is borne out in part and
            # open in part is imprecise.
            assert (
                found.verdict in verdicts
                or (found.verdict is Verdict.UNVERIFIED and not verdicts)
                or verdicts == {Verdict.SUPPORTED, Verdict.UNVERIFIED}
            ), quad
            counted[name] += 1
    assert min(counted.values()) > 50


def test_a_verdict_that_follows_from_two_judgements_shows_both_as_reasons() -> None:
    lines = _text("tzclaim:sun-c184")
    assert lines[0].startswith("≈ IMPRECISE")
    reasons = [line for line in lines if line.startswith("    why       on “")]
    assert len(reasons) == 2
    # All three say “superior”: what they are about tells them apart.
    assert "on “KEYNOTE-811: " in reasons[0]
    assert not any(line.startswith("    but ") for line in lines)


def test_a_curator_is_named_with_the_reason() -> None:
    found = _comparison("tzclaim:sun-c139", "tz:citationVerdict", "tz:Contradicted")
    assert (found.aspect, found.verdict) == ("Citation", Verdict.CONTRADICTED)
    (judgement,) = found.judgements
    assert "curator" in judgement.curator
    assert judgement.reason
    lines = _text("tzclaim:sun-c139", "tz:citationVerdict", "tz:Contradicted")
    assert "reference does not say so" in lines[0]
    assert any(line.startswith(f"    why       {judgement.curator}") for line in lines)
    assert any(line.startswith("    cites     [4] ") for line in lines)


def test_an_assessment_is_compared_alone() -> None:
    found = _comparison(
        "tzassessment:sun-c065-figure-of-another-arm", "tz:assessedAs", "tz:Contradicted"
    )
    assert [judgement.rule for judgement in found.judgements] == ["figure-of-another-arm"]
    assert found.claim.name == "sun-c065"


def test_a_provisional_verdict_says_so() -> None:
    store, _ = _opened()
    provisional = ox.NamedNode(TZ + "provisional")
    seen = 0
    for quad in store.quads_for_pattern(None, provisional, None, ox.NamedNode(Graphs.AUDIT)):
        if "/id/claim/" in str(quad.subject) and str(quad.object).startswith('"true"'):
            assert ", provisional" in _text(str(quad.subject))[0]
            seen += 1
        if seen == 3:
            break
    assert seen == 3
    assert "provisional" not in _text("tzclaim:sun-c065")[0]


def test_another_verdict_does_not_hold_and_the_comparison_says_which_does() -> None:
    found = _explain("tzclaim:sun-c065", "tz:verdict", "tz:Supported")
    assert found.status is TripleStatus.ABSENT
    assert found.comparison is not None
    assert found.comparison.verdict is Verdict.CONTRADICTED
    lines = _text("tzclaim:sun-c065", "tz:verdict", "tz:Supported")
    told = next(
        n
        for n, line in enumerate(lines)
        if line.endswith("does not hold: the property has one value")
    )
    assert lines[told + 1] == "  tzclaim:sun-c065 tz:verdict tz:Contradicted  [inferred]"


def test_other_triples_have_no_comparison() -> None:
    assert _explain("tzdrug:trastuzumab", "tz:targets", "tztarget:her2").comparison is None
    assert _explain("tzclaim:sun-c065", "a", "tz:Claim").comparison is None
    assert _explain("tzdrug:trastuzumab", "tz:verdict", "tz:Supported").comparison is None


def test_the_json_has_the_parts_of_the_audit() -> None:
    release = shipped_release()
    audit = as_data(tzgraph.KnowledgeGraph(release).audit("sun-review"))
    claim = next(c for c in audit["claims"] if c["name"] == "sun-c065")
    found = json.loads(json.dumps(_explain("tzclaim:sun-c065").as_dict()))
    comparison = found["comparison"]
    judged = [j for j in claim.pop("judgements") if j["aspect"] == "Content"]
    assert len(judged) == 2
    assert sorted(comparison["judgements"], key=str) == sorted(judged, key=str)
    assert comparison["claim"] == claim
    assert list(comparison) == ["aspect", "verdict", "provisional", "claim", "judgements"]
    assert (comparison["aspect"], comparison["verdict"]) == ("Content", "Contradicted")
    assert comparison["provisional"] is False
    assert found["status"] == "inferred"
    assert "comparison" not in found["premises"][0]


def test_python_gives_audits_and_explains_claims() -> None:
    graph = tzgraph.KnowledgeGraph(shipped_release())
    audit = graph.audit()
    assert audit == graph.audit("sun-review")
    assert len(audit.claims) > 190
    found = graph.explain("tzclaim:sun-c065")
    assert found.comparison is not None
    assert found.comparison.claim == next(c for c in audit.claims if c.name == "sun-c065")
    with pytest.raises(UsageError):
        graph.audit("sun-revue")
