"""OBO Graphs, the JSON that ROBOT and others write.

https://github.com/geneontology/obographs
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tzgraph.link.ontology.model import Definition, Relation, Scope, Synonym
from tzgraph.link.read.draft import DraftOntology, DraftTerm
from tzgraph.link.read.ids import OBO
from tzgraph.link.read.obo import RELATIONS
from tzgraph.link.read.vocabulary import DC, OIO, TAXON_RELATIONS, Role, role_of, scope_of
from tzgraph.vocabulary import DCTERMS, OWL

__all__ = ["read_obographs", "slimmed"]

_KINDS = {"CLASS": "class", "PROPERTY": "property", "INDIVIDUAL": "individual"}
_SCOPES = {f"has{scope.value.title()}Synonym": scope for scope in Scope}
_TITLES = (DCTERMS + "title", DC + "title")
_LICENCES = (DCTERMS + "license", DCTERMS + "rights", DC + "rights")
_DATES = (DCTERMS + "modified", DCTERMS + "date", DC + "date", OIO + "date")
#: What is never read and takes most of the memory: references of synonyms and definitions.
_HEAVY = ("xrefs", "synonymType", "meta")


def slimmed(entry: dict[str, Any]) -> dict[str, Any]:
    """Take from a synonym or definition, while it is parsed, what is not read."""
    if "val" in entry and len(entry) > 2:
        for key in _HEAVY:
            entry.pop(key, None)
    return entry


def read_obographs(graphs: Iterable[Any], draft: DraftOntology) -> int:
    """Read the graphs of an OBO Graphs document.

    :param graphs: what stands under ``graphs``
    :return: number of nodes
    """
    count = 0
    for graph in graphs:
        if not isinstance(graph, dict):
            continue
        _header(graph, draft)
        for node in graph.get("nodes") or ():
            count += 1
            _node(node, draft)
        for edge in graph.get("edges") or ():
            _edge(edge, draft)
        for group in graph.get("equivalentNodesSets") or ():
            _equivalents(group, draft)
        for axiom in graph.get("logicalDefinitionAxioms") or ():
            _definition(axiom, draft)
    wanted = [i for i, t in draft.terms.items() if t.kind or t.labels]
    draft.terms = {iri: draft.terms[iri] for iri in wanted}
    return count


def _header(graph: Mapping[str, Any], draft: DraftOntology) -> None:
    if draft.iri:
        return
    meta = graph.get("meta") or {}
    said: dict[str, str] = {}
    for value in meta.get("basicPropertyValues") or ():
        said.setdefault(str(value.get("pred")), str(value.get("val")))
    draft.iri = str(graph.get("id") or "")
    draft.version_iri = str(meta.get("version") or "")
    draft.version = said.get(OWL + "versionInfo", "")
    draft.title = next((said[p] for p in _TITLES if p in said), "")
    draft.licence = next((said[p] for p in _LICENCES if p in said), "")
    draft.date = next((said[p] for p in _DATES if p in said), "")


def _node(node: Mapping[str, Any], draft: DraftOntology) -> None:
    if not node.get("id"):
        draft.warn("no-id", f"A node (“{node.get('lbl', '')}”) has no id.", "It was left out.")
        return
    iri = _iri(str(node["id"]), draft)
    term = draft.term(iri)
    label = node.get("lbl")
    if term.kind and (label or node.get("type")):
        hint = "What both say was put together."
        draft.warn("duplicate-term", f"{iri} is described twice.", hint)
    term.kind = _KINDS.get(str(node.get("type")), term.kind)
    if label:
        term.labels.append((str(label), ""))
    meta = node.get("meta") or {}
    term.deprecated = term.deprecated or meta.get("deprecated") is True
    if text := (meta.get("definition") or {}).get("val"):
        term.definitions.append(str(text))
    for synonym in meta.get("synonyms") or ():
        scope = _SCOPES.get(str(synonym.get("pred")), Scope.RELATED)
        if synonym.get("val"):
            term.synonyms.append(Synonym(str(synonym["val"]), scope))
    term.xrefs += [draft.ids.curie(str(x["val"])) for x in meta.get("xrefs") or () if x.get("val")]
    for value in meta.get("basicPropertyValues") or ():
        _value(term, str(value.get("pred")), str(value.get("val") or ""), iri, draft)


def _value(term: DraftTerm, predicate: str, text: str, iri: str, draft: DraftOntology) -> None:
    role, ids = role_of(predicate), draft.ids
    if role is None or not text:
        return
    if scope := scope_of(role):
        term.synonyms.append(Synonym(text, scope))
    elif role in (Role.DEFINITION, Role.DESCRIPTION):
        term.descriptions.append(text)
    elif role is Role.ALTERNATIVE_ID:
        draft.alternatives.setdefault(ids.iri(text, obo=True), iri)
    elif role is Role.STATUS:
        term.deprecated = term.deprecated or text in ("Obsolete_Concept", "Retired_Concept")
    elif role is Role.XREF:
        term.xrefs.append(ids.curie(text))
    else:
        lists = {
            Role.OTHER_LABEL: term.other_labels,
            Role.EXACT_MATCH: term.exact,
            Role.REPLACED_BY: term.replaced_by,
            Role.CONSIDER: term.consider,
        }
        if role in lists:
            lists[role].append(text if role is Role.OTHER_LABEL else ids.iri(text, obo=True))


def _edge(edge: Mapping[str, Any], draft: DraftOntology) -> None:
    subject, predicate, target = (str(edge.get(k) or "") for k in ("sub", "pred", "obj"))
    if not (subject and predicate and target):
        draft.warn("no-id", f"An edge lacks a part: {dict(edge)}.", "It was left out.")
        return
    subject, target = _iri(subject, draft), _iri(target, draft)
    if predicate in ("is_a", "subPropertyOf"):
        draft.term(subject).parents.append(target)
    elif predicate not in ("type", "inverseOf"):
        draft.relate(subject, RELATIONS.get(predicate) or _iri(predicate, draft), [target])


def _equivalents(group: Mapping[str, Any], draft: DraftOntology) -> None:
    iris = [_iri(str(i), draft) for i in group.get("nodeIds") or ()]
    for iri in iris:
        draft.term(iri).equivalents += [Definition((other,)) for other in iris if other != iri]


def _definition(axiom: Mapping[str, Any], draft: DraftOntology) -> None:
    iri = _iri(str(axiom.get("definedClassId")), draft)
    classes = [_iri(str(i), draft) for i in axiom.get("genusIds") or ()]
    pairs = [r for r in axiom.get("restrictions") or () if isinstance(r, dict)]
    relations = tuple(
        Relation(_iri(str(r["propertyId"]), draft), _iri(str(r["fillerId"]), draft))
        for r in pairs
        if r.get("propertyId") and r.get("fillerId")
    )
    term = draft.term(iri)
    term.parents += classes
    term.equivalents.append(Definition(tuple(classes), relations))
    term.taxa += [
        taxon
        for r in relations
        if r.property in TAXON_RELATIONS and (taxon := draft.ids.taxon(r.target))
    ]


def _iri(text: str, draft: DraftOntology) -> str:
    """Give the IRI of a node; some tools write CURIEs, or local names of relations."""
    if ":" in text:
        return draft.ids.iri(text, obo=True)
    return RELATIONS.get(text) or f"{OBO}{text}"
