"""Time SHACL by SPARQL against pySHACL on generated trials: ``python bench/shacl.py [ROWS...]``.

Tables in the real format (trials, arms, results, comparisons) go through the reader and are bulk
loaded beside the shipped sources; then each engine checks the same store in a process of its own,
so that its peak of memory is its own. pySHACL is left out above ``--reference`` rows. One row in
about a thousand breaks a shape, and the engines' results are compared.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from tzgraph.ontology_graph import load_ontology
from tzgraph.read import read_sources
from tzgraph.resources import shipped
from tzgraph.schema import load_schema
from tzgraph.vocabulary import Graphs

HEADERS = {
    "trials": "tz:Trial rdfs:label tz:nctId tz:phase tz:studiesCondition tz:lineOfTherapy "
    "tz:enrolment tz:primaryEndpoint tz:primaryEndpointMet tz:trialStatus tz:reportedIn source "
    "tz:checkStatus",
    "populations": "tz:Population rdfs:label tz:populationOf tz:participants source tz:checkStatus",
    "arms": "tz:TrialArm rdfs:label ^tz:hasArm tz:regimen tz:participants source tz:checkStatus",
    "results": "tz:OutcomeResult rdfs:label ^tz:hasResult tz:endpoint tz:population tz:value "
    "tz:unit tz:ciLower tz:ciUpper tz:reportedIn source tz:checkStatus",
    "comparisons": "tz:Comparison rdfs:label tz:comparesArm tz:referenceArm tz:endpoint "
    "tz:population tz:hazardRatio tz:ciLower tz:ciUpper tz:pValue tz:reportedIn source "
    "tz:checkStatus",
}
#: Rows of a trial: itself, its population, two arms, two results of each arm, one comparison.
ROWS_OF_TRIAL = 9


def main() -> None:
    """Run the benchmark, or one measurement of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--reference", type=int, default=100_000, help="rows up to which pySHACL")
    parser.add_argument("--measure", nargs=2, metavar=("ENGINE", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure[0], Path(arguments.measure[1]))
        return
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory(prefix="tzgraph-bench-") as folder:
            compare(Path(folder), rows, with_reference=rows <= arguments.reference)


def compare(folder: Path, rows: int, *, with_reference: bool) -> None:
    """Print the figures of one size."""
    said = prepare(folder, rows)
    print(f"\n{rows:,} rows: {said}", flush=True)
    engines = ["sparql", "sparql-disk", *(["pyshacl"] if with_reference else [])]
    found = {}
    for engine in engines:
        command = [sys.executable, __file__, "--measure", engine, str(folder)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found[engine] = json.loads(output.splitlines()[-1])
        shown = found[engine]
        print(
            f"  {engine:12} {shown['seconds']:8.2f} s  peak {shown['peak']:7,.0f} MB "
            f"(before {shown['before']:,.0f})  {shown['results']} results",
            flush=True,
        )
    if with_reference:
        same = {figures["digest"] for figures in found.values()}
        for engine in engines[:-1]:
            ratio = found["pyshacl"]["seconds"] / found[engine]["seconds"]
            print(f"  pyshacl / {engine}: {ratio:.1f}; same results: {len(same) == 1}", flush=True)


def prepare(folder: Path, rows: int) -> str:
    """Write tables, read them and load a store on disk, as a build does."""
    sources = folder / "sources"
    shutil.copytree(shipped("sources"), sources)
    for name, header in HEADERS.items():
        with (sources / f"bench-{name}.tsv").open("w", encoding="utf-8", newline="\n") as out:
            out.write(header.replace(" ", "\t") + "\n")
            for trial in range(rows // ROWS_OF_TRIAL):
                for cells in globals()[f"{name}_of"](trial):
                    out.write("\t".join(cells) + "\n")
    ontology = load_ontology(shipped("ontology"))
    started = time.perf_counter()
    result = read_sources(sources, load_schema(shipped("ontology"), ontology), folder / "data.nq")
    for finding in result.findings[:5]:
        print(finding, file=sys.stderr)
    read = time.perf_counter() - started
    started = time.perf_counter()
    store = ox.Store(str(folder / "store"))
    store.bulk_load(path=str(folder / "data.nq"), format=ox.RdfFormat.N_QUADS)
    graph = ox.NamedNode(Graphs.ONTOLOGY)
    store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in ontology)
    store.flush()
    load = time.perf_counter() - started
    (folder / "data.nq").unlink()
    names = [Graphs.METADATA, *(info.graph for info in result.sources.values())]
    (folder / "graphs.json").write_text(json.dumps(names), encoding="utf-8")
    own = ox.NamedNode(Graphs.PROVENANCE)
    places = sum(1 for _ in store.quads_for_pattern(None, None, None, own)) if rows < 200_000 else 0
    triples = (
        f"{len(store) - places:,} quads without places"
        if places
        else f"{len(store):,} quads in all"
    )
    return f"{triples}, read in {read:.1f} s, loaded in {load:.1f} s"


def trials_of(number: int) -> Iterator[list[str]]:
    """Give the row of a trial; one in 200 has a malformed registry number."""
    nct = f"NCT{number % 100_000_000:08d}" if number % 200 else "NCT1"
    yield [
        *(f"bench-{number}", f"Trial {number}", nct, "3", "her2-positive-agc", "FirstLine"),
        *(str(100 + number % 900), "OverallSurvival", "true", "completed"),
        *("bang-2010", "curation", "Seen"),
    ]


def populations_of(number: int) -> Iterator[list[str]]:
    """Give the row of the population of a trial."""
    trial = f"bench-{number}"
    yield [f"{trial}-all", f"All patients of trial {number}", trial, "200", "curation", "Seen"]


def arms_of(number: int) -> Iterator[list[str]]:
    """Give the rows of the arms of a trial."""
    for arm, regimen in (("a", "trastuzumab-cisplatin-fluoropyrimidine"),
                         ("b", "cisplatin-fluoropyrimidine")):  # fmt: skip
        trial = f"bench-{number}"
        name = f"Trial {number}, arm {arm}"
        yield [f"{trial}-{arm}", name, f"tztrial:{trial}", regimen, "100", "curation", "Seen"]


def results_of(number: int) -> Iterator[list[str]]:
    """Give the rows of the results of a trial; of one trial in 300 a value outside its interval."""
    for arm in "ab":
        for endpoint in ("OverallSurvival", "ProgressionFreeSurvival"):
            value = 10 + number % 90 / 10
            lower = value + 1 if number % 300 == 7 and arm == "a" else value - 2
            slug = f"bench-{number}-{arm}-{endpoint.lower()}"
            yield [
                *(slug, f"Result {slug}", f"tzarm:bench-{number}-{arm}", endpoint),
                *(f"bench-{number}-all", f"{value:.1f}", "Month", f"{lower:.1f}"),
                *(f"{value + 2:.1f}", "bang-2010", "bang-2010", "Seen"),
            ]


def comparisons_of(number: int) -> Iterator[list[str]]:
    """Give the row of the comparison of a trial."""
    ratio = 0.5 + number % 40 / 100
    trial = f"bench-{number}"
    yield [
        *(f"{trial}-os", f"Comparison of trial {number}", f"{trial}-a", f"{trial}-b"),
        *("OverallSurvival", f"{trial}-all", f"{ratio:.2f}", f"{ratio - 0.1:.2f}"),
        *(f"{ratio + 0.1:.2f}", "0.01", "bang-2010", "bang-2010", "Seen"),
    ]


def measure(engine: str, folder: Path) -> None:
    """Check the store of a folder with one engine and print the figures as JSON."""
    from tzgraph.interop import rdflib_graph
    from tzgraph.validate import check_graph, load_shapes
    from tzgraph.validate.sparql import check_store
    from tzgraph.validate.sparql.graph import asserted_triples

    store = ox.Store.read_only(str(folder / "store"))
    graphs = json.loads((folder / "graphs.json").read_text(encoding="utf-8"))
    shapes = load_shapes(shipped("shapes"))
    before = _peak()
    started = time.perf_counter()
    if engine == "pyshacl":
        ontology = store.quads_for_pattern(None, None, None, ox.NamedNode(Graphs.ONTOLOGY))
        data = rdflib_graph(asserted_triples(store, graphs))
        report = check_graph(data, shapes, rdflib_graph(ontology))
    else:
        limit = 10**12 if engine == "sparql" else 0
        report = check_store(store, graphs, shapes, Graphs.ONTOLOGY, in_memory=limit, folder=folder)
    seconds = time.perf_counter() - started
    lines = sorted(repr((*r.sort_key, r.severity)) for r in report.results)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    figures = {"seconds": seconds, "peak": _peak(), "before": before, "digest": digest}
    print(json.dumps(figures | {"results": len(report.results)}))


def _peak() -> float:
    """Give the most memory that this process has held, in MB (Linux only).

    ``ru_maxrss`` would count what the parent held when it made the process.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
