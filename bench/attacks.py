"""How long the server is held up by requests that are made to hold it up.

``python bench/attacks.py [--dir FOLDER] [--only WORDS] [--seconds 15]``. Runs ``tzgraph serve`` on
a release (built first if no folder is given), and against it one attack after the other, while a
process of its own asks for ``/healthz/live`` every 20 ms on a connection that stays open. For each
attack it prints what was sent, how it was answered, and the longest time that ``/healthz/live``
took, beside that of a time in which nothing was sent: on a machine that does other work that is
what the machine itself adds. It ends with 1 if a pause was longer than a second.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import quote, urlencode

ROOT = Path(__file__).parents[1]
#: Seconds between questions of whether the server lives, and most that one may take.
EVERY, MOST = 0.02, 1.0
LIVE = b"GET /healthz/live HTTP/1.1\r\nHost: x\r\n\r\n"
#: All IRIs of the shipped graph in one string, about 1.3 MB.
BIG = "{ SELECT (GROUP_CONCAT(STR(?s)) AS ?b) { ?s ?p ?o FILTER(isIRI(?s)) } }"
ENDLESS = "SELECT (COUNT(*) AS ?n) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(?a != {}) }}"
#: Values of a variable that hold more than a term.
DEEP = (
    b'query=ASK{}&$z="a" .%0A<x:a> <x:b> '
    + b"<<( <x:a> <x:b> " * 60_000
    + b"<x:c>"
    + b" )>>" * 60_000
)
PARAMETERS = "".join(f"#+ param: p{number} string\n" for number in range(40_000)) + "ASK{}"
PIECES = (
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 900_000
)


def get(path: str, *headers: str) -> bytes:
    """Give a GET request."""
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode()


def page(query: str) -> bytes:
    """Ask for the page of a result."""
    return get("/sparql?query=" + quote(query), "Accept: text/html")


def post(body: bytes, *headers: str) -> bytes:
    """Give a POST request with a form."""
    lines = [
        *("POST /sparql HTTP/1.1", "Host: x", "Connection: close", *headers),
        *("Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def form(**fields: str) -> bytes:
    """Give a POST request with fields, of which ``value`` is the variable ``$z``."""
    return post(urlencode({name.replace("value", "$z"): v for name, v in fields.items()}).encode())


def headers(count: int, text: str) -> bytes:
    """Give a request with so many headers."""
    return get("/healthz", *(f"X-{number}: {text}" for number in range(count)))


def one_cell(times: int) -> bytes:
    """Ask for the page of one long cell."""
    return page(f"SELECT (CONCAT({','.join(['?b'] * times)}) AS ?c) {{ {BIG} }}")


@dataclass(frozen=True, slots=True)
class Attack:
    """Requests of some clients at the same time."""

    name: str
    request: Callable[[int], bytes]
    clients: int = 4


ATTACKS = (
    Attack("nothing", lambda _: LIVE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), 1),
    *(
        Attack(
            f"Accept: open quote, {size // 1000} kB",
            lambda _, size=size: get("/sparql?query=ASK{}", 'Accept: "' + '\\"' * (size // 2)),
        )
        for size in (8_000, 30_000)
    ),
    Attack(
        "Accept: 390 kB of types",
        lambda _: get("/sparql?query=ASK{}", "Accept: " + "a/b," * 97_500),
    ),
    Attack("one header of 3.9 MB", lambda _: headers(1, "x" * 3_900_000)),
    Attack("40,000 headers", lambda _: headers(40_000, "x")),
    *(
        Attack(
            f"query header, {size:,} blanks",
            lambda _, size=size: form(query="#+ a: x" + " " * size + "y\nASK{}", value='"a"'),
        )
        for size in (30_000, 900_000)
    ),
    Attack("query of 1 MB of blanks", lambda _: form(query="ASK {" + " " * 1_000_000 + "}")),
    Attack("query of a comment of 1 MB", lambda _: form(query="ASK {} #" + "x" * 1_000_000)),
    Attack("form of 3 MB of %20", lambda _: post(b"query=ASK{" + b"%20" * 1_000_000 + b"}")),
    Attack("form of 3 MB of %", lambda _: post(b"query=" + b"%" * 2_900_000)),
    Attack("value of triple terms, 60,000 deep", lambda _: post(DEEP)),
    Attack(
        "value with a prefix of 3 MB", lambda _: post(b"query=ASK{}&$z=" + b"a" * 2_900_000 + b":b")
    ),
    Attack("query header, 40,000 parameters", lambda _: form(query=PARAMETERS, value='"a"')),
    Attack("path of 60,000 parts", lambda _: get("/static/" + "a/" * 60_000)),
    Attack("path of 120,000 percent signs", lambda _: get("/" + "%" * 120_000)),
    Attack("body in 900,000 pieces of 1 byte", lambda _: PIECES),
    Attack(
        "/explain: open literals, 44 kB",
        lambda _: get("/explain?subject=tzdrug:x&predicate=a&object=" + quote('"^^a"^^a' * 3_000)),
    ),
    Attack("page of one cell of 10 MB", lambda _: one_cell(8)),
    Attack("page of one cell of 20 MB", lambda _: one_cell(16)),
    Attack(
        "page of 1,000 rows of 25 kB",
        lambda _: page(
            f"SELECT (CONCAT('{'x' * 20_000}', REPLACE('{'y' * 5_000}', 'y', 'z'), STR(?s)) AS ?c)"
            " { ?s ?p ?o } LIMIT 1000"
        ),
    ),
    Attack(
        "page of 1,000 rows of 300 columns",
        lambda _: page(
            "SELECT * { ?s ?p ?o "
            + " ".join(f"BIND({number} AS ?v{number})" for number in range(300))
            + " } LIMIT 1000"
        ),
    ),
    Attack(
        "page of a graph with long literals",
        lambda _: page(f"CONSTRUCT {{ ?s <x:b> ?b }} {{ {BIG} ?s a ?t }}"),
    ),
    Attack("200 endless queries", lambda number: page(ENDLESS.format(number)), 200),
)


def probe(port: int, control: Connection) -> None:
    """Ask whether the server lives, and say at each request the longest time since the last."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        longest = 0.0
        while True:
            began = time.perf_counter()
            connection.sendall(LIVE)
            answer = b""
            while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):
                part = connection.recv(65536)
                if not part:
                    raise SystemExit("/healthz/live: the connection was closed")
                answer += part
            longest = max(longest, time.perf_counter() - began)
            if control.poll():
                control.recv()
                control.send(longest)
                longest = 0.0
            time.sleep(EVERY)


