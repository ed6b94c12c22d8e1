"""Values of parameters that name things."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.names.graph import CURIES, PREFIXES, resolver_of, store_of
from tzgraph.names.lookup import answered
from tzgraph.query.binding import bind
from tzgraph.query.library import parse_query
from tzgraph.query.named import UnknownThingError, name_things, with_defaults

QUERY = parse_query(
    "#+ title: x\n#+ param: drug tz:Drug = cisplatin\n#+ param: thing iri?\n"
    "#+ param: text string?\nASK { ?drug ?p ?o }",
    name="drug",
)
KINDS = {"https://w3id.org/tzgraph/ontology#Drug": PREFIXES["tzdrug"]}


def named(folder: Path, **values: str) -> dict[str, str]:
    store = store_of()
    names = resolver_of(store, folder)
    found = answered(name_things(QUERY, values, KINDS, names), store)
    bound = bind(QUERY, found, CURIES, KINDS)
    return {
        variable.value: CURIES.compact(getattr(term, "value", ""))
        for variable, term in bound.items()
    }


@pytest.mark.parametrize(
    ("value", "drug"),
    [
        ("t-dxd", "tzdrug:t-dxd"),
        ("nameless", "tzdrug:nameless"),
        ("Herceptin", "tzdrug:trastuzumab"),
        ("trastuzumab deruxtecan", "tzdrug:t-dxd"),
        (" tzdrug:t-dxd ", "tzdrug:t-dxd"),
    ],
)
def test_a_thing_of_a_class(tmp_path: Path, value: str, drug: str) -> None:
    assert named(tmp_path, drug=value)["drug"] == drug


def test_any_thing(tmp_path: Path) -> None:
    assert named(tmp_path, thing="ToGA")["thing"] == "tztrial:toga"
    # It has no statements of its own, but is used.
    assert named(tmp_path, thing="uniprot:P04626")["thing"] == "uniprot:P04626"


def test_texts_are_left_alone(tmp_path: Path) -> None:
    assert named(tmp_path, text="Herceptin")["text"] == "<Herceptin>"


@pytest.mark.parametrize(
    ("values", "said", "suggestions"),
    [
        ({"drug": "herceptn"}, "“herceptn” is unknown", ("drug/trastuzumab",)),
        ({"drug": "cetuximab"}, "“cetuximab” is unknown", ()),
        ({"drug": "carboplatin"}, "There are ex:odd, tzdrug:cisplatin", ()),
        ({"drug": "ToGA"}, "names tztrial:toga (ToGA, trial), which is no tz:Drug", ()),
        ({"thing": "HER2"}, "names 2 things", ("target/her2", "gene/erbb2")),
        ({"thing": "tzdrug:none"}, "is unknown: it is described nowhere in the graph", ()),
    ],
)
def test_unknown_values(
    tmp_path: Path, values: dict[str, str], said: str, suggestions: tuple[str, ...]
) -> None:
    with pytest.raises(UnknownThingError) as caught:
        named(tmp_path, **values)
    assert said in str(caught.value)
    assert caught.value.parameters == tuple(values)
    assert [iri.rpartition("/id/")[2] for iri in caught.value.suggestions] == [*suggestions]


def test_defaults_are_looked_up_too() -> None:
    assert with_defaults(QUERY, {"thing": "x"}) == {"drug": "cisplatin", "thing": "x"}
