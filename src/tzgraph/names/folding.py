"""Names folded to tokens: spelling, case, hyphens, plurals and Greek letters don't matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from tzgraph.names.spelling import plain, stem

__all__ = ["fold", "replace_phrases"]

#: Phrases that mean the same in names of terms.
_PHRASES = {
    ("signal", "transduct"): ("signaling",),
    ("signal", "transduction"): ("signaling",),
    ("t", "lymphocyt"): ("t", "cell"),
    ("b", "lymphocyt"): ("b", "cell"),
    ("cellular",): ("cell",),
    ("phosphoinositid", "3", "kinas"): ("phosphatidylinositol", "3", "kinas"),
    ("digestiv", "organ"): ("digestiv", "system"),
    ("biosynthetic", "process"): ("synthes",),
    ("biosynthetic", "pathway"): ("synthes",),
    ("biosynthes",): ("synthes",),
    ("metabolic", "process"): ("metabolism",),
    ("metabolic", "pathway"): ("metabolism",),
    ("catabolic", "process"): ("catabolism",),
}
#: Letters and digits of any script.
_TOKEN = re.compile(r"[^\W_]+")


@lru_cache(maxsize=50_000)
def fold(text: str) -> tuple[str, ...]:
    """Fold a name to tokens.

    >>> fold("Tumours of the Oesophagus")
    ('tumor', 'of', 'the', 'esophagus')
    >>> fold("TGF-β signalling") == fold("TGF beta signaling")
    True
    >>> fold("HER2+ breast cancers")
    ('her2', 'positiv', 'breast', 'cancer')
    """
    tokens = tuple(stem(t) for t in _TOKEN.findall(plain(text)))
    for phrase, instead in _PHRASES.items():
        if phrase[0] in tokens:
            tokens = replace_phrases(tokens, {phrase: instead}, len(phrase))
    return tokens


def replace_phrases(
    tokens: tuple[str, ...],
    phrases: Mapping[tuple[str, ...], tuple[str, ...]],
    longest: int,
) -> tuple[str, ...]:
    """Replace phrases of up to ``longest`` tokens, the longest first."""
    found: list[str] = []
    at = 0
    while at < len(tokens):
        for size in range(min(longest, len(tokens) - at), 0, -1):
            # A phrase that is the whole name is no part of it.
            instead = phrases.get(tokens[at : at + size]) if size < len(tokens) else None
            if instead is not None:
                found.extend(instead)
                at += size
                break
        else:
            found.append(tokens[at])
            at += 1
    return tuple(found)
