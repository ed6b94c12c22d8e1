"""What a client wants, of headers that are written in odd ways."""

from __future__ import annotations

import pytest

from tzgraph.serve.messages.negotiate import choose, encoding_quality, quality

_OFFERS = ("text/html", "text/csv")


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ('text/csv;a="x,text/html"', "text/csv"),
        ('text/csv;a="x\\",text/html"', "text/csv"),
        (r'text/csv;a="\\",text/html;q=0.9', "text/csv"),
        ('text/csv;a="x", text/html;q=0.1', "text/csv"),
        (",,text/csv,,", "text/csv"),
        # A quote that is never closed goes on to the end.
        ('text/csv, "text/html', "text/csv"),
        ('"' + '\\"' * 50 + ",text/html", "text/html"),
    ],
)
def test_commas_in_quotes_part_nothing(header: str, chosen: str) -> None:
    assert choose(header, _OFFERS) == chosen


def test_weights() -> None:
    assert quality('text/html;a=",";q=0.5', "text/html") == 0.5
    assert encoding_quality("gzip;q=0.5,,br", "gzip") == 0.5
