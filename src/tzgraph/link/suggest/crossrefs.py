"""Candidates by identifiers: shared cross-references, and mappings chained to those we have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tzgraph.link.graph.things import Thing
from tzgraph.link.identifiers.normal_form import curie_of
from tzgraph.link.inputs.closure import Chain, Web
from tzgraph.link.ontology.model import OntologyTerm
from tzgraph.link.suggest.model import Evidence, Justification

__all__ = ["References", "chained"]

_EXACT = 0.93
_XREF = 0.8


class References:
    """The identifiers that our things have, to be met in cross-references of terms.

    :param things: things with their links; only exact matches count
    """

    def __init__(self, things: Sequence[Thing]) -> None:
        self._things: dict[str, list[Thing]] = {}
        for thing in things:
            for link in thing.links:
                if link.predicate == "skos:exactMatch":
                    self._things.setdefault(curie_of(link.target), []).append(thing)

    def __bool__(self) -> bool:
        """Whether any thing has an exact match."""
        return bool(self._things)

    def linked(self, curie: str) -> Sequence[Thing]:
        """Give the things with an exact match to an identifier."""
        return self._things.get(curie, ())

    def matches(self, term: OntologyTerm) -> Iterator[tuple[Thing, Evidence]]:
        """Give the things with an identifier that a term refers to, with the reason."""
        for references, weight, word in (
            (term.exact, _EXACT, "states as the same"),
            (term.xrefs, _XREF, "refers to"),
        ):
            for reference in references:
                curie = curie_of(reference)
                for thing in self._things.get(curie, ()):
                    yield (
                        thing,
                        Evidence(
                            Justification.REFERENCE,
                            weight,
                            f"the term {word} {curie}, which is ours too",
                            match=curie,
                            name=curie,
                            derived_from=(curie,),
                        ),
                    )


def chained(thing: Thing, web: Web) -> Iterator[tuple[Chain, Evidence]]:
    """Give what mapping sets lead to from the exact matches of a thing."""
    for link in thing.links:
        if link.predicate != "skos:exactMatch":
            continue
        start = curie_of(link.target)
        for chain in web.chains(start):
            told = ", ".join(str(step) for step in chain.steps)
            through = tuple(dict.fromkeys(step.start for step in chain.steps))
            yield (
                chain,
                Evidence(
                    Justification.CHAIN,
                    0.95 * chain.confidence,
                    f"ours is {start}; {told}",
                    name=start,
                    derived_from=through,
                ),
            )
