"""Whether a term may be what a thing is: its kind, its species, and whether it is still in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tzgraph.link.graph.things import Thing
from tzgraph.link.identifiers.normal_form import curie_of, prefix_of
from tzgraph.link.ontology.kinds import EntityKind, KindFinder, knowledge
from tzgraph.link.ontology.model import Ontology, OntologyTerm
from tzgraph.link.ontology.species import species_of

__all__ = ["Judge", "Place", "kind_factor", "main_prefixes"]

#: What a score is multiplied with if nothing tells the term's kind, if not with 0.92. Long names
#: of genes are those of the proteins, too, so only the same symbol passes.
_UNKNOWN = {EntityKind.GENE: 0.8}
#: Kinds whose names are words for other things, so that a name alone tells nothing.
_NAMED_LIKE_OTHERS = frozenset({EntityKind.TRIAL, EntityKind.REGIMEN, EntityKind.MECHANISM})
#: Kinds that vocabularies don't tell apart sharply, and what that costs.
_NEAR = {
    (EntityKind.PROCESS, EntityKind.FUNCTION): 0.6,
    (EntityKind.BIOMARKER, EntityKind.ALTERATION): 0.85,
    (EntityKind.BIOMARKER, EntityKind.PHENOTYPE): 0.85,
    (EntityKind.ASSAY, EntityKind.PROCESS): 0.85,
    (EntityKind.MECHANISM, EntityKind.PROCESS): 0.85,
    (EntityKind.MECHANISM, EntityKind.ALTERATION): 0.85,
    (EntityKind.MECHANISM, EntityKind.PHENOTYPE): 0.85,
    (EntityKind.DISEASE, EntityKind.PHENOTYPE): 0.7,
    (EntityKind.CELL, EntityKind.ANATOMY): 0.85,
}


def kind_factor(ours: EntityKind, theirs: EntityKind) -> float:
    """Give what a score is multiplied with; 0 if a thing of one kind can't be one of the other.

    >>> kind_factor(EntityKind.PROCESS, EntityKind.GENE)
    0.0
    >>> kind_factor(EntityKind.DRUG, EntityKind.DRUG)
    1.0
    """
    if theirs is EntityKind.UNKNOWN:
        return 0.0 if ours in _NAMED_LIKE_OTHERS else _UNKNOWN.get(ours, 0.92)
    return 1.0 if ours is theirs else _NEAR.get((ours, theirs), 0.0)


def main_prefixes(ontology: Ontology) -> dict[str, bool]:
    """Give the prefixes of the vocabularies that a file is of, not those it takes some terms of.

    :return: whether the file may hold the vocabulary as a whole: those of which another has more
        terms are taken in, such as a third of DOID in the Drug Target Ontology
    """
    counts = Counter(prefix_of(curie_of(iri)) for iri in ontology.terms)
    most = max(counts.values(), default=0)
    return {prefix: count == most for prefix, count in counts.items() if count * 5 >= most}


@dataclass(frozen=True, slots=True)
class Place:
    """A term, its CURIE, and the ontology file that has it."""

    term: OntologyTerm
    curie: str
    ontology: Ontology


class Judge:
    """Knows the terms of all files.

    :param ontologies: the files
    """

    def __init__(self, ontologies: Sequence[Ontology]) -> None:
        self._finders = {id(o): KindFinder(o, curie_of) for o in ontologies}
        self._ontologies = ontologies
        # A term may be obsolete in a newer file and live in an older one: the newer is right.
        # A file that imports a few terms of others has no say over them.
        self._obsolete: dict[str, OntologyTerm] = {}
        for ontology in ontologies:
            home = main_prefixes(ontology)
            for iri, term in ontology.terms.items():
                if term.deprecated and prefix_of(curie_of(iri)) in home:
                    self._obsolete[iri] = term

    def kind(self, place: Place) -> EntityKind:
        """Give the kind of a term."""
        return self._finders[id(place.ontology)].kind(place.term)

    def factor(self, thing: Thing, place: Place) -> float:
        """Give what the score of linking a thing to a term is multiplied with; 0 forbids it."""
        factor = kind_factor(thing.kind, self.kind(place))
        species = species_of(place.term, place.curie)
        return factor if not species or species & thing.species else 0.0

    def is_broader(self, thing: Thing, place: Place) -> bool:
        """Whether a term of a thing's name is of all species, and the thing of one."""
        return (
            thing.kind in (EntityKind.GENE, EntityKind.PROTEIN)
            and prefix_of(place.curie).casefold() in knowledge().all_species
            and not species_of(place.term, place.curie)
        )

    def is_obsolete(self, iri: str) -> bool:
        """Whether any file says that a term is obsolete."""
        return iri in self._obsolete

    def replacement(self, iri: str) -> str | None:
        """Follow an obsolete term to the one that replaced it, if there is just one."""
        seen = {iri}
        at = iri
        while at in self._obsolete:
            replaced = self._obsolete[at].replaced_by
            if len(replaced) != 1 or replaced[0] in seen:
                return None
            at = replaced[0]
            seen.add(at)
        return at

    def place(self, iri: str) -> Place | None:
        """Find a term by its IRI in any of the files."""
        for ontology in self._ontologies:
            term = ontology.terms.get(iri)
            if term is not None:
                return Place(term, curie_of(iri), ontology)
        return None
