"""Strings and names as they are written, and what they say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pyoxigraph as ox

from tzgraph.query.syntax.tree import InlineData, Term, TermKind
from tzgraph.query.tokens import TokenKind, decode_escapes, tokenize
from tzgraph.vocabulary import RDF

__all__ = ["iri_of", "iris_of_values", "quoted", "resolved", "string_of"]

_ESCAPE = re.compile(r"\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_SHORT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*+:")
_LOCAL_ESCAPE = re.compile(r"\\(.)")


def string_of(term: object) -> str | None:
    r"""Give what a string says that has neither language nor datatype.

    :param term: what stands there
    :return: ``None`` if it is something else

    >>> string_of(Term(0, 6, TermKind.LITERAL, r"'a\tb'"))
    'a\tb'
    """
    if not isinstance(term, Term) or term.kind is not TermKind.LITERAL:
        return None
    written = term.value
    if not written or written[0] not in "\"'" or written[-1] != written[0]:
        return None
    width = 3 if len(written) >= 6 and written.startswith(written[0] * 3) else 1
    return _ESCAPE.sub(_said, written[width:-width])


def _said(escape: re.Match[str]) -> str:
    if escape[0][1] in "uU" and len(escape[0]) > 2:
        return decode_escapes(escape[0])
    return _SHORT.get(escape[0][1], escape[0][1])


def quoted(text: str) -> str:
    r"""Write a string.

    >>> quoted('a"b')
    '"a\\"b"'
    """
    return str(ox.Literal(text))


def resolved(written: str, base: str) -> str | None:
    r"""Give the IRI that is written between angle brackets.

    :param base: what it is relative to, or nothing
    :return: ``None`` if that isn't an absolute IRI

    >>> resolved(r"../te\u0078t#query", "http://e/a/b/")
    'http://e/a/text#query'
    >>> resolved("text#query", "") is None
    True
    """
    found = decode_escapes(written)
    if _ABSOLUTE.match(found):
        return found
    if not base:
        return None
    try:
        # As the engine does it.
        parsed = ox.parse(f"<{written}> a <> .", format=ox.RdfFormat.TURTLE, base_iri=base)
        subject = next(parsed).subject
    except (SyntaxError, ValueError):
        return None
    return subject.value if isinstance(subject, ox.NamedNode) else None


def iri_of(term: Term, prefixes: Mapping[str, str], base: str = "") -> str | None:
    """Give the IRI that a name stands for.

    :param term: as it is written
    :param prefixes: IRIs of the prefixes that hold in the query
    :param base: what relative IRIs are relative to
    :return: ``None`` if it is no IRI, a relative one, or its prefix isn't known

    >>> iri_of(Term(0, 3, TermKind.IRI, "e:a"), {"e": "http://e/"})
    'http://e/a'
    """
    if term.kind is not TermKind.IRI:
        return None
    if term.value == "a":
        return f"{RDF}type"
    if term.value[0] == "<":
        return resolved(term.value[1:-1], base)
    prefix, _, local = term.value.partition(":")
    if prefix not in prefixes:
        return None
    found = decode_escapes(prefixes[prefix]) + _LOCAL_ESCAPE.sub(r"\1", local)
    return found if _ABSOLUTE.match(found) else None


def iris_of_values(node: InlineData, text: str) -> Iterator[Term]:
    """Give the IRIs among the values of VALUES; the tree has only the number of its rows.

    :param text: what the query was parsed from
    """
    before = ""
    for token in tokenize(text[node.start : node.end]):
        if token.kind in (TokenKind.IRI, TokenKind.PREFIXED) and before != "^^":
            start = node.start + token.start
            yield Term(start, start + len(token.text), TermKind.IRI, token.text)
        before = token.text
