"""The ids in the cells of a mapping set: in one form, or reported."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from tzgraph.curies import Curies
from tzgraph.link.sssom.lines import Reporter
from tzgraph.link.sssom.slots import NO_TERM

__all__ = ["Entities"]

_AGAIN = re.compile(r"([A-Za-z][\w.]*):(.+)")


class _Problem(NamedTuple):
    """What is wrong with an id, and whether it can be used all the same."""

    code: str
    message: str
    hint: str
    usable: bool = False


class Entities:
    """Reads the ids of one file.

    :param known: the prefixes that need no declaration
    :param curie_map: those that the file declares
    :param report: takes findings
    """

    def __init__(self, known: Curies, curie_map: object, report: Reporter) -> None:
        self._known = known
        self._declared: Mapping[str, str] = curie_map if isinstance(curie_map, dict) else {}
        self._report = report
        self._read: dict[str, tuple[str | None, _Problem | None]] = {}

    def read(self, text: str, row: int, column: int | None) -> str | None:
        """Give an id as a CURIE in its normal form, or ``None`` if it can't be used.

        :param text: as in the cell
        :param row: where it stands, for findings
        :param column: likewise
        """
        if text not in self._read:
            self._read[text] = self._look(text)
        found, problem = self._read[text]
        if problem is not None:
            say = self._report.warning if problem.usable else self._report.violation
            say(problem.code, problem.message, problem.hint, row, column)
        return found

    def _look(self, text: str) -> tuple[str | None, _Problem | None]:
        if text == NO_TERM:
            return text, None
        if text.startswith(("<", "http://", "https://")):
            return self._of_iri(text)
        prefix, colon, local = text.partition(":")
        if not colon or not local or not prefix or " " in text:
            hint = "Write a term as prefix:id, such as mondo:0005146."
            return None, _Problem("no-curie", f"“{text}” is no CURIE.", hint)
        normal = self._normal(prefix, local)
        if normal is None:
            hint = "Declare it in curie_map, or write it as the Bioregistry does."
            message = f"The prefix “{prefix}” of “{text}” is not known."
            return None, _Problem("unknown-prefix", message, hint)
        return self._checked(text, normal, local)

    def _checked(self, text: str, normal: str, local: str) -> tuple[str | None, _Problem | None]:
        """Look at the part behind the prefix."""
        prefix, _, rest = normal.partition(":")
        expected = self._known.pattern(prefix)
        again = _AGAIN.fullmatch(local)
        fits = expected is None or expected.fullmatch(local)
        if again and (not fits or expected is None) and self._same(again[1], prefix):
            message = f"“{text}” has its prefix twice."
            return None, _Problem("doubled-prefix", message, f"Write {normal}.")
        if expected is not None and not expected.fullmatch(rest):
            form = self._known.vocabularies[prefix].pattern
            message = f"“{text}” is no identifier of {prefix}: they are like {form}."
            return None, _Problem("wrong-pattern", message, "Look the identifier up.")
        return normal, None

    def _of_iri(self, text: str) -> tuple[str | None, _Problem | None]:
        iri = text.strip("<>")
        normal = self._known.compress(iri)
        hint = f"Write {normal}." if normal else "Declare a prefix for it in curie_map."
        return normal, _Problem("no-curie", f"“{text}” is an IRI.", hint, usable=normal is not None)

    def _normal(self, prefix: str, local: str) -> str | None:
        """The CURIE in its normal form; what the file declares goes before what is known."""
        base = self._declared.get(prefix)
        if base is not None:
            short = self._known.compress(base + local)
            if short is not None:
                return short
            if self._known.prefix(prefix) is None:
                return f"{prefix}:{local}"
        return self._known.normalise(f"{prefix}:{local}")

    def _same(self, prefix: str, other: str) -> bool:
        return (self._known.prefix(prefix) or prefix) == other
