"""Checks of one mapping against the ontologies: whether its object is there and what is meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from tzgraph.link.check.model import LinkProblem, LinkStatus
from tzgraph.link.graph.judge import Judge, Place, kind_factor, main_prefixes
from tzgraph.link.graph.things import Thing
from tzgraph.link.identifiers.curies import pattern
from tzgraph.link.identifiers.normal_form import curie_of, prefix_of
from tzgraph.link.names.matching import same_name
from tzgraph.link.ontology.kinds import EntityKind
from tzgraph.link.ontology.model import Ontology
from tzgraph.link.ontology.species import species_of
from tzgraph.link.sssom.reader import SssomMapping

__all__ = ["TermChecks", "pattern_problem"]

#: Words in the name of a file or ontology that say that it holds a part of a vocabulary.
_PARTS = ("slim", "subset", "import", "module", "view", "extract", "branch", "slice")


class TermChecks:
    """Finds the objects of mappings in ontologies and compares.

    :param ontologies: the files
    :param wanted: CURIEs of the objects to be checked
    """

    def __init__(self, ontologies: Sequence[Ontology], wanted: Collection[str]) -> None:
        self._judge = Judge(ontologies)
        self._places: dict[str, list[Place]] = {}
        #: Vocabularies of which there is a file, and whether only a part of one.
        self._covered: dict[str, bool] = {}
        for ontology in ontologies:
            for iri, term in ontology.terms.items():
                curie = curie_of(iri)
                if curie in wanted:
                    self._places.setdefault(curie, []).append(Place(term, curie, ontology))
            told = f"{ontology.source} {ontology.iri} {ontology.title}".casefold()
            named_part = ontology.partial or any(word in told for word in _PARTS)
            for prefix, whole in main_prefixes(ontology).items():
                part = named_part or not whole
                self._covered[prefix] = part and self._covered.get(prefix, True)

    def covers(self, curie: str) -> bool:
        """Whether a file of the object's vocabulary was given, or any file that has the object."""
        return curie in self._places or self._covered.get(prefix_of(curie)) is False

    def place(self, curie: str) -> Place | None:
        """Give a term; the one that says most, if several files have it."""
        places = self._places.get(curie, ())
        return max(places, key=lambda p: (bool(p.term.label), len(p.term.synonyms)), default=None)

    def problems(self, mapping: SssomMapping, thing: Thing | None) -> Iterator[LinkProblem]:
        """Give what is wrong with a mapping whose object a file was given for."""
        place = self.place(mapping.object_id)
        if place is None:
            yield LinkProblem(
                LinkStatus.MISSING,
                f"{mapping.object_id} is not in the file of its vocabulary.",
                "Look the term up again; it may be newer than the file, or mistyped.",
            )
            return
        if self._judge.is_obsolete(place.term.iri):
            yield self._obsolete(place)
        elif mapping.object_label:
            yield from _label(mapping, place)
        if thing is not None:
            yield from self._meaning(thing, mapping, place)

    def _obsolete(self, place: Place) -> LinkProblem:
        new = self._judge.replacement(place.term.iri)
        if new is not None:
            curie = curie_of(new)
            there = self._judge.place(new)
            label = f" ({there.term.label})" if there else ""
            return LinkProblem(
                LinkStatus.OBSOLETE,
                f"{place.curie} is obsolete, replaced by {curie}{label}.",
                f"Link to {curie} instead.",
                curie,
            )
        consider = [curie_of(c) for c in (*place.term.replaced_by, *place.term.consider)]
        hint = f"Consider {', '.join(consider)}." if consider else "Nothing replaces it: unlink it."
        return LinkProblem(LinkStatus.OBSOLETE, f"{place.curie} is obsolete.", hint)

    def _meaning(self, thing: Thing, mapping: SssomMapping, place: Place) -> Iterator[LinkProblem]:
        if mapping.predicate_id not in ("skos:exactMatch", "skos:closeMatch"):
            return
        species = species_of(place.term, place.curie)
        if species and not species & thing.species:
            yield LinkProblem(
                LinkStatus.OTHER_SPECIES,
                f"{place.curie} ({place.term.label}) is about {', '.join(sorted(species))}, "
                f"ours about {', '.join(sorted(thing.species))}.",
                "Link to the term of the same species.",
            )
        kind = self._judge.kind(place)
        if kind is not EntityKind.UNKNOWN and kind_factor(thing.kind, kind) == 0:
            yield LinkProblem(
                LinkStatus.OTHER_KIND,
                f"{place.curie} ({place.term.label}) is a {kind}, ours a {thing.kind}.",
                "Link to a term of the same kind, or say skos:relatedMatch.",
            )


def _label(mapping: SssomMapping, place: Place) -> Iterator[LinkProblem]:
    term = place.term
    if not term.label or any(_same(mapping.object_label, n) for n in (term.label, *term.labels)):
        return
    known = any(same_name(mapping.object_label, s.text) for s in term.synonyms)
    yield LinkProblem(
        LinkStatus.LABEL,
        f"{place.curie} is called “{term.label}”, the mapping says “{mapping.object_label}”"
        + (", which is a synonym now." if known else "."),
        "Correct the label." if known else "See whether the term is still the one that is meant.",
    )


def _same(recorded: str, label: str) -> bool:
    """Whether a label is the recorded one, or that with further names in brackets behind it."""
    rest = label[len(recorded) :].lstrip()
    longer = label.casefold().startswith(recorded.casefold()) and rest[:1] in ("(", "[", ",", ";")
    return longer or same_name(recorded, label)


def pattern_problem(curie: str) -> LinkProblem | None:
    """Say whether an identifier looks as those of its vocabulary do.

    >>> pattern_problem("go:0001837") is None
    True
    >>> pattern_problem("go:18").status.value
    'wrong identifier pattern'
    """
    prefix, colon, local = curie.partition(":")
    known = pattern(prefix)
    if not colon or not local or "://" in curie or known is None or known.fullmatch(local):
        return None
    return LinkProblem(
        LinkStatus.BAD_ID,
        f"{curie} is no identifier of {prefix}: the pattern is {known.pattern}.",
        "Correct the identifier.",
    )
