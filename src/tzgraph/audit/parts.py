"""What is said and what is reported, in words: figures, references, approvals, statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

import pyoxigraph as ox

from tzgraph.audit import forms
from tzgraph.audit.model import ClaimPart
from tzgraph.audit.terms import text_of
from tzgraph.read.lookup import CellLookup
from tzgraph.read.provenance import CellRef
from tzgraph.read.source import quoted_graphs
from tzgraph.terms import Term
from tzgraph.vocabulary import PROV, RDF, RDFS, TZ, Graphs

__all__ = ["Describer"]

_NUMBERS = (
    "value",
    "valueFrom",
    "valueTo",
    "valueBelow",
    "valueAbove",
    "valueAtMost",
    "valueAtLeast",
    "valueStatus",
    "hazardRatio",
)
_BOUNDS = (
    ("valueAbove", "above"),
    ("valueAtLeast", "at least"),
    ("valueBelow", "below"),
    ("valueAtMost", "at most"),
)
_WRITTEN = (
    *(*_NUMBERS, "ciLower", "ciUpper", "pValue", "pValueBelow", "finding", "numerator"),
    *("hazardReduction", "difference", "relativeDifference"),
)
_RESULTS = ("OutcomeResult", "StatedResult", "SafetyResult")
_DOI, _PUBMED = "https://doi.org/", "https://pubmed.ncbi.nlm.nih.gov/"
_NOT_FACTS = (Graphs.PROVENANCE, Graphs.INFERRED)


class Describer:
    """Gives things of a release as :class:`ClaimPart`.

    :param store: of the release
    """

    def __init__(self, store: ox.Store) -> None:
        self._store = store
        self._places = CellLookup(store)
        self._quoted = frozenset(quoted_graphs(store))
        #: What was looked up: figures and publications are described again and again.
        self._found: dict[tuple[ox.NamedNode, str], list[Term]] = {}
        self._parts: dict[Term, ClaimPart] = {}

    # -- looking up ------------------------------------------------------------------------

    def objects(self, node: Term | None, name: str) -> list[Term]:
        """Give the values of a property, whoever states them.

        :param name: an IRI, or the local name of a term of ours
        """
        if not isinstance(node, ox.NamedNode):
            return []
        found = self._found.get((node, name))
        if found is None:
            link = ox.NamedNode(name if ":" in name else TZ + name)
            quads = self._store.quads_for_pattern(node, link, None, None)
            found = self._found[node, name] = sorted({q.object for q in quads}, key=str)
        return found

    def one(self, node: Term | None, name: str) -> Term | None:
        """Give a value of a property, or ``None``."""
        return next(iter(self.objects(node, name)), None)

    def label(self, node: Term | None) -> str:
        """Give the English label of a thing, else the end of its IRI; of a literal, its text."""
        if node is None or isinstance(node, ox.Literal):
            return text_of(node)
        labels = [x for x in self.objects(node, RDFS + "label") if isinstance(x, ox.Literal)]
        english = [x.value for x in labels if x.language == "en"]
        names = english or [x.value for x in labels]
        return names[0] if names else text_of(node).replace("#", "/").rsplit("/", 1)[-1]

    def written(self, node: ox.NamedNode, name: str) -> str:
        """Give a value as its cell has it; the store drops zeros at the end of numbers."""
        value = self.one(node, name)
        if not isinstance(value, ox.Literal):
            return self.label(value)
        for cell in self.cells(node, [name]):
            text = self._places.verbatim(cell)
            if text is not None:
                return text
        return value.value

    def cells(self, node: Term | None, names: Iterable[str]) -> list[CellRef]:
        """Give the cells that state properties of a thing."""
        if not isinstance(node, ox.NamedNode):
            return []
        found: list[CellRef] = []
        for name in names:
            link = ox.NamedNode(name if ":" in name else TZ + name)
            for value in self.objects(node, name):
                found += self._places.cells(node, link, value)
        return list(dict.fromkeys(found))

    def home(self, node: Term) -> list[CellRef]:
        """Give the cell where the row of a thing begins, if it has one."""
        home = self._places.home(node)
        return [home] if home else []

    def place(self, node: Term) -> tuple[str, int, int]:
        """Give a key that orders things as their rows are."""
        home = self._places.home(node)
        return home.sort_key if home else ("~", 0, 0)

    def arm_of(self, result: ox.NamedNode) -> Term | None:
        """Give the arm that a result on harm was observed in."""
        link = ox.NamedNode(TZ + "hasSafetyResult")
        quads = self._store.quads_for_pattern(None, link, result, None)
        return min((q.subject for q in quads), key=str, default=None)

    def is_a(self, node: Term | None, name: str) -> bool:
        """Say whether a thing is stated to be of a class of ours."""
        return any(text_of(kind) == TZ + name for kind in self.objects(node, RDF + "type"))

    def source(self, node: Term | None) -> ox.NamedNode | None:
        """Give the graph of who describes a thing."""
        if not isinstance(node, ox.NamedNode):
            return None
        for _row, graph in self._places.rows(node):
            return graph
        graphs = (q.graph_name for q in self._store.quads_for_pattern(node, None, None, None))
        named = sorted(
            {g.value for g in graphs if isinstance(g, ox.NamedNode) and g.value not in _NOT_FACTS}
        )
        own = [name for name in named if name.startswith(Graphs.SOURCE)]
        return ox.NamedNode(own[0]) if own else None

    # -- describing ------------------------------------------------------------------------

    def part(self, node: Term) -> ClaimPart:
        """Describe a thing, by what it is."""
        found = self._parts.get(node)
        if found is None:
            found = self._parts[node] = self._part(node)
        return found

    def _part(self, node: Term) -> ClaimPart:
        if not isinstance(node, ox.NamedNode):
            return ClaimPart(text_of(node), text_of(node))
        if any(self.is_a(node, name) for name in ("Frequency", "StatedFrequency")):
            about = " · ".join(forms.about_frequency(self, node))
            return self._figure(node, self._result(node), about)
        if self.is_a(node, "StatedNumber"):
            about = " · ".join(forms.about_number(self, node))
            return self._figure(node, self._result(node), about)
        if any(self.is_a(node, name) for name in _RESULTS):
            return self._figure(node, self._result(node), self._about_result(node))
        if any(self.is_a(node, name) for name in ("Comparison", "StatedComparison")):
            return self._figure(node, self._comparison(node), self._about_comparison(node))
        if any(self.is_a(node, name) for name in ("CitedReference", "Publication")):
            return self._plain(node, self._reference(node), ["journal", "year", "volume", "pages"])
        if any(self.is_a(node, name) for name in ("Approval", "StatedApproval")):
            return self._plain(node, self._approval(node), ["year", "approves"])
        if self.is_a(node, "Claim"):
            return self.statement(node)
        if self.is_a(node, "Evidence"):
            return self._plain(node, self._evidence(node), [RDF + "object"])
        return self._plain(node, self.label(node), [RDFS + "label"])

    def statement(self, claim: ox.NamedNode) -> ClaimPart:
        """Describe the triple, or the names, that a claim quotes."""
        names = [text_of(name) for name in self.objects(claim, "listsAsDistinct")]
        text = " and ".join(f"“{name}”" for name in names)
        if self.one(claim, RDF + "predicate") is not None:
            text = self._triple(claim)
        return self._plain(claim, text, [RDF + "object", "listsAsDistinct"])

    def grounds(self, claim: ox.NamedNode) -> list[ClaimPart]:
        """Give who states the triple that a claim quotes, if accepted sources do."""
        start, link, end = (
            self.one(claim, RDF + name) for name in ("subject", "predicate", "object")
        )
        if not isinstance(start, ox.NamedNode) or not isinstance(link, ox.NamedNode) or end is None:
            return []
        if ox.Quad(start, link, end) not in self._store:
            return []
        found: dict[str, list[CellRef]] = {}
        for cell, graph in self._places.stated(start, link, end):
            if graph.value not in self._quoted:
                found.setdefault(graph.value, []).append(cell)
        text = self._triple(claim)
        if not found:
            return [
                ClaimPart(
                    start.value, text, "follows from other facts; `tzgraph explain` shows how"
                )
            ]
        return [
            ClaimPart(
                start.value,
                text,
                source=self.label(ox.NamedNode(graph)),
                cells=tuple(cells),
                graph=graph,
            )
            for graph, cells in sorted(found.items())
        ]

    def _triple(self, node: Term) -> str:
        parts = [self.label(self.one(node, RDF + p)) for p in ("subject", "predicate", "object")]
        denied = text_of(self.one(node, "negated")) == "true"
        return ("not: " if denied else "") + " ".join(parts)

    def _evidence(self, node: ox.NamedNode) -> str:
        against = text_of(self.one(node, "direction")) == TZ + "Refutes"
        kinds = [self.label(self.one(node, name)) for name in ("evidenceType", "evidenceLevel")]
        kind = ", ".join(k for k in (kinds[1], self.label(self.one(node, "observedIn"))) if k)
        side = "speaks against" if against else "speaks for"
        return f"evidence {side} “{self._triple(node)}”" + (f" ({kind})" if kind else "")

    def _plain(self, node: ox.NamedNode, text: str, names: Iterable[str]) -> ClaimPart:
        published, link = self._publication(node)
        source = self.source(node)
        return ClaimPart(
            node.value,
            text,
            source=self.label(source),
            publication=self.label(published),
            link=link,
            pages=self._pages(node),
            recalled=self._recalled(node, names),
            cells=tuple(self.cells(node, names)),
            graph=text_of(source),
            published=text_of(published),
        )

    def _figure(self, node: ox.NamedNode, text: str, about: str) -> ClaimPart:
        published, link = self._publication(node)
        source = self.source(node)
        arm = self.one(node, "resultOf") or self.one(node, "comparesArm") or self.arm_of(node)
        return ClaimPart(
            node.value,
            text,
            about,
            self.label(source),
            self.label(published),
            link,
            self._pages(node),
            self._recalled(node, _NUMBERS),
            tuple(self.cells(node, _WRITTEN)),
            self.label(self.one(arm, "armOf")) if arm else "",
            self.label(self.one(node, "endpoint")),
            self._ratio(node),
            text_of(source),
            text_of(published),
        )

    def _result(self, node: ox.NamedNode) -> str:
        about = "about " if text_of(self.one(node, "approximate")) == "true" else ""
        return about + self._counted(node) + self._limits(node)

    def _counted(self, node: ox.NamedNode) -> str:
        """The number of a result, and the counts behind it."""
        return ", ".join(x for x in (self._amount(node), forms.counts(self, node)) if x)

    def _amount(self, node: ox.NamedNode) -> str:
        """The number of a result with its unit, a range, a bound or a status."""
        unit = forms.unit(self, node)
        values = {name: self.written(node, name) for name in _NUMBERS}
        if values["valueStatus"]:
            return values["valueStatus"]
        if values["value"]:
            return f"{values['value']}{unit}"
        if values["valueFrom"]:
            return f"{values['valueFrom']} to {values['valueTo']}{unit}"
        bounds = [f"{word} {values[name]}" for name, word in _BOUNDS if values[name]]
        return " and ".join(bounds) + unit if bounds else ""

    def number(self, node: ox.NamedNode, kind: str) -> str:
        """Give a number of a figure in words, by the kind of its quantity."""
        if kind == "value":
            return self._amount(node)
        if kind == "hazardRatio" and (reduction := self.written(node, "hazardReduction")):
            return f"lower by {reduction} %"
        text = self.written(node, kind)
        return text or f"below {self.written(node, 'pValueBelow')}"

    def quantities(self, node: ox.NamedNode) -> dict[str, tuple[str, Decimal, Decimal]]:
        """Give the quantities of a figure by kind: unit, lower and upper limit."""
        link, graph = ox.NamedNode(TZ + "quantityOf"), ox.NamedNode(Graphs.AUDIT)
        found = {}
        for quad in self._store.quads_for_pattern(None, link, node, graph):
            kind, unit, low, high = (
                text_of(self.one(quad.subject, name))
                for name in ("quantityKind", "limitsIn", "lowerLimit", "upperLimit")
            )
            found[kind.removeprefix(TZ)] = (unit, Decimal(low), Decimal(high))
        return found

    def _limits(self, node: ox.NamedNode) -> str:
        low, high = self.written(node, "ciLower"), self.written(node, "ciUpper")
        if not (low or high):
            return ""
        return f" (95 % CI {low or 'not estimable'} to {high or 'not estimable'})"

    def _comparison(self, node: ox.NamedNode) -> str:
        said = []
        if ratio := self.written(node, "hazardRatio"):
            said.append(f"hazard ratio {ratio}{self._limits(node)}")
        said += forms.gaps(self, node)
        if p := self.written(node, "pValue"):
            said.append(f"p = {p}")
        if p := self.written(node, "pValueBelow"):
            said.append(f"p < {p}")
        findings = [self.label(x) for x in self.objects(node, "finding")]
        plain = [x for x in findings if not x.startswith("numerically")] or findings
        return ", ".join([*said, *plain])

    def _about_result(self, node: ox.NamedNode) -> str:
        arm = self.one(node, "resultOf") or self.one(node, "resultFor") or self.arm_of(node)
        return self._about([self.label(arm)], node)

    def _about_comparison(self, node: ox.NamedNode) -> str:
        one = self.label(self.one(node, "comparesArm") or self.one(node, "comparesRegimen"))
        other = self.label(self.one(node, "referenceArm") or self.one(node, "referenceRegimen"))
        trial, sign, rest = other.partition(": ")
        other = rest if sign and one.startswith(trial + ": ") else other
        return self._about([f"{one} against {other}" if other else one], node)

    def _about(self, said: list[str], node: ox.NamedNode) -> str:
        said.append(self.label(self.one(node, "endpoint")))
        population = self.label(self.one(node, "population"))
        said.append(population.partition(": ")[2] or population)
        said += forms.circumstances(self, node)
        cutoff = text_of(self.one(node, "dataCutoff"))
        said.append(f"data up to {cutoff}" if cutoff else "")
        return " · ".join(x for x in said if x)

    def _reference(self, node: ox.NamedNode) -> str:
        author, journal, year, volume, issue, pages = (
            self.written(node, name)
            for name in ("firstAuthor", "journal", "year", "volume", "issue", "pages")
        )
        place = volume + (f"({issue})" if issue else "") + (f":{pages}" if pages else "")
        when = f"{year};{place}" if year and place else year + place
        return ", ".join(x for x in (author, f"{journal} {when}".strip()) if x)

    def _approval(self, node: ox.NamedNode) -> str:
        drug, disease = (self.label(self.one(node, name)) for name in ("approves", "approvedFor"))
        where = ", ".join(text_of(x) for x in self.objects(node, "authority"))
        when = text_of(self.one(node, "approvalDate")) or text_of(self.one(node, "year"))
        text = f"{drug} approved" + (f" for {disease}" if disease else "")
        text += (f" in {where}" if where else "") + (f", {when}" if when else "")
        more = (forms.years(self, node), forms.precedence(self, node))
        return ", ".join(x for x in (text, *more) if x)

    def _publication(self, node: ox.NamedNode) -> tuple[ox.NamedNode | None, str]:
        """The publication that reports a thing, or the thing itself, and its address."""
        told = self.one(node, "reportedIn") or self.one(node, "refersTo")
        found = told or (node if self.is_a(node, "Publication") else None)
        if not isinstance(found, ox.NamedNode):
            return None, ""
        doi, pmid = text_of(self.one(found, "doi")), text_of(self.one(found, "pmid"))
        link = _DOI + doi if doi else f"{_PUBMED}{pmid}/" if pmid else ""
        return found, link

    def _pages(self, node: ox.NamedNode) -> tuple[str, ...]:
        return tuple(text_of(page) for page in self.objects(node, "checkedAt"))

    def _recalled(self, node: ox.NamedNode, names: Iterable[str]) -> bool:
        status = text_of(self.one(node, "checkStatus")) == TZ + "Recalled"
        parts = {text_of(x) for x in self.objects(node, "recalledProperty")}
        return status or any((x if ":" in x else TZ + x) in parts for x in names)

    def _ratio(self, node: ox.NamedNode) -> tuple[float, float | None, float | None] | None:
        ratio, low, high = (
            text_of(self.one(node, name)) for name in ("hazardRatio", "ciLower", "ciUpper")
        )
        if not ratio:
            return None
        return float(ratio), float(low) if low else None, float(high) if high else None

    def curator(self, assessment: Term) -> str:
        """Give the label of the curator of an assessment, if a curator made it."""
        return self.label(self.one(assessment, PROV + "wasAttributedTo"))

    def texts(self, node: Term, name: str) -> Iterator[str]:
        """Give the values of a property as text."""
        return (text_of(value) for value in self.objects(node, name))
