"""Explanations of what a release holds, asked for in the words of people."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

import pyoxigraph as ox

from tzgraph.audit.collect import collect_claim
from tzgraph.audit.model import AuditedClaim
from tzgraph.audit.single import FigureJudge
from tzgraph.errors import UsageError
from tzgraph.explain import Explainer, Explanation
from tzgraph.explain.labels import Labels
from tzgraph.explain.model import TripleStatus
from tzgraph.explain.terms import Terms
from tzgraph.names.lookup import answered, thing_named
from tzgraph.reason import Rule
from tzgraph.release.audits import ReleaseAudits
from tzgraph.release.reader import Release
from tzgraph.vocabulary import TZ

__all__ = ["ReleaseExplainer"]

_WHOLE = re.compile(r"[+-]?\d+")
_VERDICT = f"<{TZ}verdict>"


class ReleaseExplainer:
    """Explains what people ask of a release; threads may share one.

    :param release: gives rules and prefixes
    :param store: its store
    :raises InputUnreadableError: if the release has no rules
    :ivar terms: reads and writes terms
    :ivar audits: of the documents that make claims
    """

    def __init__(self, release: Release, store: ox.Store) -> None:
        self.terms = Terms(release.manifest.curies)
        self.store = store
        self.audits = ReleaseAudits(release, store)
        self._curies = release.manifest.curies
        self._names = release.names()
        self._rules = release.rules()
        self._explainer = Explainer(store, self._rules)

    @cached_property
    def judge(self) -> FigureJudge:
        """What judges figures against what the release reports.

        :raises UsageError: if it can't, see :class:`FigureJudge`
        """
        return FigureJudge(self.store, self._rules)

    def explain(
        self,
        subject: str,
        predicate: str | None = None,
        obj: str | None = None,
        *,
        step: Callable[[], None] | None = None,
    ) -> Explanation:
        """Explain a triple whose terms are written as people do, or the verdict of a claim.

        A whole number is looked for as an integer and, if there is no such triple, as a decimal.

        :param subject: an IRI, a CURIE or any other name; alone, that of a claim
        :param predicate: likewise, of a property, or ``a``
        :param obj: likewise, a number or a quoted literal
        :param step: see :meth:`Explainer.explain`
        :raises UnknownNameError: if nothing in the graph has the name, of which nothing can be said
        :raises UsageError: if a term can't be read, or if one is missing
        """
        start = self._named(subject)
        if predicate is None and obj is None:
            return self._explainer.explain(
                start, _VERDICT, self._verdict(start, subject), step=step
            )
        if predicate is None or obj is None:
            raise UsageError(
                "A triple has three terms.", "Give SUBJECT PREDICATE OBJECT, or a claim alone."
            )
        link = self._named("rdf:type" if predicate == "a" else predicate, kind="property")
        end = self.terms.literal(obj) or self._named(obj)
        found = self._explainer.explain(start, link, end, step=step)
        if found.status is TripleStatus.ABSENT and _WHOLE.fullmatch(obj):
            again = self._explainer.explain(start, link, self.terms.term(obj + ".0"), step=step)
            found = found if again.status is TripleStatus.ABSENT else again
        return found

    def claim(self, iri: str) -> AuditedClaim | None:
        """Give the audit of a claim, or ``None`` if the IRI is that of no claim."""
        return collect_claim(self.store, iri)

    def rule(self, name: str) -> Rule | None:
        """Give a domain rule; rules that stand for axioms share the names of their kinds."""
        found = [rule for rule in self._rules if rule.name == name]
        return found[0] if len(found) == 1 else None

    def labels(self) -> Labels:
        """Give what gives terms their words, for one explanation."""
        return Labels(self.store, self._curies)

    def _named(self, text: str, kind: str = "") -> str:
        """Give the IRI of what a text names, in N-Triples syntax."""
        lookup = thing_named(self._names, text, kind=kind, anywhere=True)
        return f"<{answered(lookup, self.store)}>"

    def _verdict(self, claim: str, written: str) -> str:
        """The effective verdict of a claim."""
        node, link = ox.NamedNode(claim[1:-1]), ox.NamedNode(_VERDICT[1:-1])
        verdicts = self.store.quads_for_pattern(node, link, None, ox.DefaultGraph())
        found = min((str(quad.object) for quad in verdicts), default=None)
        if found is None:
            raise UsageError(
                f"“{written}” is no claim with a verdict, and only the verdict of a claim can be"
                " explained by one term.",
                "Give SUBJECT PREDICATE OBJECT, such as tzdrug:trastuzumab tz:targets"
                " tztarget:her2.",
            )
        return found
