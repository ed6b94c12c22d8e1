"""LOAD SILENT is left out of an update; every other LOAD refuses it."""

from __future__ import annotations

from contextlib import suppress

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.query.test_update_guard import PIECES
from tzgraph.errors import FederationDeniedError, QueryError
from tzgraph.query.guard import check_update
from tzgraph.query.loads import leave_out_loads
from tzgraph.query.tokens import TokenKind, tokenize
from tzgraph.query.update import run_update

WORD = TokenKind.WORD

DONE = ox.Quad(ox.NamedNode("x:a"), ox.NamedNode("x:b"), ox.Literal("1"))
INSERT = "INSERT DATA { <x:a> <x:b> '1' }"


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        (f"LOAD SILENT <http://127.0.0.1:9/> ; {INSERT}", ("<http://127.0.0.1:9/>",)),
        (f"{INSERT};\nload silent<x:d>into graph<x:g>", ("<x:d>",)),
        (f"PREFIX e: <x:> LOAD SILENT e:d INTO GRAPH e:g ; # c\n{INSERT} ;", ("e:d",)),
        (f"BASE <x:> LOAD SILENT <d> ; load Silent e:d ; {INSERT}", ("<d>", "e:d")),
        (f"{INSERT}; INSERT DATA {{<x:c> <x:d> 'LOAD <x:e> ; }}'}}; LOAD SILENT <x:d>", ("<x:d>",)),
        (INSERT, ()),
    ],
)
def test_silent(text: str, documents: tuple[str, ...]) -> None:
    store = ox.Store()
    left, named = leave_out_loads(text)
    assert named == documents
    assert (len(left), left.count("\n")) == (len(text), text.count("\n"))
    run_update(store, left)
    assert DONE in store
    assert not list(store.named_graphs())


@pytest.mark.parametrize(
    "text",
    [
        "LOAD <x:d>",
        "LOAD SILENT <x:d> INTO <x:g>",
        "LOAD SILENT <x:d> INTO GRAPH",
        "LOAD SILENT <x:d> <x:g>",
        "LOAD SILENT ?d",
        "LOAD SILENT 'd'",
        "LOAD SILENT",
        "LOADSILENT <x:d>",
        "LOAD SILENTe:d",
        "\\u004COAD SILENT <x:d>",
        "LOAD SILENT <x:\\u0064>",
        "CLEAR ALL LOAD SILENT <x:d>",
        "INSERT { ?s ?p ?o } WHERE { LOAD SILENT <x:d> }",
        "LOAD SILENT <x:d> ; LOAD <x:e>",
        "LOAD SILENT <x:d> ; INSERT {} WHERE { SERVICE <x:e> {} }",
        "LOAD SILENT <x:d> ; INSERT {} WHERE { SERVICE SILENT <x:e> {} }",
    ],
)
def test_refused(text: str) -> None:
    store = ox.Store()
    with pytest.raises(FederationDeniedError):
        run_update(store, leave_out_loads(text)[0])
    assert not len(store)


def test_places_of_errors_are_those_of_the_text() -> None:
    with pytest.raises(QueryError) as raised:
        run_update(ox.Store(), leave_out_loads("LOAD\nSILENT # c\n <x:d> ;\n; SELEC")[0])
    assert (getattr(raised.value, "line", 0), getattr(raised.value, "column", 0)) == (4, 1)


@settings(max_examples=500)
@given(st.lists(st.sampled_from([*PIECES, "LOAD SILENT <x:d>", "INTO GRAPH <x:g>"]), max_size=12))
def test_no_load_is_left(pieces: list[str]) -> None:
    """What passes holds none when those are out, so that the engine gets none."""
    text = " ".join(pieces)
    left, named = leave_out_loads(text)
    assert len(left) == len(text)
    assert bool(named) == (left != text)
    assert leave_out_loads(left) == (left, ())
    with suppress(QueryError):
        check_update(left)
        assert not any(token.word == "LOAD" for token in tokenize(left) if token.kind is WORD)
