"""What goes over a worker's socket comes out as it went in."""

from __future__ import annotations

import socket

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tzgraph.errors import QueryError, TzgraphError, UsageError
from tzgraph.query.formats import ResultKind
from tzgraph.query.guard import (
    QuerySyntaxError,
    QueryTooComplexError,
    ServiceRefusedError,
    UpdateRefusedError,
)
from tzgraph.query.rows import TooManyRowsError
from tzgraph.query.run import NeedsFederationError
from tzgraph.serve.engine.base import Offer, QueryRequest
from tzgraph.serve.engine.errors import (
    EngineFailedError,
    MemoryLimitError,
    NotAcceptableError,
    ResultTooLargeError,
)
from tzgraph.serve.isolation.wire import (
    LONGEST,
    Frame,
    decode_error,
    decode_request,
    encode_error,
    encode_request,
    pack,
    receive,
)

TEXT = st.text(st.characters(exclude_categories=()), max_size=50)
SAYABLE = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
NAMES = st.from_regex(r"[a-z]{1,5}", fullmatch=True)
IRIS = NAMES.map(lambda name: ox.NamedNode("http://example.org/" + name))
LITERALS = st.one_of(
    SAYABLE.map(ox.Literal),
    SAYABLE.map(lambda text: ox.Literal(text, language="en")),
    st.integers().map(ox.Literal),
)
TERMS = IRIS | LITERALS
GRAPHS = st.none() | st.lists(TEXT, max_size=3).map(tuple)
OFFERS = st.none() | st.builds(Offer, NAMES, NAMES)


@given(
    st.builds(
        QueryRequest,
        text=TEXT,
        default_graphs=GRAPHS,
        named_graphs=GRAPHS,
        bindings=OFFERS,
        graph=OFFERS,
        substitutions=st.lists(st.tuples(NAMES, TERMS), max_size=3).map(tuple),
        client=TEXT,
    )
)
def test_requests(asked: QueryRequest) -> None:
    assert decode_request(encode_request(asked)) == asked


@given(
    kind=st.sampled_from([QuerySyntaxError, QueryTooComplexError, UpdateRefusedError]),
    message=TEXT,
    hint=TEXT,
    place=st.tuples(st.integers(1, 10**6), st.integers(1, 10**6)),
)
def test_errors_with_a_place(
    kind: type[QuerySyntaxError], message: str, hint: str, place: tuple[int, int]
) -> None:
    got = decode_error(encode_error(kind(message, *place, hint)))
    assert type(got) is kind
    assert str(got) == str(kind(message, *place, hint))
    assert (got.line, got.column) == place


@pytest.mark.parametrize(
    "error",
    [
        ServiceRefusedError("LOAD", 3, 4),
        ServiceRefusedError("SERVICE", 3, 4, "that endpoint is not on the list"),
        NeedsFederationError("a"),
        TooManyRowsError("a", "b"),
        NotAcceptableError(ResultKind.GRAPH),
        UsageError("a", "b"),
        QueryError("a: b"),
        ResultTooLargeError("a", "b"),
        MemoryLimitError("a", "b"),
        EngineFailedError("a", "b"),
    ],
)
def test_other_errors(error: TzgraphError) -> None:
    got = decode_error(encode_error(error))
    assert (type(got), str(got), vars(got)) == (type(error), str(error), vars(error))


def test_a_panic_and_a_long_message_fit_a_frame() -> None:
    assert "engine failed" in str(decode_error(encode_error(BaseException("boom"))))
    assert len(encode_error(UsageError("\N{SNOWMAN}" * 10**6, "\0" * 10**6))) <= LONGEST


@given(st.binary(max_size=60))
def test_no_error_at_all(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - anything may be wrong
        decode_error(b"\xff" + data)


@pytest.mark.parametrize("data", [b"[]", b"{}", b"1", b'{"message": "", "error": []}', b'"x"'])
def test_json_that_is_no_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="not an error"):
        decode_error(data)


@given(st.binary(max_size=2000))
def test_frames(data: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(pack(Frame.CHUNK, data) + pack(Frame.END) + pack(Frame.CHUNK, data)[:-1])
        ours.shutdown(socket.SHUT_WR)
        assert receive(theirs) == (Frame.CHUNK, data)
        assert receive(theirs) == (Frame.END, b"")
        assert receive(theirs) is None
