"""Names as people write them, in cells: looked up where a cell is no id, CURIE or label.

What documents say is written with their names: a brand, a code, a registry number, an acronym, in
any case and with any hyphen. The resolver of names that answers searches reads them. Its index is
made when the first such cell is met, as most tables have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from tzgraph.curies import Curies
from tzgraph.names.index import (
    IDENTIFIERS,
    LABELS,
    SLUG,
    NameIndex,
    key_of,
    lines_of,
    slug_of,
)
from tzgraph.names.resolver import NameResolver
from tzgraph.vocabulary import SKOS

__all__ = ["CellNames", "NameRow"]

#: A thing's IRI, the property of which a text is the value, and the text.
NameRow = tuple[str, str, str]
_HIDDEN = SKOS + "hiddenLabel"
#: What stands between the name of a trial and that of an arm or population.
_BETWEEN = re.compile(r"[\s:,/\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{EN DASH}-]+")
#: Characters of the longest text that is looked up.
_LONGEST = 200


class CellNames:
    """What cells may name by any of its names.

    :param lines: gives the lines of an index of what is there, see :mod:`tzgraph.names.index`
    :param rows: gives further names, such as those of tables that are being read
    :param curies: reads CURIEs
    """

    def __init__(
        self,
        lines: Callable[[], Iterable[str]],
        rows: Callable[[], Iterable[NameRow]],
        curies: Curies,
    ) -> None:
        self._lines = lines
        self._rows = rows
        self._curies = curies

    @cached_property
    def _resolver(self) -> NameResolver:
        lines = {*self._lines(), *lines_of(self._rows())}
        data = "".join(f"{line}\n" for line in sorted(lines)).encode(errors="surrogatepass")
        return NameResolver(NameIndex(data), self._curies)

    def named(self, text: str, fits: Callable[[str], bool]) -> list[str]:
        """Give the things that a text names and that fit a column, in order.

        :param text: a name, or those of a trial and of what is in it, such as ``KN-811: placebo``
        """
        text = text.strip()[:_LONGEST]
        return self._whole(text, fits) or sorted(set(self._composed(text, fits)))

    def _whole(self, text: str, fits: Callable[[str], bool]) -> list[str]:
        key = key_of(text)
        found = {(hit.iri, hit.prop) for hit in self._resolver.named(text) if hit.by.names}
        if key:
            # The end of an IRI is a name in any case here: there is little else that fits.
            names = self._resolver.index.names(key)
            found |= {(name.iri, name.prop) for name in names if _names(name.prop)}
        fitting = [(iri, prop) for iri, prop in found if fits(iri)]
        # What a thing goes by without being its name counts where nothing has the name.
        plain = {iri for iri, prop in fitting if prop != _HIDDEN}
        return sorted(plain or {iri for iri, _prop in fitting})

    def _composed(self, text: str, fits: Callable[[str], bool]) -> Iterator[str]:
        """Give what is named by a name of what it is in, and what else is in its own name."""
        index = self._resolver.index
        for gap in _BETWEEN.finditer(text):
            head, tail = text[: gap.start()], text[gap.end() :]
            wholes = self._whole(head, _anything) if head and tail else []
            if not wholes:
                continue
            ends = [tail]
            for part in self._whole(tail, _anything):
                ends += self._own_names(part)
            for whole in wholes:
                for start in self._own_names(whole):
                    for end in ends:
                        names = index.names(key_of(f"{start} {end}"))
                        yield from (n.iri for n in names if _names(n.prop) and fits(n.iri))

    def _own_names(self, iri: str) -> list[str]:
        label = (self._resolver.index.thing(iri) or ("", ""))[1]
        return [name for name in (slug_of(iri), label) if name]

    def near(self, text: str, fits: Callable[[str], bool]) -> list[str]:
        """Give the labels of what a text may mean but for a slip of the hand."""
        return [hit.label for hit in self._resolver.near(text[:_LONGEST]) if fits(hit.iri)]


def _anything(_iri: str) -> bool:
    return True


def _names(prop: str) -> bool:
    """Whether a property gives names of the thing itself, and is no link to another."""
    return prop == SLUG or prop in LABELS or prop in IDENTIFIERS
