"""An hour's worth of mixed load in five minutes, and what is left of it.

``python bench/mixed.py [--seconds 300]``. Readers ask library queries, things and aggregates;
clients send updates and replace graphs; others leave in the middle; workers, the keeper and the
writer are killed; builds with changed sources switch the release. In the end no acknowledged
update may be lost, also after SIGKILL of all processes and a restart, no read may have failed other
than by a named limit, and neither processes nor files nor memory may be left over. The process
ends with 1 if any of that is not so.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx

ROOT = Path(__file__).parents[1]
TOKEN = secrets.token_hex(8)
BEARER = {"Authorization": f"Bearer {TOKEN}"}
#: Codes of problems that a read may end with, as they name a limit.
LIMITS = frozenset({"busy", "deadline", "memory-limit", "result-too-large"})
AGGREGATES = (
    "SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER({n} = {n}) }}",
    "SELECT ?p (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER({n} = {n}) }} GROUP BY ?p ORDER BY ?p",
    "SELECT ?t (COUNT(?d) AS ?n) {{ ?d tz:targets ?t FILTER({n} = {n}) }} GROUP BY ?t",
)
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
MANY = "SELECT * { ?a ?b ?c . ?d ?e ?f }"


class Server:
    """``tzgraph serve`` in a process group of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._log = (directory / "mixed.log").open("a", encoding="utf-8")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "tzgraph", "serve", "--dir", str(directory)]
        environment = {**os.environ, "TZGRAPH_TOKEN": TOKEN, "TZGRAPH_ACCESS_LOG": "0"}
        self.process = subprocess.Popen(
            [*command, "--port", str(port)],
            stderr=self._log,
            env=environment,
            start_new_session=True,
        )
        self.url = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/healthz/ready").status_code == 200:
                    return
            time.sleep(0.05)
        raise SystemExit("the server does not start")

    def processes(self) -> dict[str, list[int]]:
        """Give the ids of its processes by what they are."""
        parents: dict[int, int] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError, ValueError, IndexError):
                text = stat.read_text()
                fields = text.rpartition(")")[2].split()
                if fields[0] != "Z":
                    parents[int(stat.parent.name)] = int(fields[1])
        found: dict[str, list[int]] = {"keeper": [], "worker": [], "writer": [], "other": []}
        for process, parent in parents.items():
            if parent == self.process.pid:
                found[kind_of(process)].append(process)
        keepers = set(found["keeper"])
        found["worker"] = [p for p, parent in parents.items() if parent in keepers]
        return found

    def leftovers(self) -> dict[str, float]:
        """Count what may leak."""
        kinds = self.processes()
        updates = self.directory / "updates"
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        memory = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return {
            "processes": 1 + sum(map(len, kinds.values())),
            "files": len(list(Path(f"/proc/{self.process.pid}/fd").iterdir())),
            "states": len(list(updates.glob("*/states/*"))),
            "releases": len(list((self.directory / "releases").iterdir())),
            "work": len(list(updates.glob("*/work/*"))),
            "MB": round(int(memory.split()[1]) / 1024, 1),
        }

    def kill(self) -> None:
        """End all its processes, with nothing to clean up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def kind_of(process: int) -> str:
    """Say what a child of the server is."""
    with suppress(OSError):
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        for kind in ("keeper", "writer"):
            if kind.encode() in command:
                return kind
    return "other"


class Load:
    """What goes on, and what came of it.

    :param server: where requests go
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.stopped = threading.Event()
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.killed = 0.0
        self.seconds: dict[str, list[float]] = {"read": [], "write": []}
        #: Objects by subject, as acknowledged; ``None`` where the last answer was an error.
        self.values: dict[str, str | None] = {}

    def fault(self, text: str) -> None:
        """Note what must not be."""
        self.faults.append(f"{time.strftime('%H:%M:%S')} {text}"[:400])

    def client(self) -> httpx.Client:
        """Give a client that may write."""
        return httpx.Client(base_url=self.server.url, headers=BEARER, timeout=90)

    def read(self, dice: random.Random, names: list[str], things: list[str]) -> None:
        """Ask until the end."""
        with self.client() as client:
            while not self.stopped.is_set():
                kind = dice.choice(("library", "thing", "aggregate"))
                if kind == "library":
                    path, said = f"/queries/{dice.choice(names)}", {"format": "json"}
                elif kind == "thing":
                    path, said = f"{urlsplit(dice.choice(things)).path}.ttl", {}
                    path = path.removeprefix("/tzgraph")
                else:
                    query = dice.choice(AGGREGATES).format(n=dice.randrange(10**6))
                    path, said = "/sparql", {"query": query}
                started = time.monotonic()
                try:
                    response = client.get(path, params=said)
                except httpx.RemoteProtocolError as error:
                    # A long result can't begin again when its worker is killed; it has to end so
                    # that nobody takes it for whole.
                    if "incomplete chunked read" in str(error) and self.killed > started - 1:
                        self.counts["read broken off by a kill"] += 1
                    else:
                        self.fault(f"read {path}: {error!r}")
                    continue
                except httpx.TransportError as error:
                    self.fault(f"read {path}: {error!r}")
                    continue
                self.seconds["read"].append(time.monotonic() - started)
                self.counts[f"read {kind}"] += 1
                if response.status_code != 200 and (code := code_of(response)) not in LIMITS:
                    self.fault(f"read {path}: {response.status_code} {code} {response.text}")
                elif response.status_code != 200:
                    self.counts[f"read ended by {code}"] += 1

    def update(self, dice: random.Random, number: int) -> None:
        """Insert, change and delete until the end, and look at once whether it is there."""
        count = 0
        with self.client() as client:
            while not self.stopped.is_set():
                count += 1
                about = dice.choice((count, max(count - dice.randrange(1, 20), 1)))
                subject = f"urn:mixed:{number}:{about}"
                value = f"{count}"
                pattern = f"GRAPH <urn:mixed:{number}> {{ <{subject}> <urn:is> "
                text = f"DELETE WHERE {{ {pattern} ?o }} }}"
                if dice.random() < 0.8:
                    text += f" ; INSERT DATA {{ {pattern} '{value}' }} }}"
                else:
                    value = ""
                if self.write(client, "POST", "/update", {"update": text}, subject, value):
                    ask = f"SELECT ?o {{ {pattern} ?o }} }}"
                    self.look(client, ask, subject, value)

    def store(self, dice: random.Random, number: int) -> None:
        """Put graphs until the end."""
        count = 0
        with self.client() as client:
            while not self.stopped.is_set():
                count += 1
                graph = f"urn:mixed:graph:{number}:{dice.randrange(5)}"
                url = f"/graphs?{urlencode({'graph': graph})}"
                data = f"<{graph}> <urn:is> '{count}' ." + " <urn:x> <urn:y> <urn:z> ." * 20
                if self.write(client, "PUT", url, data, graph, f"{count}"):
                    ask = f"SELECT ?o {{ GRAPH <{graph}> {{ <{graph}> <urn:is> ?o }} }}"
                    self.look(client, ask, graph, f"{count}")
                time.sleep(dice.random() / 5)

    def write(
        self,
        client: httpx.Client,
        method: str,
        url: str,
        data: str | dict[str, str],
        subject: str,
        value: str,
    ) -> bool:
        """Send a change; say whether it was acknowledged."""
        started = time.monotonic()
        self.values[subject] = None
        try:
            if isinstance(data, dict):
                response = client.request(method, url, data=data)
            else:
                headers = {"Content-Type": "text/turtle"}
                response = client.request(method, url, content=data, headers=headers)
        except httpx.TransportError as error:
            self.fault(f"write: {error!r}")
            return False
        if response.is_success:
            self.seconds["write"].append(time.monotonic() - started)
            self.values[subject] = value
            self.counts["writes"] += 1
            return True
        code = code_of(response)
        self.counts[f"write ended by {code}"] += 1
        # An update whose writer is killed three times over is given up, and leaves no trace.
        unlucky = code == "engine-failed" and self.killed > started - 1
        if response.status_code not in (503, 504) and not unlucky:
            self.fault(f"write: {response.status_code} {response.text}")
        return False

    def look(self, client: httpx.Client, ask: str, subject: str, value: str) -> None:
        """See whether what was acknowledged is there."""
        try:
            response = client.get("/sparql", params={"query": ask, "format": "csv"})
        except httpx.TransportError as error:
            self.fault(f"read after write: {error!r}")
            return
        if response.status_code != 200:
            if code_of(response) not in LIMITS:
                self.fault(f"read after write: {response.status_code} {response.text}")
            return
        if response.text.split()[1:] != value.split():
            self.fault(f"{subject} is {response.text.split()[1:]}, not {value!r}, after the answer")

    def leave(self, dice: random.Random) -> None:
        """Ask for what takes long, and leave."""
        host, port = urlsplit(self.server.url).hostname, urlsplit(self.server.url).port
        while not self.stopped.is_set():
            query = urlencode({"query": dice.choice((ENDLESS, MANY)), "format": "csv"})
            with suppress(OSError), socket.create_connection((host, port), timeout=5) as one:
                one.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                self.stopped.wait(dice.random() / 2)
                if dice.random() < 0.5:
                    one.settimeout(0.2)
                    one.recv(1000)
            self.counts["left"] += 1
            self.stopped.wait(dice.random())

    def murder(self, dice: random.Random) -> None:
        """Kill processes other than the server itself."""
        spared = 0.0
        while not self.stopped.wait(dice.uniform(0.5, 4)):
            kind = dice.choice(("worker", "worker", "keeper", "writer"))
            if kind == "keeper":
                # Three within 30 seconds, and the server takes it that it can't go on.
                if time.monotonic() < spared:
                    continue
                spared = time.monotonic() + 16
            victims = self.server.processes()[kind]
            if victims:
                with suppress(ProcessLookupError):
                    os.kill(dice.choice(victims), signal.SIGKILL)
                self.killed = time.monotonic()
                self.counts[f"killed {kind}"] += 1

    def build(self, sources: Path) -> None:
        """Build with other sources again and again."""
        drugs, number = sources / "drugs.tsv", 0
        first = drugs.read_text(encoding="utf-8")
        while not self.stopped.wait(15):
            number += 1
            drugs.write_text(
                first.replace("Humanised IgG1", f"Humanised IgG1 ({number})"), encoding="utf-8"
            )
            done = subprocess.run(
                build_command(self.server.directory, sources), capture_output=True, text=True
            )
            self.counts["builds"] += 1
            if done.returncode:
                self.fault(f"build: {done.returncode} {done.stderr[-300:]}")


