"""Read the audit of a document out of a release."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches

import pyoxigraph as ox

from tzgraph.audit.differences import differences
from tzgraph.audit.model import (
    AboutThing,
    Audit,
    AuditedClaim,
    AuditedDocument,
    ClaimPart,
    Difference,
    Disagreement,
    Judgement,
    Verdict,
)
from tzgraph.audit.parts import Describer
from tzgraph.audit.terms import solutions, text_of
from tzgraph.errors import Finding, UsageError
from tzgraph.read.lookup import CellLookup
from tzgraph.read.source import quoted_graphs
from tzgraph.resources import own_query
from tzgraph.terms import Term
from tzgraph.vocabulary import DCTERMS, ID, RDF, SKOS, TZ, Graphs

__all__ = ["collect_audit", "collect_claim", "documents"]

_TYPE = ox.NamedNode(RDF + "type")
_CLAIM = ox.NamedNode(TZ + "Claim")


def documents(store: ox.Store, folders: Iterable[str] = ()) -> list[str]:
    """Give the slugs of the documents that make claims.

    :param folders: names of folders; only documents with claims in tables of one of them
    """
    places = CellLookup(store)
    below = tuple(f"{folder}/" for folder in folders)

    def counts(quad: ox.Quad) -> bool:
        home = places.home(quad.subject) if below else None
        return not below or (home is not None and home.file.startswith(below))

    return [
        name.removeprefix(Graphs.SOURCE)
        for name in quoted_graphs(store)
        if any(map(counts, store.quads_for_pattern(None, _TYPE, _CLAIM, ox.NamedNode(name))))
    ]


def collect_audit(
    store: ox.Store,
    source: str,
    release: str = "",
    findings: Iterable[Finding] = (),
    *,
    step: Callable[[], None] | None = None,
) -> Audit:
    """Give the audit of a document.

    :param store: of a release
    :param source: the slug of the document's source
    :param release: the release's id
    :param findings: of the build; those of the document's tables are taken over
    :param step: is called before each claim; what it raises ends the work
    :raises UsageError: if no such document makes claims
    """
    known = documents(store)
    if source not in known:
        near = get_close_matches(source, known, 1) or known
        raise UsageError(
            f"The source “{source}” makes no claims.",
            f"Give one of {', '.join(near)}." if near else "Add a table of claims.",
        )
    collector = _Collector(store, ox.NamedNode(Graphs.SOURCE + source))
    claims = collector.claims(step)
    files = {cell.file for c in claims for part in c.states for cell in part.cells}
    files |= collector.files
    return Audit(
        collector.document(source),
        release,
        tuple(claims),
        tuple(collector.disagreements()),
        tuple(f for f in findings if f.file in files),
        tuple(collector.ratios(claims)),
    )


def collect_claim(store: ox.Store, claim: str) -> AuditedClaim | None:
    """Give the audit of one claim, or ``None`` if the IRI is that of no claim."""
    node = ox.NamedNode(claim)
    graphs = (q.graph_name for q in store.quads_for_pattern(node, _TYPE, _CLAIM, None))
    own = (g for g in graphs if isinstance(g, ox.NamedNode) and g.value != Graphs.INFERRED)
    named = sorted(own, key=str)
    return _Collector(store, named[0]).only(node) if named else None


class _Collector:
    """Collects the claims of one document."""

    def __init__(self, store: ox.Store, graph: ox.NamedNode) -> None:
        self._store = store
        self._graph = graph
        self._describe = Describer(store)
        self.files: set[str] = set()

    def document(self, source: str) -> AuditedDocument:
        """Describe the document."""
        describe = self._describe
        citation = next(describe.texts(self._graph, DCTERMS + "bibliographicCitation"), "")
        return AuditedDocument(self._graph.value, source, describe.label(self._graph), citation)

    def claims(self, step: Callable[[], None] | None = None) -> list[AuditedClaim]:
        """Give the claims in the order of their rows."""
        quads = self._store.quads_for_pattern(None, _TYPE, _CLAIM, self._graph)
        nodes = {q.subject for q in quads if isinstance(q.subject, ox.NamedNode)}
        placed = {node: self._describe.place(node) for node in nodes}
        self.files = {place[0] for place in placed.values()}
        about, found = self._about(), []
        for node in sorted(nodes, key=lambda n: (placed[n], n.value)):
            if step is not None:
                step()
            found.append(self._claim(node, about))
        return found

    def only(self, node: ox.NamedNode) -> AuditedClaim:
        """Give one claim with its judgements."""
        return self._claim(node, self._about(node))

    def _about(self, claim: ox.NamedNode | None = None) -> dict[Term | None, list[Term]]:
        """Give what the claims of the document, or one of them, are about."""
        rows = self._store.query(
            own_query("audit", "about"),
            default_graph=[ox.DefaultGraph(), self._graph],
            substitutions={} if claim is None else {ox.Variable("claim"): claim},
        )
        found: dict[Term | None, list[Term]] = {}
        for row in rows if isinstance(rows, ox.QuerySolutions) else ():
            found.setdefault(row["claim"], []).append(row["thing"])
        return found

    def _things(self, nodes: Iterable[Term]) -> Iterable[AboutThing]:
        for node in sorted(set(nodes), key=str):
            iri = text_of(node)
            if isinstance(node, ox.NamedNode) and iri.startswith(ID):
                kind = iri.removeprefix(ID).partition("/")[0]
                yield AboutThing(iri, self._describe.label(node), kind)

    def _claim(self, node: ox.NamedNode, about: Mapping[Term | None, list[Term]]) -> AuditedClaim:
        describe = self._describe
        states = [
            describe.part(value)
            for name in ("statesResult", "statesReference", "statesApproval")
            for value in describe.objects(node, name)
        ]
        quoted = describe.one(node, RDF + "predicate") or describe.one(node, "listsAsDistinct")
        if quoted is not None:
            states.append(describe.statement(node))
        verdict = _verdict(describe.one(node, "verdict"))
        return AuditedClaim(
            node.value,
            node.value.rsplit("/", 1)[-1],
            next(describe.texts(node, "locator"), ""),
            next(describe.texts(node, "claimKind"), ""),
            next(describe.texts(node, DCTERMS + "description"), ""),
            verdict or Verdict.UNVERIFIED,
            text_of(describe.one(node, "provisional")) == "true",
            bool(states),
            _verdict(describe.one(node, "citationVerdict")),
            tuple(self._cites(node)),
            tuple(states),
            tuple(self._judgements(node)),
            tuple(describe.home(node)),
            "" if states else describe.label(describe.one(node, "unstructuredBecause")),
            tuple(self._things(about.get(node, ()))),
        )

    def _cites(self, node: ox.NamedNode) -> Iterable[str]:
        describe = self._describe
        for reference in describe.objects(node, "citesAs"):
            number = text_of(describe.one(reference, "referenceNumber"))
            yield (
                f"[{number}] {describe.part(reference).text}"
                if number
                else describe.label(reference)
            )
        if not describe.objects(node, "citesAs"):
            yield from (describe.label(x) for x in describe.objects(node, "cites"))

    def _judgements(self, claim: ox.NamedNode) -> list[Judgement]:
        link = ox.NamedNode(TZ + "assesses")
        quads = self._store.quads_for_pattern(None, link, claim, ox.NamedNode(Graphs.AUDIT))
        nodes = {q.subject for q in quads if isinstance(q.subject, ox.NamedNode)}
        judged = [self._judgement(node, claim) for node in sorted(nodes, key=str)]
        order = list(Verdict)
        return sorted(judged, key=lambda j: (j.aspect != "Content", order.index(j.verdict), j.iri))

    def _judgement(self, node: ox.NamedNode, claim: ox.NamedNode) -> Judgement:
        describe = self._describe
        rule = describe.one(node, "byRule")
        names = ("settles", "leavesOpen", "citedFor")
        parts = [part for name in names for part in describe.objects(node, name)]
        checked = describe.objects(node, "checkedAgainst")
        grounds = describe.grounds(claim) if rule and claim in parts else []
        return Judgement(
            node.value,
            _verdict(describe.one(node, "assessedAs")) or Verdict.UNVERIFIED,
            text_of(describe.one(node, "aspect")).removeprefix(TZ) or "Content",
            text_of(rule).rsplit("/", 1)[-1],
            describe.curator(node),
            describe.label(rule) if rule else "",
            next(describe.texts(rule, SKOS + "definition"), "")
            if rule
            else next(describe.texts(node, DCTERMS + "description"), ""),
            tuple(describe.part(x) for x in parts if self._is_quoted(x, claim)),
            tuple(describe.part(x) for x in checked) or tuple(grounds),
            tuple(describe.texts(node, "checkedAt")),
            text_of(describe.one(node, "provisional")) == "true",
            tuple(self._differences(parts, checked)),
        )

    def _differences(self, parts: Sequence[Term], checked: Sequence[Term]) -> Iterable[Difference]:
        """What the parts of a claim have otherwise than what they were checked against."""
        found = [
            difference
            for part in parts
            for other in checked
            for difference in differences(self._describe, part, other)
        ]
        return dict.fromkeys(found)

    def _is_quoted(self, part: Term, claim: ox.NamedNode) -> bool:
        """Whether a part says something: a claim without the graph's terms does not."""
        if part != claim:
            return True
        names = (RDF + "predicate", "listsAsDistinct")
        return any(self._describe.objects(claim, name) for name in names)

    def disagreements(self) -> list[Disagreement]:
        """Give the pairs of sources that give different figures for the same."""
        link = ox.NamedNode(TZ + "disagreesWith")
        quads = self._store.quads_for_pattern(None, link, None, ox.NamedNode(Graphs.AUDIT))
        pairs = sorted({(q.subject, q.object) for q in quads}, key=str)
        part = self._describe.part
        return [Disagreement(part(one), part(other)) for one, other in pairs]

    def ratios(self, claims: Sequence[AuditedClaim]) -> list[ClaimPart]:
        """Give the reported hazard ratios of the trials that the claims speak of."""
        spoken = {p.trial for c in claims for p in c.states if p.trial}
        spoken |= {p.trial for c in claims for j in c.judgements for p in j.checked_against}
        found = solutions(self._store, own_query("audit", "hazard-ratios"))
        nodes = sorted({row["comparison"] for row in found}, key=str)
        parts = [self._describe.part(node) for node in nodes]
        chosen = [p for p in parts if p.trial in spoken]
        return sorted(chosen or parts, key=lambda p: (p.endpoint, p.trial, p.about, p.iri))


def _verdict(term: Term | None) -> Verdict | None:
    return Verdict(text_of(term).removeprefix(TZ)) if term is not None else None
