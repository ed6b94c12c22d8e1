"""The SPARQL servers that ``bench/service.py`` compares: how each is loaded and started."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = [
    "PREFIXES",
    "System",
    "bare",
    "free_port",
    "rdflib_endpoint",
    "stop",
    "tzgraph",
    "virtuoso",
]

PREFIXES = {
    "": "http://example.org/big/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
#: Seconds that a system may take to load and listen.
PATIENCE = 900

BARE = """
import sys
from urllib.parse import parse_qs
import pyoxigraph as ox, uvicorn
store = ox.Store()
store.bulk_load(path=sys.argv[1], format=ox.RdfFormat.N_TRIPLES)
JSON, TURTLE = b"application/sparql-results+json", b"text/turtle"

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    result = store.query(parse_qs(scope["query_string"].decode())["query"][0])
    if isinstance(result, ox.QueryTriples):
        kind, body = TURTLE, ox.serialize(result, format=ox.RdfFormat.TURTLE)
    else:
        kind, body = JSON, result.serialize(format=ox.QueryResultsFormat.JSON)
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})

uvicorn.run(app, port=int(sys.argv[2]), http=sys.argv[3], loop=sys.argv[4], log_level="error",
            access_log=False, server_header=False, ws="none", lifespan="off")
"""
RDFLIB = """
import sys
import uvicorn
from rdflib import Graph
from rdflib_endpoint import SparqlEndpoint
graph = Graph()
graph.parse(sys.argv[1], format="nt")
app = SparqlEndpoint(graph=graph, path="/sparql", enable_update=False)
uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False)
"""


@dataclass
class System:
    """A server that runs.

    :ivar loaded: seconds from its start to its first answer, loading included
    """

    name: str
    port: int
    process: subprocess.Popen[bytes] = field(repr=False)
    loaded: float = 0.0


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(
    name: str, port: int, command: list[str], environment: Mapping[str, str] | None = None
) -> System:
    """Start a server and wait until it listens.

    :raises RuntimeError: if it ends or takes too long
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    system = System(name, port, process)
    while time.perf_counter() - began < PATIENCE and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            system.loaded = time.perf_counter() - began
            return system
    stop(system)
    raise RuntimeError(f"{name} did not start")


def stop(system: System) -> None:
    """End a server and all processes that it started."""
    if system.process.poll() is None:
        os.killpg(system.process.pid, signal.SIGTERM)
        try:
            system.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(system.process.pid, signal.SIGKILL)
            system.process.wait()


def tzgraph(data: Path, folder: Path, *, on_disk: bool, name: str) -> System:
    """Start this server on a release made of the data, cache and logs off.

    :param on_disk: have it read the store on disk, as it does with graphs over its budget
    """
    root = folder / "release"
    if not root.exists():
        _release(data, root)
    port = free_port()
    settings = {
        "TZGRAPH_CACHE_BYTES": "0",
        "TZGRAPH_ACCESS_LOG": "0",
        "TZGRAPH_SLOW_QUERY": "0",
        "TZGRAPH_QUERY_TIMEOUT": "120",
        "TZGRAPH_MEMORY_BUDGET": "1" if on_disk else "100000",
    }
    command = [sys.executable, "-m", "tzgraph", "serve", "--dir", str(root), "--port", str(port)]
    return start(name, port, command, settings)


def _release(data: Path, root: Path) -> None:
    import pyoxigraph as ox

    from tzgraph.curies import Curies
    from tzgraph.names.index import NAMES, name_lines
    from tzgraph.release import Manifest
    from tzgraph.release.canonical import write_sorted
    from tzgraph.release.integrity import Expected, seal
    from tzgraph.release.reader import RULES

    folder = root / "releases" / "new"
    folder.mkdir(parents=True)
    shutil.copy(data, folder / "graph.nq")
    store = ox.Store(str(folder / "store"))
    store.bulk_load(path=str(data), format=ox.RdfFormat.N_QUADS)
    store.optimize()
    store.flush()
    count = len(store)
    del store
    seal(folder / "store")
    (folder / RULES).write_text("[]", encoding="utf-8")
    write_sorted(name_lines(ox.Store.read_only(str(folder / "store")), Curies()), folder / NAMES)
    files = {name: Expected.of(folder / name) for name in ("graph.nq", NAMES, RULES)}
    manifest = Manifest.named(
        version="0",
        ontology_version="2026-01-01",
        engine="Oxigraph",
        triples=count,
        quads=count,
        graphs={},
        classes={},
        prefixes=PREFIXES,
        kinds={},
        files={name: file.sha256 for name, file in files.items()},
        sizes={name: file.size for name, file in files.items()},
    )
    manifest.write(folder)
    folder.rename(folder.with_name(manifest.id))
    (root / "current").write_text(manifest.id, encoding="ascii")


