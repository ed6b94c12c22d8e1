"""Parameters that name nothing."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tzgraph.curies import Curies
from tzgraph.query.binding import ParameterError, bind
from tzgraph.query.known import check_known
from tzgraph.query.library import parse_query

E = "https://example.org/"
BASE = f"{E}drug/"
CURIES = Curies({"ex": E})
QUERY = parse_query("#+ title: x\n#+ param: drug ex:Drug\nASK { ?drug ?p ?o }", name="drug")


def _hint(value: str, *drugs: str) -> str:
    store = ox.Store()
    kind = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    for drug in drugs:
        store.add(ox.Quad(ox.NamedNode(drug), kind, ox.NamedNode(f"{E}Drug")))
    terms = bind(QUERY, {"drug": value}, CURIES, {f"{E}Drug": BASE})
    with pytest.raises(ParameterError, match="is described nowhere in the graph") as caught:
        check_known(QUERY, terms, store, CURIES)
    assert caught.value.parameters == ("drug",)
    return caught.value.hint


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("trastuzumb", "Did you mean trastuzumab?"),
        ("Trastuzumabs", "Did you mean trastuzumab?"),
        ("paclitaxel", "There are docetaxol, trastuzumab."),
        ("zzz", "There are docetaxol, trastuzumab."),
        ("https://example.com/other/trastuzumb", ""),
    ],
)
def test_guess_is_near_or_none(value: str, hint: str) -> None:
    assert _hint(value, f"{BASE}trastuzumab", f"{BASE}docetaxol") == hint


def test_long_list_is_cut() -> None:
    drugs = [f"{BASE}n{number:02}" for number in range(21)]
    assert _hint("zzz", *drugs).endswith("n18, n19, ….")


def test_what_is_described_passes() -> None:
    store = ox.Store()
    node = ox.NamedNode(f"{BASE}a")
    store.add(ox.Quad(node, node, node, ox.NamedNode(f"{E}graph")))
    check_known(QUERY, {ox.Variable("drug"): node}, store, CURIES)
