"""How deep a file is nested: parsers that call themselves for each level may crash, or take hours.

Expressions of real ontologies are a dozen levels deep.
"""

from __future__ import annotations

import re
from itertools import accumulate

from tzgraph.errors import DataError
from tzgraph.link.read.source import Source, unusable

__all__ = ["brackets", "too_deep"]

#: Levels that are read.
_DEEPEST = 250
#: What may hold brackets that are none, in functional and Manchester syntax.
#: Nothing behind a quote that is never closed can be parsed.
_QUOTED = re.compile(rb"\"(?>(?:[^\"\\]|\\.)*)\"?|<[^<>\s]*>|#[^\n]*", re.DOTALL)
_OTHERS = bytes(set(range(256)) - set(b"()"))


def too_deep(source: Source, levels: int) -> DataError | None:
    """Give the error for a file that is nested too deeply, if it is."""
    if levels <= _DEEPEST:
        return None
    return unusable(
        source.name,
        "too-deep",
        f"The file is nested more than {_DEEPEST} levels deep.",
        "No ontology needs that; don't trust this file.",
    )


def brackets(data: bytes) -> int:
    """Give how deep round brackets are nested, outside of texts, IRIs and comments.

    >>> brackets(b'A(B(C) ")))" <http://e.org/(x)>)')
    2
    """
    bare = _QUOTED.sub(b"", data).translate(None, _OTHERS)
    return max(accumulate((1 if sign == 40 else -1) for sign in bare), default=0)
