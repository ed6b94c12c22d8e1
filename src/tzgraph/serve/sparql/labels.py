"""Labels of the things in a table: one query for all of them, with the limits that queries have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

import pyoxigraph as ox
from starlette.requests import Request

from tzgraph.errors import TzgraphError
from tzgraph.serve.engine.base import Window
from tzgraph.serve.engine.rows import Row, is_cut
from tzgraph.serve.releases.service import Service
from tzgraph.serve.sparql.client import ask_rows, sparql
from tzgraph.terms import Term

__all__ = ["MOST_LABELLED", "TIMEOUT_S", "KnownLabels", "labels_for"]

#: Things of a page that get labels, seconds that the query for them may take, and bytes of both.
MOST_LABELLED, TIMEOUT_S, _MOST_BYTES = 2_000, 5.0, 1024 * 1024
#: Characters of a label.
_LONGEST = 300
#: What stands between the angle brackets of an IRI (SPARQL 1.1, 19.8, IRIREF).
_WRITABLE = re.compile(r"[^\x00-\x20<>\"{}|^`\\]+")
_PLACE = "VALUES ?thing { }"


@dataclass(frozen=True, slots=True)
class KnownLabels:
    """Labels by IRI.

    :ivar missing: why some are missing that there may be, empty if none are
    :ivar failed: whether they could not be asked for now
    """

    of: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    failed: bool = False


async def labels_for(
    request: Request, service: Service, terms: Iterable[Term | None]
) -> KnownLabels:
    """Give the labels of all IRIs among some terms.

    Things have labels in the default view or in a named graph; the former count first, English
    ones before others. A query that fails or takes too long leaves all of them out, and says so.

    :raises ProblemError: if the client leaves
    """
    iris = _iris(terms)
    asked = list(islice(iris, MOST_LABELLED))
    if not asked:
        return KnownLabels()
    named = " ".join(str(ox.NamedNode(iri)) for iri in asked)
    text = sparql("labels").replace(_PLACE, f"VALUES ?thing {{ {named} }}")
    window = Window(cell=_LONGEST, bytes=_MOST_BYTES, limit=4 * MOST_LABELLED)
    try:
        rows = await ask_rows(request, service, text, window=window, timeout_s=TIMEOUT_S)
    except TzgraphError as error:
        why = f"Labels could not be asked for ({error.title.lower()}), so CURIEs are shown."
        return KnownLabels(missing=why, failed=True)
    left = len(iris) - len(asked)
    why = f"Only the first {MOST_LABELLED:,} things have their labels here." if left else ""
    return KnownLabels(_best(rows), why)


def _iris(terms: Iterable[Term | None]) -> dict[str, None]:
    """Give each IRI once, as far as it is whole, in the order in which they stand."""
    nodes = (term for term in terms if isinstance(term, ox.NamedNode) and not is_cut(term))
    return dict.fromkeys(node.value for node in nodes if _WRITABLE.fullmatch(node.value))


def _best(rows: Iterable[Row]) -> dict[str, str]:
    """Choose one label for each thing, the same one each time."""
    found: dict[str, tuple[bool, int, str]] = {}
    for row in rows:
        thing, label = row["thing"], row["label"]
        if isinstance(thing, ox.NamedNode) and isinstance(label, ox.Literal) and label.value:
            ranked = ("graph" in row, _rank(label.language), label.value)
            found[thing.value] = min(found.get(thing.value, ranked), ranked)
    return {iri: label for iri, (_, _, label) in found.items()}


def _rank(language: str | None) -> int:
    return 0 if language == "en" else 1 if not language else 2
