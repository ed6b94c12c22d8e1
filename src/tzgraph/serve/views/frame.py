"""What stands around every page: where its navigation leads."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NAV", "NavEntry"]


class NavEntry(NamedTuple):
    """An entry of the navigation.

    A template that sets ``here`` to the path marks the entry as the place where one is.
    """

    label: str
    path: str


#: The navigation of all pages, in its order. An entry comes with its route.
NAV = (
    NavEntry("Drugs", "/id/drug"),
    NavEntry("Trials", "/id/trial"),
    NavEntry("Mechanisms", "/id/mechanism"),
    NavEntry("HER2", "/map/her2"),
    NavEntry("Audit", "/audit"),
    NavEntry("Ask", "/sparql"),
    NavEntry("Queries", "/queries"),
    NavEntry("Ontology", "/ontology"),
    NavEntry("Docs", "/docs"),
)
