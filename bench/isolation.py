"""Compare the isolated server with one that has pyoxigraph and nothing else, in one run.

``python bench/isolation.py`` builds the shipped sources, starts both servers under uvicorn and
prints the requests per second of each, for several queries at 1 and 8 clients, and then how long a
simple query takes while 200 others don't end. The two servers take turns, in rounds; the median
round counts. Figures of one machine at one time: compare them within one run only.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROUNDS = 5
SECONDS = 1.5
TIMEOUT = 10
QUERIES = {
    "lookup": "SELECT ?p ?o WHERE { tzdrug:trastuzumab ?p ?o } LIMIT 10",
    "join": "SELECT ?t ?d WHERE { ?t tz:hasArm ?a . ?a tz:regimen ?r . ?r tz:includesDrug ?d }",
    "aggregate": "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } GROUP BY ?p",
    "rows, 5 MB": "SELECT * WHERE { ?s ?p ?o } LIMIT 16000",
}
RUNAWAY = "SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != {}) }}"


def bare(folder: str) -> Any:
    """Give an ASGI application that evaluates in its event loop and sends the whole result."""
    import pyoxigraph as ox

    from tzgraph.release import open_release

    release = open_release(Path(folder))
    store = ox.Store()
    store.bulk_load(path=str(release.nquads), format=ox.RdfFormat.N_QUADS)
    prefixes = dict(release.manifest.prefixes)
    headers = [(b"content-type", b"application/sparql-results+json")]

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        from urllib.parse import parse_qs

        query = parse_qs(scope["query_string"].decode())["query"][0]
        result = store.query(query, prefixes=prefixes)
        body = result.serialize(format=ox.QueryResultsFormat.JSON)  # type: ignore[union-attr]
        length = (b"content-length", str(len(body or b"")).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": body})

    return app


def serve_bare(folder: str, port: str) -> None:
    """Run that application as `tzgraph serve` runs its own."""
    import uvicorn

    uvicorn.run(
        bare(folder),
        port=int(port),
        http="httptools",
        loop="uvloop",
        log_level="warning",
        access_log=False,
        ws="none",
    )


async def fetch(port: int, query: str) -> tuple[int, int, float]:
    """Ask once, on a connection of its own: status, bytes, seconds."""
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    request = f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    writer.write(request.encode())
    head = await reader.readuntil(b"\r\n\r\n")
    size = 0
    while part := await reader.read(1 << 20):
        size += len(part)
    writer.close()
    return int(head.split()[1]), size, time.perf_counter() - started


async def rate(port: int, query: str, clients: int) -> tuple[float, int]:
    """Give the requests per second of some clients that ask without a pause."""
    until = time.perf_counter() + SECONDS
    done, size = 0, 0

    async def client() -> None:
        nonlocal done, size
        while time.perf_counter() < until:
            status, size, _seconds = await fetch(port, query)
            if status != 200:
                raise SystemExit(f"status {status}: {query}")
            done += 1

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return done / (time.perf_counter() - started), size


async def under_attack(port: int) -> tuple[list[float], list[float]]:
    """Give the seconds of simple queries and of 200 that don't end, asked at the same time."""
    attack = [asyncio.ensure_future(fetch(port, RUNAWAY.format(f"<x:{i}>"))) for i in range(200)]
    await asyncio.sleep(0.5)
    simple = []
    for _ in range(40):
        simple.append((await fetch(port, QUERIES["lookup"]))[2])
        await asyncio.sleep(0.1)
    return sorted(simple), sorted([seconds for _, _, seconds in await asyncio.gather(*attack)])


@contextmanager
def server(command: list[str], port: int) -> Iterator[None]:
    """Run a server."""
    # Neither the cache nor the log is what is compared.
    ours = {
        "TZGRAPH_QUERY_TIMEOUT": str(TIMEOUT),
        "TZGRAPH_CACHE_BYTES": "0",
        "TZGRAPH_ACCESS_LOG": "0",
        "TZGRAPH_SLOW_QUERY": "0",
    }
    environment = {**os.environ, **ours}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        for _ in range(200):
            try:
                asyncio.run(fetch(port, "ASK {}"))
                break
            except OSError:
                time.sleep(0.1)
        try:
            yield
        finally:
            process.terminate()


def main() -> None:
    """Run the benchmarks and print a line for each."""
    tzgraph = [sys.executable, "-m", "tzgraph"]
    ours, theirs = 8971, 8972
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*tzgraph, "build", "--dir", folder], check=True, capture_output=True)
        with (
            server([*tzgraph, "serve", "--dir", folder, "--port", str(ours)], ours),
            server([sys.executable, __file__, folder, str(theirs)], theirs),
        ):
            print(
                f"{'query':<12} {'bytes':>9} {'clients':>7} {'bare/s':>8} {'isolated/s':>10}  share"
            )
            for name, query in QUERIES.items():
                for clients in (1, 8):
                    rates: dict[int, list[float]] = {ours: [], theirs: []}
                    for _ in range(ROUNDS):
                        for port in (theirs, ours):
                            per_second, size = asyncio.run(rate(port, query, clients))
                            rates[port].append(per_second)
                    mine, bare_ = (statistics.median(rates[port]) for port in (ours, theirs))
                    share = f"{mine / bare_:5.0%}"
                    print(f"{name:<12} {size:9} {clients:7} {bare_:8.1f} {mine:10.1f}  {share}")
            simple, runaways = asyncio.run(under_attack(ours))
            middle = statistics.median(simple)
            print(f"under 200 that don't end: median {middle:.3f} s, max {simple[-1]:.3f} s")
            print(f"those end after {runaways[-1] - TIMEOUT:.2f} s past their deadline at most")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        serve_bare(*sys.argv[1:])
    else:
        main()
