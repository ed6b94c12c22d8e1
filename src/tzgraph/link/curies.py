"""CURIEs of other people's identifiers, and the IRIs that stand for them in RDF.

Prefixes, their synonyms, IRIs and the patterns of local identifiers come from the Bioregistry: a
part of it ships as ``prefixes.json``, which ``tools/make_prefix_map.py`` writes. The prefixes of
our own things (``tzdrug:``) come from the ontology.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import curies

from tzgraph.resources import shipped
from tzgraph.schema import load_schema

__all__ = ["compress", "converter", "expand", "normalise", "pattern", "registered", "with_prefixes"]

#: A prefix once more before an identifier, as in ``GO:GO:0001837`` or ``SIO:SIO_000300``.
_AGAIN = re.compile(r"([A-Za-z](?:[^\W_]|\.)*+)[:_](.+)")
#: How often that is taken away.
_REPEATS = 4
#: Characters of an identifier that is held against the pattern of its prefix.
_LONGEST = 255


@cache
def converter() -> curies.Converter:
    """Give what turns CURIEs into IRIs and back: the Bioregistry's prefixes and our own.

    >>> converter().expand("GO:0001837")
    'http://purl.obolibrary.org/obo/GO_0001837'
    """
    schema = load_schema(shipped("ontology"))
    return with_prefixes({p: iri for p, iri in schema.prefixes.items() if p.startswith("tz")})


def with_prefixes(own: Mapping[str, str]) -> curies.Converter:
    """Give a converter of the Bioregistry's prefixes and others, such as those of an ontology.

    :param own: prefix → IRI; what the Bioregistry knows by the same name or IRI is left out
    """
    # A test sees to it that no two share a name, which is slow to check each time.
    found = curies.Converter(map(_as_record, _entries().values()), strict=False)
    for prefix, iri in own.items():
        if found.standardize_prefix(prefix) is None and not _taken(found, iri):
            found.add_prefix(prefix, iri)
    return found


def registered() -> dict[str, str]:
    """Give the IRIs of the prefixes that ship, by prefix."""
    return {prefix: entry["uri_prefix"] for prefix, entry in _entries().items()}


def expand(curie: str) -> str | None:
    """Give the IRI of a CURIE, or ``None`` if its prefix is not known.

    Synonyms of prefixes and doubled ones are understood.

    >>> expand("hgnc:3430")
    'http://identifiers.org/hgnc/3430'
    >>> expand("tzdrug:trastuzumab")
    'https://w3id.org/tzgraph/id/drug/trastuzumab'
    """
    normal = normalise(curie)
    return None if normal is None else converter().expand(normal)


def compress(iri: str) -> str | None:
    """Give the CURIE of an IRI in any of the forms that the Bioregistry knows, or ``None``.

    What lies below the page of a term is no term.

    >>> compress("https://identifiers.org/ncbigene/2064")
    'ncbigene:2064'
    >>> compress("https://identifiers.org/ncbigene/2064/history")
    """
    found = converter().compress(iri, strict=False, passthrough=False)
    normal = None if found is None else normalise(found)
    if normal is None or "/" not in normal:
        return normal
    prefix, _, local = normal.partition(":")
    known = pattern(prefix)
    return normal if known is None or known.fullmatch(local) else None


def pattern(prefix: str) -> re.Pattern[str] | None:
    """Give what local identifiers under a prefix look like (use ``fullmatch``), if it is known.

    >>> bool(pattern("go").fullmatch("0001837"))
    True
    """
    entry = _entries().get(_standard(prefix) or "")
    return _compiled(entry["pattern"]) if entry and entry["pattern"] else None


def normalise(curie: str) -> str | None:
    """Give a CURIE as the Bioregistry writes it, or ``None`` if its prefix is not known.

    >>> normalise("GO:GO:0001837")
    'go:0001837'
    >>> normalise("UniProtKB:P04626")
    'uniprot:P04626'
    """
    prefix, colon, local = curie.partition(":")
    standard = _standard(prefix)
    if not colon or not local or standard is None:
        return None
    return f"{standard}:{_once(standard, local)}"


def _once(prefix: str, local: str) -> str:
    """Take away what repeats the prefix, unless the identifier is meant to begin so."""
    known = pattern(prefix)
    for _ in range(_REPEATS):
        again = _AGAIN.fullmatch(local)
        if again is None or _standard(again[1]) != prefix:
            break
        if known is not None and known.fullmatch(local):
            break
        local = again[2]
    return local


def _standard(prefix: str) -> str | None:
    """The prefix that one written in any case, or a synonym, stands for."""
    return _names().get(prefix.casefold()) or converter().standardize_prefix(prefix)


@cache
def _names() -> dict[str, str]:
    return {
        name.casefold(): prefix
        for prefix, entry in _entries().items()
        for name in (prefix, *entry["prefix_synonyms"])
    }


@cache
def _compiled(text: str) -> re.Pattern[str]:
    # Patterns of the registry take time with the square or cube of the length: it has a bound.
    return re.compile(rf"(?=(?s:.{{0,{_LONGEST}}})\Z)(?:{text})")


@cache
def _entries() -> dict[str, dict[str, Any]]:
    text = (files("tzgraph.link") / "prefixes.json").read_text(encoding="utf-8")
    return {entry["prefix"]: entry for entry in json.loads(text)["records"]}


def _as_record(entry: Mapping[str, Any]) -> curies.Record:
    return curies.Record(
        prefix=entry["prefix"],
        uri_prefix=entry["uri_prefix"],
        prefix_synonyms=entry["prefix_synonyms"],
        uri_prefix_synonyms=entry["uri_prefix_synonyms"],
        pattern=entry["pattern"],
    )


def _taken(known: curies.Converter, iri: str) -> bool:
    """Whether a namespace is one of the known ones."""
    return iri in known.reverse_prefix_map
