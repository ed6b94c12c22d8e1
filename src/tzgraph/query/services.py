"""Find the endpoints that a query calls, and have other addresses called in their place.

Only what stands plainly counts: ``SERVICE``, ``SILENT`` if wanted, the endpoint as an IRI or as a
name whose prefix is known, and a brace, each apart from the other. Everything else that the engine
might take for a call is not recognised here, and so refused by :mod:`tzgraph.query.guard`.

The engine only calls; what an endpoint is asked is made of the client's own text
(:func:`remote_query`). So the calls inside a call, such as Wikidata's label service, are the other
endpoint's, under their own names, and are nothing that the engine could make here. And what stands
around a call does not get into it: of ``GRAPH ?g { SERVICE <x> { … } }`` the engine would make
``GRAPH ?g`` a part of the question, which is about the other endpoint's graphs then
(SPARQL 1.1 Federated Query, section 4, knows no such thing).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tzgraph.query.tokens import Token, TokenKind, decode_escapes, tokenize

__all__ = [
    "NOWHERE",
    "Call",
    "declared_prefixes",
    "find_call",
    "remote_query",
    "with_graphs",
]

#: An endpoint that can't be called.
NOWHERE = "<x:x>"
_GAPS = frozenset(" \t\r\n")
_BEFORE = frozenset("{}.")
_AFTER = frozenset("<# \t\r\n")
_PROLOGUE = frozenset({"PREFIX", "BASE", "VERSION"})
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")
_NAMES = frozenset({TokenKind.IRI, TokenKind.PREFIXED, TokenKind.VARIABLE})


@dataclass(frozen=True, slots=True)
class Call:
    """An endpoint that a query calls; places are offsets in characters.

    :ivar endpoint: its IRI, as far as it is known for one inside another call
    :ivar word: where SERVICE stands
    :ivar start: where its name stands
    :ivar end: where the name ends
    :ivar pattern: where the pattern begins and ends, with its braces; empty for one inside another
    :ivar silent: whether it may fail
    :ivar graphs: each GRAPH that it stands in: where, and what it names
    """

    endpoint: str
    word: int
    start: int
    end: int
    pattern: tuple[int, int]
    silent: bool = False
    graphs: tuple[tuple[int, str], ...] = ()

    @property
    def is_inner(self) -> bool:
        """Whether it stands in another call, whose endpoint makes it."""
        return self.pattern == (0, 0)


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
    endpoints: Collection[str] | None,
    prefixes: Mapping[str, str],
) -> Call | str:
    """Give the call that stands plainly at a token, or say why there is none.

    :param tokens: those of the text, without space
    :param index: of the token that says SERVICE
    :param endpoints: IRIs that may be called, ``None`` for a call inside another one
    :param prefixes: those that hold in the query
    """
    words = [tokens[index]]
    if index + 1 < len(tokens) and tokens[index + 1].text.upper() == "SILENT":
        words.append(tokens[index + 1])
    rest = tokens[index + len(words) : index + len(words) + 2]
    if "\\" in words[0].text or any("\\" in token.text for token in rest):
        return "it is written with escapes"
    before = index > 0 and tokens[index - 1].text in _BEFORE
    apart = before or text[: words[0].start][-1:] in _GAPS
    apart = apart and all(text[word.end : word.end + 1] in _AFTER for word in words)
    if not (apart and words[0].text.upper() == "SERVICE" and len(rest) == 2):
        return "it does not stand apart from what is around it"
    name, brace = rest
    if name.kind is TokenKind.VARIABLE and endpoints is not None:
        return "the endpoint is a variable"
    named = name.kind in _NAMES and not name.doubtful and not name.word.startswith("SILENT")
    if not named or brace.text != "{":
        return "what follows is no plain endpoint and pattern"
    prefix, colon, local = name.text.partition(":")
    if name.kind is TokenKind.PREFIXED and prefix not in prefixes:
        return f"the prefix {prefix[:60]}{colon} is not declared"
    endpoint = name.text[1:-1] if name.kind is TokenKind.IRI else prefixes.get(prefix, "") + local
    pattern = 0, 0
    if endpoints is not None:
        if endpoint not in endpoints:
            return "that endpoint is not on the list"
        pattern = brace.start, _closing(tokens, index + len(words) + 1)
    return Call(endpoint, words[0].start, name.start, name.end, pattern, len(words) == 2)


def _closing(tokens: Sequence[Token], index: int) -> int:
    """Give where the bracket ends that opens at a token, or the text."""
    depth = 0
    for place in range(index, len(tokens)):
        depth += tokens[place].kind is TokenKind.OPEN
        depth -= tokens[place].kind is TokenKind.CLOSE
        if not depth:
            return tokens[place].end
    return tokens[-1].end


def with_graphs(tokens: Sequence[Token], calls: Sequence[Call]) -> tuple[Call, ...]:
    """Give calls with each GRAPH that they stand in.

    :param tokens: those of the query, without space
    """
    found = {call.word: call for call in calls}
    open_graphs: list[tuple[int, str] | None] = []
    for index, token in enumerate(tokens):
        if token.kind is TokenKind.OPEN:
            word = tokens[index - 2] if index > 1 else token
            is_graph = token.text == "{" and word.text.upper().endswith("GRAPH")
            # The engine also takes a keyword that stands directly behind TRUE.
            place = word.end - len("GRAPH"), tokens[index - 1].text
            open_graphs.append(place if is_graph and word.kind is TokenKind.WORD else None)
        elif token.kind is TokenKind.CLOSE and open_graphs:
            open_graphs.pop()
        elif token.start in found and not found[token.start].is_inner:
            graphs = tuple(graph for graph in open_graphs if graph)
            found[token.start] = replace(found[token.start], graphs=graphs)
    return tuple(found.values())


def remote_query(text: str, call: Call, known: Mapping[str, str], base: str) -> str:
    r"""Give the query that an endpoint is asked: the call's pattern as it was written.

    :param text: the client's query
    :param call: one that is not inside another
    :param known: prefixes that the query need not declare
    :param base: what relative IRIs are relative to where the query has no BASE

    >>> from tzgraph.query.guard import check
    >>> text = "SELECT ?s { SERVICE <http://x/> { ?s e:p 1.50 } }"
    >>> (call,) = check(text, endpoints=["http://x/"]).calls
    >>> remote_query(text, call, {"e": "http://e/"}, "http://b/")
    'PREFIX e: <http://e/>\nSELECT * WHERE { ?s e:p 1.50 }'
    """
    pattern = text[slice(*call.pattern)]
    prologue = list(_prologue(text))
    declared = {tokens[1].text for tokens in prologue}
    iris = [tokens[-1].text for tokens in prologue]
    used: dict[str, None] = {}
    for token in tokenize(pattern):
        if token.kind is TokenKind.IRI:
            iris.append(token.text)
        elif token.kind is TokenKind.PREFIXED:
            used[decode_escapes(token.text).partition(":")[0]] = None
    lines = [f"PREFIX {name}: <{known[name]}>" for name in used if name in known]
    lines = [line for line in lines if line.split()[1] not in declared]
    if not all(map(_ABSOLUTE.match, iris)):
        lines.insert(0, f"BASE <{base}>")
    lines += [" ".join(token.text for token in tokens) for tokens in prologue]
    return "\n".join([*lines, f"SELECT * WHERE {pattern}"])


def _prologue(text: str) -> Iterator[list[Token]]:
    """Give the tokens of each declaration of BASE and PREFIX; VERSION is left out."""
    declaration: list[Token] = []
    for token in tokenize(text):
        if token.kind is TokenKind.SPACE:
            continue
        if not declaration and token.word not in _PROLOGUE:
            return
        if token.kind is TokenKind.WORD:
            declaration = []
        declaration.append(token)
        if token.kind in (TokenKind.IRI, TokenKind.STRING):
            if token.kind is TokenKind.IRI:
                yield declaration
            declaration = []
