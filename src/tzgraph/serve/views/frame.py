"""What stands around every page: where its navigation leads."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NAV", "Entry"]


class Entry(NamedTuple):
    """An entry of the navigation.

    A template that sets ``here`` to the path marks the entry as the place where one is.
    """

    label: str
    path: str


#: The navigation of all pages, in its order. An entry comes with its route.
NAV = (
    Entry("Audit", "/audit"),
    Entry("Ask", "/sparql"),
    Entry("Queries", "/queries"),
    Entry("Ontology", "/ontology"),
    Entry("Docs", "/docs"),
)
