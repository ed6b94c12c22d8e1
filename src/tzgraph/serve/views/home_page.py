"""The first page: search, doors with live examples, the state of the audit, picked questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyoxigraph as ox

from tzgraph.audit.model import Verdict
from tzgraph.audit.report.words import MEANINGS, SIGNS
from tzgraph.query.library import QueryFile
from tzgraph.serve.engine.counts import Counts
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.pages import Pages
from tzgraph.vocabulary import TZ

__all__ = ["DOORS", "VERDICTS", "Door", "HomeFacts", "home_page"]


class Door(NamedTuple):
    """A way into the graph.

    :ivar title: what one may want to know
    :ivar example: the server's query that gives a thing to begin with: label, text and note
    :ivar question: a query of the library that leads on
    :ivar all_of: what the list of all such things is called
    :ivar path: where it is
    """

    title: str
    example: str
    question: str
    all_of: str
    path: str


#: The doors, of which those are shown for which the graph has an example.
DOORS = (
    Door("What is known of a drug?", "home-drug", "drugs-on-target", "All drugs", "/id/drug"),
    Door("What did a trial show?", "home-trial", "first-line-trials", "All trials", "/id/trial"),
    Door(
        "Why does therapy fail?",
        "home-mechanism",
        "resistance-mechanisms",
        "All mechanisms",
        "/id/mechanism",
    ),
    Door("Is this claim true?", "home-claim", "contradicted-claims", "All claims", "/id/claim"),
)
#: The server's query that counts verdicts.
VERDICTS = "home-verdicts"


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """What the first page shows of the graph.

    :ivar examples: the rows of each door's query
    :ivar verdicts: verdicts, how many claims have each, and how many of these are provisional
    :ivar counts: how much there is, ``None`` as long as nobody knows
    :ivar is_whole: whether the graph could be asked
    :ivar drawn: path of the protein that is drawn, empty if the graph has not that protein
    """

    examples: Sequence[Sequence[Row]] = ((),) * len(DOORS)
    verdicts: Sequence[Row] = ()
    counts: Counts | None = None
    is_whole: bool = True
    drawn: str = ""


@dataclass(frozen=True, slots=True)
class OpenDoor:
    """A door as the page shows it.

    :ivar thing: the example
    :ivar label: what it is called
    :ivar is_claim: whether the label is what somebody claims
    """

    title: str
    thing: Shown
    label: str
    text: str
    note: str
    is_claim: bool
    question: QueryFile | None
    listed: Door


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the bar of verdicts.

    :ivar name: of the verdict, in small letters
    :ivar before: claims that stand before it in the bar
    """

    name: str
    sign: str
    meaning: str
    claims: int
    before: int


def home_page(pages: Pages, library: Mapping[str, QueryFile], facts: HomeFacts) -> str:
    """Give the page; threads may call this."""
    picked = sorted(
        (query for query in library.values() if query.pick is not None),
        key=lambda query: (query.pick or 0, query.name),
    )
    shares = list(_shares(facts.verdicts))
    return pages.render(
        "home.html",
        doors=list(_doors(pages, library, facts.examples)),
        shares=shares,
        claims=sum(share.claims for share in shares),
        provisional=sum(_number(row, "provisional") for row in facts.verdicts),
        picked=picked,
        queries=len(library),
        counts=facts.counts,
        drawn=facts.drawn,
    )


def _doors(
    pages: Pages, library: Mapping[str, QueryFile], examples: Sequence[Sequence[Row]]
) -> Iterator[OpenDoor]:
    """Give the doors that lead somewhere."""
    for door, rows in zip(DOORS, examples, strict=True):
        for row in rows[:1]:
            label, text, note = (_text(row, name) for name in ("label", "text", "note"))
            is_claim = door.example == "home-claim"
            shown = pages.cell(row.get("thing"))
            yield OpenDoor(
                *(door.title, shown, label, text, note, is_claim),
                library.get(door.question),
                door,
            )


def _shares(rows: Sequence[Row]) -> Iterator[Share]:
    """Give the verdicts that claims have, the worst first."""
    counts = {_name(row): _number(row, "claims") for row in rows}
    before = 0
    for verdict in Verdict:
        if number := counts.get(verdict.value, 0):
            yield Share(*(verdict.value.lower(), SIGNS[verdict], MEANINGS[verdict], number, before))
            before += number


def _name(row: Row) -> str:
    verdict = row.get("verdict")
    return verdict.value.removeprefix(TZ) if isinstance(verdict, ox.NamedNode) else ""


def _text(row: Row, name: str) -> str:
    term = row.get(name)
    return term.value if isinstance(term, ox.Literal) else ""


def _number(row: Row, name: str) -> int:
    return int(_text(row, name) or 0)
