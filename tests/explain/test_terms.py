"""Terms as people write them."""

from __future__ import annotations

import pytest

from tzgraph.curies import Curies
from tzgraph.errors import UsageError
from tzgraph.explain.terms import Terms

_TERMS = Terms(Curies({"e": "http://e.org/"}))
_XSD = "http://www.w3.org/2001/XMLSchema#"


@pytest.mark.parametrize(
    ("written", "term"),
    [
        ('"a"', '"a"'),
        ('""', '""'),
        ('"a"b"', '"a\\"b"'),
        ('"a"^^e:x"', '"a\\"^^e:x"'),
        ('"a\nb"@en', '"a\\nb"@en'),
        ('"a"@en-GB', '"a"@en-gb'),
        ('"a"^^e:x', '"a"^^<http://e.org/x>'),
        ('"a"@en"^^<http://e.org/x>', '"a\\"@en"^^<http://e.org/x>'),
        ("1.5", f'"1.5"^^<{_XSD}decimal>'),
        ("e:a", "<http://e.org/a>"),
    ],
)
def test_terms(written: str, term: str) -> None:
    assert _TERMS.term(written) == term


@pytest.mark.parametrize("written", ['"', '"a', 'a"', '"a"x', '"a"@', '"a"^^', '"a"^^e:x y', "a"])
def test_what_is_no_term(written: str) -> None:
    with pytest.raises(UsageError):
        _TERMS.term(written)
