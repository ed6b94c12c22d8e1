"""Which literals don't come back as they were written: what the engine does, and nothing else."""

from __future__ import annotations

import json

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzgraph.literals import _KEPT, LiteralChanges, LiteralsChangeError
from tzgraph.query.guard import check_update
from tzgraph.query.update import run_update
from tzgraph.query.written import changes_written
from tzgraph.vocabulary import XSD

DATATYPES = [*_KEPT, XSD + "string", XSD + "anyURI", "http://e.org/own"]
TEXTS = st.one_of(
    st.from_regex(r"[+-]?[0-9]{0,20}\.?[0-9]{0,20}([eE][+-]?[0-9]{1,3})?", fullmatch=True),
    st.from_regex(
        r"-?[0-2][0-9]{3}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,3})?)?"
        r"(Z|[+-][01][0-9]:[0-5][0-9])?",
        fullmatch=True,
    ),
    st.from_regex(r"-?P([0-9]{1,2}[YMD])*(T([0-9]{1,2}[HMS])+)?", fullmatch=True),
    st.sampled_from(["true", "false", "1", "0", "TRUE", "INF", "-INF", "NaN", " 7", "7 ", "x", ""]),
)


def stored(literal: ox.Literal) -> object:
    """Give what a store makes of a literal."""
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), literal))
    return next(iter(store)).object


@given(TEXTS, st.sampled_from(DATATYPES))
def test_a_literal_is_told_just_if_it_changes(text: str, datatype: str) -> None:
    literal = ox.Literal(text, datatype=ox.NamedNode(datatype))
    changes = LiteralChanges()
    changes.see(literal)
    changes.see(literal)
    back = stored(literal)
    assert changes.count == (0 if back == literal else 2)
    assert changes.first == (None if back == literal else (str(literal), str(back)))


@given(
    st.from_regex(r"(0|-?[1-9][0-9]{0,14}|-?(0|[1-9][0-9]{0,6})\.[0-9]{0,7}[1-9])", fullmatch=True)
)
def test_short_doubles_come_back(text: str) -> None:
    literal = ox.Literal(text, datatype=ox.NamedNode(XSD + "double"))
    assert stored(literal) == literal


def test_counts_go_on_when_many_are_asked_about() -> None:
    changes = LiteralChanges()
    for number in range(2_500):
        changes.see(ox.Literal(f"{number}.0", datatype=ox.NamedNode(XSD + "decimal")))
        changes.see(ox.Literal(f"{number}", datatype=ox.NamedNode(XSD + "decimal")))
        changes.see(ox.Literal("1.50", datatype=ox.NamedNode(XSD + "decimal")))
    assert changes.count == 5_000


P = f"PREFIX xsd: <{XSD}> "
WRITTEN = [
    ("INSERT DATA { <x:a> <x:b> 7, 1.5, 'a'@en, true, 'x', <x:c> }", 0),
    ("INSERT DATA { <x:a> <x:b> 007, 1.50, 1e2, +5 }", 4),
    (P + "INSERT DATA { <x:a> <x:b> '5'^^xsd:nonNegativeInteger, '300'^^xsd:byte }", 2),
    (f"INSERT DATA {{ <x:a> <x:b> '5'^^<{XSD}int> }}", 1),
    ("INSERT DATA { <x:a> <x:b> 'colour'@en-GB, 'en'@en, '\"@EN' }", 1),
    ("INSERT DATA { <x:a> <x:b> 01 . GRAPH <x:g> { <x:a> <x:b> 02 } . <x:c> <x:d> 03 }", 3),
    ("INSERT DATA { GRAPH <x:g> { <x:a> <x:b> 01 } GRAPH <x:h> { <x:a> <x:b> 02 } }", 2),
    ("INSERT DATA { <x:a> <x:b> '01', '1.50 mg', \"\"\"2.50\"\"\" . # 3.50\n }", 0),
    ("INSERT DATA { <x:a007> <x:b1.50> '' }", 0),
    ("INSERT { ?s <x:b> 1.50 ; <x:c> '01'^^<" + XSD + "int>, ?o } WHERE { ?s ?p ?o }", 2),
    ("INSERT { GRAPH ?g { ?s ?p 01 } } WHERE { GRAPH ?g { ?s ?p ?o } }", 1),
    ("DELETE { ?s ?p 01 } INSERT { ?s ?p 1 } WHERE { ?s ?p 001 }", 0),
    ("DELETE DATA { <x:a> <x:b> 01 } ; INSERT DATA { <x:a> <x:b> 02 }", 1),
    ("DELETE WHERE { ?s ?p 01 }", 0),
    ("INSERT DATA { <x:s\\u0061> <x:b> 01 }", 1),
    ("INSERT { <x:a> <x:b> ?v } WHERE { BIND('007'^^<" + XSD + "integer> AS ?v) }", 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "count"), WRITTEN)
def test_what_an_update_writes(text: str, count: int) -> None:
    store = ox.Store()
    assert run_update(store, text).count == count
    if not count:
        run_update(store, text, strict=True)
        return
    store = ox.Store()
    with pytest.raises(LiteralsChangeError) as caught:
        run_update(store, text, strict=True)
    assert (caught.value.code, caught.value.status) == ("literals-change", 400)
    assert not len(store)


def test_it_is_told_in_ascii_and_briefly() -> None:
    text = f"INSERT DATA {{ <x:a> <x:b> 1.{'0' * 500}, 'é\\n\"' }}"
    told = changes_written(text, check_update(text), {}, None).as_header()
    assert told.isascii()
    assert len(told) < 400
    said = json.loads(told)
    assert said["count"] == 1
    assert said["written"].startswith('"1.000')
    assert said["stored"] == f'"1"^^<{XSD}decimal>'


@pytest.mark.parametrize(
    "text", ["INSERT DATA { <x:a> <x:b> 01", "INSERT DATA { 01 <x:b> 1 }", "x"]
)
def test_what_is_no_update_is_left_to_the_engine(text: str) -> None:
    assert changes_written(text, check_update(text), {}, None).count == 0
