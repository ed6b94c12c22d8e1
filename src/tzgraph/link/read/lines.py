"""The lines of a text file, whatever its line ends, in UTF-8 or not at all."""

from __future__ import annotations

from collections.abc import Iterator

from tzgraph.errors import DataError, Finding, Severity
from tzgraph.link.read.draft import DraftOntology
from tzgraph.link.read.source import Source

__all__ = ["lines"]

#: Lines that are named which are not UTF-8.
_NAMED = 20
#: Bytes that a line may have.
_LONGEST = 64_000_000


def lines(source: Source, draft: DraftOntology) -> Iterator[tuple[int, str]]:
    """Give the lines of a file with their numbers, without line ends.

    Line ends may be LF, CR LF or CR; a mixture is warned of. A byte order mark is skipped.

    :raises DataError: when the file ends, if there were lines that are not UTF-8
    """
    bad: list[Finding] = []
    first = ""
    mixed = False
    for number, (body, end) in enumerate(_split(source), 1):
        if end and not mixed:
            first = first or end
            if end != first:
                mixed = True
                draft.warn(
                    "mixed-line-ends",
                    f"The line ends in {end}, lines before it end in {first}.",
                    "All were read as line ends.",
                    number,
                )
        try:
            text = body.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            if len(bad) < _NAMED:
                bad.append(_not_utf8(source, number, body, error))
            continue
        if not bad:
            yield number, text
    if bad:
        raise DataError(bad)


def _not_utf8(source: Source, number: int, body: bytes, error: UnicodeDecodeError) -> Finding:
    return Finding(
        Severity.VIOLATION,
        "bad-utf-8",
        f"Byte 0x{body[error.start]:02x} is not UTF-8.",
        "Save the file as UTF-8 (not Latin-1); nothing of it was used.",
        source.name,
        number,
        error.start + 1,
        unreadable=True,
    )


def _split(source: Source) -> Iterator[tuple[bytes, str]]:
    """Give lines and how they end: LF, CR LF, CR or (the last) not at all."""
    with source.open() as stream:
        while line := stream.readline(_LONGEST):
            if len(line) >= _LONGEST:
                raise source.too_large(_LONGEST)
            body, end = line, ""
            if line.endswith(b"\r\n"):
                body, end = line[:-2], "CR LF"
            elif line.endswith(b"\n"):
                body, end = line[:-1], "LF"
            if b"\r" in body:
                *parts, body = body.split(b"\r")
                yield from ((part, "CR") for part in parts)
                if not body and not end:
                    continue
            yield body, end
