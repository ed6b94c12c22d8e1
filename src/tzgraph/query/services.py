"""Find the endpoints that a query calls, and have other addresses called in their place.

Only what stands plainly counts: ``SERVICE``, ``SILENT`` if wanted, the endpoint as an IRI or as a
name whose prefix is known, and a brace, each apart from the other. Everything else that the engine
might take for a call is not recognised here, and so refused by :mod:`tzgraph.query.guard`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tzgraph.query.tokens import Token, TokenKind

__all__ = ["Call", "declared_prefixes", "find_call", "redirect"]

_GAPS = frozenset(" \t\r\n")
_BEFORE = frozenset("{}.")
_AFTER = frozenset("<# \t\r\n")
_PROLOGUE = frozenset({"PREFIX", "BASE", "VERSION"})


@dataclass(frozen=True, slots=True)
class Call:
    """An endpoint that a query calls, and where its name stands, as offsets in characters."""

    endpoint: str
    start: int
    end: int


def declared_prefixes(tokens: Sequence[Token], known: Mapping[str, str]) -> dict[str, str]:
    """Give the prefixes that hold in a query: those that are known and those of its prologue.

    :param tokens: the query's, without space
    :param known: prefixes that need no declaration

    >>> from tzgraph.query.tokens import tokenize
    >>> text = "PREFIX x: <http://x.example/> ASK {}"
    >>> declared_prefixes([t for t in tokenize(text) if t.kind is not TokenKind.SPACE], {})
    {'x': 'http://x.example/'}
    """
    found = dict(known)
    for word, name, iri in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if word.kind is TokenKind.WORD and word.word not in _PROLOGUE:
            break
        if word.word == "PREFIX" and name.kind is TokenKind.PREFIXED and name.text.endswith(":"):
            found[name.text[:-1]] = iri.text[1:-1] if iri.kind is TokenKind.IRI else ""
    return found


def find_call(
    text: str,
    tokens: Sequence[Token],
    index: int,
    endpoints: Collection[str],
    prefixes: Mapping[str, str],
) -> Call | str:
    """Give the call that stands plainly at a token, or say why there is none.

    :param tokens: those of the text, without space
    :param index: of the token that says SERVICE
    :param endpoints: IRIs that may be called
    :param prefixes: those that hold in the query
    """
    words = [tokens[index]]
    if index + 1 < len(tokens) and tokens[index + 1].text.upper() == "SILENT":
        words.append(tokens[index + 1])
    rest = tokens[index + len(words) : index + len(words) + 2]
    before = index > 0 and tokens[index - 1].text in _BEFORE
    apart = before or text[: words[0].start][-1:] in _GAPS
    apart = apart and all(text[word.end : word.end + 1] in _AFTER for word in words)
    if not (apart and words[0].text.upper() == "SERVICE" and len(rest) == 2):
        return "it does not stand apart from what is around it"
    name, brace = rest
    if name.kind is TokenKind.VARIABLE:
        return "the endpoint is a variable"
    if name.doubtful or "\\" in name.text or name.word.startswith("SILENT") or brace.text != "{":
        return "what follows is no plain endpoint and pattern"
    endpoint = ""
    if name.kind is TokenKind.IRI:
        endpoint = name.text[1:-1]
    elif name.kind is TokenKind.PREFIXED:
        prefix, _, local = name.text.partition(":")
        endpoint = prefixes.get(prefix, "") + local
    if endpoint not in endpoints:
        return "that endpoint is not on the list"
    return Call(endpoint, name.start, name.end)


def redirect(text: str, calls: Iterable[Call], addresses: Mapping[str, str]) -> str:
    """Put other addresses in the place of endpoints.

    :param calls: what the query calls
    :param addresses: what is to be called instead, by endpoint

    >>> redirect("SERVICE <http://x/> {}", [Call("http://x/", 8, 19)], {"http://x/": "http://y/"})
    'SERVICE <http://y/> {}'
    """
    parts, position = [], 0
    for call in sorted(calls, key=lambda call: call.start):
        parts += [text[position : call.start], f"<{addresses[call.endpoint]}>"]
        position = call.end
    return "".join([*parts, text[position:]])
