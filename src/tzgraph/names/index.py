"""The index of names of a release: a sorted file, made by the build and searched where it lies.

Its lines have fields between tabs, of which the first says what kind of line it is. They are
sorted by code point, so that lines that begin alike stand together and are found by bisection, in a
file that all processes share in memory and none has to load.

===== ============================================================================================
line  fields
===== ============================================================================================
``b`` word, spelt backwards: each word in which a slip is looked for
``f`` the same word, spelt forwards
``i`` IRI, kind, label: each thing
``n`` key, property, value as in N-Triples, IRI: a name, whose key is its folded words, joined
``w`` word, key: each word of a name, and the name's key
===== ============================================================================================
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from tzgraph.curies import Curies
from tzgraph.names.folding import fold
from tzgraph.names.slips import is_slip, may_slip
from tzgraph.vocabulary import DCTERMS, ID, OWL, RDF, RDFS, SKOS, TZ

__all__ = [
    "IDENTIFIERS",
    "LABEL",
    "LABELS",
    "LINKS",
    "LONGEST_NAME",
    "NAMES",
    "SLUG",
    "Name",
    "NameIndex",
    "key_of",
    "label_of",
    "lines_of",
    "name_lines",
    "slug_of",
]

#: The file of a release with the index.
NAMES = "names.tsv"
#: Characters of a name, and of what is looked for; what follows them is not looked at.
LONGEST_NAME = 200
#: Letters from which on the last word may be the beginning of one.
_BEGUN = 2
#: Bytes of the lines that are read for one word; there are more of what is looked for than help.
_MOST_BYTES = 1_000_000
_PAGES = ID + "page/"
LABEL = RDFS + "label"
#: In place of a property, where the name is the end of the IRI.
SLUG = ""
#: Properties whose values are names.
LABELS = (LABEL, *(f"{SKOS}{name}Label" for name in ("pref", "alt", "hidden")))
#: Properties whose values are identifiers.
IDENTIFIERS = (
    DCTERMS + "identifier",
    SKOS + "notation",
    *(TZ + name for name in ("nctId", "pmid", "doi")),
)
#: Properties that lead to the same thing elsewhere, or to one like it, the nearest first.
LINKS = (
    OWL + "sameAs",
    *(f"{SKOS}{how}Match" for how in ("exact", "close", "broad", "narrow", "related")),
    RDFS + "seeAlso",
)
_DEFAULT = ox.DefaultGraph()


class Name(NamedTuple):
    """A name in the index.

    :ivar prop: IRI of the property whose value it is, empty for the end of the IRI
    :ivar value: that value as in N-Triples
    :ivar iri: of the thing
    """

    prop: str
    value: str
    iri: str

    @property
    def text(self) -> str:
        """The name as it is written; of a link, the IRI that it leads to."""
        if not self.value.startswith('"'):
            return self.value.strip("<>")
        triples = ox.parse(f"<x:> <x:> {self.value} .", ox.RdfFormat.N_TRIPLES)
        return next((q.object.value for q in triples if isinstance(q.object, ox.Literal)), "")


def key_of(text: str) -> str:
    """Give what is the same for all ways to write a name.

    >>> key_of("T\N{NON-BREAKING HYPHEN}DXd"), key_of("TGF-\N{GREEK SMALL LETTER BETA}")
    ('tdxd', 'tgfbeta')
    """
    return "".join(fold(text[:LONGEST_NAME]))


# -- the lines of the index ---------------------------------------------------------------------


def name_lines(store: ox.Store, curies: Curies) -> Iterator[str]:
    """Give the lines of the index of all that has names in the default view, in no order.

    :param store: everything that a release holds
    :param curies: reads and writes CURIEs
    """
    for prop in (*LABELS, *IDENTIFIERS, *LINKS):
        node = ox.NamedNode(prop)
        title = label_of(store, node)
        for quad in store.quads_for_pattern(None, node, None, _DEFAULT):
            if not isinstance(quad.subject, ox.NamedNode):
                continue
            iri = quad.subject.value
            value = quad.object
            keys: set[str] = set()
            if isinstance(value, ox.NamedNode) and prop in LINKS:
                keys = _keys_of_link(value.value, prop, curies)
            elif isinstance(value, ox.Literal) and prop not in LINKS:
                keys = {key_of(value.value)}
                if prop in IDENTIFIERS:
                    keys.add(key_of(f"{title} {value.value}"))
            for key in keys - {""}:
                yield f"n\t{key}\t{prop}\t{value}\t{iri}"
                yield from _lines_of_thing(store, quad.subject)
                if prop in LABELS and isinstance(value, ox.Literal):
                    # Labels of pages are made of their addresses, which are cut anywhere.
                    slips = iri.startswith(ID) and not iri.startswith(_PAGES)
                    yield from _lines_of_words(value.value, key, slips)


def lines_of(names: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Give the lines of the index of names that no store has, such as those of tables.

    :param names: IRI of a thing, IRI of the property, and the name
    """
    for iri, prop, text in names:
        label = text if prop == LABEL else ""
        kind = iri.removeprefix(ID).partition("/")[0] if iri.startswith(ID) else ""
        if label:
            yield f"i\t{iri}\t{kind}\t{_flat(label)}"
        slug = slug_of(iri)
        if key := key_of(slug):
            yield f"n\t{key}\t{SLUG}\t{slug}\t{iri}"
        if key := key_of(text):
            yield f"n\t{key}\t{prop}\t{ox.Literal(text)}\t{iri}"
            yield from _lines_of_words(text, key, iri.startswith(ID))


