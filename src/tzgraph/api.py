"""The graph for Python: queries as rows or data frames, rdflib graphs, explanations, audits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tzgraph.errors import UsageError
from tzgraph.settings import release_dir

if TYPE_CHECKING:
    import pandas
    import pyoxigraph as ox
    import rdflib

    from tzgraph.audit.model import Audit
    from tzgraph.explain import Explanation
    from tzgraph.link.check import CheckReport
    from tzgraph.link.graph.things import Thing
    from tzgraph.link.suggest import Suggestion
    from tzgraph.names.resolver import Hit, NameResolver
    from tzgraph.query.run import Result
    from tzgraph.release import Release
    from tzgraph.release.explainer import ReleaseExplainer

__all__ = ["KnowledgeGraph", "open_graph"]

#: Names of queries of the library; anything else is a query.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


def open_graph(directory: str | PathLike[str] | None = None) -> KnowledgeGraph:
    """Open the current release of a folder.

    :param directory: the release folder; by default ``TZGRAPH_DIR`` or ``build``
    :raises NoReleaseError: if there is none
    """
    from tzgraph.release import open_release

    return KnowledgeGraph(open_release(Path(directory) if directory else release_dir()))


class KnowledgeGraph:
    """A release, read-only.

    :param release: the release
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self._store: ox.Store | None = None
        self._explainer: ReleaseExplainer | None = None

    @property
    def store(self) -> ox.Store:
        """The Oxigraph store; its default graph is the default view."""
        if self._store is None:
            self._store = self.release.store()
        return self._store

    @cached_property
    def names(self) -> NameResolver:
        """Finds things by any of their names."""
        return self.release.names()

    def search(self, text: str, limit: int = 20) -> list[Hit]:
        """Find things by any of their names, the best first.

        :param text: a name or words of one
        :param limit: hits at most
        """
        from tzgraph.names.lookup import answered, find

        return answered(find(self.names, text, limit), self.store)

    def query(self, query: str, **values: str) -> Result:
        """Run a query of the library by name, or SPARQL text.

        :param query: a name such as ``first-line-trials``, or a query
        :param values: values of the query's parameters, as text
        :raises UsageError: if there is no such query or parameter
        :raises QueryError: if the query can't be parsed or run
        """
        from tzgraph.names.lookup import answered
        from tzgraph.query.binding import bind
        from tzgraph.query.library import find_query, load_library, parse_query
        from tzgraph.query.named import name_things, with_defaults
        from tzgraph.query.run import run

        manifest = self.release.manifest
        if _NAME.fullmatch(query):
            question = find_query(query, load_library())
        else:
            question = parse_query(query, name="query")
        named = with_defaults(question, values)
        lookup = name_things(question, named, manifest.kinds, self.names)
        named = answered(lookup, self.store)
        bound = bind(question, named, manifest.curies, manifest.kinds)
        return run(
            self.store,
            question.text,
            prefixes=manifest.prefixes,
            substitutions=bound,
            names=self.names.index,
        )

    def rows(self, query: str, **values: str) -> list[dict[str, Any]]:
        """Run a SELECT query; give rows of plain Python values, ``None`` for unbound variables.

        :raises UsageError: if it is no SELECT query
        """
        import pyoxigraph as ox

        from tzgraph.interop import as_rdflib

        found = self.query(query, **values)
        if not isinstance(found, ox.QuerySolutions):
            raise UsageError("Only SELECT queries have rows.", "Use query().")
        names = [variable.value for variable in found.variables]
        return [
            {
                name: None if term is None else as_rdflib(term).toPython()
                for name, term in zip(names, row, strict=True)
            }
            for row in found
        ]

    def frame(self, query: str, **values: str) -> pandas.DataFrame:
        """Run a SELECT query; give a pandas data frame (needs the extra ``frames``).

        Decimals become floats, as statistics and plots want them.
        """
        try:
            import pandas
        except ImportError as error:
            raise UsageError(
                "Data frames need pandas.", "Install it with `pip install 'tzgraph[frames]'`."
            ) from error
        return pandas.DataFrame(
            {n: float(v) if isinstance(v, Decimal) else v for n, v in row.items()}
            for row in self.rows(query, **values)
        )

    def graph(self, name: str | None = None) -> rdflib.Graph:
        """Give the default view, or one named graph, as an rdflib graph in memory.

        :param name: IRI or name of a graph, such as ``inferred`` or ``source/bang-2010``
        :raises UsageError: if there is no such graph
        """
        import pyoxigraph as ox

        from tzgraph.export.writer import graph_iri
        from tzgraph.interop import rdflib_graph

        wanted: ox.NamedNode | ox.DefaultGraph = ox.DefaultGraph()
        if name is not None:
            wanted = ox.NamedNode(graph_iri(name, self.release.graphs()))
        graph = rdflib_graph(self.store.quads_for_pattern(None, None, None, wanted))
        for prefix, iri in self.prefixes.items():
            graph.bind(prefix, iri, override=True, replace=True)
        return graph

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Prefix → IRI, as known to all queries."""
        return self.release.manifest.prefixes

    def explain(
        self, subject: str, predicate: str | None = None, obj: str | None = None
    ) -> Explanation:
        """Say why a triple holds, or, for a claim alone, why it has its verdict.

        Of a verdict, ``comparison`` of the explanation holds what was said and what was reported.

        :param subject: an IRI or CURIE
        :param predicate: an IRI, a CURIE or ``a``
        :param obj: an IRI, a CURIE, a number or a quoted literal
        :raises UsageError: if a term can't be read or is missing
        """
        from tzgraph.release.explainer import ReleaseExplainer

        if self._explainer is None:
            self._explainer = ReleaseExplainer(self.release, self.store)
        return self._explainer.explain(subject, predicate, obj)

    def check_links(
        self,
        *files: str | PathLike[str],
        mappings: str | PathLike[str] | None = None,
        others: Iterable[str | PathLike[str]] = (),
    ) -> CheckReport:
        """Check links against ontologies, against each other, and against other mapping sets.

        :param files: ontologies, in any syntax
        :param mappings: a mapping set (SSSOM) to check instead of the links of the graph
        :param others: mapping sets of others, or ontologies for their cross-references
        :raises InputUnreadableError: if a file can't be opened
        :raises DataError: if a file is damaged
        """
        from tzgraph.link.check import check_links
        from tzgraph.link.graph.mappings import graph_mappings
        from tzgraph.link.inputs.files import read_link_files

        given = read_link_files(map(Path, files))
        against = read_link_files(map(Path, others))
        things = self._things()
        own = graph_mappings(self.store, things)
        if mappings is not None:
            sets = read_link_files([Path(mappings)]).sets
            if not sets:
                raise UsageError(f"{mappings} is no mapping set.", "Give an SSSOM/TSV file.")
            own = sets[0]
        return check_links(own, given.ontologies, (*given.sets, *against.as_sets()), things)

    def suggest_links(
        self,
        *files: str | PathLike[str],
        others: Iterable[str | PathLike[str]] = (),
        min_score: float = 0.75,
        linked: bool = False,
    ) -> list[Suggestion]:
        """Suggest links from things of the graph to terms of ontologies, to be reviewed.

        :param files: ontologies, in any syntax, and mapping sets (SSSOM)
        :param others: mapping sets of others, or ontologies for their cross-references
        :param min_score: the lowest score, from 0 to 1
        :param linked: whether things get suggestions for vocabularies that they have a link into
        :raises InputUnreadableError: if a file can't be opened
        :raises DataError: if a file is damaged
        """
        from tzgraph.link.inputs.files import read_link_files
        from tzgraph.link.suggest import SuggestOptions, suggest_links

        given = read_link_files(map(Path, files))
        sets = (*given.sets, *read_link_files(map(Path, others)).as_sets())
        options = SuggestOptions(min_score, linked)
        return suggest_links(self._things(), given.ontologies, sets, options)

    def _things(self) -> list[Thing]:
        from tzgraph.link.graph.things import read_things

        return read_things(self.store, self.release.manifest.curies)

    def audit(self, source: str | None = None) -> Audit:
        """Give the audit of a document: its claims, each with verdict and reasons.

        :param source: the id of the document in ``sources.tsv``; may be left out where the
            release holds the claims of one document only
        :raises UsageError: if there is no such document, or several and none is named
        """
        from tzgraph.audit.collect import collect_audit, documents

        known = documents(self.store) if source is None else [source]
        if len(known) != 1:
            raise UsageError(
                f"{len(known)} documents make claims.",
                f"Name one of {', '.join(known)}." if known else "Add a table of claims.",
            )
        findings = self.release.findings()
        return collect_audit(self.store, known[0], self.release.id, findings)
