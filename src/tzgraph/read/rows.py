"""Turn rows into statements, each traceable to its cell.

In graph ``provenance``, the row ``<…/id/cell/FILE#row=R>`` names the thing it describes
(``rdf:subject``) and the source (``prov:hadPrimarySource``); the column ``<…#col=C>`` names its
property (``rdf:predicate``, or ``tz:readsInverse`` for a column read backwards), the first one
also the class that all its cells state (``rdf:object``). As a source
describes a thing in one row only, a statement of a source leads to one cell,
``<…#cell=R,C>`` (fragments as in RFC 7111). A cell node of its own stands only where the store
would lose the digits as written (``16.0``): then it keeps them in ``rdf:value``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO

from tzgraph.errors import Finding, Severity
from tzgraph.read.header import SOURCE, Column, Header
from tzgraph.read.provenance import cell_base
from tzgraph.read.source import ROLES, SourceInfo
from tzgraph.read.table import FindingSink, split_values
from tzgraph.read.values import BadValueError, Resolver, escape
from tzgraph.schema import PropertyInfo
from tzgraph.vocabulary import PROV, RDF, TZ, XSD, Graphs

__all__ = ["RowWriter"]

_SLUG = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")
_NUMERIC = {XSD + "decimal", XSD + "double", XSD + "integer"}
_PLAIN_NUMBER = re.compile(r"0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]*[1-9]")
_SUPPORTS = f"<{TZ}Supports>"
#: Cells of a column whose terms are remembered at most: then it begins anew.
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is known of a column before its first cell.

    ``known`` remembers the terms of cells, and the text of a number that has to be kept as
    written (else nothing). It is ``None`` where a cell's text doesn't say it all (the ends of a
    reified statement are read as its predicate says) or hardly comes again (labels).
    """

    column: Column
    index: int
    predicate: str
    known: dict[tuple[str, bool], tuple[list[str], str]] | None

    @classmethod
    def of(cls, column: Column) -> _Plan:
        """Give the plan of a column."""
        text = column.info.datatype in (XSD + "string", RDF + "langString")
        varies = column.info.iri in (RDF + "subject", RDF + "object")
        known: dict[tuple[str, bool], tuple[list[str], str]] | None
        known = None if text or varies else {}
        return cls(column, column.number - 1, f" <{column.info.iri}> ", known)

    def statements(self, subject: str, terms: list[str], ends: list[str]) -> list[str]:
        """Give the lines that state the values of a cell."""
        if self.column.inverse:
            said = [f"{term}{self.predicate}{subject}" for term in terms]
        else:
            said = [f"{subject}{self.predicate}{term}" for term in terms]
        return [line + end for line in said for end in ends]


@dataclass(frozen=True, slots=True)
class _Targets:
    """Ends of the lines of a source: graphs of statements, and of what says whose a row is."""

    source: SourceInfo | None
    ends: list[str] = field(default_factory=list)
    place: str = ""


