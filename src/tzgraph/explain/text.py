"""Explanations as text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tzgraph.explain.tree import Explanation, Status

__all__ = ["as_text"]

_IRI = re.compile(r"<[^<>\s]*>")


def as_text(explanation: Explanation, compact: Callable[[str], str]) -> str:
    """Write an explanation as an indented tree.

    :param explanation: the tree
    :param compact: writes a term in N-Triples syntax in a short form
    """
    lines = list(_lines(explanation, compact, 0))
    for mention in explanation.mentions:
        where = f" ({compact(mention.publication)})" if mention.publication else ""
        lines.append(f"  {mention.relation} {compact(mention.node)}{where}")
    return "\n".join(lines)


def _lines(node: Explanation, compact: Callable[[str], str], depth: int) -> Iterator[str]:
    pad = "  " * depth
    triple = " ".join(compact(term) for term in node.triple)
    if node.status is Status.ABSENT:
        yield f"{pad}{triple}  does not hold"
        return
    yield f"{pad}{triple}  [{node.status.value}]"
    for origin in node.origins:
        where = (
            f"{origin.cell.file}:{origin.cell.row}:{origin.cell.column}  <{origin.cell.iri}>"
            if origin.cell
            else origin.source
        )
        yield f"{pad}  stated in {where}"
        yield f"{pad}    by {origin.label}{', recalled' if origin.recalled else ''}"
    if node.rule:
        yield f"{pad}  by rule {node.rule}: {node.title}"
        for premise in node.premises:
            yield from _lines(premise, compact, depth + 2)
        for group in node.absent:
            short = _IRI.sub(lambda match: compact(match.group()), group)
            yield f"{pad}    and there is no: {short}"
