"""The guard before parsers: it counts as they do, whatever the pieces, and lets real data pass."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.parsing.hostile import ENTITIES, deep_json, deep_turtle, deep_xml, entities
from tzgraph.errors import Rdf12Error, UnsafeDataError
from tzgraph.parsing import check, parse_rdf
from tzgraph.parsing.nesting import JSON, MAX_JSON_DEPTH, TURTLE, Nesting

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
def test_triple_terms_are_refused_at_their_place(form: ox.RdfFormat) -> None:
    error = refused(b"# first\n" + deep_turtle(1), form)
    assert isinstance(error, Rdf12Error)
    begin = len(b"<http://e.org/a> <http://e.org/b> ")
    assert (error.finding, error.line, error.column) == ("rdf12", 2, begin + 1)
    assert refused(deep_turtle(100_000), form).finding == "rdf12"


_RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/"'
_ITS = 'xmlns:its="http://www.w3.org/2005/11/its"'
_XML = (
    f"<rdf:RDF {_RDF} {_ITS} %s>\n<rdf:Description rdf:about='x:a'>%s</rdf:Description></rdf:RDF>"
)
T, X, J = ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD
RDF12 = [
    (T, "<x:a> <x:b> 1 ~.", (1, 15)),
    (T, "<x:a> <x:b> 1 ~ <x:r> .", (1, 15)),
    (T, "\n\n<x:a> <x:b> 1 {| <x:c> 2 |} .", (3, 15)),
    (T, "<< <x:a> <x:b> 1 >> .", (1, 1)),
    (T, "<x:a> <x:b> '''é''', \"ø\"@en--ltr .", (1, 28)),
    (T, '<x:a> <x:b> "x"@' + "a" * 8 + "-abcdefgh" * 8 + "--rtl .", None),
    (ox.RdfFormat.TRIG, "<x:g> { <x:a> <x:b> <<( <x:a> <x:b> 1 )>> }", (1, 21)),
    (ox.RdfFormat.N_TRIPLES, '<x:a> <x:b> "~" .\n<x:a> <x:b> "a"@en--rtl .', (2, 19)),
    (X, _XML % ("", "<e:p rdf:parseType='Triple'><e:A/></e:p>"), (2, 34)),
    (X, _XML % ("", "<e:p rdf:annotation='x:r'>v</e:p>"), (2, 34)),
    (X, _XML % ("", "<e:p rdf:annotationNodeID='r'>v</e:p>"), (2, 34)),
    (X, _XML % ("rdf:version='1.2'", "<e:p xml:lang='ar' its:dir='rtl'>v</e:p>"), (2, 34)),
    (X, _XML % ("its:dir='rtl'", "<e:p xml:lang='ar'>v</e:p>"), (1, 1)),
    (J, '{"@id": "x:a",\n"x:b": {"@value": "v", "@language": "ar", "@direction": "rtl"}}', (2, 43)),
    (J, '{"@context": {"@direction": "rtl", "@language": "ar"}, "x:b": "v"}', (1, 15)),
]


@pytest.mark.parametrize(("form", "data", "place"), RDF12)
def test_rdf_1_2_is_refused_in_every_syntax(
    form: ox.RdfFormat, data: str, place: tuple[int, int] | None
) -> None:
    error = refused(data.encode(), form)
    assert isinstance(error, Rdf12Error)
    assert (error.line, error.column) == (place or (None, None))
    assert "RDF 1.2" in error.message


@pytest.mark.parametrize(
    ("form", "data", "place"), [case for case in RDF12 if case[0] not in (X, J)]
)
def test_it_is_refused_far_behind_in_a_file(
    form: ox.RdfFormat, data: str, place: tuple[int, int] | None
) -> None:
    """Whatever stands where a file is cut into pieces."""
    padding = "# a line of a comment\n"
    for more in range(3):
        lines = 20_000 + more
        error = refused((padding * lines + "#" * more + "\n" + data).encode(), form)
        found = error.line and (error.line - lines - 1, error.column)
        assert found == place


@pytest.mark.parametrize(
    ("form", "data"),
    [
        (T, "@prefix e: <http://e/~u/> . e:a\\~b e:b--ltr '~ << {| @en--ltr' ; e:c '\"@en--ltr' ."),
        (T, '<x:a> <x:b--ltr> """<<( " """ . # ~ << {| @en--rtl'),
        (ox.RdfFormat.TRIG, "<x:g> { <x:a> <x:b> '~' } <x:h> {<x:a> <x:b~> '{|', true}"),
        (ox.RdfFormat.N_TRIPLES, '<x:a> <x:b> "<<( "@en-ltr .'),
        (X, _XML % ("rdf:version='1.2'", "<e:p xml:lang='ar' e:dir='rtl'/>")),
        (J, '{"@id": "x:a", "x:b": "@direction"}'),
        (J, '{"@context": {"@direction": null}, "@id": "x:a", "x:b": "v"}'),
        (ox.RdfFormat.N3, "<x:a> <x:b> '<< ~ --ltr' ."),
    ],
)
def test_what_only_looks_like_it_passes(form: ox.RdfFormat, data: str) -> None:
    def said(quads: Iterable[ox.Quad]) -> list[str]:
        return [re.sub(r"_:\w+", "_:", str(quad)) for quad in quads]

    expected = said(ox.parse(data, format=form))
    assert said(parse_rdf(data.encode(), form)) == expected
    assert expected


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
    ],
)
def test_what_parsers_survive_passes(many: str) -> None:
    data = f"<x:s> <x:p> {many} .".encode()
    expected = sum(1 for _ in ox.parse(data, format=ox.RdfFormat.TURTLE))
    assert sum(1 for _ in parse_rdf(data, ox.RdfFormat.TURTLE)) == expected