def _lines_of_thing(store: ox.Store, node: ox.NamedNode) -> Iterator[str]:
    yield f"i\t{node.value}\t{_kind(store, node)}\t{_flat(label_of(store, node))}"
    slug = slug_of(node.value)
    if key := key_of(slug):
        yield f"n\t{key}\t{SLUG}\t{slug}\t{node.value}"


def _lines_of_words(name: str, key: str, slips: bool) -> Iterator[str]:
    for word in fold(name[:LONGEST_NAME]):
        yield f"w\t{word}\t{key}"
        if slips and may_slip(word):
            yield f"f\t{word}"
            yield f"b\t{word[::-1]}"


def _keys_of_link(iri: str, prop: str, curies: Curies) -> set[str]:
    """Give the keys of what a link leads to: its CURIE, and what of it tells enough alone."""
    curie = curies.compress(iri)
    if curie is None:
        return set() if prop == RDFS + "seeAlso" else {iri}
    local = curie.partition(":")[2]
    # Numbers alone, and words, may be anything.
    enough = any(map(str.isdigit, local)) and any(map(str.isalpha, local))
    return {key_of(curie), *([key_of(local)] if enough else [])}


def _kind(store: ox.Store, node: ox.NamedNode) -> str:
    """Give what a thing is in a word: what its IRI or else its most special class says."""
    if node.value.startswith(ID):
        return node.value.removeprefix(ID).partition("/")[0]
    classes = _objects(store, node, RDF + "type")
    names = {one.value.removeprefix(OWL) for one in classes if one.value.startswith(OWL)}
    if any(name.endswith("Property") for name in names):
        return "property"
    if "Class" in names or RDFS + "Class" in {one.value for one in classes}:
        return "class"
    own = [one for one in classes if not one.value.startswith((OWL, RDFS))]
    above = {up for one in own for up in _objects(store, one, RDFS + "subClassOf") if up != one}
    special = sorted({one for one in own if one not in above} or own, key=str)
    return _flat(label_of(store, special[0]) or slug_of(special[0].value)) if special else ""


def _objects(store: ox.Store, node: ox.NamedNode, prop: str) -> list[ox.NamedNode]:
    found = store.quads_for_pattern(node, ox.NamedNode(prop), None, _DEFAULT)
    return [quad.object for quad in found if isinstance(quad.object, ox.NamedNode)]


def label_of(store: ox.Store, node: ox.NamedNode) -> str:
    """Give the label, the English one if there are several; empty if there is none."""
    found = store.quads_for_pattern(node, ox.NamedNode(LABEL), None, _DEFAULT)
    labels = [quad.object for quad in found if isinstance(quad.object, ox.Literal)]
    best = min(labels, key=lambda one: (one.language not in ("en", None), str(one)), default=None)
    return best.value if best is not None else ""


