"""Terms in words."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from tzgraph.curies import Curies
from tzgraph.explain.labels import Labels
from tzgraph.vocabulary import ID, OWL, RDFS, TZ

DATA = f"""
<{TZ}Assessment> <{RDFS}label> "assessment"@en .
<{TZ}Thing> <{RDFS}label> "a thing"@en .
<{TZ}targets> <{RDFS}label> "zielt auf"@de .
<{TZ}targets> <{RDFS}label> "targets"@en .
<{ID}assessment/x-1> a <{TZ}Thing> , <{TZ}Assessment> .
<{ID}drug/a> <{RDFS}label> "esc\\u001b[31m"@en .
<{ID}drug/b> a <{TZ}Unlabelled> .
"""


@pytest.fixture
def labels() -> Labels:
    store = ox.Store()
    store.load(DATA.encode(), format=ox.RdfFormat.TURTLE)
    return Labels(store, Curies({"tz": TZ, "tzdrug": f"{ID}drug/", "ex": "http://example.org/"}))


@pytest.mark.parametrize(
    ("term", "words"),
    [
        (f"<{TZ}targets>", "targets"),
        ("<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "is a"),
        (f"<{ID}assessment/x-1>", "assessment x-1"),
        (f"<{ID}drug/a>", r"esc\x1b[31m"),
        (f"<{ID}drug/b>", "tzdrug:b"),
        (f"<{OWL}sameAs>", "same as"),
        ("<http://example.org/p>", "ex:p"),
        ('"17.45"^^<http://www.w3.org/2001/XMLSchema#decimal>', "17.45"),
        ('"x"@en', "x"),
        ("no term", "no term"),
    ],
)
def test_terms_have_words(labels: Labels, term: str, words: str) -> None:
    assert labels.written(term) == words
    assert labels.written(term) == words


def test_properties_without_a_label_have_the_words_of_their_name(labels: Labels) -> None:
    assert labels.link(ox.NamedNode("http://example.org/match_string")) == "match string"
    assert labels.link(ox.NamedNode("http://example.org/authoredBy")) == "authored by"
    assert labels.link(ox.NamedNode(TZ + "targets")) == "targets"


def test_titles_of_rules_name_terms_by_their_labels(labels: Labels) -> None:
    assert labels.in_title("tz:targets ⊑ tz:none") == "“targets” ⊑ “tz:none”"
