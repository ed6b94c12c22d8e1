"""What updates may not hold, with data passed over and without."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tzgraph.errors import FederationDeniedError, QueryError, TzgraphError
from tzgraph.query import guard
from tzgraph.query.guard import check_update
from tzgraph.query.tokens import TokenKind, tokenize

HIDDEN = [
    "INSERT DATA { <x:a> <x:b> 'payload' } ; LOAD <x:c>",
    "INSERT DATA { <x:a> <x:b> '}' } ; load <x:c>",
    'INSERT DATA { <x:a> <x:b> """} "" """ } ; LOAD <x:c>',
    "INSERT DATA { <x:a> <x:b> '\\'}' } ; LOAD <x:c>",
    "INSERT DATA { # }\n } ; LOAD <x:c>",
    "INSERT DATA {} ; INSERT {} WHERE { SERVICE <x:c> {} }",
    "INSERT DATA { GRAPH <x:g> {} } ; INSERT {} WHERE { trueSERVICE<x:c>{} }",
    r"INSERT DATA {} ; INSERT {} WHERE { \u0053ERVICE <x:c> {} }",
    r"INSERT DATA { <x:a> <x:b> '\u0027 } ; INSERT {} WHERE { SERVICE <x:c> {} } #' }",
]
PIECES = [
    "INSERT DATA", "DELETE DATA", "DATA", "{", "}", "<x:a>", "<", ">", "'", '"', "'''", '"""', "\\",
    "#", "\n", " ", ";", "GRAPH <x:g>", "payload", "LOAD <x:c>", "SERVICE <x:c> {}", "a", "1",
    "INSERT", "WHERE", "(", ")", "'}'", '"{"', "<x:}>", "# }",
]  # fmt: skip


@pytest.mark.parametrize("text", HIDDEN)
def test_nothing_hides_behind_data(text: str) -> None:
    with pytest.raises(FederationDeniedError):
        check_update(text)


def test_data_of_any_length_pass_without_being_cut_up() -> None:
    line = "<x:a> <x:b> \"it's {a} 'payload' \\\" \"@en , '''#{''' ; <x:c> 1 .\n"
    data = f"PREFIX x: <x:> INSERT DATA {{ GRAPH <x:g> {{ {line * 1000} }} {line * 1000} }}"
    text = f"{data} ;\n# then\nDELETE DATA {{ {line * 1000} }}"
    check_update(text)
    assert len(list(guard._without_data(text))) < 20
    ox.Store().update(text)


def test_what_is_no_data_is_counted() -> None:
    """Also behind data, where the engine would run out of stack."""
    many = " | ".join(["<x:p>"] * 3000)
    with pytest.raises(QueryError, match="keywords, operators"):
        check_update(f"INSERT DATA {{ <x:a> <x:b> 1 }} ; INSERT {{}} WHERE {{ ?s {many} ?o }}")
    with pytest.raises(QueryError, match="brackets"):
        check_update(f"INSERT DATA {{}} ; INSERT {{}} WHERE {'{' * 300}{'}' * 300}")
    with pytest.raises(QueryError, match="brackets"):
        check_update(f"INSERT DATA {{ <x:a> <x:b> {'(' * 300}{')' * 300} }}")


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_the_short_way_lets_pass_what_the_long_way_does(pieces: list[str]) -> None:
    """Whatever is passed over as data, no LOAD or SERVICE gets by that is seen otherwise."""
    text = " ".join(pieces)
    tokens = [token for token in tokenize(text) if token.kind is not TokenKind.SPACE]
    try:
        guard._calls(text, tokens, (), {})
        guard._refuse_other_readings(text, tokens)
    except TzgraphError as error:
        with pytest.raises(type(error)):
            check_update(text)
    else:
        check_update(text)
