"""A source as reading sees it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ROLES", "SourceInfo"]

#: Roles whose statements are asserted; anything else is quoted.
_ACCEPTED = ("PrimarySource", "ReferenceDatabase", "Curation")
#: All roles that a source may have.
ROLES = (*_ACCEPTED, "SecondarySource")


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """A source: its slug, the graph that holds its statements, whether they are asserted."""

    slug: str
    graph: str
    role: str

    @property
    def accepted(self) -> bool:
        """Whether its statements are asserted (a secondary source is only quoted)."""
        return self.role in _ACCEPTED
