"""Compare this server with others on a graph of a million triples, side by side in one run.

``python bench/service.py`` makes the graph (``bench/big.py``), starts the servers and asks each of
them the same queries in turn, at 1 and 8 clients: this server with the graph in memory and on disk
(cache and logs off), an ASGI function around pyoxigraph that only evaluates, rdflib-endpoint and
Virtuoso 7. Each request has a connection of its own, as most SPARQL libraries make one, unless
``--keep-alive`` is given. The function runs on the same uvicorn with the same parser of HTTP and
the same event loop as this server (``--stack`` takes others).

Before a query is measured it is asked for ``--warm-up`` seconds: Virtuoso and the disk read what
they need, and each new worker of this server copies pages of memory that it shares with the others
when it first counts references in them. The rate of a server is the median of several rounds. A
query that takes longer than ``--budget`` seconds once is not asked again, nor by so many clients
that the last of them would wait that long. Of each answer the rows are counted, and servers that
disagree are named. Output is Markdown. Compare figures within one run only.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import big
import systems
from systems import PREFIXES, System

HEADER = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
JSON = "application/sparql-results+json"
GRAPH = "http://example.org/"
#: Name, query and how many values ``{i}`` takes in turn.
QUERIES = {
    "lookup": ("SELECT ?p ?o WHERE {{ <{base}drug/{i}> ?p ?o }}", 500),
    "join": (
        "SELECT ?trial ?arm ?drug WHERE {{ ?drug :targets <{base}target/{i}> ."
        " ?regimen :includesDrug ?drug . ?arm :regimen ?regimen . ?trial :hasArm ?arm }}",
        100,
    ),
    "construct": (
        "CONSTRUCT {{ ?trial :tests ?drug . ?drug rdfs:label ?label }} WHERE {{"
        " ?drug :drugClass <{base}class/{i}> ; rdfs:label ?label ."
        " ?regimen :includesDrug ?drug . ?arm :regimen ?regimen . ?trial :hasArm ?arm }}",
        100,
    ),
    "optional + filter": (
        "SELECT ?trial ?label ?year WHERE {{ ?drug :targets <{base}target/{i}> ."
        " ?regimen :includesDrug ?drug . ?arm :regimen ?regimen ."
        " ?trial :hasArm ?arm ; :phase ?phase ; rdfs:label ?label ."
        " OPTIONAL {{ ?trial :reportedIn ?publication . ?publication :year ?year }}"
        " FILTER(?phase >= 2 && (!BOUND(?year) || ?year > 2010)) }}",
        100,
    ),
    "path": (
        "SELECT ?drug ?pathway WHERE {{ ?drug :targets/:partOf+ ?pathway ."
        " ?drug :drugClass/rdfs:subClassOf* <{base}class/{i}> }}",
        100,
    ),
    "aggregate": (
        "SELECT ?endpoint (COUNT(*) AS ?n) (AVG(?value) AS ?mean) WHERE {{"
        " ?result :endpoint ?endpoint ; :value ?value . FILTER(?value > {i}) }} GROUP BY ?endpoint",
        20,
    ),
    "rows": (
        "SELECT ?arm ?endpoint ?value WHERE {{"
        " ?result :ofArm ?arm ; :endpoint ?endpoint ; :value ?value }} LIMIT {i}0000",
        0,
    ),
}
LEAST_ROWS = 3
#: Seconds from which on a query gets one round and no warming up.
_SLOW = 1.0


@dataclass
class Cell:
    """What was measured of a server with a query."""

    rates: dict[int, list[float]] = field(default_factory=dict)
    rows: int | None = None
    bytes: int = 0
    over: bool = False
    seconds: float = 0.0

    def rate(self, clients: int) -> float | None:
        """Give the median rate."""
        found = self.rates.get(clients)
        return statistics.median(found) if found else None


def texts(name: str) -> list[str]:
    """Give the queries of a kind, one for each value."""
    template, values = QUERIES[name]
    numbers = range(values) if values else [LEAST_ROWS]
    return [HEADER + template.format(base=big.BASE, i=number) for number in numbers]


def request(system: System, query: str, *, close: bool) -> bytes:
    """Give the bytes of a request."""
    parameters = {"query": query}
    if system.name.startswith("Virtuoso"):
        parameters["default-graph-uri"] = GRAPH
    accept = "text/turtle" if "CONSTRUCT" in query else JSON
    end = "Connection: close\r\n\r\n" if close else "\r\n"
    return (
        f"GET /sparql?{urlencode(parameters)} HTTP/1.1\r\nHost: localhost:{system.port}\r\n"
        f"Accept: {accept}\r\n{end}"
    ).encode()


def connect(port: int) -> socket.socket:
    """Give a connection to a server of this machine."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


