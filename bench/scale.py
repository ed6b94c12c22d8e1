"""Measure a build from end to end as its tables grow: ``python bench/scale.py [ROWS...]``.

One table of ROWS results (arm, endpoint, population, value, unit, interval) stands beside small
ones and the shipped sources. Each stage of a build runs in a process of its own, with the build's
own code, so that its peak of memory is its own. ``bulk_load`` alone of the same triples, and of the
same file, is timed beside it. ``--json FILE`` keeps the figures; ``bench/plot.py`` draws them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from math import log
from pathlib import Path

import pyoxigraph as ox

from tzgraph.ontology_graph import load_ontology
from tzgraph.read import SourceInfo, read_sources
from tzgraph.release.build import BuildOptions, _Build
from tzgraph.release.layout import ReleaseLayout
from tzgraph.resources import shipped
from tzgraph.schema import load_schema

#: Results for each trial; a trial has two arms, two populations and four endpoints.
RESULTS_OF_TRIAL = 800
ENDPOINTS = (
    "OverallSurvival",
    "ProgressionFreeSurvival",
    "DurationOfResponse",
    "ObjectiveResponseRate",
)
HEADERS = {
    "trials": "tz:Trial rdfs:label tz:nctId tz:phase tz:studiesCondition tz:lineOfTherapy "
    "tz:enrolment tz:primaryEndpoint tz:primaryEndpointMet tz:trialStatus tz:reportedIn source "
    "tz:checkStatus",
    "populations": "tz:Population rdfs:label tz:populationOf tz:participants source tz:checkStatus",
    "arms": "tz:TrialArm rdfs:label ^tz:hasArm tz:regimen tz:participants source tz:checkStatus",
    "results": "tz:OutcomeResult rdfs:label ^tz:hasResult tz:endpoint tz:population "
    "tz:dataCutoff tz:value tz:unit tz:ciLower tz:ciUpper tz:reportedIn source tz:checkStatus",
}
#: What a build does, in order.
STAGES = ("read", "load", "reason", "validate", "publish")
#: What is measured beside it.
OTHERS = ("plain triples", "plain file")


def main() -> None:
    """Run the benchmark, or one stage of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--json", type=Path, help="where to keep the figures")
    parser.add_argument("--only", nargs="+", choices=[*STAGES, *OTHERS], help="leave out others")
    parser.add_argument("--folder", type=Path, help="where to work; needs 20 GB for a million rows")
    parser.add_argument("--stage", nargs=2, metavar=("NAME", "FOLDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.stage:
        name, folder = arguments.stage
        run_stage(name, Path(folder))
        return
    figures: dict[int, dict[str, dict[str, float]]] = {}
    for rows in arguments.rows:
        with tempfile.TemporaryDirectory(prefix="tzgraph-scale-", dir=arguments.folder) as folder:
            figures[rows] = measure(Path(folder), rows, arguments.only or [*STAGES, *OTHERS])
        if arguments.json:
            arguments.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    growth(figures)


def measure(folder: Path, rows: int, wanted: list[str]) -> dict[str, dict[str, float]]:
    """Print and give the figures of one size: by stage, seconds and peak of memory in MB."""
    generate(folder / "sources", rows)
    size = sum(path.stat().st_size for path in (folder / "sources").iterdir())
    print(f"\n{rows:,} rows, {size / 1e6:,.0f} MB of tables", flush=True)
    found: dict[str, dict[str, float]] = {}
    order = ["read", "plain triples", "plain file", "load", "reason", "validate", "publish"]
    for name in [name for name in order if name in wanted]:
        command = [sys.executable, __file__, "--stage", name, str(folder)]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        shown = found[name] = json.loads(output.splitlines()[-1])
        print(
            f"  {name:14} {shown['seconds']:8.2f} s (CPU {shown['cpu']:7.2f})  "
            f"peak {shown['peak']:7,.0f} MB  {shown['count']:>12,.0f} {shown['of']}",
            flush=True,
        )
        shown.pop("of")
    if {"read", "load", "plain triples", "plain file"} <= set(found):
        own = found["read"]["seconds"] + found["load"]["seconds"]
        for name in OTHERS:
            print(f"  {name} / (read + load): {found[name]['seconds'] / own:.2f}", flush=True)
    total = sum(found[name]["seconds"] for name in STAGES if name in found)
    print(f"  build          {total:8.2f} s", flush=True)
    return found


def growth(figures: dict[int, dict[str, dict[str, float]]]) -> None:
    """Print the exponent of growth between sizes: 1 is linear."""
    for (small, before), (large, after) in pairwise(sorted(figures.items())):
        shown = [
            f"{name} {log(after[name]['seconds'] / before[name]['seconds'], large / small):.2f}"
            for name in [*STAGES, *OTHERS]
            if name in before and name in after
        ]
        print(f"\nexponent from {small:,} to {large:,} rows: {', '.join(shown)}")


# -- the tables ----------------------------------------------------------------------------------


def generate(sources: Path, rows: int) -> None:
    """Write the tables beside the shipped ones."""
    shutil.copytree(shipped("sources"), sources)
    trials = max(1, rows // RESULTS_OF_TRIAL)
    for name, lines in {
        "trials": (line for number in range(trials) for line in trials_of(number)),
        "populations": (line for number in range(trials) for line in populations_of(number)),
        "arms": (line for number in range(trials) for line in arms_of(number)),
        "results": (result(number, trials) for number in range(rows)),
    }.items():
        with (sources / f"bench-{name}.tsv").open("w", encoding="utf-8", newline="\n") as out:
            out.write(HEADERS[name].replace(" ", "\t") + "\n")
            out.writelines("\t".join(line) + "\n" for line in lines)


def trials_of(number: int) -> Iterator[tuple[str, ...]]:
    """Give the row of a trial."""
    yield (
        *(f"bench-{number}", f"Trial {number}", f"NCT{number:08d}", "3", "her2-positive-agc"),
        *("FirstLine", str(100 + number % 900), "OverallSurvival", "true", "completed"),
        *("bang-2010", "curation", "Seen"),
    )


def populations_of(number: int) -> Iterator[tuple[str, ...]]:
    """Give the rows of the populations of a trial."""
    for kind, size in (("all", "200"), ("ihc3", "120")):
        label = f"Trial {number}: {kind}"
        yield (f"bench-{number}-{kind}", label, f"bench-{number}", size, "curation", "Seen")


def arms_of(number: int) -> Iterator[tuple[str, ...]]:
    """Give the rows of the arms of a trial."""
    for arm, regimen in (("a", "trastuzumab-cisplatin-fluoropyrimidine"),
                         ("b", "cisplatin-fluoropyrimidine")):  # fmt: skip
        label = f"Trial {number}, arm {arm}"
        yield (
            *(f"bench-{number}-{arm}", label, f"tztrial:bench-{number}", regimen, "100"),
            *("curation", "Seen"),
        )


def result(number: int, trials: int) -> tuple[str, ...]:
    """Give a row of results; neighbours belong to other trials, as in a table sorted otherwise."""
    trial = f"bench-{number * 7919 % trials}"
    arm, endpoint = "ab"[number % 2], ENDPOINTS[number // 2 % 4]
    population = ("all", "ihc3")[number // 8 % 2]
    tenths = 60 + number * 31 % 240
    percent = endpoint == "ObjectiveResponseRate"
    return (
        *(f"bench-{number}", f"Trial {trial}, arm {arm}: {endpoint}, analysis {number}"),
        *(f"tzarm:{trial}-{arm}", endpoint, f"{trial}-{population}"),
        f"20{10 + number % 15}-0{1 + number % 9}-1{number % 10}",
        *(f"{tenths / 10}", "Percent" if percent else "Month"),
        *(f"{(tenths - 17) / 10}", f"{(tenths + 23) / 10}", "bang-2010", "bang-2010", "Seen"),
    )


# -- the stages ----------------------------------------------------------------------------------


def run_stage(name: str, folder: Path) -> None:
    """Run one stage on what those before left, and print its figures as JSON."""
    count, what = {
        "read": read,
        "plain triples": plain_triples,
        "plain file": plain_file,
        "load": load,
        "reason": reason,
        "validate": validate,
        "publish": publish,
    }[name](folder)
    print(json.dumps({**_clock(), "peak": _peak(), "count": count, "of": what}))


_started = [0.0, 0.0, 0.0, 0.0]


def _start() -> None:
    _started[:2] = [time.perf_counter(), time.process_time()]


def _stop() -> None:
    _started[2:] = [time.perf_counter(), time.process_time()]


def _clock() -> dict[str, float]:
    began, cpu, ended, cpu_ended = _started
    return {"seconds": round(ended - began, 3), "cpu": round(cpu_ended - cpu, 3)}


def _build(folder: Path, store: bool = True) -> _Build:
    """Give a build of the folder, as the stages before left it."""
    options = BuildOptions(sources=folder / "sources")
    if (folder / "release").exists():
        (folder / "release").rename(folder / "kept")
    build = _Build(folder, options, lambda _progress: None)
    if (folder / "kept").exists():
        build.folder.rmdir()
        (folder / "kept").rename(build.folder)
    build.schema = load_schema(options.ontology)
    known = json.loads((folder / "sources.json").read_text(encoding="utf-8"))
    build.result.sources = {slug: SourceInfo(*each) for slug, each in known.items()}
    if store:
        build.store = ox.Store(str(build.scratch / "store"))
    return build


def read(folder: Path) -> tuple[int, str]:
    """Tables to N-Quads; the statements alone are written beside, outside the time."""
    _start()
    ontology = load_ontology(shipped("ontology"))
    schema = load_schema(shipped("ontology"), ontology)
    result = read_sources(folder / "sources", schema, folder / "data.nq")
    _stop()
    if result.findings:
        raise SystemExit("\n".join(map(str, result.findings[:5])))
    known = {slug: [s.slug, s.graph, s.role] for slug, s in result.sources.items()}
    (folder / "sources.json").write_text(json.dumps(known), encoding="utf-8")
    quads = 0
    with (
        (folder / "data.nq").open(encoding="utf-8") as lines,
        (folder / "data.nt").open("w", encoding="utf-8") as triples,
    ):
        for line in lines:
            quads += 1
            if " <https://w3id.org/tzgraph/graph/" not in line:  # it is in the default graph
                triples.write(line)
    return quads, "quads"


def plain_triples(folder: Path) -> tuple[int, str]:
    """``bulk_load`` alone of the statements of accepted sources, each once."""
    return _alone(folder, "data.nt", ox.RdfFormat.N_TRIPLES), "triples"


def plain_file(folder: Path) -> tuple[int, str]:
    """``bulk_load`` alone of the file that reading wrote."""
    return _alone(folder, "data.nq", ox.RdfFormat.N_QUADS), "quads"


def _alone(folder: Path, name: str, form: ox.RdfFormat) -> int:
    store = ox.Store(str(folder / "plain"))
    _start()
    store.bulk_load(path=str(folder / name), format=form)
    _stop()
    count = len(store)
    del store
    shutil.rmtree(folder / "plain")
    return count


def load(folder: Path) -> tuple[int, str]:
    """What a build's stage ``store`` does."""
    build = _build(folder, store=False)
    ontology = load_ontology(shipped("ontology"))
    _start()
    store = build._load(folder / "data.nq", ontology)
    _stop()
    return len(store), "quads"


def reason(folder: Path) -> tuple[int, str]:
    """What a build's stage ``reason`` does."""
    build = _build(folder)
    ontology = load_ontology(shipped("ontology"))
    note: list[str] = []
    _start()
    build._reason(_store(build), ontology, note)
    _stop()
    return int(note[0].split()[0].replace(",", "")), "triples derived"


def validate(folder: Path) -> tuple[int, str]:
    """What a build's stage ``validate`` does."""
    build = _build(folder)
    _start()
    build._validate(_store(build))
    _stop()
    return len(build.findings), "findings"


def publish(folder: Path) -> tuple[int, str]:
    """What a build does at its end: write everything sorted, count, sync, rename."""
    build = _build(folder)
    layout = ReleaseLayout(folder / "releases")
    layout.releases.mkdir(parents=True)
    _start()
    build._show_claims(_store(build))
    manifest = build.finish()
    layout.adopt(build.folder, manifest.id, intact=lambda _folder: False)
    layout.switch(manifest.id)
    _stop()
    return manifest.quads, "quads"


def _store(build: _Build) -> ox.Store:
    if build.store is None:
        raise SystemExit("The stage before has not run.")
    return build.store


def _peak() -> float:
    """Give the most memory that this process has held of its own, in MB (Linux only).

    ``ru_maxrss`` would count what the parent held when it made the process.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
