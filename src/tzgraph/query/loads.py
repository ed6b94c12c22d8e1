"""``LOAD SILENT`` in updates, which may fail (SPARQL 1.1 Update, section 3.1.4).

No document is loaded here, so it always fails, and the rest of the update is carried out. Only a
plain operation is recognised, each of its tokens apart from the other; every other LOAD is refused
by :mod:`tzgraph.query.guard`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tzgraph.query.tokens import Token, TokenKind, tokens_of

__all__ = ["leave_out_loads"]

#: An operation that does nothing.
_NOTHING = "INSERT DATA {}"
_LOAD, _SILENT = re.compile("load", re.IGNORECASE), re.compile("silent", re.IGNORECASE)
_PROLOGUE = frozenset({"PREFIX", "BASE", "VERSION"})
_NAMES = frozenset({TokenKind.IRI, TokenKind.PREFIXED})
_ALWAYS, _INTO = ("LOAD", "SILENT", ""), ("INTO", "GRAPH", "")


def leave_out_loads(text: str) -> tuple[str, tuple[str, ...]]:
    """Put an operation that does nothing in the place of each LOAD SILENT.

    :param text: an update, not yet parsed; what is doubtful is left for the guard to refuse
    :return: the update, in which all else stands where it stood, and the documents by their names

    >>> leave_out_loads("LOAD SILENT <x:y> ; CLEAR ALL")
    ('INSERT DATA {}    ; CLEAR ALL', ('<x:y>',))
    """
    if not (_LOAD.search(text) and _SILENT.search(text)):
        return text, ()
    tokens = tokens_of(text)
    if any(token.doubtful for token in tokens):
        return text, ()
    parts, names, position = [], [], 0
    for found in _silent_loads(tokens):
        start, end = found[0].start, found[-1].end
        gone = text[start + len(_NOTHING) : end]
        lines = text.count("\n", start, end) - gone.count("\n")
        filler = "".join(sign if sign == "\n" else " " for sign in gone)
        parts += [text[position:start], _NOTHING, "\n" * lines, filler[lines:]]
        names.append(found[2].text)
        position = end
    return "".join([*parts, text[position:]]), tuple(names)


def _silent_loads(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Give the tokens of each operation LOAD SILENT."""
    depth = index = 0
    first = True  # an operation may begin here
    while index < len(tokens):
        token = tokens[index]
        depth += (token.kind is TokenKind.OPEN) - (token.kind is TokenKind.CLOSE)
        count = _plain(tokens, index, _ALWAYS) if first and not depth else 0
        if count:
            end = index + count + _plain(tokens, index + count, _INTO)
            if end == len(tokens) or tokens[end].text == ";":
                yield tokens[index:end]
            index, first = end, False
            continue
        if token.kind is TokenKind.WORD:
            first = first and token.word in _PROLOGUE
        elif token.text == ";" and not depth:
            first = True
        index += 1


def _plain(tokens: Sequence[Token], index: int, words: Sequence[str]) -> int:
    """Give how many tokens stand there that are such words, an empty one being a name."""
    found = tokens[index : index + len(words)]
    if len(found) < len(words):
        return 0
    for place, (token, word) in enumerate(zip(found, words, strict=True)):
        named = token.kind in _NAMES and not token.doubtful and "\\" not in token.text
        apart = not place or token.start > found[place - 1].end or token.kind is TokenKind.IRI
        if not apart or not (token.text.upper() == word if word else named):
            return 0
    return len(words)
