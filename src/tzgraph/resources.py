"""Where the ontology, sources, shapes, queries and documentation that ship with tzgraph are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

__all__ = ["own_query", "shipped"]


def shipped(name: str) -> Path:
    """Give a folder that ships with tzgraph: one of the data, such as ``ontology``, or ``docs``.

    In a wheel the folders lie inside the package; in a checkout they lie at the top.

    >>> (shipped("ontology") / "core.ttl").is_file()
    True
    """
    package = Path(__file__).parent
    in_wheel = package / "data" / name
    return in_wheel if in_wheel.is_dir() else package.parents[1] / name


@cache
def own_query(package: str, name: str) -> str:
    """Give the text of a query that tzgraph itself asks, from the folder ``queries`` of a package.

    :param package: the package below ``tzgraph``, as a path
    :param name: the file's, without ``.rq``

    >>> own_query("serve/sparql", "thing").splitlines()[3]
    'PREFIX owl: <http://www.w3.org/2002/07/owl#>'
    """
    # No importlib.resources, which each command would wait for: wheels are unpacked.
    file = Path(__file__).parent / package / "queries" / f"{name}.rq"
    return file.read_text(encoding="utf-8")