def build_command(directory: Path, sources: Path) -> list[str]:
    """Give the command that builds."""
    command = [sys.executable, "-m", "tzgraph", "build", "--dir", str(directory)]
    return [*command, "--sources", str(sources)]


def code_of(response: httpx.Response) -> str:
    """Give the code of a problem document, empty if it is none."""
    with suppress(ValueError):
        return str(response.json().get("type", "")).rpartition("#")[2]
    return ""


def lost(load: Load, url: str) -> list[str]:
    """Give the acknowledged writes that are not there."""
    query = "SELECT ?s ?o { GRAPH ?g { ?s <urn:is> ?o } }"
    response = httpx.get(
        f"{url}/sparql", params={"query": query, "format": "json"}, timeout=60
    ).raise_for_status()
    found = {row["s"]["value"]: row["o"]["value"] for row in response.json()["results"]["bindings"]}
    return [
        f"{subject} is {found.get(subject)!r}, not {value!r}"
        for subject, value in load.values.items()
        if value is not None and found.get(subject, "") != value
    ]


def rate(load: Load, clients: int, seconds: float) -> float:
    """Measure small updates in a second."""
    until = time.monotonic() + seconds

    def work(number: int) -> int:
        count = 0
        with load.client() as client:
            while time.monotonic() < until:
                text = f"INSERT DATA {{ GRAPH <urn:rate> {{ <urn:{number}:{count}> <urn:x> 1 }} }}"
                client.post("/update", data={"update": text}).raise_for_status()
                count += 1
        return count

    with ThreadPoolExecutor(clients) as pool:
        return sum(pool.map(work, range(clients))) / seconds