class RowWriter:
    """Writes the statements of rows as N-Quads.

    :param resolver: turns cells into terms
    :param sources: the sources by slug
    :param out: takes the N-Quads
    :param report: takes findings
    """

    def __init__(
        self,
        resolver: Resolver,
        sources: Mapping[str, SourceInfo],
        out: TextIO,
        report: FindingSink,
    ) -> None:
        self._resolver = resolver
        self._sources = sources
        self._out = out
        self._report = report
        self._file = ""
        self._base = ""
        self._header: Header | None = None
        self._evidence = False
        self._is_source = False
        self._plans: list[_Plan] = []
        self._targets: dict[str, _Targets] = {}
        self._bad_met = 0
        self._quoting = False
        self._further = False
        self._hanging: set[tuple[str, str]] = set()
        #: Things of secondary sources whose rows could not be read in full.
        self.damaged: set[str] = set()
        #: Things of accepted sources of further folders whose rows were left out.
        self.left_out: set[str] = set()

    def begin(self, file: str, header: Header, *, further: bool = False) -> None:
        """Start a table: write what its columns are.

        :param further: whether it is one of a folder laid over the sources: what is wrong in a row
            is a warning, and what an accepted source states in such a row is left out
        """
        self._further = further
        self._file, self._header, self._base = file, header, cell_base(file)
        self._evidence = self._resolver.schema.is_a(header.class_iri, TZ + "Evidence")
        self._is_source = self._resolver.schema.is_a(header.class_iri, TZ + "Source")
        self._plans = [_Plan.of(column) for column in header.columns]
        self._targets = {}
        graph = f"<{Graphs.PROVENANCE}>"
        first = f"<{self._base}#col=1>"
        lines = [
            f"{first} <{RDF}predicate> <{RDF}type> {graph} .\n",
            f"{first} <{RDF}object> <{header.class_iri}> {graph} .\n",
        ]
        for column in header.columns:
            kind = f"{TZ}readsInverse" if column.inverse else f"{RDF}predicate"
            lines.append(
                f"<{self._base}#col={column.number}> <{kind}> <{column.info.iri}> {graph} .\n"
            )
        self._out.writelines(lines)

    def row(self, number: int, cells: list[str], *, damaged: bool = False) -> None:
        """Write the statements of a row; what can't be used is reported.

        :param damaged: whether cells of it were left out
        """
        header = self._header
        if header is None:
            raise ValueError("begin() was not called")
        self._quoting = False
        targets = self._targets_of(number, cells, header)
        self._quoting = targets.source is not None and not targets.source.accepted
        bad_before = self._bad_met - damaged
        slug = self._slug(number, header.slug(cells))
        subject = f"<{header.base}{slug}>"
        ends = targets.ends
        place = f"<{self._base}#row={number}>"
        lines = [f"{subject} <{RDF}type> <{header.class_iri}>{end}" for end in ends]
        lines.append(f"{place} <{RDF}subject> {subject} <{Graphs.PROVENANCE}> .\n")
        lines.append(f"{place}{targets.place}")
        found: dict[str, list[str]] = {}
        for plan in self._plans:
            text = cells[plan.index]
            if not text or text.isspace():
                continue
            terms, verbatim = self._cell(number, plan, text, found)
            found[plan.column.info.iri] = terms
            lines += plan.statements(subject, terms, ends)
            if verbatim:
                lines.append(self._verbatim(number, plan.column, verbatim))
        if self._evidence and header.complete:
            lines.extend(self._supported(number, found, targets))
        if self._is_source and header.complete:
            self._check_role(number, header, cells)
        bad = self._bad_met > bad_before or targets.source is None
        # Without what describes a source, all that the source says would be lost.
        leave_out = self._further and bad and not self._quoting and not self._is_source
        if slug and targets.source and not leave_out:
            self._out.write("".join(lines))
        if self._quoting and bad:
            self.damaged.add(header.base + slug)
        elif leave_out:
            self.left_out.add(header.base + slug)

    @property
    def _by_any_name(self) -> bool:
        """Whether things may go by any name: documents name them as they please."""
        return self._quoting or self._further

    def _slug(self, row: int, slug: str) -> str:
        """The local id of a row, or nothing if it can't be one."""
        if _SLUG.fullmatch(slug):
            return slug
        self._bad(
            row,
            1,
            BadValueError(
                "malformed-id",
                f"“{slug}” is not a local id.",
                "Use a-z, 0-9, - and _, with a letter or digit at both ends.",
            ),
        )
        return ""

    def _targets_of(self, row: int, cells: list[str], header: Header) -> _Targets:
        """Where the statements of a row go."""
        slug = header.cell(cells, header.source)
        found = self._targets.get(slug)
        if found is not None:
            return found
        source = self._source(row, cells, header)
        if source is None and self._is_source and self._further:
            # What describes a source is no fact: it may as well come from itself.
            source = self._sources.get(header.slug(cells))
            slug = ""
        ends = [f" <{Graphs.METADATA}> .\n"] if self._is_source else _ends(source)
        if source is None:  # each such row is reported
            return _Targets(None, ends)
        place = f" <{PROV}hadPrimarySource> <{source.graph}> <{Graphs.PROVENANCE}> .\n"
        found = _Targets(source, ends, place)
        return self._targets.setdefault(slug, found) if slug else found

    def _bad(self, row: int, column: int | None, error: BadValueError) -> None:
        self._bad_met += 1
        if error.code == "unread":
            return
        # What a document says is quoted: it can spoil neither the view nor the reasoner.
        mild = self._quoting or self._further
        severity = Severity.WARNING if mild else Severity.VIOLATION
        self._report(
            Finding(severity, error.code, error.message, error.hint, self._file, row, column)
        )

    def _source(self, row: int, cells: list[str], header: Header) -> SourceInfo | None:
        """The source of a row; without a column for it, which is reported, there is none."""
        slug, column = header.cell(cells, header.source), header.source
        if column is None or slug in self._sources:
            return self._sources.get(slug)
        message = f"“{slug}” is no source." if slug else f"The cell “{SOURCE}” is empty."
        if self._further and slug:
            # All rows of a table are of one source, as a rule.
            if (self._file, slug) in self._hanging:
                self._bad_met += 1
                return None
            self._hanging.add((self._file, slug))
            message += " All rows of the table that name it are left out."
        self._bad(
            row,
            column,
            BadValueError("unknown-source", message, "Name an id of sources.tsv."),
        )
        return None

    def _check_role(self, row: int, header: Header, cells: list[str]) -> None:
        number = header.position(TZ + "sourceRole")
        role = header.cell(cells, number).rsplit(":", 1)[-1]
        if role not in ROLES:
            self._bad(
                row,
                number,
                BadValueError(
                    "unknown-role",
                    f"“{role}” is no role of a source."
                    if role
                    else "The source has no tz:sourceRole.",
                    f"Give one of {', '.join('tz:' + name for name in ROLES)}.",
                ),
            )

    def _cell(
        self, row: int, plan: _Plan, text: str, found: Mapping[str, list[str]]
    ) -> tuple[list[str], str]:
        """Terms of a cell, and its text if that is a number to be kept as written."""
        known, key = plan.known, (text, self._by_any_name)
        if known is not None and key in known:
            return known[key]
        bad = self._bad_met
        terms = self._terms(row, plan.column, text, found)
        numeric = terms and self._expected(plan.column, found).datatype in _NUMERIC
        number = text.strip() if numeric else ""
        read = terms, "" if _PLAIN_NUMBER.fullmatch(number) else number
        if known is not None and bad == self._bad_met:  # what is bad is reported each time
            if len(known) >= _REMEMBERED:
                known.clear()
            known[key] = read
        return read

    def _terms(
        self, row: int, column: Column, text: str, found: Mapping[str, list[str]]
    ) -> list[str]:
        """Terms of a cell, in N-Quads syntax; values that can't be used are reported."""
        try:
            values = split_values(text)
        except ValueError as error:
            self._bad(
                row,
                column.number,
                BadValueError(
                    "unknown-escape",
                    f"“{error}” escapes nothing.",
                    'Write \\\\ for a backslash, \\| for a bar, \\" for a quote.',
                ),
            )
            return []
        if not values:
            none = BadValueError(
                "no-value", f"“{text.strip()}” holds no value.", "Write one, or empty the cell."
            )
            self._bad(row, column.number, none)
        info = self._expected(column, found)
        terms = []
        for value in values:
            try:
                terms.append(self._resolver.term(value, info, by_any_name=self._by_any_name))
            except BadValueError as error:
                self._bad(row, column.number, error)
        return terms

    def _expected(self, column: Column, found: Mapping[str, list[str]]) -> PropertyInfo:
        """What the cells hold; ends of a reified statement are read as its predicate says."""
        if column.inverse:
            return column.info.backwards or column.info
        if column.info.iri not in (RDF + "subject", RDF + "object"):
            return column.info
        predicates = found.get(RDF + "predicate", [])
        named = self._resolver.schema.properties.get(predicates[0][1:-1]) if predicates else None
        if column.info.iri == RDF + "subject":
            named = named.backwards if named and self._by_any_name else None
        return named or column.info

    def _verbatim(self, row: int, column: Column, text: str) -> str:
        """Keep the digits of a number that the store would write differently."""
        cell = f"<{self._base}#cell={row},{column.number}>"
        return f'{cell} <{RDF}value> "{escape(text)}" <{Graphs.PROVENANCE}> .\n'

    def _supported(self, row: int, found: Mapping[str, list[str]], targets: _Targets) -> list[str]:
        """The statement that supporting evidence from an accepted source asserts."""
        parts = [found.get(RDF + name) for name in ("subject", "predicate", "object")]
        if any(part == [] for part in parts):
            return []  # what a cell says can't be used, which is reported
        if any(part is None or len(part) != 1 for part in parts):
            self._bad(
                row,
                None,
                BadValueError(
                    "incomplete-statement",
                    "Evidence needs one rdf:subject, one rdf:predicate and one rdf:object.",
                    "Fill the three cells with one value each.",
                ),
            )
            return []
        accepted = targets.source is not None and targets.source.accepted
        if not accepted or found.get(TZ + "direction") != [_SUPPORTS]:
            return []
        subject, predicate, obj = (part[0] for part in parts if part)
        return [f"{subject} {predicate} {obj}{end}" for end in targets.ends]


def _ends(source: SourceInfo | None) -> list[str]:
    """How lines of statements end: in the source's graph and, if accepted, the default view."""
    if source is None:
        return []
    named = f" <{source.graph}> .\n"
    return [named, " .\n"] if source.accepted else [named]
