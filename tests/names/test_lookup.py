"""Names held against a graph that has changed since its index was made."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.names.graph import PREFIXES, resolver_of, store_of
from tzgraph.errors import UnknownNameError, UsageError
from tzgraph.names.lookup import answered, find, occurs, thing_named
from tzgraph.names.resolver import NameResolver

DRUG = PREFIXES["tzdrug"]
OF_DRUG = "https://w3id.org/tzgraph/ontology#Drug"
PROLOGUE = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())


@pytest.fixture
def store() -> ox.Store:
    return store_of()


@pytest.fixture
def names(store: ox.Store, tmp_path: Path) -> NameResolver:
    return resolver_of(store, tmp_path)


@pytest.fixture
def updated(store: ox.Store, tmp_path: Path) -> NameResolver:
    """The resolver of the graph as it was, which says that it may have changed."""
    return resolver_of(store, tmp_path, updated=True)


def drug(names: NameResolver, store: ox.Store, text: str) -> str:
    return answered(thing_named(names, text, base=DRUG, of_class=OF_DRUG), store)


def refused(names: NameResolver, store: ox.Store, text: str, of_class: str = OF_DRUG) -> str:
    base = DRUG if of_class else ""
    with pytest.raises(UnknownNameError) as caught:
        answered(thing_named(names, text, base=base, of_class=of_class), store)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("trastuzumab", "trastuzumab"),
        ("Herceptin", "trastuzumab"),
        ("t-dxd", "t-dxd"),
        ("nameless", "nameless"),  # described, though without a name
        ("tzdrug:nameless", "nameless"),
        ("drug/cisplatin", "cisplatin"),
        ("trastuzumab deruxtecan", "t-dxd"),
    ],
)
def test_the_one_thing(names: NameResolver, store: ox.Store, text: str, slug: str) -> None:
    assert drug(names, store, text) == DRUG + slug


def test_the_class_tells_things_of_one_name_apart(names: NameResolver, store: ox.Store) -> None:
    gene = "https://w3id.org/tzgraph/ontology#Gene"
    assert answered(thing_named(names, "HER2", of_class=gene), store).endswith("/gene/erbb2")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "herceptn",
            "“herceptn” is unknown: nothing in the graph has this name."
            " Did you mean tzdrug:trastuzumab (trastuzumab, drug)?",
        ),
        (
            "tzdrug:trastuzumb",
            f"{DRUG}trastuzumb is unknown: it is described nowhere in the graph."
            " Did you mean tzdrug:trastuzumab (trastuzumab, drug)?",
        ),
        ("L01FD01", "Did you mean tzdrug:trastuzumab (trastuzumab, drug)?"),
        ("ToGA", "“ToGA” names tztrial:toga (ToGA, trial), which is no tz:Drug."),
        ("toda", "“toda” is unknown: nothing in the graph has this name. There are ex:odd, tzd"),
    ],
)
def test_the_unknown_is_told(names: NameResolver, store: ox.Store, text: str, said: str) -> None:
    assert said in refused(names, store, text)


@pytest.mark.parametrize("text", ["carboplatin", "cetuximab", "apatinib", "pertuzumab"])
def test_other_drugs_are_no_suggestion(names: NameResolver, store: ox.Store, text: str) -> None:
    assert "Did you mean" not in refused(names, store, text)


def test_choices(names: NameResolver, store: ox.Store) -> None:
    assert refused(names, store, "HER2", "") == (
        "“HER2” names 2 things: tztarget:her2 (HER2, target), tzgene:erbb2 (ERBB2, gene)."
        " Write one of them."
    )


def test_what_an_update_removed_is_not_given(updated: NameResolver, store: ox.Store) -> None:
    assert drug(updated, store, "Herceptin") == DRUG + "trastuzumab"
    store.update(PROLOGUE + 'DELETE DATA { tzdrug:trastuzumab skos:altLabel "Herceptin"@en }')
    assert answered(find(updated, "Herceptin"), store) == []
    assert answered(find(updated, "herceptn"), store) == []
    assert "Did you mean" not in refused(updated, store, "herceptn")
    assert "is unknown" in refused(updated, store, "Herceptin")
    assert answered(find(updated, "trastuzumab"), store)[0].iri == DRUG + "trastuzumab"
    store.update(PROLOGUE + "DELETE WHERE { tzdrug:trastuzumab ?p ?o }")
    for text in ("trastuzumab", "tzdrug:trastuzumab", "L01FD01"):
        assert DRUG + "trastuzumab" not in {h.iri for h in answered(find(updated, text), store)}
        assert "is unknown" in refused(updated, store, text)


def test_what_an_update_added_is_found_as_it_is_written(
    updated: NameResolver, store: ox.Store
) -> None:
    store.update(PROLOGUE + 'INSERT DATA { tzdrug:x a tz:Drug ; rdfs:label "Newumab"@en }')
    hit = answered(find(updated, "Newumab"), store)[0]
    assert (hit.iri, hit.label, hit.kind, hit.by) == (DRUG + "x", "Newumab", "drug", "label")
    assert drug(updated, store, "Newumab") == drug(updated, store, "x") == DRUG + "x"


def test_a_label_is_that_of_the_state(updated: NameResolver, store: ox.Store) -> None:
    store.update(
        PROLOGUE + 'DELETE DATA { tzdrug:trastuzumab rdfs:label "trastuzumab"@en } ;'
        'INSERT DATA { tzdrug:trastuzumab rdfs:label "renamed"@en }'
    )
    assert answered(find(updated, "Herceptin"), store)[0].label == "renamed"


def test_occurs(store: ox.Store) -> None:
    store.update("INSERT DATA { GRAPH <x:g> { <x:a> <x:b> <x:c> } }")
    found = [answered(occurs(iri), store) for iri in ("x:a", "x:b", "x:c", "x:g")]
    assert found == [True, True, True, False]
    assert not answered(occurs("x:c", anywhere=False), store)
    with pytest.raises(ValueError, match="IRI"):
        answered(occurs("x:a> <x:b> <x:c> } #"), store)


@pytest.mark.parametrize("text", ["drgu:x", "<https://example.org/[>"])
def test_what_is_no_iri_though_it_looks_like_one(
    names: NameResolver, store: ox.Store, text: str
) -> None:
    with pytest.raises(UsageError) as caught:
        drug(names, store, text)
    assert caught.value.code == "usage"
