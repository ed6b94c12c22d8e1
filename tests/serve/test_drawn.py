"""Pictures of results: drawn where they say something, and nothing where they can't."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.serve.test_pages import BROWSER
from tzgraph.serve.messages.view import read_view
from tzgraph.serve.views.drawn import bars_of, network_of
from tzgraph.serve.views.result_table import ColumnHead, ShownRows, ShownTerm


def table(*rows: tuple[str, ...], numbers: tuple[int, ...] = (), linked: bool = False) -> ShownRows:
    """A table of texts; those of things lead somewhere."""
    width = len(rows[0]) if rows else 3
    names = [f"c{place}" for place in range(width)]
    return ShownRows(
        columns=[ColumnHead(n, n, "", "", place in numbers) for place, n in enumerate(names)],
        rows=[
            [
                ShownTerm(text, f"/{text}" if linked and not text.startswith("'") else None)
                for text in row
            ]
            for row in rows
        ],
        view=read_view({}),
        boolean=None,
        held=len(rows),
        found=len(rows),
        first=0,
        more=False,
        cut=0,
        all_columns=width,
        unknown_column="",
        steps={},
        switch=(),
        unfiltered="",
    )


def test_bars_keep_digits_and_share_a_zero() -> None:
    drawn = bars_of(table(("a", "16.0"), ("b", "-4"), ("c", "0"), numbers=(1,)))
    assert drawn is not None
    assert [bar.number for bar in drawn.bars] == ["16.0", "-4", "0"]
    up, down, none = drawn.bars
    assert up.start == down.end == none.start == none.end
    assert down.start == 0
    assert up.width == pytest.approx(4 * down.width, abs=0.01)
    assert up.end <= 82


def test_rows_are_told_apart_by_all_their_names() -> None:
    drawn = bars_of(table(("a", "x", "1"), ("a", "y", "2"), numbers=(2,)))
    assert drawn is not None
    assert [bar.label for bar in drawn.bars] == ["a · x", "a · y"]


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        ([], (1,)),
        ([("a", "1")], (1,)),
        ([("a", "1"), ("a", "2")], (1,)),
        ([("", "1"), ("b", "2")], (1,)),
        ([("a", "0"), ("b", "0")], (1,)),
        ([("a", "1"), ("b", "INF")], (1,)),
        ([("a", "1"), ("b", "NaN")], (1,)),
        ([("a", "1"), ("b", "")], (1,)),
        ([("a", "1"), ("b", "12…")], (1,)),
        ([("a", "b"), ("b", "c")], ()),
        ([("1", "2"), ("3", "4")], (0, 1)),
        ([(str(n), str(n)) for n in range(41)], (1,)),
    ],
)
def test_no_bars(rows: list[tuple[str, ...]], numbers: tuple[int, ...]) -> None:
    assert bars_of(table(*rows, numbers=numbers)) is None


def test_network_has_layers_and_ends_in_circles() -> None:
    drawn = network_of(
        table(("a", "p", "b"), ("b", "p", "c"), ("c", "p", "b"), ("c", "p", "c"), linked=True)
    )
    assert drawn is not None
    places = {node.label: node.x for node in drawn.nodes}
    assert places["a"] < places["b"] < places["c"]
    assert len(drawn.edges) == 3
    circle = network_of(table(("a", "p", "b"), ("b", "p", "a"), linked=True))
    assert circle is not None
    assert len({(node.x, node.y) for node in circle.nodes}) == 2


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("a", "p", "'text'")],
        [("a", "p", "a")],
        [("a", "b")],
        [(f"a{n}", "p", f"b{n}") for n in range(21)],
        [("a", "p", "b")] * 81,
    ],
)
def test_no_network(rows: list[tuple[str, ...]]) -> None:
    assert network_of(table(*rows, linked=True)) is None


def test_in_the_page(client: httpx.Client) -> None:
    values = 'VALUES (?x ?n) { ("<b>&" 2) ("\u202eright\u2028" 3) }'
    response = client.get("/sparql", params={"query": f"SELECT * {{ {values} }}"}, headers=BROWSER)
    assert response.status_code == 200
    (picture,) = re.findall(r"<svg.*?</svg>", response.text, re.DOTALL)
    assert "&lt;b&gt;&amp;" in picture
    assert "style=" not in picture
    asked = {"query": "CONSTRUCT WHERE { ?s ex:p ?o }"}
    response = client.get("/sparql", params=asked, headers=BROWSER)
    (picture,) = re.findall(r"<svg.*?</svg>", response.text, re.DOTALL)
    assert picture.count("<line") == 2