def run(load: Load, sources: Path, seconds: float, seed: int) -> None:
    """Let everything go on for a while."""
    names = [q["name"] for q in httpx.get(f"{load.server.url}/queries").json()["queries"]]
    ask = "SELECT DISTINCT ?s { { ?s a/rdfs:subClassOf* tz:Drug } UNION { ?s a tz:Trial } }"
    listed = httpx.get(f"{load.server.url}/sparql", params={"query": ask, "format": "csv"})
    things = listed.text.split()[1:]

    def dice(number: int) -> random.Random:
        return random.Random(f"{seed} {number}")  # noqa: S311 - it should do the same again

    actors: list[Callable[[], None]] = [
        *(lambda n=n: load.read(dice(n), names, things) for n in range(3)),
        *(lambda n=n: load.update(dice(10 + n), n) for n in range(3)),
        *(lambda n=n: load.store(dice(20 + n), n) for n in range(2)),
        *(lambda n=n: load.leave(dice(30 + n)) for n in range(2)),
        lambda: load.murder(dice(40)),
        lambda: load.build(sources),
    ]
    with ThreadPoolExecutor(len(actors)) as pool:
        running = [pool.submit(actor) for actor in actors]
        time.sleep(seconds)
        load.stopped.set()
        for actor in running:
            actor.result(timeout=120)


