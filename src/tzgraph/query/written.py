"""What an update writes, looked at in its text: the data and templates behind INSERT.

The engine takes what can't be read back: literals of ``rdf:langString`` without a tag, which no
parser takes, and characters that XML can't hold. It says nothing of literals that it will give back
in another way than they were written (:mod:`tzgraph.literals`).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pyoxigraph as ox

from tzgraph.literals import LiteralChanges
from tzgraph.query.guard import FLAT, QuerySyntaxError
from tzgraph.query.rdf12 import refuse_rdf12, refuse_rdf12_data
from tzgraph.query.tokens import Token, TokenKind, decode_escapes, line_and_column, tokenize
from tzgraph.terms import NO_XML, Term
from tzgraph.vocabulary import RDF

__all__ = [
    "FUNCTIONS",
    "UNTAGGED",
    "changes_written",
    "check_written",
    "declared_in",
    "refuse_untagged",
    "with_own_functions",
]

_INSERTS = re.compile(r"INSERT(?:DATA)?\Z")
_PIECE = re.compile(rf"(?>(?:{FLAT}|<[^<>{{}}\"]*+>)*)", re.VERBOSE | re.DOTALL)
_FIRST_STOP = re.compile(r"(?>(?:[ \t\r\n]++|#[^\r\n]*+)*)\.")
_CONTROL = "0[0-8bcef]|1[0-9a-f]"
#: Two backslashes, or what gives a character that XML can't hold.
_UNFIT = re.compile(
    rf"\\\\|(\\[bf]|\\u00(?i:{_CONTROL})|\\U000000(?i:{_CONTROL})|\\(?:u|U0000)(?i:fff[ef])"
    rf"|{NO_XML.pattern})"
)
_MAYBE_UNFIT = re.compile(rf"\\|{NO_XML.pattern}")
#: Datatypes of literals that have a tag.
UNTAGGED = (RDF + "langString", RDF + "dirLangString")
_STRDT = ox.NamedNode("urn:tzgraph:strdt")


class _Span(NamedTuple):
    """What stands in the brackets behind INSERT.

    :ivar start: offset of its beginning
    :ivar end: and of its end
    :ivar tokens: those in it, as far as they were given
    """

    start: int
    end: int
    tokens: Sequence[Token]


def check_written(text: str, tokens: Sequence[Token], prefixes: Mapping[str, str]) -> None:
    """Let an update pass, or refuse what it writes.

    :param text: the update
    :param tokens: what :func:`tzgraph.query.guard.check_update` gave for it
    :param prefixes: those that it need not declare
    :raises Rdf12QueryError: at the first sign of RDF 1.2
    :raises QuerySyntaxError: at a literal that can't be read back, or in XML
    """
    refuse_rdf12(text, tokens)
    for opening, closing in itertools.pairwise(tokens):
        if opening.text == "{" and closing.text == "}":
            refuse_rdf12_data(text, opening.end, closing.start)
    if "angString" in text or ("^^" in text and "\\" in text):
        refuse_untagged(text, {**prefixes, **declared_in(tokens)})
    if not _MAYBE_UNFIT.search(text):
        return
    if not any(_INSERTS.search(t.word) for t in tokens if t.kind is TokenKind.WORD):
        return
    for match in _UNFIT.finditer(text):
        if match[1]:
            raise QuerySyntaxError(
                f"{_named(match[1])} is a character that no XML can hold.",
                *line_and_column(text, match.start()),
                "Leave it out; an update that only deletes may have it.",
            )


def changes_written(
    text: str, tokens: Sequence[Token], prefixes: Mapping[str, str], base: str | None
) -> LiteralChanges:
    """Give the literals of an update that will not come back as they are written in it.

    What an update computes is not looked at.

    :param text: the update
    :param tokens: what :func:`tzgraph.query.guard.check_update` gave for it
    :param prefixes: those that it need not declare
    """
    changes = LiteralChanges()
    known = {**prefixes, **declared_in(tokens)}
    declared = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in known.items())
    for span in _spans(tokens):
        document = declared + "".join(_blocks(_without_variables(text, span)))
        try:
            parsed = ox.parse(document.encode(), format=ox.RdfFormat.TRIG, base_iri=base)
            for quad in parsed:
                if type(value := quad.object) is ox.Literal:
                    changes.see(value)
        except (SyntaxError, ValueError):
            continue  # the engine will say what is wrong, if anything is
        changes.see_tags(text, span.start, span.end)
    return changes


def with_own_functions(text: str, tokens: Sequence[Token]) -> str:
    """Give an update in which the engine calls :data:`FUNCTIONS`."""
    parts, position = [], 0
    for token, following in itertools.pairwise(tokens):
        # A word may stand behind another one without a gap.
        called = token.kind is TokenKind.WORD and token.text.upper().endswith("STRDT")
        if called and following.text == "(":
            parts += [text[position : token.end - len("STRDT")], f" {_STRDT}"]
            position = token.end
    return "".join([*parts, text[position:]])


def _strdt(text: Term, datatype: Term) -> Term | None:
    """STRDT, with the error of SPARQL 1.2 where a tag or direction would be missing."""
    if not isinstance(text, ox.Literal) or not isinstance(datatype, ox.NamedNode):
        return None
    if text.datatype != ox.Literal("").datatype or datatype.value in UNTAGGED:
        return None
    return ox.Literal(text.value, datatype=datatype)


FUNCTIONS = {_STRDT: _strdt}


def declared_in(tokens: Sequence[Token]) -> dict[str, str]:
    """Give the prefixes that an update declares, before any of its operations."""
    return {
        name.text[:-1]: iri.text[1:-1]
        for word, name, iri in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if word.word == "PREFIX" and name.text.endswith(":") and iri.kind is TokenKind.IRI
    }


def _spans(tokens: Sequence[Token]) -> Iterator[_Span]:
    depth, first = 0, -1
    inserts = False
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.OPEN:
            if not depth and inserts:
                first = index
            depth += 1
        elif token.kind is TokenKind.CLOSE:
            depth -= depth > 0
            if not depth and first >= 0:
                inside = tokens[first + 1 : index]
                yield _Span(tokens[first].end, token.start, inside)
                first = -1
        if not depth and token.kind is TokenKind.WORD:
            inserts = bool(_INSERTS.search(token.word)) or (inserts and token.word == "DATA")
        elif not depth:
            inserts = False


def _without_variables(text: str, span: _Span) -> str:
    parts, position = [], span.start
    for token in span.tokens:
        if token.kind is TokenKind.VARIABLE:
            parts += [text[position : token.start], "<x:v>"]
            position = token.end
    return "".join([*parts, text[position : span.end]])


def _blocks(data: str) -> Iterator[str]:
    """Give data as blocks of TriG: SPARQL is freer with full stops around GRAPH."""
    position = 0
    while position < len(data):
        piece = _PIECE.match(data, position)
        end = piece.end() if piece else position
        if data[end : end + 1] not in ("{", "}", ""):
            yield data[position:]  # such as a quote that is never closed: an error, however cut
            return
        triples = data[position:end]
        if stop := _FIRST_STOP.match(triples):
            triples = triples[stop.end() :]
        yield f"<x:g> {{ {_without_graph(triples)}\n}}\n"
        position = end + 1


def _without_graph(triples: str) -> str:
    """Give triples without the GRAPH and name that may stand behind them.

    >>> _without_graph("<x:a> <x:b> <x:c> . graph <x:g> ")
    '<x:a> <x:b> <x:c> . '
    """
    text = triples.rstrip()
    start = (
        text.rfind("<")
        if text.endswith(">")
        else len(text) - len((text.rsplit(None, 1) or [""])[-1])
    )
    before = text[:start].rstrip()
    is_word = before[-5:].upper() == "GRAPH" and not before[-6:-5].isalnum()
    return before[:-5] if is_word else triples


def refuse_untagged(text: str, prefixes: Mapping[str, str]) -> None:
    """Refuse a text with literals that no parser takes: of rdf:langString without a tag.

    :param text: a query or update
    :param prefixes: all that hold in it
    :raises QuerySyntaxError: at the first one
    """
    typed = False
    for token in tokenize(text):
        if token.kind is TokenKind.SPACE:
            continue
        iri = ""
        if typed and token.kind is TokenKind.IRI:
            iri = decode_escapes(token.text[1:-1])
        elif typed and token.kind is TokenKind.PREFIXED:
            prefix, _, local = token.text.partition(":")
            iri = prefixes.get(prefix, "") + local
        if iri in UNTAGGED:
            raise QuerySyntaxError(
                f"a literal of <{iri}> has a language tag, and no datatype.",
                *line_and_column(text, token.start),
                'Write "…"@en.',
            )
        typed = token.text == "^^"


def _named(written: str) -> str:
    return written if written.startswith("\\") else f"U+{ord(written):04X}"