def send(port: int, request: bytes, until: float) -> str:
    """Send a request and give the status of the answer, or why there is none."""
    try:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.settimeout(max(0.1, until - time.monotonic()))
            with suppress(ConnectionError):  # who refuses early does not read it all
                connection.sendall(request)
            status = connection.makefile("rb").readline().split()[1:2]
            while connection.recv(1 << 16) and time.monotonic() < until:
                pass
            return status[0].decode() if status else "closed"
    except TimeoutError:
        return "no answer in time"
    except OSError as error:
        return type(error).__name__


def drip(listening: socket.socket, what: bytes) -> None:
    """Answer whoever connects without an end."""

    def answer(connection: socket.socket) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
        with connection, suppress(OSError):
            connection.recv(65536)
            if what.startswith(b"HTTP"):
                head = b""
            else:
                head += b"Transfer-Encoding: chunked\r\n\r\n"
            connection.sendall(head)
            while True:
                connection.sendall(what * 500)

    while True:
        threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()


DRIPS = {
    "chunks of 1 byte": b"1\r\n \r\n",
    "interim responses": b"HTTP/1.1 100 Continue\r\n\r\n",
    "chunk extensions": b"1;" + b"x" * 15_000 + b"\r\n \r\n",
}


@contextmanager
def dripping() -> Iterator[dict[str, str]]:
    """Run endpoints that drip, and give their addresses by what they send."""
    processes, found = [], {}
    for name, what in DRIPS.items():
        listening = socket.create_server(("127.0.0.1", 0))
        process = multiprocessing.Process(target=drip, args=(listening, what), daemon=True)
        process.start()
        processes.append(process)
        found[name] = f"http://127.0.0.1:{listening.getsockname()[1]}/{len(found)}"
        listening.close()
    try:
        yield found
    finally:
        for process in processes:
            process.terminate()


@contextmanager
def serving(folder: Path, endpoints: list[str]) -> Iterator[int]:
    """Run the server, and give its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tzgraph", "serve", "--dir", str(folder), "--port", str(port)]
    environment = {
        **os.environ,
        "TZGRAPH_ACCESS_LOG": "0",
        "TZGRAPH_SLOW_QUERY": "0",
        "TZGRAPH_FEDERATION": " ".join(endpoints),
        "TZGRAPH_FEDERATION_PRIVATE": "1",
    }
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(1200):
                if process.poll() is not None:
                    raise SystemExit("the server does not start")
                if send(port, get("/healthz/ready"), time.monotonic() + 5) == "200":
                    break
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()


def run(port: int, attack: Attack, control: Connection, seconds: float) -> float:
    """Run an attack, print a line on it, and give the longest pause beside it."""
    requests = [attack.request(number) for number in range(attack.clients)]
    control.send("begin")
    control.recv()
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(attack.clients) as pool:
        statuses = Counter(pool.map(lambda request: send(port, request, until), requests))
    time.sleep(4 * EVERY)
    control.send("end")
    pause = float(control.recv())
    said = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    print(
        f"{attack.name:<36} {len(requests[0]):>10,} B {1000 * pause:>8.0f} ms  {said}", flush=True
    )
    return pause


def main() -> None:
    """Run the attacks and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dir", type=Path, help="a release folder, by default one that is built")
    parser.add_argument("--only", default="", help="only attacks with these words in their names")
    parser.add_argument("--seconds", type=float, default=15, help="seconds that an attack has")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, dripping() as endpoints:
        folder = given.dir or Path(scratch)
        if given.dir is None:
            build = [sys.executable, "-m", "tzgraph", "build", "--dir", scratch]
            subprocess.run(build, check=True, capture_output=True, cwd=ROOT)
        attacks = [
            *ATTACKS,
            *(
                Attack(
                    f"remote endpoint: {name}",
                    lambda _, url=url: page(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}"),
                )
                for name, url in endpoints.items()
            ),
        ]
        with serving(folder, list(endpoints.values())) as port:
            control, theirs = multiprocessing.Pipe()
            prober = multiprocessing.Process(target=probe, args=(port, theirs), daemon=True)
            prober.start()
            print(f"{'attack':<36} {'request':>12} {'pause':>11}  answers")
            pauses = [
                run(port, attack, control, given.seconds)
                for attack in attacks
                if given.only in attack.name
            ]
            prober.terminate()
    sys.exit(max(pauses, default=0) > MOST)


if __name__ == "__main__":
    main()
