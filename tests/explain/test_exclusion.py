"""A triple is false only where an axiom or a complete list excludes it."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tzgraph.explain.exclusion import find_exclusion
from tzgraph.vocabulary import OWL, RDF, RDFS, TZ

_E = "http://example.org/"
_PREFIXES = "".join(
    f"@prefix {prefix}: <{iri}> .\n"
    for prefix, iri in {"": _E, "owl": OWL, "rdf": RDF, "rdfs": RDFS, "tz": TZ}.items()
)


def _why(turtle: str, asked: str) -> str | None:
    store = ox.Store()
    store.load((_PREFIXES + turtle).encode(), format=ox.RdfFormat.TURTLE)
    about = next(iter(ox.parse(_PREFIXES + asked, format=ox.RdfFormat.TURTLE)))
    found = find_exclusion(store, (str(about.subject), str(about.predicate), str(about.object)))
    if found is None:
        return None
    why, (subject, predicate, obj) = found
    if why != "the property does not lead from a thing to itself":
        assert store.query(f"ASK {{ {subject} {predicate} {obj} }}"), "what holds instead holds"
    return why


@pytest.mark.parametrize(
    ("facts", "asked", "why"),
    [
        (":p a owl:FunctionalProperty . :s :p :o .", ":s :p :x .", "the property has one value"),
        (":p a owl:FunctionalProperty . :s :p 1.5 .", ":s :p 1.6 .", "the property has one value"),
        (
            ":p a owl:InverseFunctionalProperty . :s :p :o .",
            ":x :p :o .",
            "the value belongs to one thing",
        ),
        (
            ":p tz:listedInFull true . :s :p :o .",
            ":s :p :x .",
            "the graph lists all values of the property",
        ),
        (
            ":p owl:propertyDisjointWith :q . :s :p :o .",
            ":s :q :o .",
            "the properties exclude each other",
        ),
        (
            ":p owl:propertyDisjointWith :q . :s :q :o .",
            ":s :p :o .",
            "the properties exclude each other",
        ),
        (
            ":p a owl:AsymmetricProperty . :s :p :o .",
            ":o :p :s .",
            "the property does not lead there and back",
        ),
        (
            ":p a owl:IrreflexiveProperty .",
            ":s :p :s .",
            "the property does not lead from a thing to itself",
        ),
        (
            ":A owl:disjointWith :B . :C rdfs:subClassOf :B . :s a :A .",
            ":s a :C .",
            "the classes have no member in common",
        ),
        (
            "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) . :s a :A .",
            ":s a :C .",
            "the classes have no member in common",
        ),
    ],
)
def test_what_excludes_a_triple_is_told(facts: str, asked: str, why: str) -> None:
    assert _why(facts, asked) == why


@pytest.mark.parametrize(
    ("facts", "asked"),
    [
        # Another value says nothing where the property may have several.
        (":s :p :o .", ":s :p :x ."),
        # The list may be complete, but there is none of this thing.
        (":p tz:listedInFull true . :x :p :o .", ":s :p :x ."),
        (":p tz:listedInFull false . :s :p :o .", ":s :p :x ."),
        # A kind or a part of what is listed.
        (":p tz:listedInFull true . :s :p :o . :x tz:subtypeOf :o .", ":s :p :x ."),
        (":p tz:listedInFull true . :s :p :o . :x tz:includedIn :o .", ":s :p :x ."),
        # The same number in other words.
        (":p a owl:FunctionalProperty . :s :p 1.5 .", ":s :p 1.50 ."),
        (":p a owl:FunctionalProperty . :x :p :o .", ":s :p :x ."),
        (":p a owl:IrreflexiveProperty .", ":s :p :o ."),
        (":p a owl:AsymmetricProperty . :s :p :o .", ":s :p :x ."),
        (":p owl:propertyDisjointWith :q . :s :p :o .", ":s :q :x ."),
        (":A owl:disjointWith :B . :s a :A .", ":s :p :B ."),
        (":A owl:disjointWith :B . :s a :A .", ":s a :C ."),
        ("[] a owl:AllDisjointClasses ; owl:members ( :A :B ) . :s a :A .", ":s a :A ."),
    ],
)
def test_else_it_is_unknown(facts: str, asked: str) -> None:
    assert _why(facts, asked) is None
