"""Made queries: what is rewritten finds what the query as written does, and what ARQ finds."""

from __future__ import annotations

import io
import json

import pyoxigraph as ox
import pytest

from tests.differential.answers import Answer, from_json, same
from tests.differential.corpus import BASE
from tests.differential.engines import (
    arq,
    by_rdflib,
    by_tzgraph,
    plain_rdflib,
    store_of,
)
from tests.differential.made import made_data, made_query
from tests.maven import MavenMissingError

_DATA = [made_data(number) for number in range(5)]
_FEW, _MANY = range(400), range(4000)


def _engine(store: ox.Store, query: str) -> Answer:
    """Ask the engine by itself."""
    output = io.BytesIO()
    result = store.query(query, base_iri=BASE)
    assert isinstance(result, ox.QuerySolutions)
    result.serialize(output, ox.QueryResultsFormat.JSON)
    return from_json(json.loads(output.getvalue()))


def _once(answer: Answer) -> Answer:
    """Give an answer without repeated solutions."""
    rows = {frozenset(row.items()): row for row in answer.rows}
    return Answer(answer.kind, list(rows.values()), answer.names)


def test_rewritten_finds_the_same() -> None:
    """But for how often, and for paths of no length from nowhere, which the engine leaves out."""
    stores = [store_of(data) for data in _DATA]
    compared = 0
    for number in _FEW:
        query = made_query(number)
        if "COUNT(" in query or "GROUP BY" in query or ":zz" in query:
            continue
        store = stores[number % len(stores)]
        answer, written = _once(by_tzgraph(store, query)), _once(_engine(store, query))
        assert same(answer, written), f"{number}: {query}\n{answer}\ninstead of\n{written}"
        compared += bool(answer.rows)
    assert compared > 50


@pytest.mark.arq
def test_made_queries_with_arq() -> None:
    """No answer is one that no other engine gives; ARQ's own optimiser has faults."""
    asked = {str(number): (_DATA[number % len(_DATA)], made_query(number)) for number in _MANY}
    answers = {name: by_tzgraph(store_of(data), query) for name, (data, query) in asked.items()}
    try:
        left = _without_agreed(asked, answers, optimise=True)
        left = _without_agreed(left, answers, optimise=False)
    except MavenMissingError as error:
        pytest.skip(str(error))
    with plain_rdflib():
        alone = [
            f"{name}: {query}\n{answers[name]}"
            for name, (data, query) in left.items()
            if not same(answers[name], by_rdflib(data, query))
        ]
    assert not alone, "\n\n".join(alone)
    assert sum(bool(answer.rows) for answer in answers.values()) > len(asked) / 3


def _without_agreed(
    asked: dict[str, tuple[str, str]], answers: dict[str, Answer], optimise: bool
) -> dict[str, tuple[str, str]]:
    """Ask ARQ, and leave those queries that it answers otherwise; where it breaks it says none."""
    others = arq(((name, *case) for name, case in asked.items()), optimise)
    return {
        name: case
        for name, case in asked.items()
        if not same(answers[name], others[name]) and "NullPointer" not in others[name].reason
    }
