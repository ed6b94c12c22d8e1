"""CURIEs and the IRIs that they stand for: the one converter for tables, queries, HTTP and links.

It knows the prefixes that a schema or a release declares, and those of the Bioregistry, of which
``bioregistry.json`` holds a part (``tools/make_prefix_map.py`` writes it). Where both know a
vocabulary, the declared prefix and namespace stand for it, and the Bioregistry's names and IRIs
are other ways of writing them. A prefix that is declared for something else is not the
Bioregistry's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NoReturn

import pyoxigraph as ox

if TYPE_CHECKING:
    import curies

__all__ = ["Curies", "IriError", "Vocabulary"]

_PREFIX = re.compile(r"[A-Za-z][\w.-]*|")
#: Local names that can be written after a prefix without escapes, in SPARQL and Turtle.
_LOCAL = re.compile(r"\w[\w.-]*(?<!\.)")
#: A prefix once more before an identifier, as in ``GO:GO:0001837`` or ``SIO:SIO_000300``.
_AGAIN = re.compile(r"([^:_]+)([:_])(.+)")
#: How often that is taken away.
_REPEATS = 4
#: Characters of an identifier that is held against the pattern of its prefix, and of a prefix that
#: is held against others.
_LONGEST = 255
#: Schemes of IRIs without ``//`` that can be written as they are.
_SCHEMES = ("data", "did", "file", "info", "mailto", "tag", "urn")


class IriError(ValueError):
    """A text names no IRI.

    :param code: ``unknown-prefix``, ``malformed-iri``, or ``no-iri`` if it doesn't look like one
    :param message: what is wrong
    :param hint: what to do
    """

    def __init__(self, code: str, message: str, hint: str) -> None:
        advice = hint[0].lower() + hint[1:].removesuffix(".")
        super().__init__(f"{message.removesuffix('.')} ({advice})")
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Vocabulary:
    """A prefix with its namespace, other names and IRIs, and the pattern of its identifiers."""

    prefix: str
    namespace: str
    names: tuple[str, ...] = ()
    iris: tuple[str, ...] = ()
    pattern: str | None = None


@dataclass(frozen=True)
class Curies:
    """Reads and writes CURIEs.

    Threads may share one. What is declared is found at once; the Bioregistry's prefixes are read
    when another prefix is first met (2 ms), and the package ``curies`` is imported when an IRI
    that is not the declared one is first shortened (0.2 s).

    :param prefixes: declared prefixes with their namespaces

    >>> known = Curies({"tzdrug": "https://w3id.org/tzgraph/id/drug/"})
    >>> known.iri("tzdrug:trastuzumab"), known.iri("MONDO:0001056")
    ('https://w3id.org/tzgraph/id/drug/trastuzumab', 'http://purl.obolibrary.org/obo/MONDO_0001056')
    """

    prefixes: Mapping[str, str] = field(default_factory=dict)

    # -- from texts to IRIs ---------------------------------------------------------------

    def iri(self, text: str) -> str:
        """Give the IRI that a text names: ``<IRI>``, an address, or a CURIE of a known prefix.

        :raises IriError: if it names none
        """
        prefix, _, local = text.partition(":")
        if text.startswith("<") and text.endswith(">"):
            iri = text[1:-1]
        elif local.startswith("//"):
            iri = text
        else:
            iri = self.expand(text) or (text if prefix.lower() in _SCHEMES else self._fail(text))
        try:
            return ox.NamedNode(iri).value
        except ValueError as error:
            raise IriError(
                "malformed-iri",
                f"“{iri}” is not an absolute IRI: {error}.",
                "Write one such as <https://…>, with other signs percent-encoded.",
            ) from error

    def _fail(self, text: str) -> NoReturn:
        """Say why a text is no CURIE."""
        prefix, _, local = text.partition(":")
        if not local or re.search(r"\s", text) or not _PREFIX.fullmatch(prefix):
            raise IriError(
                "no-iri",
                f"“{text}” is neither an IRI nor a CURIE.",
                "Write one such as tzdrug:trastuzumab.",
            )
        name = prefix[:_LONGEST].casefold()
        near = get_close_matches(name, map(str.casefold, self.prefixes), 1)
        near = near or get_close_matches(name, self._names, 1, 0.75)
        raise IriError(
            "unknown-prefix",
            f"The prefix “{prefix}” of “{text}” is not known.",
            f"Did you mean “{self.prefix(near[0])}”?" if near else "Write the IRI, as <https://…>.",
        )

    def expand(self, curie: str) -> str | None:
        """Give the IRI of a CURIE, or ``None`` if its prefix is not known.

        Names of prefixes are understood in any case, synonyms and doubled ones too.

        >>> Curies({"pmid": "http://identifiers.org/pubmed/"}).expand("PubMed:20728210")
        'http://identifiers.org/pubmed/20728210'
        """
        normal = None if re.search(r"\s", curie) else self.normalise(curie)
        if normal is None:
            return None
        prefix, _, local = normal.partition(":")
        return f"{self.namespace(prefix)}{local}"

    def normalise(self, curie: str) -> str | None:
        """Give a CURIE in its one form, or ``None`` if its prefix is not known.

        >>> Curies().normalise("GO:GO:0001837"), Curies().normalise("UniProtKB:P04626")
        ('go:0001837', 'uniprot:P04626')
        """
        prefix, _, local = curie.partition(":")
        known = self.prefix(prefix) if local else None
        return None if known is None else f"{known}:{self._once(known, local)}"

    def prefix(self, name: str) -> str | None:
        """Give the prefix that one written in any case, or a synonym, stands for."""
        return name if name in self.prefixes else self._names.get(name.casefold())

    def namespace(self, name: str) -> str | None:
        """Give the namespace of a prefix, written in any case or as a synonym."""
        known = self.prefix(name)
        if known is None:
            return None
        return self.prefixes.get(known) or self.vocabularies[known].namespace

    def pattern(self, name: str) -> re.Pattern[str] | None:
        """Give what local identifiers under a prefix look like (use ``fullmatch``), if known.

        >>> bool(Curies().pattern("go").fullmatch("0001837"))
        True
        """
        known = self.vocabularies.get(self.prefix(name) or "")
        return _compiled(known.pattern) if known and known.pattern else None

    def _fits(self, prefix: str, local: str) -> bool | None:
        """Whether an identifier is such as the prefix has them, or ``None`` if that isn't known."""
        known = self.pattern(prefix)
        return None if known is None else known.fullmatch(local) is not None

    def _once(self, prefix: str, local: str) -> str:
        """Take away what repeats the prefix, unless the identifier is meant to begin so."""
        for _ in range(_REPEATS):
            again = _AGAIN.fullmatch(local)
            if again is None or self.prefix(again[1]) != prefix:
                break
            fits = self._fits(prefix, local)
            if fits or (fits is None and again[2] == "_"):
                break
            local = again[3]
        return local

    # -- from IRIs to texts ---------------------------------------------------------------

    def compact(self, iri: str) -> str:
        """Write an IRI for people: as a CURIE of a declared prefix, else in angle brackets.

        The longest namespace that fits is taken. What follows it has to be a name in SPARQL, or
        an identifier such as the Bioregistry describes for the prefix.

        >>> Curies({"e": "https://example.org/"}).compact("https://example.org/a/b")
        '<https://example.org/a/b>'
        >>> Curies({"doi": "https://doi.org/"}).compact("https://doi.org/10.1002/ijc.30408")
        'doi:10.1002/ijc.30408'
        """
        fits = (f"{p}:{local}" for p, local in self._splits(iri) if self._fits(p, local))
        return self.prefixed_name(iri) or next(fits, f"<{iri}>")

    def prefixed_name(self, iri: str) -> str | None:
        """Write an IRI as SPARQL and Turtle do without escapes, by a declared prefix, if it can.

        >>> Curies({"e": "https://example.org/"}).prefixed_name("https://example.org/b")
        'e:b'
        """
        fits = (f"{p}:{local}" for p, local in self._splits(iri) if _LOCAL.fullmatch(local))
        return next(fits, None)

    def _splits(self, iri: str) -> Iterator[tuple[str, str]]:
        """Declared prefixes whose namespaces an IRI begins with, and what follows those."""
        for namespace, prefix in self._longest_first:
            if iri.startswith(namespace):
                yield prefix, iri[len(namespace) :]

    def compress(self, iri: str) -> str | None:
        """Give the CURIE of an IRI in any of the forms that are known of it, or ``None``.

        What lies below the page of a term is no term.

        >>> Curies().compress("https://identifiers.org/ncbigene/2064")
        'ncbigene:2064'
        >>> Curies().compress("https://identifiers.org/ncbigene/2064/history")
        """
        found = self._converter.compress(iri, strict=False, passthrough=False)
        normal = None if found is None else self.normalise(found)
        if normal is None or not set("/#?") & set(normal):
            return normal
        prefix, _, local = normal.partition(":")
        return normal if self._fits(prefix, local) else None

    # -- what is known --------------------------------------------------------------------

    @cached_property
    def _longest_first(self) -> list[tuple[str, str]]:
        pairs = [(namespace, prefix) for prefix, namespace in self.prefixes.items() if namespace]
        return sorted(pairs, key=lambda pair: (-len(pair[0]), pair[1]))

    @cached_property
    def vocabularies(self) -> dict[str, Vocabulary]:
        """All vocabularies by prefix; no two share a name or an IRI."""
        declared = {
            prefix: Vocabulary(prefix, namespace) for prefix, namespace in self.prefixes.items()
        }
        names = {prefix.casefold() for prefix in declared}
        owners = dict(reversed(self._longest_first))
        found = dict(declared)
        for entry in _registered():
            own = next((owners[iri] for iri in entry.iris if iri in owners), None)
            if own is None and entry.prefix.casefold() in names:
                continue
            found[own or entry.prefix] = Vocabulary(
                own or entry.prefix,
                self.prefixes[own] if own else entry.namespace,
                tuple(name for name in entry.names if name.casefold() not in names),
                tuple(iri for iri in entry.iris if iri not in owners),
                entry.pattern,
            )
        return found

    @cached_property
    def _names(self) -> dict[str, str]:
        """All names of prefixes, in lower case, with the prefix that they stand for."""
        found: dict[str, str] = {}
        for one in self.vocabularies.values():
            for name in (one.prefix, *one.names):
                found.setdefault(name.casefold(), one.prefix)
        return found

    @cached_property
    def _converter(self) -> curies.Converter:
        import curies

        return curies.Converter(
            [
                curies.Record(
                    prefix=one.prefix,
                    uri_prefix=one.namespace,
                    prefix_synonyms=[name for name in one.names if name != one.prefix],
                    uri_prefix_synonyms=[iri for iri in one.iris if iri != one.namespace],
                )
                for one in self.vocabularies.values()
                if one.prefix and one.namespace
            ],
            strict=False,  # a test sees to it that no two share a name, which is slow to check
        )


@cache
def _registered() -> tuple[Vocabulary, ...]:
    """The part of the Bioregistry that ships."""
    text = (files("tzgraph") / "bioregistry.json").read_text(encoding="utf-8")
    records: list[dict[str, Any]] = json.loads(text)["records"]
    return tuple(
        Vocabulary(
            record["prefix"],
            record["uri_prefix"],
            (record["prefix"], *record["prefix_synonyms"]),
            (record["uri_prefix"], *record["uri_prefix_synonyms"]),
            record["pattern"],
        )
        for record in records
    )


@cache
def _compiled(text: str) -> re.Pattern[str]:
    # Patterns of the registry take time with the square or cube of the length: it has a bound.
    return re.compile(rf"(?=(?s:.{{0,{_LONGEST}}})\Z)(?:{text})")
