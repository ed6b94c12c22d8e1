"""Sentences on a result, such as why it may be empty."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ResultNote"]


@dataclass(frozen=True, slots=True)
class ResultNote:
    """A sentence on a result, and where it leads: titles and URLs."""

    text: str
    links: tuple[tuple[str, str], ...] = ()