HARMLESS = [
    "# <<( <<( \\ ~",
    '"<<( \\" <<("',
    "'<<( \\' \" <<('",
    '"""<<( " "" \\" \n <<("""',
    "'''<<( ' '' \n # <<('''",
    "<x:y#<-\\u003c>",
    "e:a\\'b\\#c\\~",
    '"{|"@en-GB',
    "{ <x:~> }",
    '""',
    "''",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_only_signs_are_found(text: str) -> None:
    """What looks like a sign is none in texts, IRIs and comments, and hides none after them."""
    end = "\n" if text.startswith("#") else " "
    check(f"{text}{end}".encode() * 1_000, ox.RdfFormat.TURTLE)
    with pytest.raises(Rdf12Error):
        check(f"{text}{end}".encode() * 300 + deep_turtle(1), ox.RdfFormat.TURTLE)


def found(pieces: list[bytes]) -> str:
    looked = Nesting(TURTLE)
    try:
        for piece in pieces:
            looked.feed(piece)
    except Rdf12Error as error:
        return str(error)
    return ""


@given(
    st.lists(
        st.sampled_from(
            [*(f"{t}\n" for t in HARMLESS), "<<(", '"x"@en--ltr', "~", "{|", "<x:y>", "'", '"']
        )
    ),
    st.integers(1, 70),
)
def test_pieces_do_not_matter(tokens: list[str], size: int) -> None:
    data = " ".join(tokens).encode()
    cut = [data[at : at + size] for at in range(0, len(data), size)]
    assert found([*cut, b""]) == found([data, b""])


def room(nesting: Nesting, bracket: bytes) -> int:
    """Give how many brackets more may open, at most 300."""
    for count in range(300):
        try:
            nesting.feed(bracket + b"  ")
        except UnsafeDataError:
            return count
    return 300


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

    data = b"<x:s> <x:p> '<' .\n" * 1_000
    assert len(list(parse_rdf(again, ox.RdfFormat.TURTLE))) == 1_000
    assert len(opened) == 1
    data = b"<x:s> <x:p> '<' .\n" * 99_999 + b"<x:s> <x:p> '<<' .\n"
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