def slug_of(iri: str) -> str:
    """Give what an IRI ends with.

    >>> slug_of("https://w3id.org/tzgraph/ontology#targets")
    'targets'
    """
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2]


def _flat(text: str) -> str:
    """Give a text as it can stand in a field."""
    return " ".join(text[:LONGEST_NAME].split())


# -- looking up ---------------------------------------------------------------------------------


class NameIndex:
    """The index of a release, read where it lies; threads and forks may share one.

    :param data: the file, mapped into memory, or its bytes
    """

    def __init__(self, data: bytes | mmap.mmap) -> None:
        self._data = data

    @classmethod
    def open(cls, path: Path) -> NameIndex:
        """Map a file into memory."""
        with path.open("rb") as stream:
            if not path.stat().st_size:  # no memory can be mapped to nothing
                return cls(b"")
            return cls(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))

    def names(self, key: str) -> list[Name]:
        """Give the names with a key."""
        return [Name(*fields) for fields in self._fields(f"n\t{key}\t")]

    def matching(self, text: str, most: int) -> list[Name]:
        """Give one name for each thing that a text names, or in whose name all its words are.

        :param most: how many
        """
        keys = [key_of(text), *sorted(self.keys_with_all(text), key=lambda key: (len(key), key))]
        found: dict[str, Name] = {}
        for key in keys:
            for name in sorted(self.names(key), key=lambda name: name.prop != LABEL):
                if name.prop in LABELS or name.prop in IDENTIFIERS:
                    found.setdefault(name.iri, name)
            if len(found) >= most:
                break
        return list(found.values())[:most]

    def keys_with_all(self, text: str) -> set[str]:
        """Give the keys of the names in which all words of a text are; the last may be begun."""
        words = fold(text.strip()[:LONGEST_NAME])
        if not words:
            return set()
        keys = self.keys_with(words[-1], begun=len(words[-1]) >= _BEGUN)
        for word in words[:-1]:
            keys &= self.keys_with(word)
        return keys

    def thing(self, iri: str) -> tuple[str, str] | None:
        """Give kind and label of a thing, ``None`` if it has no names."""
        for kind, label in self._fields(f"i\t{iri}\t"):
            return kind, label
        return None

    def keys_with(self, word: str, *, begun: bool = False) -> set[str]:
        """Give the keys of the names that have a word in them.

        :param begun: whether a word that begins so is meant, too
        """
        start = f"w\t{word}" if begun else f"w\t{word}\t"
        return {fields[-1] for fields in self._fields(start)}

    def slips(self, word: str) -> list[str]:
        """Give the words of names that may be meant by a word that is not in any."""
        if not may_slip(word):
            return []
        # A slip lies behind the first half, or before the second, less a letter that changed sides.
        half = len(word) // 2
        found = {fields[-1] for fields in self._fields(f"f\t{word[:half]}", whole=True)}
        end = word[half + 1 :][::-1]
        found |= {fields[-1][::-1] for fields in self._fields(f"b\t{end}", whole=True)}
        return sorted(one for one in found if is_slip(word, one))

    def _fields(self, start: str, *, whole: bool = False) -> Iterator[list[str]]:
        """Give the fields of the lines that begin so, less what they begin with.

        :param whole: give the second field whole
        """
        data, prefix = self._data, start.encode(errors="surrogatepass")
        # No byte of UTF-8 is 255.
        low, high = self._place(prefix), self._place(prefix + b"\xff")
        if high - low > _MOST_BYTES:
            high = data.rfind(b"\n", low, low + _MOST_BYTES) + 1
        left = 2 if whole else len(prefix)
        for line in data[low:high].split(b"\n")[:-1]:
            yield line[left:].decode().split("\t")

    def _place(self, prefix: bytes) -> int:
        """Give where the lines begin that don't stand before a text."""
        data, low, high = self._data, 0, len(self._data)
        while low < high:
            middle = (low + high) // 2
            begin = max(low, data.rfind(b"\n", low, middle) + 1)
            end = data.find(b"\n", begin)
            if data[begin:end] < prefix:
                low = end + 1
            else:
                high = begin
        return low
