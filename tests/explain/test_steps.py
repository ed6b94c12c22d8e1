"""What of an explanation is told together, and what there must not be in words."""

from __future__ import annotations

import pytest

from tzgraph.explain import Explanation, Origin, TripleStatus, as_text
from tzgraph.explain.mentions import Mention
from tzgraph.explain.steps import absent_in_words, steps_of
from tzgraph.explain.text import unopposed
from tzgraph.read.provenance import CellRef
from tzgraph.vocabulary import RDF, TZ


def stated(
    subject: str, link: str, row: int, column: int, *, recalled: bool = False
) -> Explanation:
    origin = Origin("g", "The desk", CellRef("drugs.tsv", row, column), recalled)
    return Explanation((subject, link, "<o>"), TripleStatus.ASSERTED, (origin,))


def derived(subject: str, link: str, rule: str, *premises: Explanation) -> Explanation:
    status = TripleStatus.INFERRED
    return Explanation((subject, link, "<o>"), status, rule=rule, title=rule, premises=premises)


LEAF = stated("<x>", "<y>", 9, 9)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (derived("<a>", "<p>", "r", LEAF), derived("<a>", "<q>", "r", LEAF), True),
        (derived("<a>", "<p>", "r", LEAF), derived("<b>", "<q>", "r", LEAF), False),
        (derived("<a>", "<p>", "r", LEAF), derived("<a>", "<q>", "s", LEAF), False),
        (derived("<a>", "<p>", "r", LEAF), derived("<a>", "<q>", "r"), False),
        (derived("<a>", "<p>", "", LEAF), derived("<a>", "<q>", "", LEAF), False),
        (stated("<a>", "<p>", 2, 3), stated("<a>", "<q>", 2, 4), True),
        (stated("<a>", "<p>", 2, 3), stated("<a>", "<q>", 3, 4), False),
        # That one was recalled must not be said of both.
        (stated("<a>", "<p>", 2, 3), stated("<a>", "<q>", 2, 4, recalled=True), False),
        (stated("<a>", "<p>", 2, 3), derived("<a>", "<q>", "r"), False),
    ],
)
def test_triples_of_one_thing_and_one_reason_are_told_together(
    one: Explanation, other: Explanation, together: bool
) -> None:
    assert [len(step.members) for step in steps_of([one, LEAF, other])] == (
        [2, 1] if together else [1, 1, 1]
    )


def test_what_is_told_together_has_its_reason_once() -> None:
    group = [derived("<a>", link, "r", LEAF) for link in ("<p>", "<q>", "<p>")]
    lines = as_text(derived("<t>", "<u>", "s", *group), str).splitlines()
    assert lines[2:] == [
        "    <a>  [inferred]",
        "      <p> <o>",
        "      <q> <o>",
        "      by rule r: r",
        "        <x> <y> <o>  [asserted]",
        "          stated in drugs.tsv:9:9 by The desk",
    ]
    row = [stated("<a>", "<p>", 2, 3), stated("<a>", "<q>", 2, 4)]
    lines = as_text(derived("<t>", "<u>", "s", *row), str).splitlines()
    assert lines[2:] == [
        "    <a>  [asserted]",
        "      <p> <o>  (drugs.tsv:2:3)",
        "      <q> <o>  (drugs.tsv:2:4)",
        "      stated by The desk",
    ]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("<a> <p> ?x .", "and it is not known: <a> <p> anything"),
        ("<a> <p> <b> .", "and it is not known: <a> <p> <b>"),
        ('<a> <p> "x . \\" y"@en .', 'and it is not known: <a> <p> "x . \\" y"@en'),
        ("?x <p> <a> . ?x <q> ?y .", "and nothing is known that <p> <a>, <q> anything"),
        (
            "<a> <p> ?x . ?x <q> <b> . ?x <r> ?y .",
            "and it is not known: <a> <p> something that <q> <b>, <r> anything",
        ),
        ("<a> <p> ?x . <b> <p> ?x .", "and it is not known: <a> <p> some x, <b> <p> some x"),
        ("?x <p> ?x .", "and it is not known: some x <p> some x"),
        (
            f"?e <{RDF}subject> <a> . ?e <{TZ}direction> <{TZ}Refutes> .",
            "and nothing in this graph speaks against it",
        ),
        ("<a> <p>", "and there is no: <a> <p>"),
        ("", "and there is no: "),
        ('"', 'and there is no: "'),
    ],
)
def test_what_there_must_not_be_is_told_in_words(pattern: str, words: str) -> None:
    assert absent_in_words(pattern, str) == words


@pytest.mark.parametrize(
    ("relations", "holds", "said"),
    [
        (("supported by",), True, True),
        (("supported by", "refuted by"), True, False),
        (("supported by",), False, False),
        (("claimed by",), True, False),
        ((), True, False),
    ],
)
def test_only_of_what_evidence_supports_is_it_said_that_none_is_against_it(
    relations: tuple[str, ...], holds: bool, said: bool
) -> None:
    status = TripleStatus.ASSERTED if holds else TripleStatus.ABSENT
    mentions = tuple(Mention(relation, "<e>", "") for relation in relations)
    found = Explanation(("<a>", "<p>", "<b>"), status, mentions=mentions)
    assert unopposed(found) is said
    assert ("nothing in this graph speaks against it" in as_text(found, str)) is said
