"""Terms as people write them, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tzgraph.curies import IriError
from tzgraph.errors import UsageError
from tzgraph.explain.model import Explanation, TripleStatus
from tzgraph.explain.tree import Explainer
from tzgraph.names.lookup import answered, thing_named
from tzgraph.vocabulary import TZ

if TYPE_CHECKING:  # a build explains inconsistencies, so importing goes from release to here
    from tzgraph.release.manifest import Manifest
    from tzgraph.release.reader import Release

__all__ = ["ReleaseExplainer", "Terms", "open_explainer"]

_WHOLE = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
#: What may stand behind a literal's last quote.
_SUFFIX = re.compile(r"@[A-Za-z-]+|\^\^\S+|")
_VERDICT = f"<{TZ}verdict>"
_XSD = "http://www.w3.org/2001/XMLSchema#"


class ReleaseExplainer:
    """Explains what people ask of a release; threads may share one.

    :param release: gives rules and prefixes
    :param store: its store
    :raises InputUnreadableError: if the release has no rules
    """

    def __init__(self, release: Release, store: ox.Store) -> None:
        self.terms = Terms(release.manifest)
        self._names = release.names()
        self._store = store
        self._explainer = open_explainer(release, store)

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

    def _named(self, text: str, kind: str = "") -> str:
        """Give the IRI of what a text names, in N-Triples syntax."""
        lookup = thing_named(self._names, text, kind=kind, anywhere=True)
        return f"<{answered(lookup, self._store)}>"

    def _verdict(self, claim: str, written: str) -> str:
        """The effective verdict of a claim."""
        node, link = ox.NamedNode(claim[1:-1]), ox.NamedNode(_VERDICT[1:-1])
        verdicts = self._store.quads_for_pattern(node, link, None, ox.DefaultGraph())
        found = min((str(quad.object) for quad in verdicts), default=None)
        if found is None:
            raise UsageError(
                f"“{written}” is no claim with a verdict, and only the verdict of a claim can be"
                " explained by one term.",
                "Give SUBJECT PREDICATE OBJECT, such as tzdrug:trastuzumab tz:targets"
                " tztarget:her2.",
            )
        return found


def open_explainer(release: Release, store: ox.Store) -> Explainer:
    """Give an explainer with the rules that the release was built with."""
    return Explainer(store, release.rules())


class Terms:
    """Reads and writes terms with the prefixes of a release.

    :param manifest: gives the prefixes
    """

    def __init__(self, manifest: Manifest) -> None:
        self._curies = manifest.curies

    def node(self, text: str) -> str:
        """Give an IRI in N-Triples syntax from ``<IRI>``, an address or a CURIE.

        :raises UsageError: if it is none of them
        """
        try:
            return f"<{self._curies.iri(text)}>"
        except IriError as error:
            raise UsageError(error.message, error.hint) from None

    def term(self, text: str) -> str:
        """Give an IRI or literal, see :meth:`node` and :meth:`literal`.

        :raises UsageError: if it can't be read
        """
        return self.literal(text) or self.node(text)

    def literal(self, text: str) -> str:
        """Give a literal; a bare number is a decimal or integer, ``"…"@en`` a string.

        :return: empty if it is no literal
        :raises UsageError: if it can't be read
        """
        if _NUMBER.fullmatch(text):
            kind = "decimal" if "." in text else "integer"
            return f'"{text}"^^<{_XSD}{kind}>'
        # Datatypes and languages hold no quotes, so the last one ends the value.
        start, quote, suffix = text.rpartition('"')
        if not (start.startswith('"') and quote and _SUFFIX.fullmatch(suffix)):
            return ""
        value = start[1:]
        try:
            if suffix.startswith("^^"):
                datatype = ox.NamedNode(self.node(suffix[2:])[1:-1])
                return str(ox.Literal(value, datatype=datatype))
            return str(ox.Literal(value, language=suffix[1:]) if suffix else ox.Literal(value))
        except ValueError as error:
            raise UsageError(
                f"{text} is no literal: {error}.", 'Write one such as "HER2"@en.'
            ) from error

    def compact(self, term: str) -> str:
        """Write a term in N-Triples syntax with a prefix where one fits."""
        if not term.startswith("<"):
            head, sign, datatype = term.rpartition("^^")
            return f"{head}^^{self.compact(datatype)}" if sign else term
        return self._curies.compact(term[1:-1])
