"""Aligned columns of text."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["columns"]


def columns(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows below their titles; what can't be printed is made visible.

    >>> print(columns(("a", "b"), [("1", "two")]))
    a  b
    ─  ───
    1  two
    """
    shown = [tuple(_visible(cell) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(titles, *shown, strict=True)]
    lines = [titles, ["─" * width for width in widths], *shown]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _visible(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
