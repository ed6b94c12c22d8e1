"""The stages of a build: read, store, link, reason, validate, audit, import."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from tzgraph.audit.run import run_audit
from tzgraph.errors import BuildFailedError, DataError, Finding, Severity
from tzgraph.link.graph.load import MAPPINGS, load_mapping_sets, mapping_files
from tzgraph.link.imports.registry import load_imports
from tzgraph.names.index import NAMES, name_lines
from tzgraph.ontology_graph import OntologyGraph, load_ontology, with_modules
from tzgraph.pageviews import VIEWS, Views, load_views, views_as_json
from tzgraph.query.library import load_library
from tzgraph.read import ReadResult, read_sources
from tzgraph.reason import (
    ConsistencyCheck,
    Rule,
    check,
    compile_ontology,
    load_audit_rules,
    load_domain_rules,
    materialise,
)
from tzgraph.reason.declare import DECLARATION
from tzgraph.reason.stored import rules_as_json
from tzgraph.release.canonical import sorted_quads, write_sorted
from tzgraph.release.describe import describe
from tzgraph.release.further import Further, add_further
from tzgraph.release.inconsistency import findings_of
from tzgraph.release.integrity import Expected, seal
from tzgraph.release.kept import KeptGraph
from tzgraph.release.layers import unsupported_evidence
from tzgraph.release.library import add_library
from tzgraph.release.load import load_nquads
from tzgraph.release.manifest import Manifest
from tzgraph.release.options import BuildOptions, Progress
from tzgraph.release.quotes import downgrade_quoted_findings, show_claims
from tzgraph.release.reader import FINDINGS, RULES, VIEWS_FILE
from tzgraph.release.void import add_void
from tzgraph.resources import shipped
from tzgraph.schema import load_schema
from tzgraph.vocabulary import RDF, Graphs

if TYPE_CHECKING:
    from tzgraph.validate import Located, ShaclReport

__all__ = ["Stages"]

_TYPE = ox.NamedNode(RDF + "type")
_DEFAULT = ox.DefaultGraph()


class Stages:
    """The stages of a build in a folder of its own."""

    def __init__(
        self,
        work: Path,
        options: BuildOptions,
        report: Callable[[Progress], None],
        *,
        in_memory: bool = False,
    ) -> None:
        self.folder = work / "release"
        self.folder.mkdir(parents=True)
        self.scratch = work
        self.in_memory = in_memory
        self.options = options
        self.report = report
        self.findings: list[Finding] = []
        self.timings: list[Progress] = []
        self.store: ox.Store | None = None
        self.result = ReadResult()
        self.located: list[Located] = []
        #: Things of secondary sources that something is wrong with.
        self.damaged: set[str] = set()
        #: The rules that ran, in their order.
        self.rules: list[Rule] = []
        self.audit_rules: Sequence[Rule] = ()
        #: What the axioms forbid.
        self.checks: Sequence[ConsistencyCheck] = ()
        #: How pages of things are laid out.
        self.views = Views()
        self.shacl: ShaclReport | None = None
        #: Where modules of other ontologies are.
        self.imports: Path | None = None

    @contextmanager
    def stage(self, name: str) -> Iterator[list[str]]:
        """Time a stage; what is put into the list is told when it ends."""
        self.report(Progress(name))
        started = time.perf_counter()
        detail: list[str] = []
        yield detail
        done = Progress(name, time.perf_counter() - started, "; ".join(detail))
        self.timings.append(done)
        self.report(done)

    def run(
        self,
        found: KeptGraph | None = None,
        keep: Callable[[ox.Store, KeptGraph], None] | None = None,
    ) -> None:
        """Read, store, reason and validate.

        :param found: the graph of the sources, if it was kept when it was built
        :param keep: takes the graph of the sources once it is built
        :raises DataError: with everything that is wrong, once it makes no sense to go on
        """
        if found is not None:
            self._restore(found)
        else:
            self._build()
        store = self.open_store()
        self.audit_rules = self.audit_rules or load_audit_rules(self.options.ontology / "audit")
        if found is None and keep is not None:
            keep(store, self._built())
        if self.options.more:
            self._lay_over(store)
        show_claims(store)
        with self.stage("audit") as note:
            note.append(self._audit(store))
            self.rules.append(DECLARATION)
            materialise(store, [DECLARATION], Graphs.INFERRED)
        if self.imports is not None and self.imports.is_dir():
            with self.stage("import") as note:
                note.append(f"{load_imports(store, self.imports):,} modules")

    def open_store(self) -> ox.Store:
        """Give the store.

        :raises BuildFailedError: if nothing was built yet
        """
        if self.store is None:
            raise BuildFailedError("The build has not run.")
        return self.store

    def _load_views(self, ontology: OntologyGraph) -> Views:
        own = sorted((self.options.ontology / VIEWS).glob("*.ttl"))
        return load_views([*own, *self.options.views], ontology)

    def _built(self) -> KeptGraph:
        return KeptGraph(
            tuple(self.result.sources.values()),
            tuple(self.findings),
            frozenset(self.damaged),
            tuple(self.rules),
            tuple(self.audit_rules),
        )

    def _restore(self, found: KeptGraph) -> None:
        """Take the graph of the sources as it was kept."""
        with self.stage("kept") as note:
            own = load_ontology(self.options.ontology)
            ontology = with_modules(own, self.options.modules)
            self.schema = load_schema(self.options.ontology, own)
            self.views = self._load_views(ontology)
            self.checks = compile_ontology(ontology, self.schema.curies.compact).checks
            self.store = ox.Store()
            self.store.bulk_load(found.quads, format=ox.RdfFormat.N_QUADS)
            self.result.sources = {source.slug: source for source in found.sources}
            self.findings = list(found.findings)
            self.damaged = set(found.damaged)
            self.rules, self.audit_rules = list(found.rules), found.audit_rules
            note.append(f"{len(self.store):,} quads")

    def _build(self) -> None:
        """Build the graph of the sources: all that is there before claims are shown."""
        if self.options.dl:
            from tzgraph.reason.dl import require_hermit

            require_hermit()
        with self.stage("read") as note:
            own = load_ontology(self.options.ontology)
            ontology = with_modules(own, self.options.modules)
            self.schema = load_schema(self.options.ontology, own)
            self.views = self._load_views(ontology)
            nquads = self.scratch / "data.nq"
            self.result = read_sources(self.options.sources, self.schema, nquads)
            self.damaged = self.result.damaged
            self.findings += self.result.findings
            rows = sum(self.result.counts.values())
            note.append(f"{rows:,} rows and triples from {len(self.result.counts)} files")
        if self.result.left_out or any(f.unreadable for f in self.findings):
            later = "The shapes were not checked yet, as not all could be read."
            raise DataError(self._all_findings(), later)
        with self.stage("store") as note:
            store = self._load(nquads, ontology)
            note.append(f"{len(store):,} quads")
        if self.result.failed:
            self._link(store)
            with self.stage("validate"):
                self._add_what_shapes_find(store)
            raise DataError(self.findings)
        with self.stage("link") as note:
            note.append(self._link(store))
        with self.stage("reason") as note:
            self._reason(store, ontology, note)
        with self.stage("validate") as note:
            note.append(self._validate(store))
        if self.options.dl:
            with self.stage("dl") as note:
                self._check_dl(store, note)
        if any(f.severity is Severity.VIOLATION for f in self.findings):
            raise DataError(self.findings)

    def _lay_over(self, store: ox.Store) -> None:
        """Add the further folders; what is wrong in their rows is left out and told."""
        before = set(self.findings)
        with self.stage("documents") as note:
            further = add_further(
                store, self.options.more, self.schema, self.result.sources, self.scratch
            )
            read = further.read
            rows = sum(read.counts.values())
            note.append(f"{rows:,} rows and triples from {len(read.counts)} files")
        self.result.sources = read.sources
        self.result.counts.update(read.counts)
        self.damaged |= read.damaged
        self.findings += read.findings
        if any(f.severity is Severity.VIOLATION for f in read.findings):
            raise DataError(self._all_findings())
        with self.stage("validate") as note:
            found, _engine = self._check_shapes(store)
            new = [finding for finding in found if finding not in before]
            self.findings += self._leave_out(further, read.gone, new)
            note.append(_count_findings(self.findings))
        with self.stage("reason") as note:
            derived = further.reason(self.rules)
            if hits := check(store, self.checks):
                told = list(findings_of(hits, store, self.rules, self.schema.curies.compact))
                things = {hit.thing.strip("<>") for hit in hits}
                self.findings += self._leave_out(further, things, told)
                derived = further.reason(self.rules)
                if check(store, self.checks):
                    raise DataError(told)
            note.append(f"{derived:,} triples derived")
        self.findings.sort(key=lambda finding: finding.sort_key)

    def _leave_out(
        self, further: Further, things: Iterable[str], found: Iterable[Finding]
    ) -> list[Finding]:
        """Leave out rows of further folders; give the findings on them, as warnings."""
        focus = {located.finding: str(located.result.focus) for located in self.located}
        told, damaged = further.leave_out_wrong(things, found, focus)
        self.damaged |= damaged
        return told

    def _all_findings(self) -> list[Finding]:
        """The findings of reading, and how many there were beyond the limit."""
        if self.result.left_out:
            more = f"{self.result.left_out} more findings are not shown."
            self.findings.append(Finding(Severity.VIOLATION, "more-findings", more))
        return self.findings

    def _add_what_shapes_find(self, store: ox.Store) -> None:
        """Add the violations of shapes in rows that reading found nothing wrong with."""
        read = list(self.findings)
        wrong = {(finding.file, finding.row) for finding in read}
        self._validate(store)
        shapes = [f for f in self.findings if f not in read and f.severity is Severity.VIOLATION]
        self.findings = [*read, *(f for f in shapes if (f.file, f.row) not in wrong)]

    def _load(self, nquads: Path, ontology: OntologyGraph) -> ox.Store:
        store = ox.Store() if self.in_memory else ox.Store(str(self.scratch / "store"))
        self.store = store
        load_nquads(store, nquads)
        nquads.unlink()
        # Not bulk_load: it would rename the blank nodes.
        for graph in (ox.NamedNode(Graphs.ONTOLOGY), _DEFAULT):
            store.bulk_extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in ontology)
        return store

    def _link(self, store: ox.Store) -> str:
        """Add the mapping sets; tell how many."""
        known = self.schema.curies
        folder = self.options.ontology / MAPPINGS
        # The shipped sets link the shipped things, which other sources need not have.
        strict = folder.parent != shipped("ontology") or self.options.sources == shipped("sources")
        own = load_mapping_sets(store, mapping_files(folder), known, strict=strict)
        others = {path.name: path for path in self.options.mappings}
        theirs = load_mapping_sets(store, others, known, own=False)
        self.findings += [*own.findings, *theirs.findings]
        said = f"{own.links:,} links in {len(own.records)} mapping sets"
        if own.left_out:
            said += f"; {own.left_out:,} of things that the sources don't have are left out"
        if others:
            said += f"; {theirs.links:,} links in {len(others)} sets of others"
        return said

    def _reason(self, store: ox.Store, ontology: OntologyGraph, note: list[str]) -> None:
        compiled = compile_ontology(ontology, self.schema.curies.compact)
        rules = [*compiled.rules, *load_domain_rules(self.options.ontology / "rules")]
        self.rules += rules
        derived = materialise(store, rules, Graphs.INFERRED)
        note.append(f"{derived:,} triples derived by {len(rules)} rules")
        self.checks = compiled.checks
        hits = check(store, compiled.checks)
        self.findings += findings_of(hits, store, rules, self.schema.curies.compact)

    def _validate(self, store: ox.Store) -> str:
        """Check what all sources say, before inference; tell what was found, by which engine."""
        found, engine = self._check_shapes(store)
        self.findings += found
        self.findings.sort(key=lambda finding: finding.sort_key)
        return f"{_count_findings(self.findings)} (shapes by {engine})"

    def _check_shapes(self, store: ox.Store) -> tuple[list[Finding], str]:
        """Give what is wrong with what all sources say, and the name of the engine.

        Quoted statements have to be well formed, too.
        """
        from tzgraph import validate

        sources = (info.graph for info in self.result.sources.values())
        graphs = [Graphs.METADATA, Graphs.MAPPINGS, *sources]
        engine = validate.ShaclEngine(self.options.engine)
        shapes = validate.load_shapes(self.options.shapes)
        checked = validate.check_with(engine, store, graphs, shapes, Graphs.ONTOLOGY, self.scratch)
        self.shacl = checked.report
        self.located = validate.locate_results(
            checked.report.results,
            validate.StoreCellIndex(store),
            validate.StoreStatements(store, graphs),
            self.schema.curies,
        )
        self.located, damaged = downgrade_quoted_findings(self.located, store, self._quoted())
        self.damaged |= damaged
        found = [*checked.findings, *(located.finding for located in self.located)]
        found += unsupported_evidence(store, self.schema.curies.compact)
        return found, checked.engine.value

    def _check_dl(self, store: ox.Store, note: list[str]) -> None:
        from tzgraph.reason.dl import check_with_hermit

        report = check_with_hermit(store, self._accepted(), self.scratch)
        for message in report.problems:
            self.findings.append(Finding(Severity.VIOLATION, "owl-dl", message))
        note.append(report.summary)

    def _accepted(self) -> list[str]:
        return [info.graph for info in self.result.sources.values() if info.accepted]

    def _audit(self, store: ox.Store) -> str:
        """Assess the claims; tell how many."""
        self.rules += self.audit_rules
        made = run_audit(store, self.audit_rules, self._quoted(), self.damaged)
        return f"{made:,} assessments by {len(self.audit_rules)} rules"

    def _quoted(self) -> list[str]:
        return [info.graph for info in self.result.sources.values() if not info.accepted]

    def finish(self) -> Manifest:
        """Write what a release holds besides the store, and close the store."""
        from tzgraph import validate

        store = self.open_store()
        add_library(store, load_library(), self.schema.prefixes)
        add_void(store, self.schema)
        nquads = self.folder / "graph.nq"
        quads = sorted_quads(store, nquads)
        rules = self.folder / RULES
        rules.write_text(rules_as_json(self.rules), encoding="utf-8", newline="\n")
        findings = self.folder / FINDINGS
        text = validate.as_json(self.findings) + "\n"
        findings.write_text(text, encoding="utf-8", newline="\n")
        names = self.folder / NAMES
        write_sorted(name_lines(store, self.schema.curies), names)
        views = self.folder / VIEWS_FILE
        views.write_text(views_as_json(self.views), encoding="utf-8", newline="\n")
        files = {path.name: Expected.of(path) for path in (nquads, findings, rules, names, views)}
        manifest = describe(store, self.schema, self.result, quads, files)
        manifest.write(self.folder)
        # A checkpoint shares the files of data, and leaves out logs that are done with.
        store.backup(str(self.folder / "store"))
        self.close()
        seal(self.folder / "store")
        return manifest

    def close(self) -> None:
        """Let go of the store, so that its folder can be moved or removed."""
        self.store = None
        gc.collect()


def _count_findings(findings: list[Finding]) -> str:
    counts = Counter(finding.severity for finding in findings)
    return f"{counts[Severity.VIOLATION]} violations, {counts[Severity.WARNING]} warnings"
