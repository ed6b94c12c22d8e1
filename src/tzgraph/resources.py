"""Where the ontology, sources, shapes and queries that ship with tzgraph are."""

from __future__ import annotations

from pathlib import Path

__all__ = ["shipped"]


def shipped(name: str) -> Path:
    """Give the folder ``ontology``, ``sources``, ``shapes`` or ``queries`` that ships with tzgraph.

    In a wheel the folders lie inside the package; in a checkout they lie at the top.

    >>> (shipped("ontology") / "tzgraph.ttl").is_file()
    True
    """
    package = Path(__file__).parent
    in_wheel = package / "data" / name
    return in_wheel if in_wheel.is_dir() else package.parents[1] / name
