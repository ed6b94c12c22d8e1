"""Each verdict of the shipped release is explained, down to cells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.explain import Explainer, Explanation, TripleStatus, as_text
from tzgraph.release import open_release
from tzgraph.vocabulary import ID, TZ, Graphs

_VIEW = ox.DefaultGraph()


@pytest.fixture(scope="module")
def opened(shipped_dir: Path) -> tuple[ox.Store, Explainer]:
    release = open_release(shipped_dir)
    store = release.store()
    return store, Explainer(store, release.rules())


def _objects(store: ox.Store, name: str) -> list[ox.Quad]:
    return list(store.quads_for_pattern(None, ox.NamedNode(TZ + name), None, _VIEW))


def _explain(explainer: Explainer, quad: ox.Quad) -> Explanation:
    return explainer.explain(str(quad.subject), str(quad.predicate), str(quad.object))


def _leaves(node: Explanation) -> Iterator[Explanation]:
    if not node.premises:
        yield node
    for premise in node.premises:
        yield from _leaves(premise)


def _assert_sound(found: Explanation) -> None:
    assert found.rule, found.triple
    assert found.title
    assert found.axiom
    for leaf in _leaves(found):
        assert leaf.origins, leaf.triple
        if leaf.status is TripleStatus.PREPARED:
            assert leaf.origins[0].label == "prepared by the audit"
        elif leaf.status is not TripleStatus.ONTOLOGY:
            assert leaf.status in (TripleStatus.ASSERTED, TripleStatus.QUOTED), leaf.triple
            assert all(origin.cell is not None for origin in leaf.origins), leaf.triple


def _one_of_each_kind(store: ox.Store) -> list[ox.Quad]:
    """A verdict for each set of judgements, by rules or curators, that there is."""
    kinds: dict[tuple[str, ...], ox.Quad] = {}
    for quad in _objects(store, "verdict"):
        judged = store.quads_for_pattern(None, ox.NamedNode(TZ + "assesses"), quad.subject, _VIEW)
        rules = [
            [str(q.object) for q in store.quads_for_pattern(j.subject, link, None, _VIEW)]
            for j in judged
            for link in (ox.NamedNode(TZ + "byRule"),)
        ]
        kind = (str(quad.object), *sorted(",".join(names) or "curator" for names in rules))
        kinds.setdefault(kind, quad)
    return list(kinds.values())


def test_verdicts_are_explained_down_to_cells(opened: tuple[ox.Store, Explainer]) -> None:
    store, explainer = opened
    chosen = _one_of_each_kind(store)
    assert len(chosen) > 20
    for quad in chosen:
        found = _explain(explainer, quad)
        assert found.rule.startswith("verdict-")
        _assert_sound(found)


def test_each_assessment_is_explained_down_to_cells(opened: tuple[ox.Store, Explainer]) -> None:
    store, explainer = opened
    by_rule = {q.subject: str(q.object)[1:-1] for q in _objects(store, "byRule")}
    for quad in _objects(store, "assessedAs"):
        found = _explain(explainer, quad)
        rule = by_rule.get(quad.subject)
        if rule is None:
            assert found.status is TripleStatus.ASSERTED
            assert {o.cell.file for o in found.origins if o.cell} == {"assessments.tsv"}
        else:
            assert f"{ID}rule/{found.rule}" == rule
            _assert_sound(found)


def test_each_verdict_on_a_citation_is_explained(opened: tuple[ox.Store, Explainer]) -> None:
    store, explainer = opened
    quads = _objects(store, "citationVerdict")
    assert quads
    for quad in quads:
        found = _explain(explainer, quad)
        assert found.rule.startswith("citation-verdict-")
        _assert_sound(found)


def test_a_comparison_shows_the_cells_of_both_numbers(
    opened: tuple[ox.Store, Explainer],
) -> None:
    _store, explainer = opened
    node = f"<{ID}assessment/sun-c065-figure-differs>"
    found = explainer.explain(node, f"<{TZ}assessedAs>", f"<{TZ}Contradicted>")
    files = {o.cell.file for leaf in _leaves(found) for o in leaf.origins if o.cell}
    assert {"statedresults.tsv", "results.tsv", "claims.tsv"} <= files
    assert "ontology" not in files
    text = as_text(found, str)
    assert "prepared by the audit" in text
    assert "by rule figure-differs" in text
    assert any("bornOutBy" in group for group in found.absent)


def test_a_verdict_that_does_not_hold_is_absent(opened: tuple[ox.Store, Explainer]) -> None:
    store, explainer = opened
    for quad in _objects(store, "verdict")[:20]:
        for name in ("Supported", "Contradicted", "Imprecise", "Unverified"):
            if str(quad.object) != f"<{TZ}{name}>":
                found = explainer.explain(str(quad.subject), f"<{TZ}verdict>", f"<{TZ}{name}>")
                assert (found.status, found.rule, found.holds) == (TripleStatus.ABSENT, "", False)


def test_each_triple_of_the_audit_is_in_the_view(opened: tuple[ox.Store, Explainer]) -> None:
    store, _explainer = opened
    quads = store.quads_for_pattern(None, None, None, ox.NamedNode(Graphs.AUDIT))
    lost = [q for q in quads if ox.Quad(q.subject, q.predicate, q.object) not in store]
    assert lost == []
