"""Values on the page of a thing: what is shown, what kind of knowledge it is, and who says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote, quote_plus

import pyoxigraph as ox

from tzgraph.audit.report.words import short_link, web_address
from tzgraph.pageviews import Layer, ViewProperty
from tzgraph.release.void import VOID
from tzgraph.serve.engine.rows import is_cut
from tzgraph.serve.messages.links import local_path
from tzgraph.serve.views.digits import Digits
from tzgraph.serve.views.explain_tree import Shown
from tzgraph.serve.views.pages import Pages
from tzgraph.serve.views.thing import Statement, ThingDescription
from tzgraph.serve.views.thing_notes import EvidenceNote, Notes
from tzgraph.terms import Term
from tzgraph.vocabulary import TZ, XSD, Graphs

__all__ = ["Mark", "Value", "ValueMaker"]


class Mark(Enum):
    """What kind of knowledge a value is: its sign, its word, and what that means."""

    REPORTED = "●", "reported", "A publication or a database reports it."
    CURATED = "◆", "curated", "The curators of this graph entered it."
    RECALLED = (
        "○",
        "from memory, not checked",
        "A curator recalled it, and nobody has looked it up.",
    )
    DERIVED = "▹", "derived", "It follows from other statements by axioms and rules."
    PREDICTED = "◇", "predicted", "A rule proposes it: a hypothesis, which nobody reports."
    QUOTED = "❝", "quoted", "A document says so; it counts as no fact here."
    REFUTED = "✗", "refuted", "Evidence speaks against it, and none for it."
    LINKED = "↔", "linked", "A mapping set links it."
    DEFINED = "§", "defined", "The ontology says it."
    COUNTED = "#", "counted", "It was counted when the release was built."
    STATED = "·", "stated", "No graph with a name states it."

    @property
    def sign(self) -> str:
        """The sign, which is never the only thing that tells it."""
        return str(self.value[0])

    @property
    def word(self) -> str:
        """The word."""
        return str(self.value[1])

    @property
    def meaning(self) -> str:
        """What the word means, in a sentence."""
        return str(self.value[2])


@dataclass(frozen=True, slots=True)
class ShownEvidence:
    """A piece of evidence, as the page shows it."""

    shown: Shown
    refutes: bool
    level: str
    publication: Shown | None
    recalled: bool


@dataclass(frozen=True, slots=True)
class Value:
    """What stands at the other end of a statement.

    :ivar label: label of a term of another ontology, which is shown by its CURIE
    :ivar sources: who states it
    :ivar record: the record of a link to another ontology
    :ivar why: where it is explained, down to the cell
    """

    shown: Shown
    mark: Mark
    label: str = ""
    sources: tuple[Shown, ...] = ()
    evidence: tuple[ShownEvidence, ...] = ()
    record: Shown | None = None
    why: str = ""

    @property
    def disputed(self) -> bool:
        """Whether evidence speaks for and against it."""
        return len({e.refutes for e in self.evidence}) > 1


class ValueMaker:
    """Makes the values of the page of one thing.

    :param pages: shows terms
    :param thing: what the page is of
    :param notes: what is known of the statements
    :param sources: label and role of sources, by graph
    :param digits: how figures are written
    """

    def __init__(
        self,
        pages: Pages,
        thing: ThingDescription,
        notes: Notes,
        sources: Mapping[str, tuple[str, str]],
        digits: Digits,
    ) -> None:
        self._pages = pages
        self._thing = thing
        self._notes = notes
        self._sources = sources
        self._digits = digits
        self._graphs: dict[str, Shown] = {}
        self._cells: dict[str, Shown] = {}
        self._asked: dict[str, str] = {}

    def value(
        self, statement: Statement, *, inverse: bool = False, declared: ViewProperty | None = None
    ) -> Value:
        """Give the value of a statement.

        :param inverse: whether the thing is its object
        :param declared: how a view shows the property
        """
        shown, label = self._shown(statement)
        if isinstance(statement.other, ox.Literal):
            text = self._digits.of(self._thing.node, statement.property.value, shown.text)
            shown = Shown(text, shown.href, shown.note)
            # Pages that a curator looked at, for one.
            if web_address(text) and not is_cut(statement.other):
                shown = Shown(short_link(text), text, text)
        if declared is not None and declared.link and isinstance(statement.other, ox.Literal):
            shown = Shown(shown.text, declared.link.replace("{}", _quoted(statement.other.value)))
        evidence = tuple(map(self._evidence, self._notes.of(statement, inverse=inverse)))
        record = local_path(statement.record) if statement.record else None
        return Value(
            shown,
            self._mark(statement, inverse=inverse, declared=declared),
            label,
            tuple(map(self._source, statement.graphs)),
            evidence,
            Shown("mapping", record, "the record of this link") if record else None,
            self._why(statement, inverse=inverse),
        )

    def named(self, term: Term, labels: Sequence[Term | str]) -> Shown:
        """Give a term by its label, if it has one."""
        if not labels or not isinstance(term, ox.NamedNode):
            return self._cell(term)
        first = _english(labels)
        text = first if isinstance(first, str) else self._pages.cell(first).text
        path = local_path(term.value)
        return Shown(text, path or self._cell(term).href, term.value)

    def _cell(self, term: Term) -> Shown:
        """Give a term as all pages show it; what stands on this one often, is made once."""
        if not isinstance(term, ox.NamedNode):
            return self._pages.cell(term)
        if term.value not in self._cells:
            self._cells[term.value] = self._pages.cell(term)
        return self._cells[term.value]

    def _shown(self, statement: Statement) -> tuple[Shown, str]:
        """Give a thing of ours by its label; a term of others by its CURIE, with its label."""
        term, labels = statement.other, statement.labels or statement.recorded
        if isinstance(term, ox.Literal) and term.datatype.value == XSD + "boolean":
            word = "yes" if term.value in ("true", "1") else "no"
            return Shown(word, None, term.value), ""
        if labels and isinstance(term, ox.NamedNode) and local_path(term.value) is None:
            shown = self._cell(term)
            if not shown.text.startswith("<"):
                first = _english(labels)
                return shown, first if isinstance(first, str) else self._pages.cell(first).text
        return self.named(term, labels), ""

    def _mark(self, statement: Statement, *, inverse: bool, declared: ViewProperty | None) -> Mark:
        kinds = [self._kind(graph) for graph in statement.graphs]
        evidence = self._notes.of(statement, inverse=inverse)
        if evidence and all(e.refutes for e in evidence) and not kinds:
            return Mark.REFUTED
        if kinds and all(kind is Mark.DERIVED for kind in kinds):
            predicted = declared is not None and declared.layer is Layer.PREDICTED
            return Mark.PREDICTED if predicted else Mark.DERIVED
        if self._notes.is_recalled(statement, inverse=inverse):
            return Mark.RECALLED
        if any(not e.refutes for e in evidence):
            return Mark.REPORTED
        order = list(Mark)
        return min(kinds, key=order.index, default=Mark.STATED)

    def _kind(self, graph: str) -> Mark:
        if graph in _KINDS:
            return _KINDS[graph]
        if graph.startswith(Graphs.MAPPINGS):
            return Mark.LINKED
        role = self._sources.get(graph, ("", ""))[1].removeprefix(TZ)
        return _ROLES.get(role, Mark.REPORTED)

    def _evidence(self, note: EvidenceNote) -> ShownEvidence:
        publication = None
        if note.publication is not None:
            publication = self.named(note.publication, [note.published] if note.published else [])
        return ShownEvidence(
            self.named(note.node, [note.label] if note.label else []),
            note.refutes,
            note.level,
            publication,
            note.recalled,
        )

    def _source(self, graph: str) -> Shown:
        """Give who states something, by the label of the source."""
        if graph not in self._graphs:
            shown = self._cell(ox.NamedNode(graph))
            name = _NAMES.get(graph) or self._sources.get(graph, ("", ""))[0] or shown.text
            self._graphs[graph] = Shown(name, shown.href, graph)
        return self._graphs[graph]

    def _why(self, statement: Statement, *, inverse: bool) -> str:
        ends = (self._thing.node, statement.other)
        first, last = (ends[1], ends[0]) if inverse else ends
        # What was counted when the release was built follows from no cell and no rule; and what is
        # only the beginning of a value can't be asked for.
        is_counted = statement.property.value.startswith(VOID) or str(last).startswith(f"<{VOID}")
        if is_counted or is_cut(statement.other) or not statement.graphs:
            return ""
        return self.explain(first, statement.property, last)

    def explain(self, *triple: Term) -> str:
        """Give the path of the explanation of a triple."""
        return "/explain?subject={}&predicate={}&object={}".format(*map(self._written, triple))

    def _written(self, term: Term) -> str:
        """Give a term as the address of an explanation has it."""
        key = str(term)
        if key not in self._asked:
            self._asked[key] = quote_plus(self._pages.written(term))
        return self._asked[key]


#: What kind of knowledge graphs hold that are no source, and sources by their role.
_KINDS = {
    Graphs.INFERRED: Mark.DERIVED,
    Graphs.AUDIT: Mark.DERIVED,
    Graphs.ONTOLOGY: Mark.DEFINED,
    Graphs.METADATA: Mark.COUNTED,
}
_ROLES = {"Curation": Mark.CURATED, "SecondarySource": Mark.QUOTED}
#: Graphs that are no source, as pages name them.
_NAMES = {
    Graphs.INFERRED: "derived by rules",
    Graphs.AUDIT: "the audit",
    Graphs.ONTOLOGY: "the ontology",
    Graphs.METADATA: "what the release says of itself",
    Graphs.MAPPINGS: "the mapping sets",
}


def _quoted(text: str) -> str:
    return quote(text, safe="/:;().-_")


def _english(labels: Sequence[Term | str]) -> Term | str:
    """Give the English label, if there is one."""
    english = (t for t in labels if isinstance(t, ox.Literal) and t.language == "en")
    return next(english, labels[0])
