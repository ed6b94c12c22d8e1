"""Where in a file terms are described, for findings of syntaxes whose parsers don't tell."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tzgraph.link.read.source import Source
from tzgraph.vocabulary import local_name

__all__ = ["locate_lines", "pattern_of"]

#: What stands before the identifier of what is being described, in XML, JSON, Turtle, N-Triples.
_BEFORE = rb"(?:(?:about|ID|IRI)\s*=\s*[\"']|\"(?:@?id|sub)\"\s*:\s*\"|^\s*<?)"
#: What a local name may be set off by.
_AFTER = rb"[\"'>\s]"
_LONGEST = 1_000_000


def locate_lines(source: Source, iris: Iterable[str]) -> dict[str, int]:
    """Give the first line that describes each of a few terms; those not found are left out.

    The file is read once more, so this is for findings only.
    """
    wanted = {local_name(iri).encode(): iri for iri in iris}
    names = [name for name in wanted if name]
    if not names:
        return {}
    pattern = pattern_of(names)
    found: dict[str, int] = {}
    with source.open() as stream:
        for number, line in enumerate(iter(lambda: stream.readline(_LONGEST), b""), 1):
            if match := pattern.search(line):
                found.setdefault(wanted[match[1]], number)
                if len(found) == len(names):
                    break
    return found


def pattern_of(names: Iterable[bytes]) -> re.Pattern[bytes]:
    """Give what finds where one of the local names is described; the name is the first group."""
    either = b"|".join(re.escape(name) for name in names)
    return re.compile(_BEFORE + rb"[^\"'<>\s]*?(?<![\w.-])(" + either + rb")" + _AFTER)
