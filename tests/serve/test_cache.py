"""Results from the cache: the same bytes, only of complete results, within its room."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pyoxigraph as ox
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from tests.serve.conftest import LIBRARY
from tests.serve.helpers import serving
from tests.serve.test_headers import DIGITS, SELECT, numbers
from tzgraph.errors import QueryError
from tzgraph.query.formats import ResultKind
from tzgraph.release import Release
from tzgraph.serve.app import create_app
from tzgraph.serve.engine.base import Answer, Offer, QueryRequest
from tzgraph.serve.engine.cache import Cache, CachingEngine
from tzgraph.serve.engine.threads import InProcessEngine
from tzgraph.serve.settings import ServeSettings


class CountingEngine(InProcessEngine):
    """Counts the queries that it evaluates."""

    asked = 0

    async def query(self, request: QueryRequest) -> Answer:
        self.asked += 1
        return await super().query(request)


@contextmanager
def counting(release: Release, limit: int) -> Iterator[tuple[httpx.Client, CountingEngine, Cache]]:
    """A server with a cache of so many bytes, and what its engine counts."""
    made = CountingEngine(release.store(), release.manifest.prefixes, timeout_s=30)
    settings = ServeSettings(cache_bytes=limit, max_page_rows=3)
    app = create_app(release, settings=settings, engine=lambda *_: made, library=LIBRARY)
    with (
        serving(app) as address,
        httpx.Client(base_url=address, headers={"Accept": "*/*"}, timeout=60) as client,
    ):
        yield client, made, cache_of(app)


def cache_of(app: FastAPI) -> Cache:
    cache: Cache = app.state.server.cache
    return cache


def test_repeated_queries_are_not_evaluated(release: Release) -> None:
    """Nor are they when they come in another way, or with other encodings."""
    with counting(release, 1_000_000) as (client, engine, cache):
        params = {"query": SELECT}
        first = client.get("/sparql", params=params)
        for _ in range(3):
            again = client.get("/sparql", params=params)
            assert again.content == first.content
            assert again.headers["content-type"] == first.headers["content-type"]
            assert again.headers["etag"] == first.headers["etag"]
        assert cache.hits["answer"] == 3
        assert client.post("/sparql", data=params).content == first.content
        assert client.head("/sparql", params=params).headers["etag"] == first.headers["etag"]
        same = client.get("/sparql", params=params, headers={"X": "y", "Accept-Encoding": "br"})
        assert same.content == first.content
        assert engine.asked == 1
        tag = {"If-None-Match": first.headers["etag"]}
        response = client.get("/sparql", params=params, headers=tag)
        assert (response.status_code, response.content) == (304, b"")
        assert {"content-type", "content-length"} & set(response.headers) == set()


def test_what_makes_a_difference_is_kept_apart(release: Release) -> None:
    with counting(release, 1_000_000) as (client, engine, _):
        answers = [
            client.get("/sparql", params={"query": SELECT, **params}, headers=headers).content
            for _ in range(2)
            for params, headers in (
                ({}, {}),
                ({}, {"Accept": "text/csv"}),
                ({}, {"Accept": "text/html"}),
                ({"format": "tsv"}, {}),
                ({"$s": "ex:a"}, {}),
                ({"default-graph-uri": "http://example.org/G1"}, {}),
                ({"named-graph-uri": "http://example.org/G1"}, {}),
            )
        ]
        assert answers[:7] == answers[7:]
        assert len(set(answers)) == 7
        assert engine.asked == 8  # once for the labels on the page


def test_compressed_answers_are_kept_compressed(release: Release) -> None:
    with counting(release, 1_000_000) as (client, _, cache):
        params = {"query": numbers(2)}
        plain = client.get("/sparql", params=params, headers={"Accept-Encoding": "identity"})
        for _ in range(2):
            answer = client.get("/sparql", params=params, headers={"Accept-Encoding": "gzip"})
            assert answer.headers["content-encoding"] == "gzip"
            assert answer.content == plain.content
        assert cache.hits["answer"] == 1


@pytest.mark.parametrize(
    "query",
    ["SELECT (RAND() AS ?x) {}", "SELEC", "SELECT (uuid() AS ?x) {}", numbers(4)],
)
def test_what_is_not_kept(release: Release, query: str) -> None:
    """What changes each time, errors, and what is too large."""
    with counting(release, 1_000_000) as (client, engine, cache):
        for _ in range(2):
            client.get("/sparql", params={"query": query})
        assert engine.asked == 2
        assert len(cache) == cache.bytes == 0


def test_a_result_that_was_not_read_to_its_end_is_not_kept(release: Release) -> None:
    with counting(release, 100_000_000) as (client, engine, _):
        params = {"query": f"SELECT * {{ {DIGITS} {DIGITS.replace('?d', '?e')} }} #{'x' * 99}"}
        large = {"query": numbers(4)}
        with client.stream("GET", "/sparql", params=large) as response:
            next(response.iter_raw())
        client.head("/sparql", params=large)
        client.get("/sparql", params=params, headers={"Accept": "text/html"})  # shows three rows
        whole = client.get("/sparql", params=large)
        assert len(whole.json()["results"]["bindings"]) == 10_000
        assert engine.asked == 4
        assert client.get("/sparql", params=large).content == whole.content
        assert engine.asked == 4


def test_nothing_is_kept_where_there_is_no_room(release: Release) -> None:
    with counting(release, 0) as (client, engine, cache):
        for _ in range(2):
            client.get("/sparql", params={"query": SELECT})
        assert engine.asked == 2
        assert len(cache) == 0


def test_a_result_that_breaks_off_is_not_kept() -> None:
    class Broken(InProcessEngine):
        async def query(self, request: QueryRequest) -> Answer:
            answer = await super().query(request)

            async def chunks() -> AsyncIterator[bytes]:
                yield await anext(answer.chunks)
                raise QueryError("broken on purpose")

            return replace(answer, chunks=chunks())

    async def ask() -> None:
        request = QueryRequest("ASK {}", bindings=Offer("json", "application/json"))
        engine = CachingEngine(Broken(ox.Store(), {}, timeout_s=30), cache, "r")
        answer = await engine.query(request)
        assert answer.kind is ResultKind.BINDINGS
        with pytest.raises(QueryError):
            [chunk async for chunk in answer.chunks]

    cache = Cache(1_000_000)
    asyncio.run(ask())
    assert len(cache) == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 12_000)), max_size=60))
def test_the_room_is_bounded(puts: list[tuple[int, int]]) -> None:
    """However it is used; and what was used last is there."""
    cache = Cache(100_000)
    for key, size in puts:
        cache.put(key, size, size)
        assert cache.bytes <= cache.limit
        assert (cache.get(key, "x") == size) == cache.room_for(size)


def test_what_was_used_longest_ago_goes_first() -> None:
    cache = Cache(32_000)
    for key in "abcdefghijklmnop":
        cache.put(key, key, 1_000)
    assert cache.get("a", "x") == "a"
    cache.put("new", "new", 1_000)
    assert [cache.get(key, "x") for key in ("a", "b", "c", "new")] == ["a", None, "c", "new"]
    assert cache.evicted == 1
