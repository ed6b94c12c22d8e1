"""What a file is written in, by its content."""

from __future__ import annotations

import re
from enum import StrEnum

from tzgraph.errors import DataError, Finding, Severity
from tzgraph.link.read.source import Source, unusable

__all__ = ["Syntax", "detect", "misnamed"]


class Syntax(StrEnum):
    """What can be read."""

    RDFXML = "rdfxml"
    TURTLE = "turtle"
    NQUADS = "nquads"
    JSON = "json"
    OWLXML = "owlxml"
    FUNCTIONAL = "functional"
    MANCHESTER = "manchester"
    OBO = "obo"
    TABLE = "table"


_XML_ROOT = re.compile(rb"<([A-Za-z_][\w.-]*(?::[\w.-]+)?)(?=[\s/>])")
_XML_PROLOGUE = re.compile(
    rb"(?>(?:\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*+(?:\[.*?\]\s*+)?>)*)",
    re.DOTALL | re.IGNORECASE,
)
#: Some programs put quotes around a comment, as around any other cell.
_COMMENTS = re.compile(rb"(?:\s+|\"?#[^\n]*(?:\n|$))*")
_OBO = re.compile(rb"^(?:format-version|data-version|ontology|default-namespace):", re.MULTILINE)
_STANZA = re.compile(rb"^\[(?:Term|Typedef|Instance)\]", re.MULTILINE)
_FUNCTIONAL = re.compile(rb"(?:Prefix|Ontology)\s*\(")
_MANCHESTER = re.compile(rb"(?:Prefix|Ontology|Class|ObjectProperty):\s")
_TURTLE = re.compile(
    rb"@prefix\s|@base\s|(?i:prefix\s+[\w.-]*:\s*<|base\s*<)"
    rb"|<[^<>\s\"{}|^`\\]*>\s|_:\w+\s|[A-Za-z][\w.-]*:[^\s:/]*\s+(?:a\s|<|[A-Za-z][\w.-]*:)|\[[\s\]]"
)
_NQUADS = re.compile(
    rb"(?:<[^<>\s]*>|_:\S+)[ \t]+<[^<>\s]*>[ \t]+"
    rb"(?:<[^<>\s]*>|_:\S+|\"(?:[^\"\\\n]|\\.)*\"(?:@[\w-]+|\^\^<[^<>\s]*>)?)[ \t]*"
    rb"(?:(?:<[^<>\s]*>|_:\S+)[ \t]*)?\.[ \t]*(?:#[^\n]*)?\r?$"
)
_WIDE = (b"\xff\xfe", b"\xfe\xff")
#: What a suffix promises; others (.owl above all) promise nothing.
_SUFFIXES = {
    ".rdf": (Syntax.RDFXML,),
    ".ttl": (Syntax.TURTLE, Syntax.NQUADS),
    ".nt": (Syntax.NQUADS,),
    ".nq": (Syntax.NQUADS,),
    ".trig": (Syntax.TURTLE, Syntax.NQUADS),
    ".json": (Syntax.JSON,),
    ".jsonld": (Syntax.JSON,),
    ".owx": (Syntax.OWLXML,),
    ".ofn": (Syntax.FUNCTIONAL,),
    ".omn": (Syntax.MANCHESTER,),
    ".obo": (Syntax.OBO,),
    ".tsv": (Syntax.TABLE,),
    ".csv": (Syntax.TABLE,),
}
_PACKINGS = {".gz": "gzip", ".xz": "xz", ".bz2": "bzip2"}


def detect(source: Source) -> Syntax:
    """Say what a file is written in.

    :raises DataError: if it is HTML, binary, in UTF-16, or nothing that is known
    """
    head = source.head.removeprefix(b"\xef\xbb\xbf")
    if head.startswith(_WIDE) or _is_wide(head):
        raise unusable(
            source.name,
            "wrong-encoding",
            "The file is in UTF-16.",
            "Save it as UTF-8.",
            row=1,
        )
    if b"\0" in head:
        raise unusable(
            source.name,
            "binary-file",
            f"The file is binary (a zero byte at {head.index(0):,}), no ontology.",
            "Name the ontology's file.",
        )
    if head.startswith(b"version https://git-lfs"):
        raise unusable(
            source.name,
            "pointer-file",
            "The file is a pointer of Git LFS to the file, not the file.",
            "Fetch the file itself, with `git lfs pull` or from where its makers publish it.",
            row=1,
        )
    found = _by_markup(head, source) or _by_statement(head)
    if found is None:
        raise unusable(
            source.name,
            "unknown-syntax",
            "The file is in no syntax that is known.",
            "Give RDF, OWL/XML, functional or Manchester syntax, OBO, OBO Graphs, or a table.",
            row=1,
        )
    return found


