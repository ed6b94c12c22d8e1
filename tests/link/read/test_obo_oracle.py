"""Our reader of OBO says the same as fastobo, where fastobo reads a file at all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import fastobo
import pytest

from tests.shared import need
from tzgraph.link.read import read_ontology

FILES = sorted(need("data").glob("**/*.obo"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_same_terms_names_synonyms_and_parents(path: Path) -> None:
    try:
        frames = [f for f in fastobo.load(str(path)) if isinstance(f, fastobo.term.TermFrame)]
    except SyntaxError as error:
        pytest.skip(f"fastobo does not read it: {error}")
    found = [t for t in read_ontology(path).terms.values() if t.kind == "class"]
    ours = [t for t in found if t.label]
    assert sorted(t.label for t in ours) == sorted(
        str(c.name).strip() for f in frames for c in _clauses(f, "name")
    )
    synonyms = Counter((y.text, y.scope.name) for t in ours for y in t.synonyms)
    theirs = Counter(
        pair
        for f in frames
        for pair in {(c.synonym.desc.strip(), c.synonym.scope) for c in _clauses(f, "synonym")}
    )
    # We take synonyms from property values and a genus of a definition as a parent, too.
    values = sum(len(_clauses(f, "property_value")) for f in frames)
    assert not theirs - synonyms
    assert (synonyms - theirs).total() <= values
    genera = sum(c.typedef is None for f in frames for c in _clauses(f, "intersection_of"))
    parents = sum(len({str(c.term) for c in _clauses(f, "is_a")}) for f in frames)
    assert parents <= sum(len(t.parents) for t in found) <= parents + genera


def _clauses(frame: fastobo.term.TermFrame, tag: str) -> list[fastobo.term.BaseTermClause]:
    return [clause for clause in frame if clause.raw_tag() == tag]
