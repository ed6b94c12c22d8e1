"""Everything that can go wrong, as one tree, and findings about data.

::

    TzgraphError                 exit code 3
    ├── UsageError               exit code 2   a command or function was called wrongly
    │   └── UnknownNameError                   nothing in the graph has a name, or several things do
    ├── InputUnreadableError     exit code 2   a file or folder can't be read
    │   ├── DamagedReleaseError                a release is not as it was built
    │   │   └── DamagedUpdatesError            what updates made of a release is not as it was left
    │   └── ReleaseFormatError                 a release was made by an older or a newer tzgraph
    ├── OutputUnwritableError    exit code 2   a file or standard output can't be written
    ├── UnsafeDataError          exit code 2   data would crash a parser or fill the memory
    │   └── Rdf12Error                         data are RDF 1.2, which is refused
    ├── QueryError               exit code 2   a query can't be parsed or run
    │   └── FederationDeniedError              a query asks for another server
    ├── DataError                exit code 1   data was read and does not conform (carries findings)
    ├── NoReleaseError           exit code 2   there is no built graph in the folder
    ├── ReasonerUnavailableError exit code 2   the OWL 2 DL reasoner or Java is missing
    ├── ReaderUnavailableError   exit code 2   an optional package that reads a syntax is missing
    └── BuildFailedError         exit code 3   disk full, lock held: nothing wrong with the data

Each error has a stable code for programs, a sentence that says what happened and where,
and a sentence that says what to do. All that depends on the kind of an error stands on its class:
code, exit code of commands, status and title of a problem document (RFC 9457), and which of its
attributes are told to programs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

__all__ = [
    "BuildFailedError",
    "DamagedReleaseError",
    "DamagedUpdatesError",
    "DataError",
    "FederationDeniedError",
    "Finding",
    "InputUnreadableError",
    "NoReleaseError",
    "OutputUnwritableError",
    "QueryError",
    "Rdf12Error",
    "ReaderUnavailableError",
    "ReasonerUnavailableError",
    "ReleaseFormatError",
    "Severity",
    "TzgraphError",
    "UnknownNameError",
    "UnsafeDataError",
    "UsageError",
]


class Severity(StrEnum):
    """How much a finding weighs: only violations fail a build."""

    VIOLATION = "violation"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with the data, and where.

    ``row`` counts from 1 for the header; ``column`` counts from 1; either is ``None`` where the
    finding is about the whole file or row. ``unreadable`` says that the file could not be read
    as what it claims to be, which makes the exit code 2 instead of 1.
    """

    severity: Severity
    code: str
    message: str
    hint: str = ""
    file: str = ""
    row: int | None = None
    column: int | None = None
    unreadable: bool = False

    def as_dict(self) -> dict[str, str | int | None]:
        """The finding for JSON."""
        return {
            "severity": self.severity.value,
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "file": self.file,
            "row": self.row,
            "column": self.column,
        }

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Finding:
        """Read what :meth:`as_dict` gave.

        :raises TypeError: if it has other keys
        :raises ValueError: if there is no such severity
        """
        return cls(**{**said, "severity": Severity(said["severity"])})

    @property
    def place(self) -> str:
        """The place as editors understand it.

        >>> Finding(Severity.WARNING, "x", "y", file="drugs.tsv", row=3, column=2).place
        'drugs.tsv:3:2'
        """
        parts = [
            self.file or "(graph)",
            *(str(n) for n in (self.row, self.column) if n is not None),
        ]
        return ":".join(parts)

    @property
    def sort_key(self) -> tuple[bool, str, int, int, str, str]:
        """Order of findings in a report: what can't be read first, then by place."""
        place = (self.file, self.row or 0, self.column or 0)
        return (not self.unreadable, *place, self.code, self.message)

    def __str__(self) -> str:
        """One line: place, severity, code, message, and what to do."""
        hint = f" {self.hint}" if self.hint else ""
        return f"{self.place}: {self.severity.value} {self.code}: {self.message}{hint}"


class TzgraphError(Exception):
    """Base of all errors that tzgraph raises on purpose.

    :param message: what happened, and where
    :param hint: what to do about it
    """

    #: Stable name, for programs.
    code: ClassVar[str] = "internal-error"
    #: Exit code of a command that ends with it.
    exit_code: ClassVar[int] = 3
    #: HTTP status of an answer that tells of it.
    status: ClassVar[int] = 500
    #: The same for each problem of this code.
    title: ClassVar[str] = "The request can't be answered"
    #: Seconds after which a client may ask again, if that may help.
    retry_after: int | None = None
    #: Attributes that are told to programs: numbers, texts and tuples of texts.
    details: ClassVar[tuple[str, ...]] = ()

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """What happened and what to do, in one line."""
        return f"{self.message} {self.hint}".strip()

    def members(self) -> dict[str, object]:
        """What is told to programs beside the text, by name, without what is not known."""
        given = ((name, getattr(self, name)) for name in self.details)
        return {name: value for name, value in given if value is not None}