def bare(data: Path, http: str, loop: str) -> System:
    """Start an ASGI function around pyoxigraph that does nothing but evaluate.

    :param http: the parser that uvicorn uses
    :param loop: the event loop that it uses
    """
    port = free_port()
    command = [sys.executable, "-c", BARE, str(data), str(port), http, loop]
    return start("bare pyoxigraph", port, command)


def rdflib_endpoint(data: Path, folder: Path, python: Path | None) -> System:
    """Start rdflib-endpoint.

    :param python: of a virtual environment that has it; one is made if there is none
    """
    if python is None:
        venv = folder / "rdflib"
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        python = venv / "bin" / "python"
        install = [str(python), "-m", "pip", "install", "--quiet", "rdflib-endpoint", "uvicorn"]
        subprocess.run(install, check=True)
    port = free_port()
    return start("rdflib-endpoint", port, [str(python), "-c", RDFLIB, str(data), str(port)])


def virtuoso(data: Path, folder: Path, program: Path, buffers: int) -> System:
    """Start Virtuoso on a database of its own, and load the data with its bulk loader.

    :param program: ``virtuoso-t``; its ``isql-vt`` or ``isql`` has to be beside it
    :param buffers: pages of 8 kB that it keeps in memory
    """
    began = time.perf_counter()
    home = folder / "virtuoso"
    home.mkdir()
    (home / "data").mkdir()
    shutil.copy(data, home / "data" / "big.nt")
    sql_port, port = free_port(), free_port()
    (home / "virtuoso.ini").write_text(
        textwrap.dedent(f"""\
            [Database]
            DatabaseFile = {home}/virtuoso.db
            ErrorLogFile = {home}/virtuoso.log
            LockFile = {home}/virtuoso.lck
            TransactionFile = {home}/virtuoso.trx
            xa_persistent_file = {home}/virtuoso.pxa
            FileExtend = 200
            [TempDatabase]
            DatabaseFile = {home}/temp.db
            TransactionFile = {home}/temp.trx
            [Parameters]
            ServerPort = {sql_port}
            DisableUnixSocket = 1
            ServerThreads = 20
            CheckpointInterval = 0
            NumberOfBuffers = {buffers}
            MaxDirtyBuffers = {buffers * 3 // 4}
            MaxQueryMem = 2G
            DirsAllowed = {home}/data
            DefaultHost = localhost:{port}
            [HTTPServer]
            ServerPort = {port}
            ServerRoot = {home}
            ServerThreads = 16
            [SPARQL]
            ResultSetMaxRows = 10000000
            MaxQueryCostEstimationTime = 100000
            MaxQueryExecutionTime = 120
            """),
        encoding="ascii",
    )
    command = [str(program), "+foreground", "+configfile", str(home / "virtuoso.ini")]
    system = start("Virtuoso 7", port, command)
    isql = next(path for name in ("isql-vt", "isql") if (path := program.with_name(name)).exists())
    load = (
        f"ld_dir('{home}/data', 'big.nt', 'http://example.org/');"
        "rdf_loader_run(); checkpoint;"
        'GRANT EXECUTE ON DB.DBA.SPARQL_INSERT_DICT_CONTENT TO "SPARQL";'
    )
    login = [str(isql), f"localhost:{sql_port}", "dba", "dba", "ERRORS=STDOUT"]
    done = subprocess.run([*login, f"exec={load}"], capture_output=True, text=True, check=False)
    if done.returncode:
        stop(system)
        raise RuntimeError(f"Virtuoso could not load: {done.stdout[-500:]}{done.stderr[-500:]}")
    system.loaded = time.perf_counter() - began
    return system
