"""What an explanation says at a time: triples of one thing that hold for the same reason, together.

A rule that assesses a claim derives four triples of one assessment from the same premises, and a
row of a table states several of a figure: told one by one, the reason stands there each time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tzgraph.explain.model import Explanation, TripleStatus
from tzgraph.vocabulary import TZ

__all__ = ["ExplainedStep", "absent_in_words", "steps_of"]

#: IRIs, variables and literals; a quote that is never closed goes on to the end.
_TERM = re.compile(r'<[^<>\s]*>|\?\w+|"(?>(?:[^"\\]|\\.)*)"?(?:@[A-Za-z-]+|\^\^<[^<>\s]*>)?')
_DIRECTION, _REFUTES = f"<{TZ}direction>", f"<{TZ}Refutes>"


@dataclass(frozen=True, slots=True)
class ExplainedStep:
    """Triples with the same subject and the same reason, which the first one has in full."""

    members: tuple[Explanation, ...]

    @property
    def first(self) -> Explanation:
        """The triple with whose reason all are told."""
        return self.members[0]


def steps_of(premises: Iterable[Explanation]) -> list[ExplainedStep]:
    """Put together what is told together; each group stands where its first member stood."""
    groups: list[list[Explanation]] = []
    for premise in premises:
        home = next((group for group in groups if _together(group[0], premise)), None)
        if home is None:
            groups.append([premise])
        elif premise.triple not in (member.triple for member in home):
            home.append(premise)
    return [ExplainedStep(tuple(group)) for group in groups]


def _together(one: Explanation, other: Explanation) -> bool:
    if one.triple[0] != other.triple[0] or one.status is not other.status:
        return False
    if one.status is TripleStatus.INFERRED:
        return (
            bool(one.rule)
            and one.rule == other.rule
            and one.left_out == other.left_out
            and one.absent == other.absent
            and one.premises == other.premises
        )
    if one.status is TripleStatus.PREPARED:
        return _cells(one) == _cells(other)
    rows = _rows(one)
    return bool(rows) and rows == _rows(other)


def _cells(node: Explanation) -> set[str]:
    return {origin.cell.iri for origin in node.origins if origin.cell}


def _rows(node: Explanation) -> list[tuple[str, str, int | None, bool]]:
    """Give whose row states a triple, if one does; the ontology is like a row of its own."""
    if node.status is TripleStatus.ABSENT or len(node.origins) != 1:
        return []
    (origin,) = node.origins
    if origin.cell is None:
        return [(origin.source, "", None, origin.recalled)]
    return [(origin.source, origin.cell.file, origin.cell.row, origin.recalled)]


def absent_in_words(pattern: str, name: Callable[[str], str]) -> str:
    """Say in words what there must not be, given as triple patterns.

    What is not in the graph is not known, so that it is all that can be said of it.

    :param pattern: terms in N-Triples syntax, variables as ``?name``
    :param name: gives a term in words

    >>> absent_in_words("<a> <p> ?x .", str)
    'and it is not known: <a> <p> anything'
    >>> absent_in_words("?x <p> <a> . ?x <q> ?y .", str)
    'and nothing is known that <p> <a>, <q> anything'
    >>> absent_in_words("<a> <p> ?x . ?x <q> <b> .", str)
    'and it is not known: <a> <p> something that <q> <b>'
    """
    terms = _TERM.findall(pattern)
    triples = [tuple(terms[i : i + 3]) for i in range(0, len(terms), 3)]
    if not triples or len(triples[-1]) != 3:
        return f"and there is no: {pattern}"
    if any(link == _DIRECTION and end == _REFUTES for _start, link, end in triples):
        return "and nothing in this graph speaks against it"
    (start, link, end), *others = triples
    if start.startswith("?") and all(s == start != o for s, _p, o in triples):
        return f"and nothing is known that {_facts(triples, name)}"
    if (
        end.startswith("?")
        and not start.startswith("?")
        and all(s == end != o for s, _, o in others)
    ):
        what = f"something that {_facts(others, name)}" if others else "anything"
        return f"and it is not known: {name(start)} {name(link)} {what}"
    each = (" ".join(f"some {t[1:]}" if t.startswith("?") else name(t) for t in x) for x in triples)
    return f"and it is not known: {', '.join(each)}"


def _facts(triples: Iterable[tuple[str, ...]], name: Callable[[str], str]) -> str:
    said = (f"{name(p)} {'anything' if o.startswith('?') else name(o)}" for _s, p, o in triples)
    return ", ".join(said)
