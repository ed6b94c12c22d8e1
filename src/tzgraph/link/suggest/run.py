"""Suggest links: gather candidates from all files, judge them, let them compete."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tzgraph.link.graph.judge import Judge, Place, kind_factor, main_prefixes
from tzgraph.link.graph.things import Thing
from tzgraph.link.identifiers.curies import expand
from tzgraph.link.identifiers.normal_form import curie_of, prefix_of
from tzgraph.link.inputs.closure import Web
from tzgraph.link.ontology.kinds import EntityKind, knowledge
from tzgraph.link.ontology.model import Ontology, OntologyTerm, Scope
from tzgraph.link.sssom.reader import MappingSet
from tzgraph.link.suggest.broader import Heads, broader_candidates
from tzgraph.link.suggest.choose import EXACT, Scored, choose
from tzgraph.link.suggest.crossrefs import References, chained
from tzgraph.link.suggest.lexical import Lexicon
from tzgraph.link.suggest.model import Candidate, Evidence, Justification, Suggestion

__all__ = ["SuggestOptions", "suggest_links"]

#: Vocabularies that classify: their terms hold more than the one thing that is linked.
_CLASSIFICATIONS = frozenset({"atc"})
_UNCHECKED = 0.92


@dataclass(frozen=True, slots=True)
class SuggestOptions:
    """What is suggested.

    ``min_score`` is the lowest score shown. With ``linked``, things that have a link into a
    vocabulary get suggestions for it too.
    """

    min_score: float = 0.75
    linked: bool = False


@dataclass(slots=True)
class _Raw:
    """Reasons found for one pair of thing and term."""

    thing: Thing
    place: Place
    evidence: dict[Evidence, None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)


def suggest_links(
    things: Sequence[Thing],
    ontologies: Sequence[Ontology],
    mapping_sets: Iterable[MappingSet] = (),
    options: SuggestOptions | None = None,
) -> list[Suggestion]:
    """Suggest links from things to terms of ontologies, to be reviewed by people.

    :param things: the things of the graph, with their names and the links that they have
    :param ontologies: the files to link to
    :param mapping_sets: exact matches to be chained to the links that things have
    :return: suggestions, sorted by thing, vocabulary and falling score
    """
    options = options or SuggestOptions()
    web = Web(mapping_sets)
    judge = Judge(ontologies)
    lexicon = Lexicon(things, things)
    heads = Heads(things, lexicon.aliases)
    candidates = [
        *_found(things, ontologies, judge, web, lexicon, heads),
        *_unseen(things, ontologies, web),
    ]
    if not options.linked:
        taken = {t.iri: {prefix_of(curie_of(k.target)) for k in t.links} for t in things}
        candidates = [c for c in candidates if prefix_of(c.object_id) not in taken[c.thing]]
    by_vocabulary: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        by_vocabulary[prefix_of(one.object_id)].append(one)
    scored = [s for group in by_vocabulary.values() for s in choose(group)]
    scored += broader_candidates(things, scored, heads, judge, linked=options.linked)
    named = {thing.iri: thing for thing in things}
    chosen = [s for s in scored if s.score >= options.min_score]
    chosen.sort(key=lambda s: _order(s, named))
    return [_suggestion(s, named[s.candidate.thing]) for s in chosen]


def _order(one: Scored, named: dict[str, Thing]) -> tuple[str, str, float, str]:
    found = one.candidate
    return (named[found.thing].curie, prefix_of(found.object_id), -one.score, found.object_id)


def _found(
    things: Sequence[Thing],
    ontologies: Sequence[Ontology],
    judge: Judge,
    web: Web,
    lexicon: Lexicon,
    heads: Heads,
) -> Iterator[Candidate]:
    """Give candidates that stand in the files, and show the heads what may be broader."""
    references = References(things)
    reached = _reached(things, ontologies, references, web)
    raw: dict[tuple[str, str], _Raw] = {}
    for ontology in ontologies:
        scoped = _has_scopes(ontology)
        for term in ontology.terms.values():
            curie = curie_of(term.iri)
            if term.kind == "property" or ":" not in curie:
                continue
            names = lexicon.names(term)
            hits = [*lexicon.matches(names, term.label, scoped=scoped)]
            if names and not judge.is_obsolete(term.iri):
                heads.see(Place(term, curie, ontology), names, judge)
            if references:
                hits += references.matches(term)
            if reached:
                hits += reached.get(curie, ())
            for thing, evidence in hits:
                _note(raw, thing, Place(term, "", ontology), evidence, judge)
    merged: dict[tuple[str, str], Candidate] = {}
    for one in raw.values():
        candidate = _candidate(one, judge)
        if candidate is not None:
            at = (candidate.thing, candidate.object_id)
            merged[at] = _merged(merged[at], candidate) if at in merged else candidate
    yield from merged.values()


def _has_scopes(ontology: Ontology) -> bool:
    """Whether a file tells scopes of synonyms: where all are related, none was told."""
    return any(s.scope is not Scope.RELATED for t in ontology.terms.values() for s in t.synonyms)


def _note(
    raw: dict[tuple[str, str], _Raw], thing: Thing, place: Place, evidence: Evidence, judge: Judge
) -> None:
    """Note a reason, for the replacement where the term is obsolete."""
    notes: list[str] = []
    if judge.is_obsolete(place.term.iri):
        iri = judge.replacement(place.term.iri)
        if iri is None:
            return
        old = curie_of(place.term.iri)
        notes.append(f"replaces the obsolete {old}")
        evidence = _weaker(evidence, 0.95, f"{evidence.text}; {old} is obsolete")
        place = judge.place(iri) or Place(
            OntologyTerm(iri, place.term.label.removeprefix("obsolete "), "class"),
            "",
            place.ontology,
        )
    place = Place(place.term, curie_of(place.term.iri), place.ontology)
    entry = raw.setdefault((thing.iri, place.term.iri), _Raw(thing, place))
    entry.evidence[evidence] = None
    entry.notes.update(dict.fromkeys(notes))


def _weaker(evidence: Evidence, by: float, text: str) -> Evidence:
    return Evidence(
        evidence.justification, evidence.weight * by, text, evidence.predicate, evidence.match,
        evidence.name, evidence.derived_from,
    )  # fmt: skip


def _candidate(raw: _Raw, judge: Judge) -> Candidate | None:
    factor = judge.factor(raw.thing, raw.place)
    if factor == 0:
        return None
    kind = judge.kind(raw.place)
    notes = list(raw.notes)
    if kind is EntityKind.UNKNOWN:
        notes.append("nothing tells what kind of thing the term is")
    elif kind is not raw.thing.kind:
        notes.append(f"the term is a {kind}, ours a {raw.thing.kind}")
    return Candidate(
        raw.thing.iri,
        raw.place.term.iri,
        raw.place.curie,
        raw.place.term.label,
        kind,
        factor,
        tuple(raw.evidence),
        tuple(notes),
        raw.place.ontology.iri,
        raw.place.ontology.version or raw.place.ontology.version_iri,
        judge.is_broader(raw.thing, raw.place),
        raw.place.term.parents,
    )


def _merged(one: Candidate, other: Candidate) -> Candidate:
    """Merge what two files say of one term."""
    best, second = (one, other) if one.factor >= other.factor else (other, one)
    return Candidate(
        best.thing, best.object_iri, best.object_id, best.object_label or second.object_label,
        best.kind, best.factor, tuple(dict.fromkeys((*best.evidence, *second.evidence))),
        best.notes, best.source or second.source, best.version or second.version,
        best.broader and second.broader, best.parents or second.parents,
    )  # fmt: skip


def _reached(
    things: Sequence[Thing], ontologies: Sequence[Ontology], references: References, web: Web
) -> dict[str, list[tuple[Thing, Evidence]]]:
    """Give what identifiers lead to: mapping sets, and references of terms that ours are."""
    reached: dict[str, list[tuple[Thing, Evidence]]] = defaultdict(list)
    for thing in things:
        for chain, evidence in chained(thing, web):
            reached[chain.end].append((thing, evidence))
    if references:
        for ontology in ontologies:
            for term in ontology.terms.values():
                if not (term.xrefs or term.exact) or term.deprecated:
                    continue
                curie = curie_of(term.iri)
                for thing in references.linked(curie):
                    for weight, found in ((0.93, term.exact), (0.8, term.xrefs)):
                        for reference in found:
                            end = curie_of(reference)
                            text = f"ours is {curie}, which refers to {end}"
                            reason = Evidence(
                                Justification.REFERENCE, weight, text, match=end, name=curie,
                                derived_from=(curie,),
                            )  # fmt: skip
                            reached[end].append((thing, reason))
    return reached


def _unseen(
    things: Sequence[Thing], ontologies: Sequence[Ontology], web: Web
) -> Iterator[Candidate]:
    """Give what mapping sets lead to in vocabularies of which there is no file."""
    given = {p for o in ontologies for p in main_prefixes(o)}
    for thing in things:
        found: dict[str, list[tuple[str, Evidence]]] = defaultdict(list)
        for chain, evidence in chained(thing, web):
            if prefix_of(chain.end) not in given:
                found[chain.end].append((chain.steps[-1].end_label, evidence))
        for curie, reasons in found.items():
            kind = knowledge().prefixes.get(prefix_of(curie), EntityKind.UNKNOWN)
            factor = 1.0 if kind is EntityKind.UNKNOWN else kind_factor(thing.kind, kind)
            if factor:
                yield Candidate(
                    thing.iri, expand(curie) or curie, curie,
                    next((label for label, _ in reasons if label), ""), kind,
                    factor * _UNCHECKED, tuple(e for _, e in reasons),
                    ("no file tells whether the term exists and is in use",),
                )  # fmt: skip


def _suggestion(one: Scored, thing: Thing) -> Suggestion:
    found = one.candidate
    reasons = sorted(found.evidence, key=lambda e: (-e.weight, e.text))
    justifications = {e.justification for e in reasons}
    predicate = one.predicate
    if predicate == EXACT and (found.broader or prefix_of(found.object_id) in _CLASSIFICATIONS):
        predicate = "skos:broadMatch"
    lexical = [e.match for e in reasons if e.justification is Justification.LEXICAL]
    return Suggestion(
        subject_id=thing.curie,
        subject_label=thing.label,
        predicate_id=predicate,
        object_id=found.object_id,
        object_label=found.object_label,
        score=one.score,
        justification=(
            reasons[0].justification if len(justifications) == 1 else Justification.COMPOSITE
        ).value,
        reasons=tuple(dict.fromkeys(e.text for e in reasons)),
        notes=one.notes,
        match_string=lexical[0] if lexical else "",
        derived_from=tuple(dict.fromkeys(d for e in reasons for d in e.derived_from)),
        object_source=found.source,
        object_source_version=found.version,
        subject_iri=thing.iri,
        object_iri=found.object_iri,
    )
