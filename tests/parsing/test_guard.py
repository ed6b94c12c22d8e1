"""The guard before parsers: it counts as they do, whatever the pieces, and lets real data pass."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parsing.hostile import ENTITIES, deep_json, deep_turtle, deep_xml, entities
from tzgraph.errors import UnsafeDataError
from tzgraph.parsing import check, parse_rdf
from tzgraph.parsing.nesting import JSON, MAX_JSON_DEPTH, MAX_TERM_DEPTH, TURTLE, Nesting

TERSE = [
    ox.RdfFormat.TURTLE,
    ox.RdfFormat.TRIG,
    ox.RdfFormat.N_TRIPLES,
    ox.RdfFormat.N_QUADS,
]


def refused(data: bytes, form: ox.RdfFormat) -> UnsafeDataError:
    with pytest.raises(UnsafeDataError) as caught:
        list(parse_rdf(data, form))
    return caught.value


@pytest.mark.parametrize("form", TERSE, ids=lambda form: str(form.file_extension))
def test_triple_terms_may_be_nested_so_deeply_and_no_more(form: ox.RdfFormat) -> None:
    assert len(list(parse_rdf(deep_turtle(MAX_TERM_DEPTH), form))) == 1
    error = refused(b"# first\n" + deep_turtle(MAX_TERM_DEPTH + 1), form)
    assert (error.finding, error.line) == ("too-deep", 2)
    begin = len(b"<http://e.org/a> <http://e.org/b> ")
    assert error.column == begin + MAX_TERM_DEPTH * (begin + len(b"<<( ")) + 1
    assert refused(deep_turtle(100_000), form).finding == "too-deep"


def test_objects_of_json_may_be_nested_so_deeply_and_no_more() -> None:
    form = ox.RdfFormat.JSON_LD
    assert list(parse_rdf(deep_json(MAX_JSON_DEPTH), form))
    assert refused(deep_json(MAX_JSON_DEPTH + 1), form).finding == "too-deep"
    assert refused(b"[" * 10**6, form).finding == "too-deep"


def test_elements_are_counted_to_the_end_of_the_file() -> None:
    form = ox.RdfFormat.RDF_XML
    assert list(parse_rdf(deep_xml(248, padding=300_000), form))
    assert refused(deep_xml(300, padding=300_000), form).finding == "too-deep"
    assert refused(deep_xml(100_000), form).finding == "too-deep"


@pytest.mark.parametrize(
    "many",
    [
        "( " * 50_000 + ") " * 50_000,
        "[ <x:p> " * 50_000 + "1" + " ]" * 50_000,
        "<< <x:a> <x:b> " * 150 + "1" + " >>" * 150,
    ],
)
def test_what_parsers_survive_passes(many: str) -> None:
    data = f"<x:s> <x:p> {many} .".encode()
    expected = sum(1 for _ in ox.parse(data, format=ox.RdfFormat.TURTLE))
    assert sum(1 for _ in parse_rdf(data, ox.RdfFormat.TURTLE)) == expected


HARMLESS = [
    "# <<( <<( \\",
    '"<<( \\" <<("',
    "'<<( \\' \" <<('",
    '"""<<( " "" \\" \n <<("""',
    "'''<<( ' '' \n # <<('''",
    "<x:y#<-\\u003c>",
    "e:a\\'b\\#c",
    '""',
    "''",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_only_brackets_are_counted(text: str) -> None:
    """What looks like a bracket is none in texts, IRIs and comments, and hides none after them."""
    end = "\n" if text.startswith("#") else " "
    check(f"{text}{end}".encode() * 1_000, ox.RdfFormat.TURTLE)
    with pytest.raises(UnsafeDataError):
        check(f"{text}{end}".encode() * 300 + deep_turtle(201), ox.RdfFormat.TURTLE)


def room(nesting: Nesting, bracket: bytes) -> int:
    """Give how many brackets more may open, at most 300."""
    for count in range(300):
        try:
            nesting.feed(bracket + b"  ")
        except UnsafeDataError:
            return count
    return 300


@given(
    st.lists(st.sampled_from([*(f"{t}\n" for t in HARMLESS), "<<(", ")>>", "<<", ">>", "'", '"'])),
    st.integers(1, 7),
)
def test_pieces_do_not_matter(tokens: list[str], size: int) -> None:
    data = " ".join(tokens).encode() + b"    "
    whole, cut = Nesting(TURTLE), Nesting(TURTLE)
    whole.feed(data)
    for at in range(0, len(data), size):
        cut.feed(data[at : at + size])
    assert room(whole, b"<<") == room(cut, b"<<")


@given(
    st.recursive(
        st.text() | st.none(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ),
    st.integers(1, 9),
)
def test_json_that_has_ended_leaves_all_the_room(value: object, size: int) -> None:
    data = json.dumps(value, ensure_ascii=False).encode()
    nesting = Nesting(JSON)
    for at in range(0, len(data), size):
        nesting.feed(data[at : at + size])
    assert room(nesting, b"[") == MAX_JSON_DEPTH


# -- XML -------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ENTITIES)
def test_entities_that_grow_are_refused_though_unused(way: str) -> None:
    error = refused(ENTITIES[way], ox.RdfFormat.RDF_XML)
    assert error.finding == "growing-entity"
    assert error.line is not None


def test_entities_for_the_beginnings_of_iris_are_read() -> None:
    data = (
        '<!DOCTYPE rdf:RDF [<!ENTITY obo "http://purl.obolibrary.org/obo/">'
        '<!ENTITY go "&obo;GO_">]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/">'
        + '<e:C rdf:about="&go;0001"/>' * 20_000
        + "</rdf:RDF>"
    )
    found = {str(quad.subject) for quad in parse_rdf(data.encode(), ox.RdfFormat.RDF_XML)}
    assert found == {"<http://purl.obolibrary.org/obo/GO_0001>"}


def test_what_entities_put_in_is_bounded_all_together() -> None:
    data = (
        f'<!DOCTYPE rdf:RDF [<!ENTITY a "{"a" * 1900}">]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.org/">'
        f"<e:C><e:p>{'&a;' * 1_000_000}</e:p></e:C></rdf:RDF>"
    )
    assert refused(data.encode(), ox.RdfFormat.RDF_XML).finding == "growing-entity"


def test_what_is_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("told")
    for kind in ("e", "% e"):
        data = entities(0).replace(
            b"<!ENTITY a0", f'<!ENTITY {kind} SYSTEM "{secret.as_uri()}"><!ENTITY a0'.encode()
        )
        data = data.replace(b">x<", b">x&e;<")
        try:
            said = "".join(str(quad) for quad in parse_rdf(data, ox.RdfFormat.RDF_XML))
        except (SyntaxError, UnsafeDataError) as error:
            said = str(error)
        assert "told" not in said


def test_ill_formed_xml_is_told_with_its_place() -> None:
    error = refused(b'<?xml version="1.0"?>\n<rdf:RDF\n', ox.RdfFormat.RDF_XML)
    assert (error.finding, error.line) == ("syntax-error", 2)


# -- the files --------------------------------------------------------------------------------


def test_a_stream_is_read_once_unless_it_is_suspicious() -> None:
    opened = []

    def again() -> io.BytesIO:
        opened.append(1)
        return io.BytesIO(data)

    data = b"<x:s> <x:p> '<<' .\n" * MAX_TERM_DEPTH
    assert len(list(parse_rdf(again, ox.RdfFormat.TURTLE))) == MAX_TERM_DEPTH
    assert len(opened) == 1
    data = b"<x:s> <x:p> '<<' .\n" * 100_000
    assert len(list(parse_rdf(again, ox.RdfFormat.TURTLE))) == 100_000
    assert len(opened) == 3


def test_the_engine_would_not_have_survived() -> None:
    """If it does by now, the guard may go."""
    code = (
        "import sys, pyoxigraph as ox; "
        "list(ox.parse(sys.stdin.buffer.read(), format=ox.RdfFormat.TURTLE))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=deep_turtle(100_000), check=False, timeout=60
    )
    assert done.returncode < 0
