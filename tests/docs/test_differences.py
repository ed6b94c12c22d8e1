"""The page of differences says what the engine does, by itself and through tzgraph."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from tzgraph.query.formats import format_named
from tzgraph.query.run import run, serialize
from tzgraph.vocabulary import XSD

pytestmark = pytest.mark.docs

PAGE = (Path(__file__).parents[2] / "docs/reference/differences.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```sparql\n(.*?)```\n```csv\n(.*?)```", PAGE, re.DOTALL)
(DATA,) = re.findall(r"```trig\n(.*?)```", PAGE, re.DOTALL)
ROWS = re.findall(r'^\| `(".*?)` \| `(".*?)` \|$', PAGE, re.MULTILINE)


@pytest.fixture
def store() -> ox.Store:
    """What the page's examples are asked of."""
    store = ox.Store()
    store.load(DATA.encode(), format=ox.RdfFormat.TRIG)
    return store


def as_csv(result: object) -> str:
    assert isinstance(result, ox.QuerySolutions)
    out = io.BytesIO()
    serialize(result, format_named("csv"), out)
    return out.getvalue().decode().replace("\r\n", "\n")


def test_each_example_has_its_answer() -> None:
    assert len(EXAMPLES) == PAGE.count("```sparql") > 10
    assert len(ROWS) > 10


@pytest.mark.parametrize(("query", "answer"), EXAMPLES)
def test_the_engine_answers_so(store: ox.Store, query: str, answer: str) -> None:
    assert as_csv(store.query(query)) == answer


@pytest.mark.parametrize(("query", "answer"), EXAMPLES)
def test_and_so_does_tzgraph(store: ox.Store, query: str, answer: str) -> None:
    assert as_csv(run(store, query)) == answer


@pytest.mark.parametrize(("written", "back"), ROWS)
def test_literals_come_back_so(written: str, back: str) -> None:
    prefix = f"@prefix xsd: <{XSD}> ."
    store = ox.Store()
    store.load(f"{prefix} <x:a> <x:b> {written} .".encode(), format=ox.RdfFormat.TURTLE)
    asked = next(iter(ox.parse(f"{prefix} <x:a> <x:b> {back} .", format=ox.RdfFormat.TURTLE)))
    (stored,) = store
    assert stored.object == asked.object
    assert written != back


def test_the_page_names_the_engine() -> None:
    assert f"pyoxigraph {ox.__version__}" in PAGE