class Client:
    """A client that asks one request after another."""

    def __init__(self, port: int, requests: Iterator[bytes], *, close: bool) -> None:
        self._port, self._requests, self._close = port, requests, close
        self.socket = connect(port)
        self._parts: list[bytes] = []
        self._ask()

    def _ask(self) -> None:
        self._parts, self._size, self._wanted = [], 0, -1
        self.socket.sendall(next(self._requests))

    def read(self) -> bytes | None:
        """Take what has come; give the answer if it is complete."""
        part = self.socket.recv(1 << 20)
        self._parts.append(part)
        self._size += len(part)
        if self._close:
            return None if part else b"".join(self._parts)
        if not part:
            raise SystemExit(f"port {self._port}: the server hung up")
        if self._wanted < 0:
            head, end, _ = b"".join(self._parts).partition(b"\r\n\r\n")
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            if end:
                self._wanted = len(head) + 4 + int(length) if length else 0
        if self._wanted > 0:
            done = self._size >= self._wanted
        else:
            done = self._wanted == 0 and b"".join(self._parts[-2:]).endswith(b"\r\n0\r\n\r\n")
        return b"".join(self._parts) if done else None

    def again(self) -> None:
        """Ask the next request."""
        if self._close:
            self.socket.close()
            self.socket = connect(self._port)
        self._ask()


def rate(
    system: System, requests: Iterator[bytes], clients: int, seconds: float, *, close: bool
) -> float:
    """Give the requests per second of some clients that ask without a pause.

    The time runs on until each client has its last answer.
    """
    done = 0
    began = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            client = Client(system.port, requests, close=close)
            selector.register(client.socket, selectors.EVENT_READ, client)
        while selector.get_map():
            for key, _ in selector.select():
                client = key.data
                answer = client.read()
                if answer is None:
                    continue
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise SystemExit(f"{system.name}: {answer[:300]!r}")
                done += 1
                selector.unregister(client.socket)
                if time.perf_counter() - began < seconds:
                    client.again()
                    selector.register(client.socket, selectors.EVENT_READ, client)
                else:
                    client.socket.close()
    return done / (time.perf_counter() - began)


def probe(system: System, query: str, budget: float) -> tuple[bytes, float] | None:
    """Ask once: the body and the seconds it took, ``None`` if it took longer than the budget."""
    began = time.perf_counter()
    with connect(system.port) as connection:
        connection.settimeout(budget)
        connection.sendall(request(system, query, close=True).replace(b"1.1\r\n", b"1.0\r\n", 1))
        parts = []
        try:
            while part := connection.recv(1 << 20):
                parts.append(part)
                if time.perf_counter() - began > budget:
                    return None
        except TimeoutError:
            return None
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n")[0]:
        raise SystemExit(f"{system.name} answers {head[:200]!r} {body[:300]!r}\nto {query}")
    return body, time.perf_counter() - began


def rows_of(body: bytes) -> int:
    """Give the rows or triples of a result."""
    if body.lstrip().startswith(b"{"):
        return len(json.loads(body)["results"]["bindings"])
    import pyoxigraph as ox

    return len(set(ox.parse(body, format=ox.RdfFormat.TURTLE)))


def measure(running: list[System], options: argparse.Namespace) -> dict[str, dict[str, Cell]]:
    """Ask all servers all queries, in turn."""
    found: dict[str, dict[str, Cell]] = {}
    for name in options.queries:
        cells = found[name] = {system.name: Cell() for system in running}
        queries = texts(name)
        for system in running:
            cell, asked = cells[system.name], queries[:3]
            results = [probe(system, query, options.budget) for query in [asked[0], *asked]]
            cell.over = any(result is None for result in results)
            if not cell.over:
                cell.seconds = max(result[1] for result in results if result)
                cell.rows = sum(rows_of(result[0]) for result in results[1:] if result)
                cell.bytes = len(results[-1][0]) if results[-1] else 0
        close = not options.keep_alive
        for number in range(-1, options.rounds):  # the first is to warm up
            for clients in options.clients if number >= 0 else [max(options.clients)]:
                for system in running:
                    cell = cells[system.name]
                    slow = cell.seconds > _SLOW and number != 0
                    if cell.over or slow or cell.seconds * clients > options.budget:
                        continue
                    requests = _endless(system, queries, close=close)
                    seconds = options.seconds if number >= 0 else options.warm_up
                    per_second = rate(system, requests, clients, seconds, close=close)
                    if number >= 0:
                        cell.rates.setdefault(clients, []).append(per_second)
        print(f"{name}: {_line(cells)}", file=sys.stderr, flush=True)
    return found


