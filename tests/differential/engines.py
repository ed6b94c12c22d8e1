"""The engines that answer: tzgraph as its users have it, rdflib, and Jena ARQ."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyoxigraph as ox
import rdflib
import rdflib.plugins.sparql
from rdflib.plugins.sparql import prepareQuery

from tests.differential.answers import Answer, from_json, from_turtle
from tests.differential.corpus import BASE
from tests.maven import need_maven, run_maven
from tzgraph.errors import TzgraphError
from tzgraph.query.formats import format_named
from tzgraph.query.run import run, serialize

__all__ = ["arq", "by_rdflib", "by_tzgraph", "plain_rdflib", "store_of"]

_POM = Path(__file__).parent / "java" / "pom.xml"
#: Seconds that ARQ has for a query.
_SECONDS = 10


def store_of(trig: str) -> ox.Store:
    """Give a store with the data of a case."""
    store = ox.Store()
    store.load(trig.encode(), format=ox.RdfFormat.TRIG, base_iri=BASE)
    return store


def by_tzgraph(store: ox.Store, query: str) -> Answer:
    """Ask tzgraph, and read what it writes down."""
    output = io.BytesIO()
    try:
        result = run(store, query, base=BASE)
        graph = isinstance(result, ox.QueryTriples)
        serialize(result, format_named("ntriples" if graph else "json"), output)
    except TzgraphError as error:
        return Answer("error", reason=str(error))
    if graph:
        return from_turtle(output.getvalue().decode())
    return from_json(json.loads(output.getvalue()))


@contextmanager
def plain_rdflib() -> Iterator[None]:
    """Let rdflib keep literals as they are written, load nothing from elsewhere, and be quiet."""
    before = rdflib.NORMALIZE_LITERALS, rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS
    rdflib.NORMALIZE_LITERALS = rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = False
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        rdflib.NORMALIZE_LITERALS, rdflib.plugins.sparql.SPARQL_LOAD_GRAPHS = before


def by_rdflib(trig: str, query: str) -> Answer:
    """Ask rdflib, within :func:`plain_rdflib`."""
    dataset = rdflib.Dataset(default_union=False)
    dataset.parse(data=trig, format="trig", publicID=BASE)
    try:
        result = dataset.query(prepareQuery(query, base=BASE))
        if result.graph is not None:
            return from_turtle(result.graph.serialize(format="nt"))
        written = result.serialize(format="json")
    except Exception as error:  # rdflib raises what it happens to
        return Answer("error", reason=f"{type(error).__name__}: {error}")
    return from_json(json.loads(written or b"{}"))


def arq(asked: Iterable[tuple[str, str, str]], optimise: bool = True) -> dict[str, Answer]:
    """Ask Jena ARQ many queries in one process.

    :param asked: an id, TriG and a query each
    :param optimise: whether it may reorder, as it does for its users
    :return: the answers by id
    :raises MavenMissingError: if that can't be done here
    """
    need_maven()
    data: dict[str, str] = {}
    queries: list[dict[str, str]] = []
    for name, trig, query in asked:
        place = data.setdefault(trig, str(len(data)))
        queries.append({"id": name, "data": place, "query": query})
    work = {
        "base": BASE,
        "seconds": _SECONDS,
        "optimise": optimise,
        "data": {place: trig for trig, place in data.items()},
        "queries": queries,
    }
    with TemporaryDirectory() as folder:
        asking, answers = Path(folder, "queries.json"), Path(folder, "answers.jsonl")
        asking.write_text(json.dumps(work), encoding="utf-8")
        goals = ("compile", "exec:java", f"-Dexec.args={asking} {answers}")
        run_maven(_POM, f"-Dout={folder}/target", *goals, memory="-Xss64m -Xmx2g")
        lines = answers.read_text(encoding="utf-8").splitlines()
    read = (json.loads(line) for line in lines)
    return {document["id"]: _arq_answer(document) for document in read}


def _arq_answer(document: Mapping[str, Any]) -> Answer:
    if "error" in document:
        return Answer("error", reason=document["error"])
    if "graph" in document:
        return from_turtle(document["graph"])
    return from_json(document["results"])