def _is_wide(head: bytes) -> bool:
    """Whether every other byte is zero, as in UTF-16 of Latin letters without a mark."""
    start = head[:200]
    return len(start) > 3 and any(
        not any(start[first::2]) and all(start[1 - first :: 2]) for first in (0, 1)
    )


def _by_markup(head: bytes, source: Source) -> Syntax | None:
    """Tell XML and JSON by their brackets."""
    start = _XML_PROLOGUE.match(head)
    rest = head[start.end() :] if start else head
    root = _XML_ROOT.match(rest)
    if root or rest[:9].lower().startswith((b"<!doctype", b"<?xml")):
        return _xml(root[1].rpartition(b":")[2] if root else b"", head, source)
    if rest.startswith(b"{") or re.match(rb"\[\s*[\[{\]\"]", rest):
        return Syntax.JSON
    return None


def _xml(root: bytes, head: bytes, source: Source) -> Syntax:
    if root.lower() in (b"html", b"head", b"body"):
        raise _html(source)
    if root == b"RDF":
        return Syntax.RDFXML
    if root == b"Ontology":
        return Syntax.OWLXML
    if re.search(rb"<!doctype\s+html|<html", head[:2000], re.IGNORECASE):
        raise _html(source)
    named = root.decode("utf-8", "replace")
    raise unusable(
        source.name,
        "unknown-syntax",
        f"The file is XML with the root element “{named}”, no ontology."
        if named
        else "The file breaks off before the first element.",
        "Give RDF/XML or OWL/XML.",
        row=1,
    )


def _html(source: Source) -> DataError:
    return unusable(
        source.name,
        "html",
        "The file is a web page (HTML), no ontology.",
        "It may be a page about an error or a login: fetch the file itself.",
        row=1,
    )


def _by_statement(head: bytes) -> Syntax | None:
    """Tell the line-based and statement-based syntaxes by how they begin."""
    # In a table or an OBO file, "#" or "!" need not begin a comment.
    if _STANZA.search(head) or _OBO.match(head.lstrip()):
        return Syntax.OBO
    begin = _COMMENTS.match(head)
    rest = head[begin.end() :] if begin else head
    line = rest.partition(b"\n")[0]
    if _NQUADS.match(line):
        return Syntax.NQUADS
    if _FUNCTIONAL.match(rest):
        return Syntax.FUNCTIONAL
    if b"\t" in line and not line.startswith((b"@", b"<", b"_:")):
        return Syntax.TABLE
    if _MANCHESTER.match(rest):
        return Syntax.MANCHESTER
    if _TURTLE.match(rest):
        return Syntax.TURTLE
    return Syntax.TABLE if re.search(rb"[\t,;|]", line) else None


def misnamed(source: Source, syntax: Syntax) -> list[Finding]:
    """Warn if the suffix of a file promises something else."""
    suffixes = [s.lower() for s in source.path.suffixes]
    said = suffixes.pop() if suffixes and suffixes[-1] in _PACKINGS else ""
    found = []
    if said and _PACKINGS[said] != source.packing:
        really = f"packed with {source.packing}" if source.packing else "not packed"
        found.append(f"The suffix is {said}, but the file is {really}.")
    last = suffixes[-1] if suffixes else ""
    if syntax not in _SUFFIXES.get(last, (syntax,)):
        found.append(f"The suffix is {last}, but the content is {syntax.value}.")
    hint = "It was read by its content; rename it so that others aren't misled."
    return [
        Finding(Severity.WARNING, "wrong-suffix", message, hint, source.name) for message in found
    ]
