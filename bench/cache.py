"""Time repeated identical queries beside a constant answer of the same size and headers.

``python bench/cache.py``. Three servers, each uvicorn with httptools and uvloop as in
`tzgraph serve`: this one with the cache on, one with it off, and a bare ASGI function that sends
the same bytes. One connection asks each of them in turn, a slice of time each, so that other work
on the machine meets all alike.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from urllib.parse import urlencode

SLICE, ROUNDS = 0.5, 9
#: Rows to ask for, by the size of the result that they make.
SIZES = {"1 row": 1, "10 rows": 10, "100 rows": 100, "10,000 rows": 10_000}
QUERY = "SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} ORDER BY ?s ?p ?o LIMIT {rows}"
CONSTANT = """
import sys, uvicorn
ANSWERS = {}
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["method"] == "POST":
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        head, _, rest = body.partition(b"\\r\\n\\r\\n")
        headers = [tuple(line.split(b": ", 1)) for line in head.split(b"\\r\\n")[1:]]
        headers = [h for h in headers if h[0].lower() not in (b"date", b"server")]
        ANSWERS[scope["path"]] = headers, rest
        headers, body = [(b"content-length", b"0")], b""
    else:
        headers, body = ANSWERS[scope["path"]]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(app, port=int(sys.argv[1]), http="httptools", loop="uvloop", log_level="error",
            access_log=False, server_header=False, ws="none", lifespan="off")
"""


class Connection:
    """One connection that is kept open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))

    def ask(self, request: bytes) -> bytes:
        """Send a request and give the whole answer, which has to say its length or be chunked."""
        self._socket.sendall(request)
        data = self._socket.recv(1 << 20)
        head = data.partition(b"\r\n\r\n")[0]
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        parts, size = [data], len(data)
        wanted = len(head) + 4 + int(length or 0)
        while size < wanted if length else not parts[-1].endswith(b"0\r\n\r\n"):
            parts.append(self._socket.recv(1 << 20))
            size += len(parts[-1])
        return b"".join(parts)


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(path: str) -> bytes:
    """Give a GET request."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n".encode()


def rate(connection: Connection, request: bytes) -> float:
    """Give requests per second over a slice of time."""
    count, started = 0, time.perf_counter()
    while (passed := time.perf_counter() - started) < SLICE:
        connection.ask(request)
        count += 1
    return count / passed


def connected(port: int) -> Connection:
    """Wait until somebody listens on a port."""
    for _ in range(600):
        try:
            return Connection(port)
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(port)


def main() -> None:
    """Run the servers and print a line for each size."""
    ports = {name: free_port() for name in ("cache", "no cache", "constant")}
    serve = [sys.executable, "-m", "tzgraph", "serve", "--port"]
    with tempfile.TemporaryDirectory() as folder:
        quiet = {**os.environ, "TZGRAPH_DIR": folder, "TZGRAPH_ACCESS_LOG": "0"}
        quiet |= {"TZGRAPH_CACHE_BYTES": "0"}
        cached = {**os.environ, "TZGRAPH_DIR": folder}
        build = [sys.executable, "-m", "tzgraph", "build", "--dir", folder]
        subprocess.run(build, check=True, capture_output=True)
        null = subprocess.DEVNULL
        processes = [
            subprocess.Popen([*serve, str(ports["cache"])], env=cached, stderr=null),
            subprocess.Popen([*serve, str(ports["no cache"])], env=quiet, stderr=null),
            subprocess.Popen([sys.executable, "-c", CONSTANT, str(ports["constant"])]),
        ]
        try:
            measure({name: connected(port) for name, port in ports.items()})
        finally:
            for process in processes:
                process.send_signal(signal.SIGINT)
            for process in processes:
                process.wait()


def measure(servers: dict[str, Connection]) -> None:
    """Print the rates for each size."""
    print(f"{'':<12} {'bytes':>9} " + " ".join(f"{name:>9}" for name in servers), "  share")
    for number, (title, rows) in enumerate(SIZES.items()):
        asked = get("/sparql?" + urlencode({"query": QUERY.format(rows=rows)}))
        for name in ("cache", "no cache"):
            servers[name].ask(asked)
        answer = servers["cache"].ask(asked)
        post = (
            f"POST /{number} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(answer)}\r\n\r\n"
        )
        servers["constant"].ask(post.encode() + answer)
        requests = {"cache": asked, "no cache": asked, "constant": get(f"/{number}")}
        rates: dict[str, list[float]] = {name: [] for name in servers}
        for _ in range(ROUNDS):
            for name, server in servers.items():
                rates[name].append(rate(server, requests[name]))
        shares = [a / b for a, b in zip(rates["cache"], rates["constant"], strict=True)]
        middle = " ".join(f"{statistics.median(rates[name]):9.0f}" for name in servers)
        size = len(answer.partition(b"\r\n\r\n")[2])
        print(f"{title:<12} {size:>9} {middle}   {statistics.median(shares):.0%}")


if __name__ == "__main__":
    main()
