"""Cases of rule files, in Turtle that a curator can extend.

A line ``#: …`` begins a section; the Turtle below it belongs to it::

    #: rule number-agrees
    :said tz:comparableWith :reported ; tz:sharesNumberWith :reported .
    #: then
    :said tz:agreesWith :reported .
    #: not without
    :said tz:comparableWith :reported .
    #: but with
    :said tz:sameButArm :reported .

``rule`` gives what holds, ``then`` all that the rule derives from it. Then come near misses:
``not with`` adds triples, ``not without`` takes some away, after which nothing of ``then`` may be
derived; ``even with`` and ``even without`` change what holds so that all of it still is. ``but
with`` adds triples to the change above it. A blank node in ``then`` is the assessment that the rule
makes of the claim: its class and its rule go without saying.

What a document says stands in the document's graph only, as in a build: the triples of ``:said…``
and ``:stated…`` that no rule derives and no preparation makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from tests.reason.graphs import E
from tzgraph.reason import Rule, view_of
from tzgraph.vocabulary import ID, OWL, PROV, RDF, RDFS, SKOS, TZ, XSD

__all__ = ["Case", "Change", "cases_of", "conditions", "derived", "differences", "without"]

_PREFIXES = "".join(
    f"@prefix {prefix}: <{iri}> .\n"
    for prefix, iri in {
        "": E,
        "tz": TZ,
        "rdf": RDF,
        "rdfs": RDFS,
        "owl": OWL,
        "prov": PROV,
        "skos": SKOS,
        "xsd": XSD,
    }.items()
)
_SECTION = re.compile(r"^#: (.*)$", re.MULTILINE)
_DOCUMENT = ox.NamedNode(E + "graph-of-the-document")
_QUOTED = (E + "said", E + "stated")
#: What the audit adds to the default view before its rules run.
_PREPARED = {TZ + name for name in ("quotedFrom", "reportedBy", "damaged")}

Triples = frozenset[ox.Triple]


@dataclass(frozen=True)
class Change:
    """A change of what holds; ``fires`` says whether the rule still does."""

    fires: bool
    text: str
    added: Triples = frozenset()
    removed: Triples = frozenset()


@dataclass(frozen=True)
class Case:
    """What a rule derives from what, and changes of that."""

    rule: str
    given: Triples
    then: Triples = frozenset()
    changes: tuple[Change, ...] = field(default=())


@cache
def cases_of(folder: Path) -> tuple[Case, ...]:
    """Read the cases of all files of a folder."""
    found: list[Case] = []
    for path in sorted(folder.glob("*.ttl")):
        head, *sections = _SECTION.split(path.read_text(encoding="utf-8"))
        assert not _triples(head), f"{path.name}: nothing may stand before the first section"
        for title, body in zip(sections[::2], sections[1::2], strict=True):
            _read(found, title.strip(), _triples(body), path.name)
    return tuple(found)


def _read(found: list[Case], title: str, triples: Triples, file: str) -> None:
    if title.startswith("rule "):
        found.append(Case(title.removeprefix("rule "), triples))
        return
    case = found[-1]
    assert triples, f"{file}, {case.rule}: “{title}” is empty"
    if title == "then":
        found[-1] = replace(case, then=frozenset(_assessment(triples, case.rule)))
        return
    *before, last = (*case.changes, Change(True, ""))
    if title in ("not with", "even with"):
        last = Change(title.startswith("even"), title, added=triples)
    elif title in ("not without", "even without"):
        missing = triples - case.given
        assert not missing, f"{file}, {case.rule}: {missing} is not given"
        last = Change(title.startswith("even"), title, removed=triples)
    else:
        assert title == "but with", f"{file}: “{title}” is no section"
        *before, last = case.changes
        last = replace(last, added=last.added | triples)
    found[-1] = replace(case, changes=(*before, last))


def _triples(turtle: str) -> Triples:
    return frozenset(q.triple for q in ox.parse(_PREFIXES + turtle, format=ox.RdfFormat.TURTLE))


def _assessment(triples: Triples, rule: str) -> Iterator[ox.Triple]:
    claims = {t.subject: t.object for t in triples if t.predicate.value == TZ + "assesses"}
    for triple in triples:
        if not isinstance(triple.subject, ox.BlankNode):
            yield triple
            continue
        name = str(claims[triple.subject])[1:-1].removeprefix(E)
        node = ox.NamedNode(f"{ID}assessment/{name}-{rule}")
        yield ox.Triple(node, triple.predicate, triple.object)
        yield ox.Triple(node, ox.NamedNode(RDF + "type"), ox.NamedNode(TZ + "Assessment"))
        yield ox.Triple(node, ox.NamedNode(TZ + "byRule"), ox.NamedNode(f"{ID}rule/{rule}"))


def derived(rule: Rule, given: Iterable[ox.Triple], heads: frozenset[str]) -> Triples:
    """Give what a rule derives, on its own.

    :param heads: predicates that some rule derives
    """
    store = ox.Store()
    for triple in given:
        quoted = str(triple.subject)[1:].startswith(_QUOTED)
        known = heads | _PREPARED
        graph = _DOCUMENT if quoted and triple.predicate.value not in known else ox.DefaultGraph()
        store.add(ox.Quad(triple.subject, triple.predicate, triple.object, graph))
    found = store.query(rule.query, default_graph=view_of(rule, [_DOCUMENT.value]))
    assert isinstance(found, ox.QueryTriples)
    return frozenset(found)


def differences(rule: Rule, case: Case, heads: frozenset[str]) -> Iterator[str]:
    """Say where a rule does not do what a case expects."""
    found = derived(rule, case.given, heads)
    for triple in case.then - found:
        yield f"is not derived: {triple}"
    for triple in found - case.then:
        yield f"is derived, too: {triple}"
    for number, change in enumerate(case.changes, 1):
        given = (case.given - change.removed) | change.added
        kept = case.then & derived(rule, given, heads)
        if change.fires and kept != case.then:
            yield f"change {number}, “{change.text}”: is not derived any more"
        elif not change.fires and kept:
            yield f"change {number}, “{change.text}”: is derived all the same"


def conditions(where: str) -> list[tuple[int, int]]:
    """Give where each FILTER of a body begins and ends, inner ones too."""
    found = []
    for match in re.finditer(r"\bFILTER\b", where):
        start = re.compile(r"[({]").search(where, match.end())
        assert start is not None
        depth, end = 0, start.start()
        for end in range(start.start(), len(where)):
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(where[end], 0)
            if depth == 0:
                break
        found.append((match.start(), end + 1))
    return found


def without(rule: Rule, condition: tuple[int, int]) -> Rule:
    """Give a rule without one of its conditions."""
    start, end = condition
    return replace(rule, where=rule.where[:start] + " " + rule.where[end:])
