"""Whatever reads bytes of clients or files takes time in proportion to them.

The only tests that are timed: each compares the processor time of one call for n units with that
of the same call for 8n, the best of five each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib import import_module

import pytest

from tests.project.linear.attacks import attacks_on
from tests.project.linear.growth import Growth, growth_of, looks_slow, undisturbed
from tests.project.linear.patterns import MODES, AnyPattern, all_modules, find_patterns
from tzgraph.link import curies

pytestmark = pytest.mark.linear


def _registered() -> Iterable[AnyPattern]:
    """What identifiers under the registered prefixes look like."""
    return [found for prefix in curies.registered() if (found := curies.pattern(prefix))]


def _places() -> Iterable[AnyPattern]:
    """What finds the lines that describe terms: of names as long as each other, and of others."""
    places = import_module("tzgraph.link.read.places")
    return [places.pattern_of([b"aa", b"a0", b"0", b"a.a-a"])]


#: Functions that make patterns of what they are given, and examples of what they make.
_MADE: Mapping[str, Callable[[], Iterable[AnyPattern]]] = {
    "tzgraph.link.curies:_compiled": _registered,
    "tzgraph.link.read.places:pattern_of": _places,
}
#: Patterns that were in use until they stopped a server, or took minutes for a file.
_QUADRATIC: Mapping[str, tuple[AnyPattern, str]] = {
    "Accept": (re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+'), "findall"),
    "header": (re.compile(r"#\+\s*([^:\s]*)\s*:?\s*(.*?)\s*\Z"), "match"),
    "parameter": (
        re.compile(r"(\w+)\s+(\S+?)(\?)?(?:\s+=\s+(.*?))?(?:\s+--\s+(.*))?\Z"),
        "match",
    ),
    "literal": (re.compile(r'"(.*)"(@[A-Za-z-]+|\^\^\S+)?', re.DOTALL), "fullmatch"),
    "comment": (re.compile(r"\s+!.*$"), "search"),
    "bytes": (re.compile(rb"\s+!.*$"), "findall"),
    "exponential": (re.compile(r"(?:a|b|ab)+c"), "match"),
    "nested": (re.compile(r"(?:[a-z]+\s?)*\Z"), "match"),
}


def _slowest(pattern: AnyPattern, mode: str) -> Growth | None:
    """Give the first attack on a pattern that takes more than time in proportion to it."""
    use = partial(MODES[mode], pattern)
    call: Callable[[str], object] = use
    if isinstance(pattern.pattern, bytes):
        call = lambda text: use(text.encode("latin-1"))  # noqa: E731
    for attack in attacks_on(pattern):
        most = looks_slow(call, attack)
        if most and not (growth := growth_of(call, attack, most)).is_linear:
            return growth
    return None


@pytest.mark.parametrize("name", _QUADRATIC)
def test_finds_patterns_that_are_not_linear(name: str) -> None:
    with undisturbed():
        assert _slowest(*_QUADRATIC[name]) is not None


def test_sees_all_patterns() -> None:
    found, missing = find_patterns(all_modules(), _MADE)
    assert missing == []
    assert len(found) > 150
    places = {place.partition(", line")[0] for one in found for place in one.places}
    # A global, one in a function, in a table, and in a tuple of tuples.
    assert "tzgraph.serve.negotiate:_parse" in places
    assert "tzgraph.serve.thing_page._DIGITS" in places
    assert "tzgraph.read.values._LEXICAL" in places
    assert "tzgraph.link.read.columns:_normal" in places


def test_a_pattern_that_cannot_be_seen_is_told() -> None:
    _, missing = find_patterns([import_module("tzgraph.link.curies")], {})
    assert len(missing) == 1
    assert missing[0].startswith("tzgraph.link.curies:_compiled, line ")


def test_all_patterns_are_linear() -> None:
    found, _ = find_patterns(all_modules(), _MADE)
    with undisturbed():
        slow = [
            f"{one}, {mode}: {growth}"
            for one in found
            for mode in sorted(one.modes)
            if (growth := _slowest(one.pattern, mode))
        ]
    assert slow == []
