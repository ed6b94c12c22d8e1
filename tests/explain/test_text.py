"""Explanations as text: each part once, nothing left out without a word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.explain.test_tree import _explain, _explainer
from tests.shipped import shipped_release
from tzgraph.explain import Explanation, Origin, TripleStatus, as_text
from tzgraph.read.provenance import CellRef
from tzgraph.reason.domain import parse_rule
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.vocabulary import Graphs


def _all(node: Explanation) -> Iterator[Explanation]:
    yield node
    for premise in node.premises:
        yield from _all(premise)


def _leaf(name: str, *, recalled: bool = False) -> Explanation:
    origin = Origin("g", "The desk", CellRef("drugs.tsv", 2, 7), recalled)
    return Explanation((f"<{name}>", "<p>", "<b>"), TripleStatus.ASSERTED, (origin,))


def test_a_part_that_stands_above_is_referred_to() -> None:
    part = Explanation(
        ("<c>", "<p>", "<d>"), TripleStatus.INFERRED, rule="r", title="R", premises=(_leaf("a"),)
    )
    other = Explanation(
        part.triple, TripleStatus.INFERRED, rule="s", title="S", premises=(_leaf("e"),)
    )
    between = Explanation(
        ("<m>", "<p>", "<n>"), TripleStatus.INFERRED, rule="u", title="U", premises=(part,)
    )
    whole = Explanation(
        ("<x>", "<p>", "<y>"),
        TripleStatus.INFERRED,
        rule="t",
        title="T",
        premises=(part, between, _leaf("a"), other),
    )
    lines = as_text(whole, str).splitlines()
    assert lines.count("        <c> <p> <d>  [inferred, see above]") == 1
    assert lines.count("    <a> <p> <b>  [asserted, see above]") == 1
    assert sum("stated in drugs.tsv:2:7" in line for line in lines) == 2
    # The same triple, explained in another way, is shown.
    assert "      by rule s: S" in lines


def test_what_the_audit_prepared_is_one_line() -> None:
    triple = ("<q>", "<lower>", '"1"')
    audit = Origin(Graphs.AUDIT, "prepared by the audit")
    cell = Origin("g", "A trial", CellRef("results.tsv", 12, 7))
    found = Explanation(triple, TripleStatus.PREPARED, (audit, cell))
    line = '<q> <lower> "1"  [prepared by the audit from results.tsv:12:7]'
    assert as_text(found, str) == line
    recalled = Origin("g", "A trial", CellRef("results.tsv", 25, 7), recalled=True)
    found = Explanation(triple, TripleStatus.PREPARED, (audit, recalled))
    told = "[prepared by the audit from results.tsv:25:7 (from memory, not checked)]"
    assert as_text(found, str).endswith(told)
    assert as_text(Explanation(triple, TripleStatus.PREPARED, (audit,)), str).endswith(
        "[prepared by the audit]"
    )


def test_control_characters_do_not_reach_the_terminal() -> None:
    origin = Origin("g", "The \x1b[31mdesk", CellRef("drugs.tsv", 2, 7))
    text = as_text(Explanation(("<a>", "<p>", "<b>"), TripleStatus.ASSERTED, (origin,)), str)
    assert "\x1b" not in text
    assert r"\x1b[31mdesk" in text


def test_a_rule_that_counts_tells_how_many_premises_are_not_shown() -> None:
    rule = parse_rule(
        "many",
        "PREFIX : <http://example.org/>\nCONSTRUCT { ?x :is :Many } WHERE {"
        " { SELECT ?x (COUNT(?y) AS ?n) WHERE { ?x :has ?y } GROUP BY ?x } FILTER(?n > 60) }",
    )
    facts = " ".join(f":a :has :v{number} ." for number in range(70))
    found = _explain(_explainer("", facts, "", rule), "a is Many")
    assert (len(found.premises), found.left_out) == (50, 20)
    assert found.as_dict()["left_out"] == 20
    assert "    and at least 20 more that are not shown" in as_text(found, str).splitlines()


def test_the_text_of_a_verdict_is_short_and_whole_and_the_json_complete() -> None:
    release = shipped_release()
    explainer = ReleaseExplainer(release, release.store())
    found = explainer.explain("tzclaim:sun-c065")
    compact, labels = explainer.terms.compact, explainer.labels()
    text = as_text(found, compact, labels)
    told = text.replace("“", "").replace("”", "")
    for node in _all(found):
        assert " ".join(map(labels.written, node.triple[1:])) in told
    assert len(text.splitlines()) < 125
    assert Graphs.AUDIT not in text
    # The four triples of the assessment stand together, with their premises once.
    assert len(re.findall("by rule figure-of-another-arm: ", text)) == 1
    assert len(re.findall(r"^ +by rule verdict-", text, re.MULTILINE)) == 1
    # Names are given in short once, for who asks again; all else has words.
    tree = text[text.index("“review 3.2, claim 65” verdict") :].splitlines()
    assert tree[1] == "  tzclaim:sun-c065 tz:verdict tz:Contradicted"
    assert not [line for line in tree[2:] if re.search(r"\btz[a-z]*:", line)]
    blocks = re.findall(r"^ +by rule near-arm: ", text, re.MULTILINE)
    # sameButArm and heldAgainst both follow by it; each is shown once.
    assert len(blocks) == 2

    def count(record: dict[str, object]) -> int:
        premises = record.get("premises", [])
        assert isinstance(premises, list)
        return 1 + sum(map(count, premises))

    assert count(found.as_dict()) == len(list(_all(found)))
