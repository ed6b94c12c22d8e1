"""What a claim has otherwise than a source: which number or detail, and by how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from tzgraph.audit.bibliography import details_of
from tzgraph.audit.model import Difference
from tzgraph.audit.parts import Describer
from tzgraph.audit.terms import text_of
from tzgraph.terms import Term

__all__ = ["differences"]

#: Kinds of numbers, in the order in which they are told.
_KINDS = {
    "value": "value",
    "hazardRatio": "hazard ratio",
    "ciLower": "lower limit of the interval",
    "ciUpper": "upper limit of the interval",
    "pValue": "p-value",
}
#: Details of references: the form that is compared, what it is, and the property that is told.
_DETAILS = {
    "authorKey": ("first author", "firstAuthor"),
    "volumeKey": ("volume", "volume"),
    "issueKey": ("issue", "issue"),
    "firstPage": ("first page", "pages"),
    "lastPage": ("last page", "pages"),
    "doiKey": ("DOI", "doi"),
    "pmidKey": ("PMID", "pmid"),
}
_WRITTEN = ("firstAuthor", "volume", "issue", "pages", "doi", "pmid")


def differences(describe: Describer, said: Term, reported: Term) -> list[Difference]:
    """Give what differs between what is said and what is reported, in a fixed order.

    :param describe: looks up both in a release
    """
    if not isinstance(said, ox.NamedNode) or not isinstance(reported, ox.NamedNode):
        return []
    if describe.is_a(said, "CitedReference"):
        return list(_details(describe, said, reported))
    return list(_numbers(describe, said, reported))


def _numbers(
    describe: Describer, said: ox.NamedNode, reported: ox.NamedNode
) -> Iterator[Difference]:
    one, other = describe.quantities(said), describe.quantities(reported)
    for kind, what in _KINDS.items():
        if kind not in one or kind not in other:
            continue
        (unit, low, high), (other_unit, other_low, other_high) = one[kind], other[kind]
        if unit == other_unit and (low >= other_high or other_low >= high):
            texts = describe.number(said, kind), describe.number(reported, kind)
            yield Difference(what, *texts, _by(describe, said, reported, kind))


def _by(describe: Describer, said: ox.NamedNode, reported: ox.NamedNode, kind: str) -> str:
    """Give by how much a number is more or less, where both are plain and in one unit."""
    if kind == "value" and describe.one(said, "unit") != describe.one(reported, "unit"):
        return ""
    try:
        by = Decimal(describe.written(said, kind)) - Decimal(describe.written(reported, kind))
    except InvalidOperation:  # a bound, a range
        return ""
    return f"{abs(by):f} {'more' if by > 0 else 'less'}"


def _details(
    describe: Describer, said: ox.NamedNode, reported: ox.NamedNode
) -> Iterator[Difference]:
    given, true = (_given(describe, node) for node in (said, reported))
    forms, others = details_of(given), details_of(true, family=True)
    for key, (what, name) in _DETAILS.items():
        if key in forms and key in others and not forms[key] & others[key]:
            texts = (given[name] or given["volume"], true[name] or true["volume"])
            yield Difference(what, *texts)
    years = [text_of(describe.one(node, "year")) for node in (said, reported)]
    online = text_of(describe.one(reported, "onlineYear"))
    if all(years) and years[0] not in (years[1], online):
        yield Difference("year", *years)
    if _other_journal(describe, said, reported):
        texts = (describe.written(said, "journal"), describe.written(reported, "journal"))
        yield Difference("journal", *texts)


def _given(describe: Describer, node: ox.NamedNode) -> Mapping[str, str]:
    return {name: describe.written(node, name) for name in _WRITTEN}


def _other_journal(describe: Describer, said: ox.NamedNode, reported: ox.NamedNode) -> bool:
    if not (describe.one(said, "journal") and describe.one(reported, "journal")):
        return False
    for name in ("inJournal", "plainName"):
        one, other = (set(describe.objects(node, name)) for node in (said, reported))
        if one & other:
            return False
    return True