def main() -> int:
    """Run, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="mixed-"))
    sources = directory / "sources"
    shutil.copytree(ROOT / "sources", sources)
    subprocess.run(build_command(directory / "build", sources), check=True, capture_output=True)
    server = Server(directory / "build")
    load = Load(server)
    rates = {f"{clients} clients": round(rate(load, clients, 5), 1) for clients in (1, 8)}
    time.sleep(5)
    before = server.leftovers()
    run(load, sources, options.seconds, options.seed)
    time.sleep(10)
    if server.process.poll() is not None:
        raise SystemExit(f"the server has ended; see {server.directory / 'mixed.log'}")
    after = server.leftovers()
    missing = lost(load, server.url)
    server.kill()
    again = Server(server.directory)
    missing_again = lost(load, again.url)
    again.kill()
    for key, limit in (("processes", 1), ("files", 3), ("states", 4), ("work", 1), ("MB", 150)):
        if after[key] > before[key] + limit:
            load.fault(f"{key}: {before[key]} before, {after[key]} after")
    result = {
        "updates a second": rates,
        "counts": dict(sorted(load.counts.items())),
        "median ms": {k: round(statistics.median(v) * 1000, 1) for k, v in load.seconds.items()},
        "longest s": {k: round(max(v), 2) for k, v in load.seconds.items()},
        "before": before,
        "after": after,
        "acknowledged": sum(value is not None for value in load.values.values()),
        "lost": missing[:10],
        "lost after SIGKILL": missing_again[:10],
        "faults": len(load.faults),
    }
    print(json.dumps(result, indent=2))
    print(*load.faults[:40], sep="\n")
    failed = bool(load.faults or missing or missing_again)
    if failed:
        print(f"The server's log is {server.directory / 'mixed.log'}.")
    else:
        shutil.rmtree(directory)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
