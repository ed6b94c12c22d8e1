"""Who speaks of a triple: evidence for and against it, and claims that make it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import pyoxigraph as ox

from tzgraph.explain.about import found_about
from tzgraph.vocabulary import TZ

__all__ = ["Mention", "find_mentions"]

_COLUMNS = ("node", "kind", "label", "publication")
_RELATIONS = {
    TZ + "Claim": "claimed by",
    TZ + "Supports": "supported by",
    TZ + "Refutes": "refuted by",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """Evidence or a claim about a triple; node and publication in N-Triples syntax."""

    relation: str
    node: str
    label: str
    publication: str = ""

    def as_dict(self) -> dict[str, str]:
        """The mention for JSON."""
        return {key: value for key, value in asdict(self).items() if value}


def find_mentions(store: ox.Store, triple: tuple[str, str, str]) -> Iterator[Mention]:
    """Give the evidence and claims about a triple, in any graph.

    :param store: the store of a release
    :param triple: its terms in N-Triples syntax
    """
    for row in found_about(store, "mentions", triple):
        node, kind, label, publication = (row[name] for name in _COLUMNS)
        yield Mention(
            _RELATIONS.get(str(kind).strip("<>"), "mentioned by"),
            str(node),
            label.value if isinstance(label, ox.Literal) else "",
            str(publication) if publication is not None else "",
        )