def _line(cells: dict[str, Cell]) -> str:
    said = {name: [cell.rate(clients) for clients in cell.rates] for name, cell in cells.items()}
    return json.dumps(said)


def _endless(system: System, queries: list[str], *, close: bool) -> Iterator[bytes]:
    requests = [request(system, query, close=close) for query in queries]
    while True:
        yield from requests


def report(
    found: dict[str, dict[str, Cell]], running: list[System], options: argparse.Namespace
) -> None:
    """Print the tables."""
    names = [system.name for system in running]
    loaded = ", ".join(f"{system.name} {system.loaded:.0f} s" for system in running)
    print(f"Start with loading: {loaded}.\n")
    for clients in options.clients:
        print(f"{clients} client{'s' * (clients > 1)}, requests per second:\n")
        print(f"| query | bytes | {' | '.join(names)} |")
        print("|---|--:|" + "--:|" * len(names))
        for query, cells in found.items():
            first = cells[names[0]]
            shown = [_shown(cells[name], first, clients, options.budget) for name in names]
            print(f"| {query} | {first.bytes:,} | {' | '.join(shown)} |")
        print()
    for query, cells in found.items():
        rows = {name: cell.rows for name, cell in cells.items() if cell.rows is not None}
        if len(set(rows.values())) > 1:
            print(f"Different numbers of rows for {query}: {rows}.")


def _shown(cell: Cell, first: Cell, clients: int, budget: float) -> str:
    mine, other = first.rate(clients), cell.rate(clients)
    if other is None:
        return f"over {budget:g} s" if cell.over else "–"
    digits = 0 if other >= 100 else 1 if other >= 10 else 2
    share = "" if cell is first or mine is None else f" ({mine / other:.2f}×)"
    return f"{other:,.{digits}f}{share}"


def main() -> None:
    """Start the servers, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--virtuoso", type=Path, default=Path("/usr/bin/virtuoso-t"))
    parser.add_argument("--buffers", type=int, default=340_000, help="Virtuoso's pages of 8 kB")
    parser.add_argument("--rdflib-python", type=Path, help="a Python that has rdflib-endpoint")
    parser.add_argument("--data", type=Path, help="N-Triples that bench/big.py made")
    parser.add_argument("--without", nargs="*", default=[], help="disk, rdflib, virtuoso, bare")
    parser.add_argument("--stack", nargs=2, default=["httptools", "uvloop"], help="of the function")
    parser.add_argument("--queries", nargs="*", default=list(QUERIES), choices=list(QUERIES))
    parser.add_argument("--clients", nargs="*", type=int, default=[1, 8])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="of a round")
    parser.add_argument("--warm-up", type=float, default=4.0, help="seconds for each query")
    parser.add_argument("--budget", type=float, default=20.0, help="seconds for one query")
    parser.add_argument("--keep-alive", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        data = options.data or home / "big.nt"
        if options.data is None:
            print(f"{big.write(data):,} triples", file=sys.stderr)
        running = list(_started(data, home, options, stack))
        report(measure(running, options), running, options)


def _started(
    data: Path, home: Path, options: argparse.Namespace, stack: ExitStack
) -> Iterator[System]:
    def kept(system: System) -> System:
        stack.callback(systems.stop, system)
        print(f"{system.name}: {system.loaded:.1f} s", file=sys.stderr, flush=True)
        return system

    yield kept(systems.tzgraph(data, home, on_disk=False, name="tzgraph"))
    if "bare" not in options.without:
        yield kept(systems.bare(data, *options.stack))
    if "disk" not in options.without:
        yield kept(systems.tzgraph(data, home, on_disk=True, name="tzgraph, on disk"))
    if "virtuoso" not in options.without:
        if options.virtuoso.exists():
            yield kept(systems.virtuoso(data, home, options.virtuoso, options.buffers))
        else:
            print(f"Virtuoso is left out: there is no {options.virtuoso}.", file=sys.stderr)
    if "rdflib" not in options.without:
        yield kept(systems.rdflib_endpoint(data, home, options.rdflib_python))


if __name__ == "__main__":
    main()
