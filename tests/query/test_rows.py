"""Rows are counted exactly, whatever is in their values and wherever the bytes are cut."""

from __future__ import annotations

import io
import json

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tzgraph.query.rows import CountedOutput, TooManyRowsError

HOSTILE = st.lists(
    st.sampled_from(["},{", '"', "\\", "{}", "}", "{", ",", "[{", "<result>", "\n", "x", '},{"a"']),
    max_size=5,
).map("".join)
VALUES = st.none() | HOSTILE
FORMATS = [ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML, ox.QueryResultsFormat.TSV]


def written(table: list[tuple[str | None, str | None]], form: ox.QueryResultsFormat) -> bytes:
    def term(value: str | None) -> str:
        return "UNDEF" if value is None else str(ox.Literal(value))

    data = " ".join(f"({term(a)} {term(b)})" for a, b in table)
    result = ox.Store().query(f"SELECT ?a ?b {{ VALUES (?a ?b) {{ {data} }} }}")
    assert isinstance(result, ox.QuerySolutions)
    output = result.serialize(format=form)
    assert output is not None
    return output


@pytest.mark.parametrize("form", FORMATS, ids=["json", "xml", "tsv"])
@given(st.lists(st.tuples(VALUES, VALUES), max_size=12), st.integers(1, 40))
@settings(max_examples=200)
def test_exact(
    form: ox.QueryResultsFormat,
    table: list[tuple[str | None, str | None]],
    size: int,
) -> None:
    data = written(table, form)
    if form == ox.QueryResultsFormat.JSON:
        assert len(json.loads(data)["results"]["bindings"]) == len(table)
    for most in (len(table), len(table) - 1):
        output = io.BytesIO()
        counted = CountedOutput(output, form, most)
        try:
            for start in range(0, len(data), size):
                counted.write(data[start : start + size])
        except TooManyRowsError:
            assert most < len(table)
        else:
            assert most == len(table)
            assert output.getvalue() == data
