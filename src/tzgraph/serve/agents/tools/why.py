"""The tool that says why a statement is in the graph."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from tzgraph.explain import Explanation, as_text
from tzgraph.explain.model import TripleStatus
from tzgraph.release.explainer import ReleaseExplainer
from tzgraph.serve.agents.answers import ExplainAnswer, StatementLayer
from tzgraph.serve.releases.service import service_of

__all__ = ["ExplainArguments", "explain"]

_LAYERS = {
    TripleStatus.ASSERTED: StatementLayer.REPORTED,
    TripleStatus.INFERRED: StatementLayer.PREDICTED,
    TripleStatus.QUOTED: StatementLayer.QUOTED,
    TripleStatus.PREPARED: StatementLayer.AUDITED,
    TripleStatus.ONTOLOGY: StatementLayer.FRAME,
}
#: Characters of the text, behind which it is cut.
_LONGEST = 20_000


class ExplainArguments(BaseModel):
    """A statement, or a claim alone."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(
        description="Any name of a thing; alone, of a claim.", min_length=1, max_length=2000
    )
    predicate: str | None = Field(
        default=None, description="Any name of a property, or `a`.", max_length=2000
    )
    object: str | None = Field(
        default=None,
        description='Any name of a thing, a number, or a literal such as `"HER2"@en`.',
        max_length=10_000,
    )
    depth: int = Field(
        default=3, description="Levels of premises in the tree; the text has all.", ge=1, le=20
    )


async def explain(request: Request, asked: ExplainArguments) -> ExplainAnswer:
    """Say why a statement is in the graph, or a claim has its verdict.

    :raises UnknownNameError: if a name is that of nothing, or of several things
    """
    service = service_of(request)
    release = service.release.id

    def work(explainer: ReleaseExplainer, step: Callable[[], None]) -> bytes:
        given = [text.strip() or None if text else None for text in (asked.predicate, asked.object)]
        found = explainer.explain(asked.subject.strip(), *given, step=step)
        text = as_text(found, explainer.terms.compact, explainer.labels())
        return json.dumps(_answer(found, text, release, asked.depth)).encode()

    return ExplainAnswer.model_validate_json(await service.explaining.run(work))


def _answer(found: Explanation, text: str, release: str, depth: int) -> dict[str, Any]:
    origins = list(_origins(found))
    tree, left_out = _pruned(found.as_dict(), depth)
    notes = []
    if found.status is TripleStatus.ABSENT and not found.excluded:
        notes.append("The graph doesn't state it, which is not that it doesn't hold.")
    if len(text) > _LONGEST:
        notes.append(f"The text is cut after {_LONGEST:,} characters.")
    if left_out:
        notes.append(f"The tree has {depth} levels; premises below them are left out.")
    return {
        "release": release,
        "notes": notes,
        "status": found.status.value,
        "layer": StatementLayer.AUDITED if found.comparison else _LAYERS.get(found.status),
        "text": text[:_LONGEST],
        "sources": sorted({label for label, _recalled in origins}),
        "recalled": any(recalled for _label, recalled in origins),
        "excluded": found.excluded or None,
        "tree": tree,
    }


def _origins(found: Explanation) -> Iterator[tuple[str, bool]]:
    """Give the label of each origin in a tree, and whether it is from memory."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        for origin in one.origins:
            yield origin.label, origin.recalled
        waiting += one.premises


def _pruned(tree: dict[str, Any], depth: int) -> tuple[dict[str, Any], bool]:
    """Give an explanation without the premises below a level, and whether there are any."""
    below = tree.get("premises", [])
    if not below:
        return tree, False
    if depth <= 1:
        rest = {name: value for name, value in tree.items() if name != "premises"}
        return {**rest, "premises_left_out": len(below)}, True
    pruned = [_pruned(premise, depth - 1) for premise in below]
    cut = any(is_cut for _premise, is_cut in pruned)
    return {**tree, "premises": [premise for premise, _cut in pruned]}, cut
