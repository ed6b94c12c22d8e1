"""A source as reading sees it."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from tzgraph.vocabulary import TZ, Graphs

__all__ = ["ROLES", "SourceInfo", "quoted_graphs"]

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


def quoted_graphs(store: ox.Store) -> list[str]:
    """Give the names of the graphs of secondary sources: what documents say, not asserted.

    :param store: of a release
    """
    role, secondary = ox.NamedNode(TZ + "sourceRole"), ox.NamedNode(TZ + "SecondarySource")
    quads = store.quads_for_pattern(None, role, secondary, ox.NamedNode(Graphs.METADATA))
    return sorted(q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode))
