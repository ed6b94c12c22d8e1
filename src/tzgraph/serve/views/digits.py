"""Digits of figures as they were reported: 0.60 stays 0.60, which a store writes as 0.6."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from tzgraph.serve.engine.rows import Row
from tzgraph.terms import Term

__all__ = ["Digits"]

#: Characters of a number that is compared; longer ones stay as the store has them.
_LONGEST = 60


class Digits:
    """Knows how figures are written in their cells.

    :param rows: of ``digits.rq``

    >>> cell = {"figure": ox.NamedNode("x:f"), "property": ox.NamedNode("x:p")}
    >>> digits = Digits([{**cell, "written": ox.Literal("0.60")}])
    >>> digits.of(ox.NamedNode("x:f"), "x:p", "0.6"), digits.of(ox.NamedNode("x:f"), "x:p", "0.7")
    ('0.60', '0.7')
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self._written: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            figure, name, written = (row.get(key) for key in ("figure", "property", "written"))
            if isinstance(name, ox.NamedNode) and isinstance(written, ox.Literal):
                self._written.setdefault((str(figure), name.value), []).append(written.value)

    def of(self, figure: Term, name: str, value: str) -> str:
        """Give a number as its cell has it, if that is the same number still; else as it is."""
        for written in self._written.get((str(figure), name), ()):
            if _number(written) is not None and _number(written) == _number(value):
                return written
        return value


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if len(text) <= _LONGEST else None
    except InvalidOperation:
        return None