class UsageError(TzgraphError):
    """A command or function was called wrongly."""

    code = "usage"
    exit_code = 2
    status = 400
    title = "The request is wrong"


class UnknownNameError(UsageError):
    """Nothing in the graph has a name, or several things do; which holds of none of them.

    :param suggestions: IRIs of the things that may be meant
    """

    code = "unknown-name"
    title = "The name is unknown"
    details = ("suggestions",)

    def __init__(self, message: str, hint: str = "", suggestions: Sequence[str] = ()) -> None:
        super().__init__(message, hint)
        self.suggestions = tuple(suggestions)


class InputUnreadableError(TzgraphError):
    """A file or folder can't be read, or isn't what it claims to be."""

    code = "unreadable-input"
    exit_code = 2
    # No client is to blame for a file of the release.
    status = 503
    title = "A file of the release can't be read"


class OutputUnwritableError(TzgraphError):
    """A file, a folder or standard output can't be written: forbidden, full, or closed."""

    code = "unwritable-output"
    exit_code = 2


class UnsafeDataError(TzgraphError):
    """Data would crash the parser that reads them, or fill the memory; or are no XML at all.

    :param finding: code of the finding that this is in a file
    :param line: line of the place, from 1, where it is known
    :param column: column of the place, from 1
    """

    code = "unsafe-data"
    exit_code = 2
    status = 400
    details = ("line", "column")

    def __init__(
        self,
        finding: str,
        message: str,
        hint: str,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.finding = finding
        self.line = line
        self.column = column

    def __str__(self) -> str:
        """What happened, where, and what to do, in one line."""
        known = self.line is not None and self.column is not None
        place = f"Line {self.line}, column {self.column}: " if known else ""
        return f"{place}{super().__str__()}"


class Rdf12Error(UnsafeDataError):
    """Data are RDF 1.2, which is refused (:mod:`tzgraph.parsing.rdf12`)."""

    code = "rdf12"
    title = "RDF 1.2 is refused"


class DamagedReleaseError(InputUnreadableError):
    """A release is not as it was built."""

    code = "damaged-release"
    title = "The release is damaged"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(
            message,
            hint
            or "Put a backup in its place, or build again; `tzgraph validate --release` lists all "
            "that is damaged.",
        )


class DamagedUpdatesError(DamagedReleaseError):
    """What updates made of a release is not as it was left."""

    code = "damaged-updates"
    title = "What updates made of the release is damaged"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(
            message,
            hint
            or "Put a backup in its place, or run `tzgraph build --drop-updates`, which leaves "
            "behind what updates changed.",
        )


class ReleaseFormatError(InputUnreadableError):
    """A release was made by an older or a newer tzgraph, which writes other files."""

    code = "release-format"
    title = "The request can't be answered"


class QueryError(TzgraphError):
    """A query can't be parsed or run."""

    code = "query"
    exit_code = 2
    status = 400
    title = "The query can't be run"


class FederationDeniedError(QueryError):
    """A query asks the engine to call another server (SERVICE)."""

    code = "federation-denied"
    title = "Federation is denied"


class NoReleaseError(TzgraphError):
    """There is no built graph in the release folder."""

    code = "no-release"
    exit_code = 2


class ReasonerUnavailableError(TzgraphError):
    """The OWL 2 DL reasoner can't run: owlready2 or Java is missing."""

    code = "reasoner-unavailable"
    exit_code = 2


class ReaderUnavailableError(TzgraphError):
    """A file is in a syntax that needs an optional package to be read."""

    code = "reader-unavailable"
    exit_code = 2


class BuildFailedError(TzgraphError):
    """A build failed for a reason of its environment; the previous release is untouched."""

    code = "build-failed"


class DataError(TzgraphError):
    """Data was read and does not conform.

    :param findings: everything that is wrong, violations and warnings
    :param note: what was not looked at, if anything
    """

    code = "data"

    def __init__(self, findings: Sequence[Finding], note: str = "") -> None:
        self.note = note
        self.findings = tuple(sorted(findings, key=lambda finding: finding.sort_key))
        bad = sum(f.severity is Severity.VIOLATION for f in self.findings)
        super().__init__(f"{bad} violation{'s' if bad != 1 else ''} in the data.", note)

    @property
    def exit_status(self) -> int:
        """2 if a file could not be read as what it claims to be, else 1."""
        return 2 if any(finding.unreadable for finding in self.findings) else 1
