"""Functions that nobody has."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tzgraph.errors import QueryError
from tzgraph.query.functions import MAX_UNKNOWN
from tzgraph.query.run import run

XSD = "http://www.w3.org/2001/XMLSchema#"


def values(text: str) -> list[list[str]]:
    store = ox.Store()
    store.update("INSERT DATA { <x:a> <x:p> 1 , 2 }")
    result = run(store, text)
    assert isinstance(result, ox.QuerySolutions)
    names = [variable.value for variable in result.variables]
    return sorted([str(row[name] or "") for name in names] for row in result)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT (<x:f>(1) AS ?x) {}", [[""]]),
        ("SELECT (COALESCE(<x:f>(1), 'none') AS ?x) {}", [['"none"']]),
        (f"SELECT (<{XSD}float128>('1') AS ?x) {{}}", [[""]]),
        ("SELECT ?o { ?s ?p ?o FILTER(<x:f>(?o)) }", []),
        ("SELECT ?s { ?s ?p 1 FILTER(<x:f>() || true) }", [["<x:a>"]]),
        ("SELECT ?s { ?s ?p 1 FILTER(!<x:f>() || <x:g>(1, 2)) }", []),
        ("SELECT ?s { ?s ?p 1 FILTER NOT EXISTS { ?s ?p 2 FILTER(<x:f>(?s)) } }", [["<x:a>"]]),
        (
            "SELECT (SUM(<x:f>(?o)) AS ?n) (COUNT(*) AS ?m) { ?s ?p ?o }",
            [["", f'"2"^^<{XSD}integer>']],
        ),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING (<x:f>(?s))", []),
        ("SELECT ?s { ?s ?p 1 } ORDER BY <x:f>(?s)", [["<x:a>"]]),
        ("PREFIX x: <x:> SELECT (IF(x:f(1), 1, 2) AS ?x) { BIND(x:g() AS ?y) }", [[""]]),
    ],
)
def test_a_function_that_is_not_known_is_an_error_of_the_expression(
    query: str, expected: list[list[str]]
) -> None:
    assert values(query) == expected


def test_what_is_known_is_not_touched() -> None:
    calls = f"(<{XSD}integer>('7') AS ?x) (<x:f>(1) AS ?y) (<{XSD}string>(true) AS ?z)"
    assert values(f"SELECT {calls} {{}}") == [[f'"7"^^<{XSD}integer>', "", '"true"']]


def test_there_may_not_be_many() -> None:
    def query(count: int) -> str:
        return f"SELECT ({' + '.join(f'<x:f{number}>(1)' for number in range(count))} AS ?x) {{}}"

    assert values(query(MAX_UNKNOWN)) == [[""]]
    with pytest.raises(QueryError, match="is not supported"):
        run(ox.Store(), query(MAX_UNKNOWN + 1))
