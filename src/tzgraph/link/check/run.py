"""Check a set of mappings: each alone, all together, and against other sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from tzgraph.link.check.model import CheckedLink, CheckReport, LinkProblem
from tzgraph.link.check.sets import contradictions, doubles
from tzgraph.link.check.terms import TermChecks, pattern_problem
from tzgraph.link.graph.things import Thing
from tzgraph.link.inputs.closure import Web
from tzgraph.link.ontology.model import Ontology
from tzgraph.link.sssom.reader import MappingSet

__all__ = ["check_links"]


def check_links(
    mappings: MappingSet,
    ontologies: Sequence[Ontology] = (),
    others: Iterable[MappingSet] = (),
    things: Sequence[Thing] = (),
) -> CheckReport:
    """Check mappings against ontologies, against each other, and against other mapping sets.

    Without ontologies, what needs none is checked: patterns of identifiers, and exact matches that
    can't both be right. A mapping whose vocabulary is in none of the files is “not checked”.

    :param mappings: the set to check, such as that of
        :func:`tzgraph.link.graph.mappings.graph_mappings`
    :param ontologies: what :func:`tzgraph.link.read.read_ontology` gave
    :param others: mapping sets of other people, whose exact matches are chained
    :param things: the things that mappings are about, for their species and kinds
    """
    known = {thing.curie: thing for thing in things}
    checks = TermChecks(ontologies, {m.object_id for m in mappings.mappings})
    problems: dict[int, list[LinkProblem]] = defaultdict(list)
    for number, mapping in enumerate(mappings.mappings):
        wrong = pattern_problem(mapping.object_id)
        if wrong is not None:
            problems[number].append(wrong)
        elif checks.covers(mapping.object_id):
            problems[number] += checks.problems(mapping, known.get(mapping.subject_id))
    for number, problem in doubles(mappings.mappings):
        problems[number].append(problem)
    for number, problem in contradictions(mappings.mappings, Web(others)):
        if problem not in problems[number]:
            problems[number].append(problem)
    checked = []
    for number, mapping in enumerate(mappings.mappings):
        place = checks.place(mapping.object_id)
        checked.append(
            CheckedLink(
                mapping,
                tuple(problems[number]),
                place.ontology.source if place else "",
                place.term.label if place else "",
                checks.covers(mapping.object_id),
            )
        )
    return CheckReport(tuple(checked), mappings.source, mappings.findings)
