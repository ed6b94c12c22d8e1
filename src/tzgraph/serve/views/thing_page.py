"""The page of a thing: its head, the sections that views declare, and all other statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.audit.model import AuditedClaim
from tzgraph.pageviews import Panel, ValueRole, Views
from tzgraph.serve.engine.rows import Row
from tzgraph.serve.messages.documents import SUFFIXES, ResourceDocument
from tzgraph.serve.views.digits import Digits
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.pages import Pages
from tzgraph.serve.views.thing import MOST_ABOUT, MOST_REFERRING, ThingDescription
from tzgraph.serve.views.thing_notes import Notes
from tzgraph.serve.views.thing_panels import Panels
from tzgraph.serve.views.thing_sections import Group, PageSection, lay_out
from tzgraph.serve.views.thing_values import Mark, ValueMaker
from tzgraph.vocabulary import OWL, RDFS

__all__ = ["ThingPage", "thing_page"]

_LABEL = RDFS + "label"
#: What a record of a link, an ``owl:Axiom``, says of which link; and a label in it.
_ENDS = ("annotatedSource", "annotatedProperty", "annotatedTarget")
_OBJECT_LABEL = "https://w3id.org/sssom/object_label"
#: Values of a property that a page shows at once.
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class ThingPage:
    """What the page of a thing is made from.

    :ivar thing: what it is of
    :ivar document: the page as a document, for links to its twins
    :ivar views: those of the release
    :ivar notes: what is known of the statements
    :ivar sources: label and role of sources, by graph
    :ivar rows: what queries gave for panels
    :ivar digits: how figures are written
    :ivar questions: titles and paths of queries about the thing
    :ivar claim: its audit, if it is a claim
    """

    thing: ThingDescription
    document: ResourceDocument
    views: Views
    notes: Notes
    sources: Mapping[str, tuple[str, str]]
    rows: Mapping[Panel, Sequence[Row]]
    digits: Digits
    questions: Sequence[tuple[str, str]] = ()
    claim: AuditedClaim | None = None


def thing_page(pages: Pages, page: ThingPage) -> str:
    """Give the page of a thing; threads may call this."""
    thing = page.thing
    maker = ValueMaker(pages, thing, page.notes, page.sources, page.digits)
    panels = Panels(thing, page.rows, maker, page.digits, page.claim)
    layout = lay_out(thing, page.notes, page.views, maker)
    roles = layout.roles
    shown = []
    for section in layout.sections:
        panel = section.section.panel
        made = None if panel is None else panels.panel(panel)
        if made is not None or section.groups:
            shown.append((section, made))
    return pages.render(
        "thing.html",
        title=_title(pages, thing),
        curie=pages.curies.compact(thing.node.value),
        iri=thing.node.value,
        types=_types(page.views, thing, maker),
        texts=[value for group in roles.get(ValueRole.DEFINITION, ()) for value in group.values],
        synonyms=[value for group in roles.get(ValueRole.SYNONYM, ()) for value in group.values],
        identifiers=roles.get(ValueRole.IDENTIFIER, []),
        checks=roles.get(ValueRole.CHECK, []),
        recalled=page.notes.whole,
        sections=shown,
        legend=_legend(layout.sections),
        rest=layout.rest,
        rest_size=sum(len(group.values) for group in layout.rest),
        twins=[
            (suffix, f"{page.document.path}.{suffix}", name)
            for suffix, name in SUFFIXES.items()
            if suffix != "html"
        ],
        questions=page.questions,
        is_cut=thing.is_cut,
        limits=(MOST_ABOUT, MOST_REFERRING),
        is_removed=thing.is_removed,
        most=_SHOWN,
        here=page.document.path.rpartition("/")[0],
    )


def _title(pages: Pages, thing: ThingDescription) -> str:
    labels = [term.value for term in thing.values(_LABEL) if isinstance(term, ox.Literal)]
    return labels[0] if labels else _link(pages, thing) or pages.curies.compact(thing.node.value)


def _link(pages: Pages, thing: ThingDescription) -> str:
    """Give what a record of a link says, empty if the thing is none."""
    parts = [thing.values(OWL + name) for name in _ENDS]
    if not all(parts):
        return ""
    said = " ".join(pages.cell(part[0]).text for part in parts)
    labels = thing.values(_OBJECT_LABEL)
    return f"{said} ({pages.cell(labels[0]).text})" if labels else said


def _types(views: Views, thing: ThingDescription, maker: ValueMaker) -> list[Shown]:
    """Give the classes of which none is wider than another."""
    wanted = views.narrowest(thing.types)
    named = {
        s.other.value: maker.named(s.other, s.labels)
        for s in thing.about
        if isinstance(s.other, ox.NamedNode)
    }
    return [named[iri] for iri in wanted if iri in named]


def _legend(sections: Iterable[PageSection]) -> list[Mark]:
    """Give the marks that the page has, to be explained once."""
    groups: list[Group] = [group for section in sections for group in section.groups]
    found = {value.mark for group in groups for value in group.values}
    return [mark for mark in Mark if mark in found]
